/**
 * What nobody sends by mistake, at every door of the real product, drawn by a seed: it is refused or taken, nothing breaks, nothing
 * that is shared is altered, and afterwards an alarm is taken as before.
 */
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { alertFormats } from '../../src/adapters/alert-formats/index.ts';
import { createRedactor } from '../../src/domain/redact.ts';
import { createLog } from '../../src/log.ts';
import { createHttp, type Http } from '../../src/surfaces/http/http.ts';
import { createMcp } from '../../src/surfaces/mcp/mcp.ts';
import { seeded } from '../accuracy/random.ts';
import { alertBody, testProduct } from '../support/app.ts';

const product = testProduct();
const { redactDeep } = createRedactor({ key: 'test' });
const log = { debug() {}, info() {}, warn() {}, error() {} };
const fetched: string[] = [];
const realFetch = globalThis.fetch;
let http: Http;
beforeAll(() => {
  globalThis.fetch = ((input: string | URL | Request) => {
    fetched.push(String(input instanceof Request ? input.url : input));
    return Promise.reject(new Error('nobody asked for this'));
  }) as typeof globalThis.fetch;
  const mcp = createMcp({ app: product.app, now: product.now, redact: redactDeep, version: '1' });
  http = createHttp(product.app, {}, { log, now: product.now, redact: redactDeep, mcp });
});
afterAll(async () => {
  globalThis.fetch = realFetch;
  await product.close();
});

const doors = [
  ...alertFormats.map(({ id }) => (id === 'prometheus' ? '/api/v2/alerts' : `/webhook/${id}`)),
  '/webhook/github',
  '/v1/traces',
  '/v1/logs',
  '/v1/metrics',
  '/loki/api/v1/push',
  '/_bulk',
  '/services/collector',
  '/ingest/logs',
  '/api/incidents/INC-1/feedback',
  '/api/incidents/INC-1/ticket',
  '/api/dead-letters/replay',
  '/mcp',
];
const send = async (path: string, body: string | Uint8Array, headers: Record<string, string> = {}) => {
  const request = new Request(`http://localhost${path}`, {
    method: 'POST',
    body: typeof body === 'string' ? body : new Uint8Array(body),
    headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...headers },
  });
  const answer = await http.fetch(request, '127.0.0.1');
  await answer.arrayBuffer();
  return answer.status;
};

const deep = (open: string, close: string, depth: number) => `${open.repeat(depth)}1${close.repeat(depth)}`;
const bodies: Readonly<Record<string, string>> = {
  'lists, 200,000 deep': deep('[', ']', 200_000),
  'objects, 100,000 deep': deep('{"a":', '}', 100_000),
  'labels, 50,000 deep': `{"title":"a","labels":${deep('{"a":', '}', 50_000)}}`,
  'lists that do not end': '['.repeat(300_000),
  'a key named __proto__': '{"__proto__":{"polluted":true},"title":"a","labels":{"__proto__":{"polluted":true}}}',
  'a constructor':
    '{"constructor":{"prototype":{"polluted":true}},"title":"a","labels":{"constructor":"x","toString":"x","hasOwnProperty":"x"}}',
  'the same in an alert':
    '{"version":"4","alerts":[{"status":"firing","labels":{"__proto__":"x","constructor":"y"},"annotations":{"__proto__":"z"}}]}',
  'the same in a span':
    '{"resourceSpans":[{"resource":{"attributes":[{"key":"__proto__","value":{"stringValue":"x"}}]},"scopeSpans":[{"spans":[{"traceId":"__proto__","spanId":"constructor","name":"toString"}]}]}]}',
  'numbers beyond all': '{"title":"a","startsAt":1e400,"priority":-1e999,"labels":{"a":1e308,"b":-0,"c":123456789012345678901234567890}}',
  'times beyond all':
    '{"version":"4","alerts":[{"status":"firing","labels":{"alertname":"a"},"startsAt":"+275760-09-13T00:00:00.001Z","endsAt":"-999999-01-01T00:00:00Z"}]}',
  'spans of all time':
    '{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"aa","spanId":"bb","startTimeUnixNano":"99999999999999999999999999","endTimeUnixNano":-1}]}]}]}',
  'a name of a megabyte': JSON.stringify({ title: 'x'.repeat(1_000_000), service: 'y'.repeat(1_000_000) }),
  'a hundred thousand labels': JSON.stringify({
    title: 'a',
    labels: Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`k${i}`, 'v'])),
  }),
  'half a surrogate and zeros':
    '{"title":"\\ud800\\u0000\\u202e","service":"\\u0000","eventType":"\\udfff","correlationId":"\\u0000","details":{"service":"\\u0000"}}',
  'one key ten thousand times': `{${'"title":"a",'.repeat(10_000)}"title":"b"}`,
  'addresses of the inside': JSON.stringify({
    title: 'a',
    links: ['http://169.254.169.254/latest/meta-data/', 'http://localhost:6379/', 'file:///etc/passwd', 'gopher://127.0.0.1:25/'],
    annotations: { runbook_url: 'http://169.254.169.254/', dashboard: 'http://[::1]:9200/_all' },
    alerts: [
      {
        status: 'firing',
        labels: { alertname: 'a' },
        generatorURL: 'http://169.254.169.254/',
        annotations: { runbook_url: 'http://127.0.0.1:2375/' },
      },
    ],
    externalURL: 'http://169.254.169.254/',
    url: 'http://metadata.google.internal/',
    repository: { url: 'http://169.254.169.254/', full_name: '../../x' },
  }),
};

