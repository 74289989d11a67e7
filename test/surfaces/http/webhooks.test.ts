import { createHmac } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { Failure } from '../../../src/domain/failure.ts';
import { defaultLimits } from '../../../src/surfaces/http/parts.ts';
import { now, post, recorder, surface } from './fake-app.ts';

const secret = 'a-secret-of-some-length';
const seed = { eventType: 'SESSION_DROP', correlationId: 'txn-456', details: { service: 'SessionManager', errorCode: 'TIMEOUT' } };

describe('an alert', () => {
  it('is handed on as it arrived and answered with 202 and its incident', async () => {
    const { deliveries, receive } = recorder();
    const answer = await surface({ receive }).fetch(post('/webhook/event', seed, { 'user-agent': 'curl', authorization: 'Bearer x' }));
    expect(answer.status).toBe(202);
    expect(await answer.json()).toEqual({ accepted: 1, ids: ['INC-1'] });
    const [{ format, delivery } = { format: '', delivery: undefined }] = deliveries;
    expect(format).toBe('event');
    expect(delivery).toMatchObject({ route: '/webhook/event', receivedAt: now, headers: { 'user-agent': 'curl' } });
    expect(JSON.parse(new TextDecoder().decode(delivery?.body))).toEqual(seed);
    expect(Object.keys(delivery?.headers ?? {})).not.toContain('authorization');
  });

  it('is answered only once it is durable', async () => {
    let store = () => {};
    const stored = new Promise<void>((resolve) => {
      store = resolve;
    });
    let isAnswered = false;
    const receive = async () => {
      await stored;
      return { accepted: 1, ids: ['INC-1'] };
    };
    const answer = surface({ receive })
      .fetch(post('/webhook/generic', { title: 'a' }))
      .then((a) => {
        isAnswered = true;
        return a;
      });
    await new Promise((resolve) => setImmediate(resolve));
    expect(isAnswered).toBe(false);
    store();
    expect((await answer).status).toBe(202);
  });

  it('that is bad input is answered with the place of the error', async () => {
    const receive = async () => {
      throw new Failure('rejected', 'event', 'read the body', { hint: 'expected text', path: 'details.service' });
    };
    const answer = await surface({ receive }).fetch(post('/webhook/event', { eventType: 1 }));
    expect(answer.status).toBe(400);
    expect(await answer.json()).toEqual({ error: { code: 'bad_request', message: 'expected text', path: 'details.service' } });
  });

  it.each(['rate_limited', 'unavailable', 'timeout'] as const)('is asked for again, never with 429, on %s', async (code) => {
    const receive = async () => {
      throw new Failure(code, 'ledger', 'store alerts', { hint: 'secret detail', retryAfterMs: 2_500 });
    };
    const answer = await surface({ receive }).fetch(post('/webhook/alertmanager', { alerts: [] }));
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toBe('3');
    expect(await answer.text()).not.toContain('secret detail');
  });

  it('that meets a bug is answered with 500 and one sentence, the stack in the log', async () => {
    const http = surface({
      receive: async () => {
        throw new TypeError('x is not a function');
      },
    });
    const answer = await http.fetch(post('/webhook/generic', { title: 'a' }));
    expect(answer.status).toBe(500);
    expect(await answer.text()).not.toContain('x is not a function');
    expect(http.logged.find(({ level }) => level === 'error')?.fields['error']).toContain('x is not a function');
  });

  it('of an unknown format is 404', async () => {
    expect((await surface({}).fetch(post('/webhook/nagios', {}))).status).toBe(404);
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'application/json; charset=latin1', ''])(
    'with content type "%s" is 415',
    async (type) => {
      const request = post('/webhook/event', seed);
      if (type === '') request.headers.delete('content-type');
      else request.headers.set('content-type', type);
      const answer = await surface({}).fetch(request);
      expect(answer.status).toBe(415);
      expect(await answer.json()).toMatchObject({ error: { code: 'unsupported_media_type' } });
    },
  );

  it.each(['application/json', 'application/json; charset=utf-8', 'application/json;charset="UTF-8"', 'application/vnd.alert+json'])(
    'with content type %s is taken',
    async (type) => {
      const { receive } = recorder();
      expect((await surface({ receive }).fetch(post('/webhook/event', seed, { 'content-type': type }))).status).toBe(202);
    },
  );
});

