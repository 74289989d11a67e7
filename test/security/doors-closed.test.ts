/**
 * On an address that others can reach nothing is read and nothing written without a secret: every route of the surface is asked,
 * those that are added later too, with nothing and with the wrong thing.
 */
import { createHmac } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createHttp } from '../../src/surfaces/http/http.ts';
import { readCore } from '../../src/config.ts';
import { alertFormats } from '../../src/adapters/alert-formats/index.ts';
import { fakeApp } from '../surfaces/http/fake-app.ts';

const log = { debug() {}, info() {}, warn() {}, error() {} };
const now = Date.UTC(2026, 10, 26);
const settings = {
  HOST: '0.0.0.0',
  TRACEPULSE_WEBHOOK_TOKEN: 'a-token-for-those-who-send',
  TRACEPULSE_API_TOKEN: 'a-token-for-those-who-read',
  TRACEPULSE_JWT_SECRET: 'a-key-for-signing-tokens-of-readers',
  GITHUB_WEBHOOK_SECRET: 'a-secret-of-github',
};
const mcp = async () => new Response('{}');
/** Any verb that is reached throws. */
const app = {
  ...fakeApp({ onInbox() {}, readiness: async () => ({ ready: true, problems: ['slack:#secret-channel: away'] }) }),
  hasFormat: () => true,
};
const http = createHttp(app, settings, { log, now: () => now, redact: (value) => ({ value }), mcp });

const routes: readonly (readonly [method: string, path: string])[] = [
  ...alertFormats.map(({ id }) => ['POST', `/webhook/${id}`] as const),
  ['PUT', '/webhook/grafana'],
  ['OPTIONS', '/webhook/cloudevents'],
  ['POST', '/webhook/github'],
  ['POST', '/api/v2/alerts'],
  ['POST', '/v1/traces'],
  ['POST', '/v1/logs'],
  ['POST', '/v1/metrics'],
  ['POST', '/loki/api/v1/push'],
  ['POST', '/_bulk'],
  ['POST', '/logs/_bulk'],
  ['POST', '/services/collector'],
  ['POST', '/services/collector/event'],
  ['POST', '/services/collector/raw'],
  ['POST', '/ingest/logs'],
  ['GET', '/api/incidents'],
  ['GET', '/api/incidents/INC-1'],
  ['DELETE', '/api/incidents/INC-1'],
  ['GET', '/api/incidents/INC-1/context'],
  ['POST', '/api/incidents/INC-1/feedback'],
  ['POST', '/api/incidents/INC-1/ticket'],
  ['GET', '/api/dead-letters'],
  ['POST', '/api/dead-letters/replay'],
  ['GET', '/api/map'],
  ['POST', '/mcp'],
  ['GET', '/metrics'],
];