const plainKeys = Object.getOwnPropertyNames(Object.prototype).sort().join();
function expectUnpolluted() {
  expect(Object.getOwnPropertyNames(Object.prototype).sort().join()).toBe(plainKeys);
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
}

describe('a body that nobody sends by mistake', () => {
  it.each(Object.entries(bodies))('%s', async (_, body) => {
    for (const door of doors) expect(await send(door, body), door).toBeLessThan(500);
    expectUnpolluted();
  });

  it.each(['gzip', 'deflate', 'zstd', 'snappy'])('that says %s and is something else', async (encoding) => {
    for (const door of doors)
      for (const body of ['', 'not packed', '\x1f\x8b\x08\x00', '\xff\xff\xff\xff\x0f'])
        expect(await send(door, Buffer.from(body, 'latin1'), { 'content-encoding': encoding }), door).toBeLessThan(500);
  });

  it('that unpacks to a gigabyte costs no more than the limit', async () => {
    const bomb = gzipSync(new Uint8Array(100 * 2 ** 20));
    expect(bomb.length).toBeLessThan(2 ** 18);
    for (const door of ['/webhook/generic', '/v1/traces', '/_bulk', '/ingest/logs'])
      expect([413, 415, 503], door).toContain(await send(door, bomb, { 'content-encoding': 'gzip' }));
  });
});

