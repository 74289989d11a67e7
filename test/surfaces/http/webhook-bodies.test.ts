/** Bodies of alerts that are too large, packed, broken, endless or too many at once: each is refused before it costs much. */
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { defaultLimits } from '../../../src/surfaces/http/parts.ts';
import { post, recorder, surface } from './fake-app.ts';

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
