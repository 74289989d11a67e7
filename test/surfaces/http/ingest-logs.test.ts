/** Our own door for log lines: whatever Fluent Bit, Logstash or a shell sends, and who may send it. */
import { describe, expect, it } from 'vitest';
import { start } from '../../support/app.ts';
import { post, surface } from './fake-app.ts';
import { closeAfterEach, json, product, secret } from './log-product.ts';

closeAfterEach();

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
