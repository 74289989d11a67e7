/** The doors for log lines as shippers meet them: what is answered, and that what was taken can be found again. */
import { deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { redactDeep } from '../../../src/domain/redact.ts';
import { createHttp, type Http } from '../../../src/surfaces/http/http.ts';
import { defaultLimits, type HttpLimits, type HttpSettings } from '../../../src/surfaces/http/parts.ts';
import { start, testProduct } from '../../support/app.ts';
import { inSnappy, pushRequest } from '../../support/loki-protobuf.ts';
import { get, post, surface } from './fake-app.ts';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

function product(settings: HttpSettings = {}, limits?: HttpLimits) {
  const made = testProduct();
  closing.push(made.close);
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  const http: Http = createHttp(made.app, settings, { log, now: made.now, redact: redactDeep, ...(limits && { limits }) });
  const lines = async (by: { correlationId?: string; service?: string } = {}) =>
    made.telemetry.logs({ window: { fromMs: start - 3_600_000, toMs: start + 3_600_000 }, limit: 100, ...by });
  return { ...made, http, lines, stored: () => made.telemetry.stats().logs };
}

const ns = (ms: number) => `${ms}000000`;
const json = (value: unknown) => JSON.stringify(value);
const lokiBody = (line: string) => json({ streams: [{ stream: { app: 'cart' }, values: [[ns(start), line]] }] });
const pairs = (...lines: unknown[]) => `${lines.map((line) => json(line)).join('\n')}\n`;
const secret = 'a-secret-of-some-length';

describe('Loki push', () => {
  const path = '/loki/api/v1/push';

  it.each([
    { name: 'as it is', pack: (text: string) => new TextEncoder().encode(text), encoding: null },
    { name: 'in gzip', pack: (text: string) => gzipSync(text), encoding: 'gzip' },
    { name: 'in deflate', pack: (text: string) => deflateSync(text), encoding: 'deflate' },
    { name: 'in deflate without its wrapping', pack: (text: string) => deflateRawSync(text), encoding: 'deflate' },
    { name: 'in zstd', pack: (text: string) => zstdCompressSync(text), encoding: 'zstd' },
    { name: 'in snappy', pack: (text: string) => inSnappy(new TextEncoder().encode(text)), encoding: 'snappy' },
  ])('takes JSON $name', async ({ pack, encoding }) => {
    const { http, lines } = product();
    const answer = await http.fetch(
      post(path, pack(lokiBody('level=error msg=no correlationId=txn-1')), encoding === null ? {} : { 'content-encoding': encoding }),
    );
    expect([answer.status, await answer.text()]).toEqual([204, '']);
    expect(await lines({ correlationId: 'txn-1' })).toMatchObject([{ service: 'cart', severity: 17, text: 'no', timeMs: start }]);
  });

  it.each([{}, { 'content-encoding': 'snappy' }])('takes protobuf with structured metadata %j', async (headers) => {
    const { http, lines } = product();
    const body = pushRequest([
      {
        labels: '{app="cart", quoted="a \\"b\\", c"}',
        lines: [
          { ms: start + 5, line: 'ERROR boom', metadata: { trace_id: '4bf92f3577b34da6a3ce929d0e0e4736', request_id: 'txn-2' } },
          { ms: start + 6, line: '    at pay (pay.js:1)', metadata: {} },
        ],
      },
    ]);
    const answer = await http.fetch(post(path, inSnappy(body), { 'content-type': 'application/x-protobuf', ...headers }));
    expect(answer.status).toBe(204);
    expect(await lines({ correlationId: 'txn-2' })).toMatchObject([
      { text: 'boom\n    at pay (pay.js:1)', traceId: '4bf92f3577b34da6a3ce929d0e0e4736', timeMs: start + 5 },
    ]);
  });

  it.each([
    { name: 'a number as time', body: json({ streams: [{ stream: {}, values: [[1, 'x']] }] }), status: 400, type: 'application/json' },
    { name: 'no JSON', body: 'hello', status: 400, type: 'application/json' },
    { name: 'no snappy', body: 'hello', status: 400, type: 'application/x-protobuf' },
    { name: 'snappy of something else', body: inSnappy(new TextEncoder().encode('hello')), status: 400, type: 'application/x-protobuf' },
    { name: 'another type', body: 'hello', status: 415, type: 'text/plain' },
    {
      name: 'lines of another year',
      body: json({ streams: [{ stream: {}, values: [[ns(start - 4e10), 'x']] }] }),
      status: 400,
      type: 'application/json',
    },
  ])('says as text what is wrong with $name', async ({ body, status, type }) => {
    const { http, stored } = product();
    const answer = await http.fetch(post(path, body, { 'content-type': type }));
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toContain('text/plain');
    expect((await answer.text()).length).toBeGreaterThan(5);
    expect(stored()).toBe(0);
  });

  it('unpacks no bomb, of snappy or gzip', async () => {
    const limits = { ...defaultLimits, telemetry: { ...defaultLimits.telemetry, maxUnpackedBytes: 10_000 } };
    const { http } = product({}, limits);
    const zeros = new Uint8Array(1e6);
    expect((await http.fetch(post(path, inSnappy(zeros), { 'content-type': 'application/x-protobuf' }))).status).toBe(413);
    expect((await http.fetch(post(path, inSnappy(zeros), { 'content-encoding': 'snappy' }))).status).toBe(413);
    expect((await http.fetch(post(path, gzipSync(zeros), { 'content-encoding': 'gzip' }))).status).toBe(413);
    expect((await http.fetch(post(path, deflateSync(zeros), { 'content-encoding': 'deflate' }))).status).toBe(413);
    expect((await http.fetch(post(path, zstdCompressSync(zeros), { 'content-encoding': 'zstd' }))).status).toBe(413);
    const lying = new Uint8Array([0xff, 0xff, 0xff, 0xff, 0x0f, 0]);
    expect((await http.fetch(post(path, lying, { 'content-type': 'application/x-protobuf' }))).status).toBe(413);
  });

  it('asks to come back when too much is held, as agents do on 503', async () => {
    const { http } = product({}, { ...defaultLimits, telemetryBudgetBytes: 10 });
    const answer = await http.fetch(post(path, lokiBody('x')));
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1']);
  });

  it('counts the same delivery once', async () => {
    const { http, stored } = product();
    for (let i = 0; i < 2; i++) expect((await http.fetch(post(path, lokiBody('x')))).status).toBe(204);
    expect(stored()).toBe(1);
  });
});

describe('Elasticsearch bulk', () => {
  const at = new Date(start).toISOString();
  const ndjson = { 'content-type': 'application/x-ndjson' };

  it('answers each action by its own', async () => {
    const { http, lines } = product();
    const body = pairs(
      { index: { _index: 'cart', _id: '1' } },
      { '@timestamp': at, message: 'declined', 'log.level': 'error', 'service.name': 'cart', 'labels.correlation_id': 'txn-3' },
      { delete: { _index: 'cart', _id: '2' } },
      { create: { _index: 'cart' } },
      'no object',
      { update: { _index: 'cart', _id: '1' } },
      { doc: {} },
    );
    const answer = await http.fetch(post('/_bulk', body, ndjson));
    expect(answer.status).toBe(200);
    expect(answer.headers.get('x-elastic-product')).toBe('Elasticsearch');
    expect(await answer.json()).toEqual({
      took: expect.any(Number),
      errors: true,
      items: [
        { index: expect.objectContaining({ _index: 'cart', _id: '1', status: 201, result: 'created' }) },
        { delete: { _index: 'cart', _id: '2', status: 400, error: { type: 'illegal_argument_exception', reason: expect.any(String) } } },
        {
          create: {
            _index: 'cart',
            _id: expect.stringMatching(/^[\w-]{20}$/),
            status: 400,
            error: { type: 'document_parsing_exception', reason: expect.any(String) },
          },
        },
        { update: { _index: 'cart', _id: '1', status: 400, error: { type: 'illegal_argument_exception', reason: expect.any(String) } } },
      ],
    });
    expect(await lines({ correlationId: 'txn-3' })).toMatchObject([{ service: 'cart', severity: 17, text: 'declined' }]);
  });

  it('takes an index from the path, PUT, gzip and the types of the official client', async () => {
    const { http, stored } = product();
    const body = gzipSync(pairs({ create: {} }, { '@timestamp': at, message: 'x' }));
    const headers = { 'content-type': 'application/vnd.elasticsearch+x-ndjson; compatible-with=9', 'content-encoding': 'gzip' };
    const answer = await http.fetch(new Request('http://localhost/logs-app-default/_bulk?refresh=true', { method: 'PUT', body, headers }));
    expect(await answer.json()).toMatchObject({ errors: false, items: [{ create: { _index: 'logs-app-default', status: 201 } }] });
    expect(stored()).toBe(1);
  });

  it('says of lines nobody keeps that they were not stored', async () => {
    const { http, stored } = product();
    const answer = await http.fetch(
      post('/_bulk', pairs({ index: { _index: 'a' } }, { '@timestamp': '2020-01-01T00:00:00Z', message: 'x' }), ndjson),
    );
    expect(await answer.json()).toMatchObject({ errors: true, items: [{ index: { status: 400 } }] });
    expect(stored()).toBe(0);
  });

  it.each([
    { name: 'no newline at the end', body: '{"index":{"_index":"a"}}\n{}', status: 400 },
    { name: 'no index', body: pairs({ index: {} }, {}), status: 400 },
    { name: 'an action nobody knows', body: pairs({ eat: { _index: 'a' } }, {}), status: 400 },
    { name: 'nothing', body: '', status: 400 },
    { name: 'another type', body: 'x', status: 415, type: 'text/plain' },
  ])('says in its own words what is wrong: $name', async ({ body, status, type = 'application/x-ndjson' }) => {
    const { http, stored } = product();
    const answer = await http.fetch(post('/_bulk', body, { 'content-type': type }));
    expect(answer.status).toBe(status);
    expect(await answer.json()).toEqual({
      error: { root_cause: [expect.any(Object)], type: expect.stringMatching(/_exception$/), reason: expect.any(String) },
      status,
    });
    expect(answer.headers.get('x-elastic-product')).toBe('Elasticsearch');
    expect(stored()).toBe(0);
  });

  it('is there when asked who it is, for those who may ask', async () => {
    const { http } = product({ TRACEPULSE_WEBHOOK_TOKEN: secret });
    const refused = await http.fetch(get('/'));
    expect([refused.status, refused.headers.get('x-elastic-product')]).toEqual([401, 'Elasticsearch']);
    const key = Buffer.from(`id:${secret}`).toString('base64');
    const answer = await http.fetch(get('/', { authorization: `ApiKey ${key}` }));
    expect(answer.status).toBe(200);
    expect(answer.headers.get('x-elastic-product')).toBe('Elasticsearch');
    expect(await answer.json()).toMatchObject({ version: { number: expect.stringMatching(/^9\./) }, tagline: 'You Know, for Search' });
    const head = await http.fetch(new Request('http://localhost/', { method: 'HEAD', headers: { authorization: `ApiKey ${key}` } }));
    expect([head.status, head.headers.get('x-elastic-product'), await head.text()]).toEqual([200, 'Elasticsearch', '']);
  });
});

describe('Splunk HEC', () => {
  const one = (event: unknown, more: object = {}) => json({ time: start / 1_000, host: 'h1', event, ...more });

  it.each(['/services/collector', '/services/collector/event', '/services/collector/event/1.0'])(
    'takes events one after another on %s',
    async (path) => {
      const { http, lines, stored } = product();
      const body = one({ level: 'error', message: 'declined', correlationId: 'txn-4' }, { fields: { service: 'cart' } }) + one('ready');
      const answer = await http.fetch(
        post(path, body, { 'content-type': 'application/x-www-form-urlencoded', 'x-splunk-request-channel': 'c1' }),
      );
      expect([answer.status, await answer.json()]).toEqual([200, { text: 'Success', code: 0 }]);
      expect(await lines({ correlationId: 'txn-4' })).toMatchObject([{ service: 'cart', severity: 17, text: 'declined', timeMs: start }]);
      expect(stored()).toBe(2);
    },
  );

  it('takes plain lines on raw, what is known of them in the query', async () => {
    const { http, lines } = product();
    const answer = await http.fetch(
      post('/services/collector/raw?source=cart&sourcetype=log4j', 'ERROR boom\n    at a.b\nINFO next\n', { 'content-type': 'text/plain' }),
    );
    expect(await answer.json()).toEqual({ text: 'Success', code: 0 });
    expect((await lines({ service: 'cart' })).map(({ text }) => text)).toEqual(['boom\n    at a.b', 'next']);
  });

  it.each([
    { name: 'nothing', body: '', status: 400, answer: { text: 'No data', code: 5 }, kept: 0 },
    { name: 'no JSON', body: 'hello', status: 400, answer: { text: 'Invalid data format', code: 6, 'invalid-event-number': 0 }, kept: 0 },
    {
      name: 'a bad one after a good one',
      body: `${one('a')}{"event":`,
      status: 400,
      answer: { text: 'Invalid data format', code: 6, 'invalid-event-number': 1 },
      kept: 1,
    },
    {
      name: 'no event',
      body: json({ time: 1 }),
      status: 400,
      answer: { text: 'Event field is required', code: 12, 'invalid-event-number': 0 },
      kept: 0,
    },
    {
      name: 'a blank event',
      body: one('a') + one(''),
      status: 400,
      answer: { text: 'Event field cannot be blank', code: 13, 'invalid-event-number': 1 },
      kept: 1,
    },
    {
      name: 'a time that is none',
      body: json({ time: 'soon', event: 'a' }),
      status: 400,
      answer: { text: 'Invalid data format', code: 6, 'invalid-event-number': 0 },
      kept: 0,
    },
  ])('says as Splunk does: $name', async ({ body, status, answer, kept }) => {
    const { http, stored } = product();
    const given = await http.fetch(post('/services/collector/event', body));
    expect([given.status, await given.json()]).toEqual([status, answer]);
    expect(stored()).toBe(kept);
  });

  it.each([
    { name: 'no token', headers: {}, status: 401, answer: { text: 'Token is required', code: 2 } },
    {
      name: 'a scheme nobody knows',
      headers: { authorization: 'Digest abc' },
      status: 401,
      answer: { text: 'Invalid authorization', code: 3 },
    },
    { name: 'a wrong token', headers: { authorization: 'Splunk abc' }, status: 403, answer: { text: 'Invalid token', code: 4 } },
    { name: 'the token', headers: { authorization: `Splunk ${secret}` }, status: 200, answer: { text: 'Success', code: 0 } },
    {
      name: 'the token as a password',
      headers: { authorization: `Basic ${Buffer.from(`x:${secret}`).toString('base64')}` },
      status: 200,
      answer: { text: 'Success', code: 0 },
    },
  ])('lets in by its own words: $name', async ({ headers, status, answer }) => {
    const { http } = product({ TRACEPULSE_WEBHOOK_TOKEN: secret });
    const given = await http.fetch(post('/services/collector/event', one('a'), headers));
    expect([given.status, await given.json()]).toEqual([status, answer]);
  });

  it('is busy when too much is held, and offers no acknowledgements', async () => {
    const { http } = product({}, { ...defaultLimits, telemetryBudgetBytes: 10 });
    const busy = await http.fetch(post('/services/collector', one('a')));
    expect([busy.status, await busy.json(), busy.headers.get('retry-after')]).toEqual([503, { text: 'Server is busy', code: 9 }, '1']);
    const ack = await http.fetch(post('/services/collector/ack?channel=c', '{"acks":[0]}'));
    expect([ack.status, await ack.json()]).toEqual([400, { text: 'ACK is disabled', code: 14 }]);
  });

  it('says how it is', async () => {
    const well = await product().http.fetch(get('/services/collector/health'));
    expect([well.status, await well.json()]).toEqual([200, { text: 'HEC is healthy', code: 17 }]);
    const ill = await surface({ readiness: async () => ({ ready: false, problems: ['full'] }) }).fetch(
      get('/services/collector/health/1.0'),
    );
    expect([ill.status, await ill.json()]).toMatchObject([503, { code: 18 }]);
  });
});

describe('/ingest/logs', () => {
  const path = '/ingest/logs';
  const record = (correlationId: string) => ({
    date: start / 1_000,
    log: `level=error msg=no correlationId=${correlationId}`,
    app: 'cart',
  });

  it.each([
    { from: "Fluent Bit's array", body: json([record('txn-5')]), type: 'application/json' },
    { from: 'its lines', body: `${json(record('txn-5'))}\n`, type: 'application/x-ndjson' },
    { from: 'its stream', body: json(record('txn-5')) + json({ app: 'cart', message: 'x' }), type: 'application/json' },
    {
      from: "Logstash's object",
      body: json({ '@timestamp': new Date(start).toISOString(), message: 'no', correlationId: 'txn-5', level: 'ERROR', app: 'cart' }),
      type: 'application/json',
    },
    { from: 'plain lines', body: 'ERROR no correlationId=txn-5', type: 'text/plain', query: '?service=cart' },
    { from: 'anything without a type', body: json([record('txn-5')]), type: null },
  ])('takes $from', async ({ body, type, query = '' }) => {
    const { http, lines } = product();
    const request = new Request(`http://localhost${path}${query}`, {
      method: 'POST',
      body: new TextEncoder().encode(body),
      headers: type === null ? {} : { 'content-type': type },
    });
    const answer = await http.fetch(request);
    expect(answer.status).toBe(200);
    expect(await lines({ correlationId: 'txn-5' })).toMatchObject([{ service: 'cart', severity: 17, text: expect.stringContaining('no') }]);
  });

  it('leaves out what is no record and says so', async () => {
    const { http } = product();
    const answer = await http.fetch(post(path, json([record('a'), 7, record('b')])));
    expect(await answer.json()).toEqual({ accepted: 2, rejectedCount: 1, rejected: [{ index: 1, error: 'a record is a JSON object' }] });
  });

  it.each([
    { name: 'MessagePack', body: new Uint8Array([0x91, 0x80]), type: 'application/msgpack', status: 415 },
    { name: 'a form', body: 'a=b', type: 'application/x-www-form-urlencoded', status: 415 },
    { name: 'no record', body: '[7]', type: 'application/json', status: 400 },
    { name: 'an encoding nobody knows', body: '[]', type: 'application/json', encoding: 'br', status: 415 },
    { name: 'what is not packed as it says', body: '[]', type: 'application/json', encoding: 'gzip', status: 400 },
  ])('refuses $name', async ({ body, type, status, encoding }) => {
    const { http, stored } = product();
    const answer = await http.fetch(post(path, body, { 'content-type': type, ...(encoding && { 'content-encoding': encoding }) }));
    expect(answer.status).toBe(status);
    expect(await answer.json()).toMatchObject({ error: { code: expect.any(String) } });
    expect(stored()).toBe(0);
  });

  it('is closed to pages of other sites where there is no token to ask for', async () => {
    const { http } = product();
    const cross = { origin: 'https://evil.example', 'content-type': 'text/plain' };
    expect((await http.fetch(post(path, 'ERROR made up', cross))).status).toBe(403);
    const closed = product({ TRACEPULSE_WEBHOOK_TOKEN: secret });
    expect((await closed.http.fetch(post(path, 'ERROR x', cross))).status).toBe(401);
    expect((await closed.http.fetch(post(`${path}?token=${secret}`, 'ERROR x', cross))).status).toBe(200);
  });

  it('hands the secret of the address on to nobody', async () => {
    let route = '';
    const takeLogs = async (_: string, delivery: { route: string }) => {
      route = delivery.route;
      return { accepted: 1, problem: null, rejected: [] };
    };
    await surface({ takeLogs }, { TRACEPULSE_WEBHOOK_TOKEN: secret }).fetch(post(`${path}?token=${secret}&service=a`, '[]'));
    expect(route).toBe('/ingest/logs?service=a');
  });

  it('gives lines that say no time, or one to come, the time of their arrival', async () => {
    const { http, lines } = product();
    await http.fetch(post(path, json([{ message: 'a' }, { message: 'b', timestamp: '2999-01-01T00:00:00Z' }])));
    expect((await lines()).map(({ timeMs }) => timeMs)).toEqual([start, start]);
  });
});