const expired = () => {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${part({ alg: 'HS256' })}.${part({ exp: now / 1_000 - 60 })}`;
  return `${signed}.${createHmac('sha256', settings.TRACEPULSE_JWT_SECRET).update(signed).digest('base64url')}`;
};
const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from('{}').toString('base64url')}.`;
const signature = (key: string, text: string) => `sha256=${createHmac('sha256', key).update(text).digest('hex')}`;

const presented: Readonly<Record<string, Record<string, string>>> = {
  nothing: {},
  'another token': { authorization: 'Bearer another-token-of-that-length' },
  'a JWT that has ended': { authorization: `Bearer ${expired()}` },
  'a JWT that nobody signed': { authorization: `Bearer ${unsigned}` },
  'the signature of another key': { 'x-tracepulse-signature': signature('x', '{}'), 'x-hub-signature-256': signature('x', '{}') },
  'the word of a proxy': { 'x-forwarded-for': '127.0.0.1', 'x-forwarded-host': 'localhost', forwarded: 'for=127.0.0.1;host=localhost' },
  'a name of this machine': { host: 'localhost:3000' },
};

function ask(method: string, path: string, headers: Record<string, string>, origin = 'http://tracepulse.example') {
  const body = method === 'GET' || method === 'OPTIONS' ? {} : { body: '{}' };
  const own = {
    'content-type': 'application/json',
    'webhook-request-origin': 'example.com',
    'x-github-event': 'push',
    'x-github-delivery': '1',
  };
  return http.fetch(new Request(`${origin}${path}`, { method, headers: { ...own, ...headers }, ...body }), '203.0.113.9');
}

describe('on an address that others can reach', () => {
  it.each(Object.entries(presented))('nobody is let in by %s', async (_, headers) => {
    for (const [method, path] of routes) {
      for (const origin of ['http://tracepulse.example', 'http://localhost:3000']) {
        const answer = await ask(method, path, headers, origin);
        // Once guesses are counted, readers are turned away before they are looked at.
        expect([401, 403, 429], `${method} ${path}: ${answer.status} ${await answer.clone().text()}`).toContain(answer.status);
      }
    }
  });

  it('the token of one kind does not open the other', async () => {
    const fresh = createHttp(app, settings, { log, now: () => now, redact: (value) => ({ value }), mcp });
    const status = async (path: string, token: string, method: string) =>
      (
        await fresh.fetch(
          new Request(`http://x${path}`, {
            method,
            headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
            ...(method === 'POST' && { body: '{}' }),
          }),
        )
      ).status;
    expect(await status('/api/incidents', settings.TRACEPULSE_WEBHOOK_TOKEN, 'GET')).toBe(401);
    expect(await status('/v1/traces', settings.TRACEPULSE_API_TOKEN, 'POST')).toBe(401);
    expect(await status('/webhook/generic', settings.TRACEPULSE_API_TOKEN, 'POST')).toBe(401);
  });

  it('probes learn whether it is ready, and only those with a token what is in trouble', async () => {
    const bare = await ask('GET', '/readyz', {});
    expect([bare.status, await bare.json()]).toEqual([200, { ready: true, degraded: 1 }]);
    const known = await ask('GET', '/readyz', { authorization: `Bearer ${settings.TRACEPULSE_WEBHOOK_TOKEN}` });
    expect(await known.json()).toEqual({ ready: true, problems: ['slack:#secret-channel: away'] });
    expect((await ask('GET', '/healthz', {})).status).toBe(200);
  });

  it('a proxy on this machine, which leads others here under their name, opens nothing', async () => {
    const proxied = createHttp(app, { ...settings, HOST: '127.0.0.1' }, { log, now: () => now, redact: (value) => ({ value }), mcp });
    const status = async (url: string) => (await proxied.fetch(new Request(url))).status;
    expect(await status('http://tracepulse.example/metrics')).toBe(401);
    expect(await status('http://localhost:3000/metrics')).not.toBe(401);
    const ready = await proxied.fetch(new Request('http://tracepulse.example/readyz'));
    expect(await ready.text()).not.toContain('secret-channel');
  });

  it('none of the routes was forgotten here', () => {
    const open = ['/healthz', '/readyz', '/api/schema/incident-context.json', '/openapi.json'];
    const folder = join(import.meta.dirname, '../../src/surfaces/http');
    const source = readdirSync(folder)
      .map((name) => readFileSync(join(folder, name), 'utf8'))
      .join('\n');
    const written = [...source.matchAll(/routes\.(?:get|post|put|delete)\(\s*'([^']+)'/g)].map(([, path = '']) => path);
    expect(written.length).toBeGreaterThan(15);
    const covered = (path: string) => {
      const pattern = new RegExp(`^${path.replace(/[.]/g, '\\.').replace(/:[a-zA-Z]+/g, '[^/]+')}$`);
      return routes.some(([, known]) => pattern.test(known));
    };
    // Elasticsearch's and Splunk's greetings, which tell nothing; the page's own, which is behind its login.
    const handed = ['/', '/services/collector/health', '/services/collector/ack', '/open/:id', '/open/:id/copilot'];
    expect(written.filter((path) => !covered(path) && !open.includes(path) && !handed.includes(path))).toEqual([]);
  });

  it.each(['0.0.0.0', '::', '192.168.1.5', 'tracepulse.example'])('it does not even start without secrets on %s', (HOST) => {
    const wrong = readCore({ HOST, TRACEPULSE_WORKSPACE: 'on' }).problems.map(({ variable }) => variable);
    expect(wrong).toEqual(['TRACEPULSE_WEBHOOK_TOKEN', 'TRACEPULSE_API_TOKEN', 'TRACEPULSE_WORKSPACE_PASSWORD']);
  });
});

describe('a signed delivery', () => {
  const key = settings.TRACEPULSE_WEBHOOK_TOKEN;
  const body = '{"title":"a"}';
  const send = (headers: Record<string, string>) => {
    const taking = createHttp({ ...fakeApp({ onInbox() {}, receive: async () => ({ accepted: 1, ids: ['INC-1'] }) }) }, settings, {
      log,
      now: () => now,
      redact: (value) => ({ value }),
    });
    return taking.fetch(
      new Request('http://x/webhook/generic', { method: 'POST', body, headers: { 'content-type': 'application/json', ...headers } }),
    );
  };
  const at = (seconds: number) => {
    const time = String(now / 1_000 + seconds);
    return { 'x-tracepulse-timestamp': time, 'x-tracepulse-signature': signature(key, `${time}.${body}`) };
  };

  it.each([
    { name: 'of now is taken', headers: at(0), status: 202 },
    { name: 'of five minutes ago is taken', headers: at(-300), status: 202 },
    { name: 'of six minutes ago is refused', headers: at(-360), status: 401 },
    { name: 'of six minutes from now is refused', headers: at(360), status: 401 },
    {
      name: 'with a newer time put to it is refused',
      headers: { ...at(-360), 'x-tracepulse-timestamp': String(now / 1_000) },
      status: 401,
    },
    { name: 'with its time taken away is refused', headers: { 'x-tracepulse-signature': at(0)['x-tracepulse-signature'] }, status: 401 },
    { name: 'with a time that is none is refused', headers: { ...at(0), 'x-tracepulse-timestamp': '1e9' }, status: 401 },
  ])('$name', async ({ headers, status }) => {
    expect((await send(headers)).status).toBe(status);
  });
});