describe('a list of events', () => {
  const receiveGood = () => {
    const { deliveries, receive } = recorder();
    const picky: typeof receive = async (format, delivery) => {
      const { eventType } = JSON.parse(new TextDecoder().decode(delivery.body));
      if (typeof eventType === 'string') return receive(format, delivery);
      throw new Failure('rejected', 'event', 'read the body', { hint: 'expected text', path: 'eventType' });
    };
    return { deliveries, receive: picky };
  };

  it('is taken event by event', async () => {
    const { deliveries, receive } = receiveGood();
    const answer = await surface({ receive }).fetch(post('/webhook/event', [seed, { eventType: 1 }, seed]));
    expect(answer.status).toBe(202);
    expect(await answer.json()).toEqual({
      accepted: 2,
      ids: ['INC-1', 'INC-2'],
      rejected: [{ index: 1, error: 'eventType: expected text' }],
    });
    expect(deliveries).toHaveLength(2);
  });

  it('of which nothing can be read is bad input', async () => {
    const answer = await surface({ receive: receiveGood().receive }).fetch(post('/webhook/event', [{ eventType: 1 }]));
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ error: { code: 'bad_request', path: '[0]' } });
  });

  it('may be empty', async () => {
    const answer = await surface({}).fetch(post('/webhook/event', []));
    expect(answer.status).toBe(202);
    expect(await answer.json()).toEqual({ accepted: 0, ids: [] });
  });

  it('may hold 1,000 events, not 1,001', async () => {
    const { deliveries, receive } = recorder();
    const http = surface({ receive });
    expect((await http.fetch(post('/webhook/event', Array(1_000).fill(seed)))).status).toBe(202);
    expect(deliveries).toHaveLength(1_000);
    expect((await http.fetch(post('/webhook/event', Array(1_001).fill(seed)))).status).toBe(400);
    expect(deliveries).toHaveLength(1_000);
  });

  it('is asked for again as a whole when the store fails for one', async () => {
    const { deliveries, receive } = recorder();
    const broken: typeof receive = async (format, delivery) => {
      if (deliveries.length === 1) throw new Failure('unavailable', 'ledger', 'store alerts');
      return receive(format, delivery);
    };
    expect((await surface({ receive: broken }).fetch(post('/webhook/event', [seed, seed]))).status).toBe(503);
  });

  it('is not a list for other formats', async () => {
    const { deliveries, receive } = recorder();
    await surface({ receive }).fetch(post('/webhook/generic', [{ title: 'a' }]));
    expect(new TextDecoder().decode(deliveries[0]?.delivery.body)).toBe('[{"title":"a"}]');
  });
});

