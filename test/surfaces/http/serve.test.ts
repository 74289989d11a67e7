/** Real sockets, on whichever runtime runs the tests: Bun's own server, or @hono/node-server on Node. */
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { type HttpServer, serve } from '../../../src/surfaces/http/serve.ts';
import { defaultLimits } from '../../../src/surfaces/http/parts.ts';
import { recorder, surface } from './fake-app.ts';

let running: HttpServer[] = [];
afterEach(async () => {
  for (const server of running) await server.stop();
  running = [];
});

async function started(http: Parameters<typeof serve>[0], drainMs = 5_000) {
  const server = serve(http, { host: '127.0.0.1', port: 0, drainMs });
  running.push(server);
  const { port } = await server.start();
  return { server, port, url: `http://127.0.0.1:${port}` };
}

const json = { 'content-type': 'application/json' };

describe('serve', () => {
  it('answers on a free port', async () => {
    const { receive } = recorder();
    const { url } = await started(surface({ receive }));
    const answer = await fetch(`${url}/webhook/generic`, { method: 'POST', body: '{"title":"a"}', headers: json });
    expect(answer.status).toBe(202);
    expect(await answer.json()).toEqual({ accepted: 1, ids: ['INC-1'] });
  });

  it('tells who asks', async () => {
    const { url } = await started({ fetch: async (_, address) => new Response(address ?? 'unknown') });
    expect(await (await fetch(url)).text()).toBe('127.0.0.1');
  });

  it('keeps a connection for the next request', async () => {
    const { url } = await started(surface({}));
    for (let i = 0; i < 3; i++) expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });

  it('answers 413 to a body that is too large while it is still being sent', async () => {
    const limits = { ...defaultLimits, alerts: { maxBytes: 10_000, maxUnpackedBytes: 10_000, deadlineMs: 15_000 } };
    const { port } = await started(surface({}, {}, limits));
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const sending = httpRequest({ host: '127.0.0.1', port, path: '/webhook/generic', method: 'POST', headers: json }, (answer) => {
        answer.resume();
        sending.destroy();
        resolve(answer.statusCode);
      });
      sending.on('error', (error) => ('code' in error && error.code === 'ECONNRESET' ? undefined : reject(error)));
      // Chunked, no Content-Length, and never ended.
      sending.write(Buffer.alloc(20_000, 0x20));
    });
    expect(status).toBe(413);
  });

  /** As load balancers ask that know no more than HTTP/1.0. */
  const rawly = (port: number, text: string) =>
    new Promise<string>((resolve, reject) => {
      let read = '';
      const socket = connect(port, '127.0.0.1', () => socket.write(text));
      socket.on('data', (bytes) => {
        read += bytes.toString();
        if (read.includes('}')) socket.destroy();
      });
      socket.on('close', () => resolve(read));
      socket.on('error', reject);
    });

  it.each([
    { name: 'HTTP/1.0 without Host', text: 'GET /healthz HTTP/1.0\r\n\r\n', status: 200 },
    { name: 'HTTP/1.0 with Host', text: 'GET /healthz HTTP/1.0\r\nHost: tracepulse\r\n\r\n', status: 200 },
    { name: 'an empty Host', text: 'GET /healthz HTTP/1.1\r\nHost:\r\n\r\n', status: 200 },
    // Without Host nobody asks under this machine's own name.
    { name: 'HTTP/1.0 without Host for what this machine alone may see', text: 'GET /metrics HTTP/1.0\r\n\r\n', status: 401 },
  ])('answers $name with $status', async ({ text, status }) => {
    const { port } = await started(surface({}));
    expect(await rawly(port, text)).toContain(`HTTP/1.1 ${status} `);
  });

  it.each(['a b<>', '[::1', 'x:99999'])('refuses a Host that is none: %s', async (host) => {
    const { port } = await started(surface({}));
    const answer = await rawly(port, `GET /healthz HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
    expect(answer).toContain('HTTP/1.1 400 ');
  });

  it('takes a body from a sender that names no host', async () => {
    const { receive } = recorder();
    const { port } = await started(surface({ receive }));
    const body = '{"title":"a"}';
    const head = `POST /webhook/generic HTTP/1.0\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;
    expect(await rawly(port, head + body)).toContain('HTTP/1.1 202 ');
  });

  it('survives a sender that goes away in the middle', async () => {
    const { receive } = recorder();
    const { port, url } = await started(surface({ receive }));
    await new Promise<void>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.write('POST /webhook/generic HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"ti');
        socket.destroy();
      });
      socket.on('close', () => resolve());
    });
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });

  it('says nothing of a bug but that it is one', async () => {
    const { url } = await started({
      fetch: async () => {
        throw new TypeError('secret is not a function');
      },
    });
    const answer = await fetch(url);
    expect(answer.status).toBe(500);
    expect(await answer.text()).not.toContain('secret');
  });

  it('finishes what is under way before it stops, and takes nothing new', async () => {
    let store = () => {};
    let isBegun = () => {};
    const begun = new Promise<void>((resolve) => {
      isBegun = resolve;
    });
    const stored = new Promise<void>((resolve) => {
      store = resolve;
    });
    const receive = async () => {
      isBegun();
      await stored;
      return { accepted: 1, ids: ['INC-1'] };
    };
    const { server, url } = await started(surface({ receive }));
    const answer = fetch(`${url}/webhook/generic`, { method: 'POST', body: '{"title":"a"}', headers: json });
    await begun;
    const stopped = server.stop();
    store();
    expect((await answer).status).toBe(202);
    await stopped;
    await expect(fetch(`${url}/healthz`)).rejects.toThrow();
  });

  it('does not wait for ever for what is under way', async () => {
    let isBegun = () => {};
    const begun = new Promise<void>((resolve) => {
      isBegun = resolve;
    });
    const receive = () => {
      isBegun();
      return new Promise<never>(() => {});
    };
    const { server, url } = await started(surface({ receive }), 10);
    const answer = fetch(`${url}/webhook/generic`, { method: 'POST', body: '{"title":"a"}', headers: json }).catch(() => 'cut off');
    await begun;
    await server.stop();
    expect(await answer).toBe('cut off');
  });

  it('says in one sentence why it cannot listen', async () => {
    const { port } = await started(surface({}));
    const second = serve(surface({}), { host: '127.0.0.1', port });
    await expect(second.start()).rejects.toMatchObject({ code: 'bad_config', hint: 'something else listens there; set PORT' });
  });

  it('says so of an address that is not this machine’s', async () => {
    const elsewhere = serve(surface({}), { host: '192.0.2.1', port: 0 });
    await expect(elsewhere.start()).rejects.toMatchObject({ hint: 'this machine has no such address; set HOST' });
  });

  it('leaves the globals of the runtime alone', async () => {
    const before = [globalThis.Request, globalThis.Response];
    await started(surface({}));
    expect([globalThis.Request, globalThis.Response]).toEqual(before);
  });
});
