import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { answerOf, getJson } from '../../src/adapters/http-json.ts';
import { Failure } from '../../src/domain/failure.ts';

const secret = 'hush-hush-token';
const now = () => Date.parse('2026-03-01T12:00:00Z');

let server: Server;
let other: Server;
let base = '';
let reached = 0;

beforeAll(async () => {
  other = createServer((_, response) => {
    reached++;
    response.end('{"n":1}');
  });
  await new Promise<void>((done) => other.listen(0, '127.0.0.1', done));
  const elsewhere = `http://127.0.0.1:${(other.address() as AddressInfo).port}/`;
  server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://x').pathname;
    if (path === '/good') response.end('{"n":1,"more":true}');
    else if (path === '/junk') response.end(`<html>${secret}</html>`);
    else if (path === '/shape') response.end('{"n":"one"}');
    else if (path === '/large') response.end(JSON.stringify({ n: 1, text: 'x'.repeat(5_000) }));
    else if (path === '/moved') response.writeHead(301, { location: '/good' }).end();
    else if (path === '/loop') response.writeHead(302, { location: '/loop' }).end();
    else if (path === '/away') response.writeHead(302, { location: elsewhere }).end();
    else if (path === '/hang') response.flushHeaders();
    else if (path === '/silent') return;
    else {
      const [, status = '500', header = ''] = path.split('/');
      if (header === 'seconds') response.setHeader('retry-after', '7');
      if (header === 'date') response.setHeader('retry-after', new Date(now() + 9_000).toUTCString());
      response.writeHead(Number(status)).end(secret);
    }
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => {
  for (const each of [server, other]) {
    each.closeAllConnections();
    each.close();
  }
});

const Shape = z.object({ n: z.number() });
const ask = (path: string, signal = new AbortController().signal, url = `${base}${path}?token=${secret}`) =>
  getJson(globalThis.fetch, { system: 'there', attempt: 'ask', url, headers: { authorization: `Bearer ${secret}` }, signal, now }, Shape);

async function failureOf(asked: Promise<unknown>): Promise<Failure> {
  const error = await asked.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(Failure);
  return error as Failure;
}

describe('getJson', () => {
  it('gives the value and leaves out what it was not asked for', async () => {
    expect(await ask('/good')).toEqual({ n: 1 });
  });

  it.each([
    ['/401', 'unauthorized', undefined],
    ['/403', 'unauthorized', undefined],
    ['/403/seconds', 'rate_limited', 7_000],
    ['/404', 'rejected', undefined],
    ['/422', 'rejected', undefined],
    ['/429', 'rate_limited', undefined],
    ['/429/seconds', 'rate_limited', 7_000],
    ['/429/date', 'rate_limited', 9_000],
    ['/500', 'unavailable', undefined],
    ['/503/seconds', 'unavailable', 7_000],
    ['/504', 'timeout', undefined],
    ['/junk', 'bad_response', undefined],
    ['/shape', 'bad_response', undefined],
    ['/loop', 'bad_response', undefined],
  ] as const)('%s is %s', async (path, code, retryAfterMs) => {
    const failure = await failureOf(ask(path));
    expect([failure.code, failure.retryAfterMs]).toEqual([code, retryAfterMs]);
    expect(JSON.stringify([failure.message, failure.hint, failure.stack, String(failure.cause)])).not.toContain(secret);
  });

  it('follows a redirect on the same host and refuses one to another', async () => {
    expect(await ask('/moved')).toEqual({ n: 1 });
    const failure = await failureOf(ask('/away'));
    expect(failure.code).toBe('bad_response');
    expect(failure.message).toContain('another host');
    expect(reached).toBe(0);
  });

  it.each(['/hang', '/silent'])('%s ends with the deadline', async (path) => {
    const controller = new AbortController();
    const asked = failureOf(ask(path, controller.signal));
    setImmediate(() => controller.abort());
    expect((await asked).code).toBe('timeout');
  });

  it('says that nobody is there', async () => {
    const failure = await failureOf(ask('/', undefined, `http://127.0.0.1:1/?token=${secret}`));
    expect(failure.code).toBe('unavailable');
    expect(failure.message).not.toContain(secret);
  });

  it('reads no more than it was told to', async () => {
    const question = { system: 'there', attempt: 'ask', url: `${base}/large`, signal: new AbortController().signal, maxBytes: 1_000 };
    expect((await failureOf(answerOf(globalThis.fetch, question))).code).toBe('bad_response');
    expect((await answerOf(globalThis.fetch, { ...question, maxBytes: 10_000 })).text.length).toBeGreaterThan(5_000);
  });

  it('lets a bug through', async () => {
    const broken = () => {
      throw new RangeError('a bug');
    };
    const question = { system: 'there', attempt: 'ask', url: base, signal: new AbortController().signal };
    await expect(answerOf(broken as unknown as typeof fetch, question)).rejects.toThrow(RangeError);
  });
});

describe('an address with a user in it', () => {
  const asked: { url: string; authorization: string | null }[] = [];
  const fetch = (async (url: string | URL, init?: RequestInit) => {
    asked.push({ url: String(url), authorization: new Headers(init?.headers).get('authorization') });
    return new Response('{"n":1}');
  }) as typeof globalThis.fetch;
  const signal = new AbortController().signal;
  const asking = (url: string, headers: Record<string, string> = {}) =>
    getJson(fetch, { system: 'there', attempt: 'ask', url, headers, signal }, Shape);

  it('leaves as the header that it stands for, and not in the address', async () => {
    await asking('http://ops:p%40ss%C3%BC@there.test/a?b=1');
    const identity = `Basic ${Buffer.from('ops:p@ssü').toString('base64')}`;
    expect(asked.at(-1)).toEqual({ url: 'http://there.test/a?b=1', authorization: identity });
    await asking('http://ops:100%@there.test/');
    expect(asked.at(-1)?.authorization).toBe(`Basic ${Buffer.from('ops:100%').toString('base64')}`);
  });

  it('gives way to a token', async () => {
    await asking('http://ops:secret@there.test/', { authorization: 'Bearer t' });
    expect(asked.at(-1)).toEqual({ url: 'http://there.test/', authorization: 'Bearer t' });
  });
});