describe('a sender', () => {
  const settings = { TRACEPULSE_WEBHOOK_TOKEN: secret };
  const basic = `Basic ${Buffer.from(`prometheus:${secret}`).toString('base64')}`;

  it.each([
    { name: 'a bearer token', headers: { authorization: `Bearer ${secret}` } },
    { name: 'a bearer token in lower case', headers: { authorization: `bearer ${secret}` } },
    { name: 'a basic password', headers: { authorization: basic } },
    { name: 'an ApiKey', headers: { authorization: `ApiKey ${secret}` } },
    { name: 'an ApiKey with its id', headers: { authorization: `ApiKey ${Buffer.from(`id:${secret}`).toString('base64')}` } },
    { name: 'a Splunk token', headers: { authorization: `Splunk ${secret}` } },
    { name: 'an X-Api-Key', headers: { 'x-api-key': secret } },
  ])('is known by $name', async ({ headers }) => {
    const { receive } = recorder();
    expect((await surface({ receive }, settings).fetch(post('/webhook/event', seed, headers))).status).toBe(202);
  });

  it('is known by a token in the address', async () => {
    const { receive } = recorder();
    expect((await surface({ receive }, settings).fetch(post(`/webhook/event?token=${secret}`, seed))).status).toBe(202);
  });

  it.each([
    { name: 'nothing', path: '/webhook/event', headers: {} },
    { name: 'another token', path: '/webhook/event', headers: { authorization: 'Bearer other' } },
    {
      name: 'the user name for the password',
      path: '/webhook/event',
      headers: { authorization: `Basic ${Buffer.from(`${secret}:x`).toString('base64')}` },
    },
    { name: 'an empty token', path: '/webhook/event?token=', headers: {} },
    { name: 'a longer token', path: '/webhook/event', headers: { authorization: `Bearer ${secret}x` } },
    { name: 'a scheme alone', path: '/webhook/event', headers: { authorization: 'Bearer' } },
  ])('is not known by $name', async ({ path, headers }) => {
    const answer = await surface({}, settings).fetch(post(path, seed, headers));
    expect(answer.status).toBe(401);
    expect(await answer.json()).toMatchObject({ error: { code: 'unauthorized' } });
    expect(answer.headers.get('www-authenticate')).toContain('Bearer');
  });

  const body = JSON.stringify(seed);
  const sign = (bytes: string | Uint8Array) => createHmac('sha256', secret).update(bytes).digest('hex');

  it.each([
    { name: 'X-Tracepulse-Signature', headers: { 'x-tracepulse-signature': `sha256=${sign(body)}` }, status: 202 },
    { name: 'X-Tracepulse-Signature without a prefix', headers: { 'x-tracepulse-signature': sign(body) }, status: 202 },
    { name: 'X-Hub-Signature-256', headers: { 'x-hub-signature-256': `sha256=${sign(body)}` }, status: 202 },
    { name: 'the signature of another body', headers: { 'x-tracepulse-signature': `sha256=${sign(`${body} `)}` }, status: 401 },
    { name: 'an empty signature', headers: { 'x-tracepulse-signature': '' }, status: 401 },
    { name: 'junk', headers: { 'x-tracepulse-signature': 'sha256=zz' }, status: 401 },
  ])('that signs with $name gets $status', async ({ headers, status }) => {
    const { deliveries, receive } = recorder();
    expect((await surface({ receive }, settings).fetch(post('/webhook/event', body, headers))).status).toBe(status);
    expect(deliveries).toHaveLength(status === 202 ? 1 : 0);
  });

  it('signs the bytes as they are sent, before anything is unpacked', async () => {
    const { receive } = recorder();
    const packed = gzipSync(body);
    const headers = { 'content-encoding': 'gzip', 'x-tracepulse-signature': `sha256=${sign(packed)}` };
    expect((await surface({ receive }, settings).fetch(post('/webhook/event', packed, headers))).status).toBe(202);
    const overPlain = { ...headers, 'x-tracepulse-signature': `sha256=${sign(body)}` };
    expect((await surface({ receive }, settings).fetch(post('/webhook/event', packed, overPlain))).status).toBe(401);
  });
});

