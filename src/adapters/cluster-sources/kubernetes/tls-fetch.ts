/**
 * A fetch with a certificate authority and a client certificate of its own. Node's and Bun's `fetch` take these in different
 * ways and undici's are not heeded by Bun; `node:https` takes them in both. Redirects are left to the caller.
 */
import { request } from 'node:https';
import { Readable } from 'node:stream';
import { Failure } from '../../../domain/failure.ts';
import { system, type Tls } from './access.ts';

export function createTlsFetch(tls: Tls): typeof globalThis.fetch {
  const ask = (url: URL, init: RequestInit): Promise<Response> =>
    new Promise((done, fail) => {
      const headers = Object.fromEntries(new Headers(init.headers));
      const options = { ...tls, method: init.method ?? 'GET', headers, ...(init.signal ? { signal: init.signal } : {}) };
      const question = request(url, options, (answer) => {
        const said = new Headers();
        for (const [name, value] of Object.entries(answer.headers)) if (value !== undefined) said.set(name, String(value));
        const status = answer.statusCode ?? 502;
        const isBare = status === 204 || status === 304;
        if (isBare) answer.resume();
        done(new Response(isBare ? null : (Readable.toWeb(answer) as ReadableStream), { status, headers: said }));
      });
      question.on('error', (error) => fail(isOfCertificate(error) ? untrusted() : error));
      question.end();
    });
  return ((url: string | URL, init: RequestInit = {}) => ask(new URL(url), init)) as typeof globalThis.fetch;
}

/** OpenSSL's words, such as `DEPTH_ZERO_SELF_SIGNED_CERT` and `UNABLE_TO_VERIFY_LEAF_SIGNATURE`; Node's for a wrong name, and for keys it cannot read. */
function isOfCertificate(error: Error): boolean {
  const code = String((error as { code?: unknown }).code ?? '');
  return /CERT|VERIFY|SELF_SIGNED|^ERR_TLS|^ERR_OSSL|^ERR_SSL/.test(code);
}

const untrusted = () =>
  new Failure('bad_config', system, 'connect to the cluster', {
    hint: 'its certificate, or ours, is not trusted: the CA or the client certificate does not fit',
  });
