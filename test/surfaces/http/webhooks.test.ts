/** An alert, or a list of events, on its way in: handed on as it arrived, answered once it is durable, and what each refusal says. */
import { describe, expect, it } from 'vitest';
import { Failure } from '../../../src/domain/failure.ts';
import { now, post, recorder, surface } from './fake-app.ts';

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