describe('a body', () => {
  const limits = { ...defaultLimits, alerts: { maxBytes: 1_000, maxUnpackedBytes: 2_000, deadlineMs: 15_000 } };
  const title = (length: number) => JSON.stringify({ title: 'x'.repeat(length) });

  it('that is larger than the limit is 413, and nothing is stored', async () => {
    const { deliveries, receive } = recorder();
    const http = surface({ receive }, {}, limits);
    expect((await http.fetch(post('/webhook/generic', title(900)))).status).toBe(202);
    const answer = await http.fetch(post('/webhook/generic', title(1_000)));
    expect(answer.status).toBe(413);
    expect(await answer.json()).toMatchObject({ error: { code: 'too_large' } });
    expect(deliveries).toHaveLength(1);
  });

  it('that lies about its length is cut off all the same', async () => {
    let sent = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent++;
        controller.enqueue(new Uint8Array(400));
      },
    });
    expect((await surface({}, {}, limits).fetch(post('/webhook/generic', endless, { 'content-length': '10' }))).status).toBe(413);
    expect(sent).toBeLessThan(10);
  });

  it('that unpacks to more than the limit is 413', async () => {
    const bomb = gzipSync(Buffer.alloc(500_000));
    expect(bomb.length).toBeLessThan(1_000);
    expect((await surface({}, {}, limits).fetch(post('/webhook/generic', bomb, { 'content-encoding': 'gzip' }))).status).toBe(413);
  });

  it('that unpacks to more than all bodies may hold together has to wait', async () => {
    const bomb = gzipSync(Buffer.alloc(500_000));
    const roomy = { ...limits, alerts: { ...limits.alerts, maxUnpackedBytes: 1_000_000 }, alertBudgetBytes: 400_000 };
    const http = surface(recorder(), {}, roomy);
    expect((await http.fetch(post('/webhook/generic', bomb, { 'content-encoding': 'gzip' }))).status).toBe(503);
    expect((await http.fetch(post('/webhook/generic', title(900)))).status).toBe(202);
  });

  it('is unpacked', async () => {
    const { deliveries, receive } = recorder();
    const answer = await surface({ receive }, {}, limits).fetch(
      post('/webhook/generic', gzipSync(title(1_500)), { 'content-encoding': 'gzip' }),
    );
    expect(answer.status).toBe(202);
    expect(new TextDecoder().decode(deliveries[0]?.delivery.body)).toBe(title(1_500));
  });

  it.each([
    { name: 'is not gzip', body: Buffer.from('{}'), encoding: 'gzip', status: 400 },
    { name: 'is cut off', body: gzipSync('{"title":"aaaaaaaaaaaaaaaaaaaa"}').subarray(0, 20), encoding: 'gzip', status: 400 },
    { name: 'is packed in another way', body: Buffer.from('{}'), encoding: 'br', status: 415 },
    { name: 'is packed twice', body: Buffer.from('{}'), encoding: 'gzip, gzip', status: 415 },
  ])('that $name gets $status', async ({ body, encoding, status }) => {
    expect((await surface({}, {}, limits).fetch(post('/webhook/generic', body, { 'content-encoding': encoding }))).status).toBe(status);
  });

  it('that never ends is given up', async () => {
    const silent = new ReadableStream<Uint8Array>({ start: (controller) => controller.enqueue(new Uint8Array(10)) });
    const quick = { ...limits, alerts: { ...limits.alerts, deadlineMs: 5 } };
    expect((await surface({}, {}, quick).fetch(post('/webhook/generic', silent))).status).toBe(408);
  });

  it('has to wait while others fill the budget, and is taken afterwards', async () => {
    let store = () => {};
    const stored = new Promise<void>((resolve) => {
      store = resolve;
    });
    const receive = async () => {
      await stored;
      return { accepted: 1, ids: ['INC-1'] };
    };
    const http = surface({ receive }, {}, { ...limits, alertBudgetBytes: 1_000 });
    const first = http.fetch(post('/webhook/generic', title(600)));
    await new Promise((resolve) => setImmediate(resolve));
    const second = await http.fetch(post('/webhook/generic', title(600)));
    expect(second.status).toBe(503);
    expect(second.headers.get('retry-after')).toBe('1');
    store();
    expect((await first).status).toBe(202);
    expect((await http.fetch(post('/webhook/generic', title(600)))).status).toBe(202);
  });
});
