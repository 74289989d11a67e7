/** Splunk's door as forwarders meet it: events and plain lines, and every refusal under the number Splunk gives it. */
import { describe, expect, it } from 'vitest';
import { defaultLimits } from '../../../src/surfaces/http/parts.ts';
import { start } from '../../support/app.ts';
import { get, post, surface } from './fake-app.ts';
import { closeAfterEach, json, product, secret } from './log-product.ts';

closeAfterEach();

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

  it('refuses a body of more lines than are read in a moment, and keeps none of them', async () => {
    const { http, stored } = product();
    const raw = (lines: number) => http.fetch(post('/services/collector/raw', 'x\n'.repeat(lines), { 'content-type': 'text/plain' }));
    const answer = await raw(100_001);
    expect([answer.status, await answer.json()]).toEqual([413, { text: expect.stringMatching('more than 100000 lines'), code: 6 }]);
    expect(stored()).toBe(0);
    expect((await raw(1_000)).status).toBe(200);
    expect(stored()).toBe(1_000);
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