describe('requests drawn by a seed', () => {
  const { next } = seeded('attacks over http');
  const below = (count: number) => Math.floor(next() * count);
  const of = <T>(list: readonly T[]): T => list[below(list.length)] as T;
  const pieces = [
    '..',
    '.',
    '%2e%2e',
    '%00',
    '%c0%af',
    '%ff',
    '%',
    '%u0041',
    "'",
    '"',
    '<x>',
    '{}',
    '[]',
    '\\',
    '`id`',
    '$(id)',
    `\${7*7}`,
    'a'.repeat(3_000),
    '💥',
    'INC-1',
    '-1',
    '1e9',
    'NaN',
    'null',
    '*',
    ' ',
    ';',
    '%0d%0a',
    '__proto__',
    'constructor',
  ];
  const parents = [
    '/',
    '/api/incidents',
    '/webhook/event',
    '/api/',
    '/api/incidents/',
    '/api/incidents/INC-1/',
    '/webhook/',
    '/v1/',
    '/chat/',
    '/open/',
    '/services/',
    '/_',
    '/loki/',
  ];
  const names = ['state', 'service', 'limit', 'after', 'maxTokens', 'token', 'a[b]', '__proto__', 'constructor[prototype][x]'];
  const headerNames = [
    'authorization',
    'content-type',
    'content-encoding',
    'content-length',
    'x-forwarded-for',
    'x-tracepulse-timestamp',
    'x-tracepulse-signature',
    'x-hub-signature-256',
    'origin',
    'cookie',
    'accept',
    'ce-specversion',
    'ce-id',
    'webhook-request-origin',
    'mcp-protocol-version',
    'if-none-match',
    'range',
  ];
  const values = [
    '',
    ' ',
    'Bearer',
    'Bearer ',
    'Basic %%%',
    `Basic ${'A'.repeat(5_000)}`,
    'ApiKey =',
    '-1',
    '99999999999999999999',
    '1e3',
    'gzip, gzip',
    'application/json; charset=',
    'text/html',
    '*/*',
    'null',
    'x'.repeat(8_000),
    '%0d%0aSet-Cookie: a=b',
    'a\tb',
    'bytes=0-',
    '2026-07-28',
  ];

  it('are answered, and none breaks anything', async () => {
    const seen = new Set<number>();
    for (let i = 0; i < 3_000; i++) {
      const path = `${of(parents)}${Array.from({ length: below(3) }, () => of(pieces)).join('/')}`;
      const query = next() < 0.5 ? '' : `?${of(names)}=${of(pieces)}&${of(names)}=${of(pieces)}`;
      const headers = new Headers();
      for (let h = below(4); h > 0; h--) {
        const [name, value] = [of(headerNames), of(values)];
        headers.set(name, value);
      }
      const method = of(['GET', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'HEAD', 'PATCH', 'PURGE']);
      const body = ['GET', 'HEAD'].includes(method) ? {} : { body: of(['', '{}', '[]', 'null', '{"a":', '\ufeff{}', '"x"']) };
      const url = `http://localhost${path}${query}`;
      if (!URL.canParse(url)) continue;
      const answer = await http.fetch(new Request(url, { method, headers, ...body }), '127.0.0.1');
      const text = await answer.text();
      seen.add(answer.status);
      expect(answer.status, `${method} ${url} ${JSON.stringify([...headers])}: ${text.slice(0, 200)}`).toBeLessThan(500);
      expect(answer.headers.get('set-cookie')).toBeNull();
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
      expect(text).not.toMatch(/\bat .*\.ts:\d+|node_modules/);
    }
    for (const status of [200, 400, 404, 405]) expect(seen).toContain(status);
    expectUnpolluted();
  });
});

describe('after all of it', () => {
  it('nothing that stood in a body was asked for', async () => {
    await product.pass(5_000);
    expect(fetched).toEqual([]);
  });

  it('an alarm is taken and looked at as before', async () => {
    const answer = await http.fetch(
      new Request('http://localhost/webhook/alertmanager', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(alertBody({ service: 'afterwards', alertname: 'Afterwards', startsAt: product.now() })),
      }),
      '127.0.0.1',
    );
    expect(answer.status).toBe(202);
    const { ids } = (await answer.json()) as { ids: string[] };
    await product.pass(3_000);
    expect(await product.app.context(ids[0] ?? '')).not.toBeNull();
  });
});

describe('a line of the log', () => {
  it('is one line, whatever a field says, and cannot pass for another', () => {
    const lines: string[] = [];
    const forged = 'a\n{"at":"2026","level":"error","text":"forged"}\r\n\u2028\u001b[31m\u0000';
    createLog({ level: 'info', now: () => 0, redact: redactDeep, write: (line) => void lines.push(line) }).info('text', {
      said: forged,
      level: 'error',
    });
    expect(lines).toHaveLength(1);
    const line = lines[0] ?? '';
    expect([...line].filter((sign) => sign === '\n')).toHaveLength(1);
    expect(line.trimEnd()).not.toMatch(/[\u0000-\u001f]/);
    expect(JSON.parse(line)).toMatchObject({ level: 'info', text: 'text', said: forged });
  });
});
