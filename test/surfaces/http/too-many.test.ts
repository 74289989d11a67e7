/** More requests at once than are taken: each sender is told to come back, in the way it understands, and what was begun ends well. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHttp, type Http } from '../../../src/surfaces/http/http.ts';
import { testProduct } from '../../support/app.ts';

const log = { debug() {}, info() {}, warn() {}, error() {} };
const atOnce = 1_024;
let product: ReturnType<typeof testProduct>;
let http: Http;
beforeAll(() => {
  product = testProduct();
  http = createHttp(product.app, {}, { log, now: product.now, redact: (value) => ({ value }) });
});
afterAll(() => product.close());

const json = { 'content-type': 'application/json' };
const event = JSON.stringify({ eventType: 'DROP', correlationId: 'txn-1', details: { service: 'cart' } });
const post = (path: string, body: string | ReadableStream<Uint8Array>, headers: Record<string, string> = json) =>
  http.fetch(new Request(`http://localhost${path}`, { method: 'POST', headers, body, duplex: 'half' } as RequestInit));

/** So many whose bodies are still on their way; `end` lets them arrive. */
async function underWay(path: string, body: string) {
  const senders: ReadableStreamDefaultController<Uint8Array>[] = [];
  const answers = Array.from({ length: atOnce }, () => {
    const stream = new ReadableStream<Uint8Array>({ start: (controller) => void senders.push(controller) });
    return post(path, stream);
  });
  for (let turn = 0; turn < 50; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
  return async () => {
    for (const sender of senders) {
      sender.enqueue(new TextEncoder().encode(body));
      sender.close();
    }
    return Promise.all(answers);
  };
}

describe('more than are taken at once', () => {
  it('are told 503 and Retry-After where alerts arrive, never 429; those under way are taken', async () => {
    const end = await underWay('/webhook/event', event);
    const refused = await post('/webhook/event', event);
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1']);
    // Telemetry has room of its own.
    expect((await post('/v1/traces', '{"resourceSpans":[]}')).status).toBe(200);
    const statuses = new Set((await end()).map(({ status }) => status));
    expect([...statuses].every((status) => status === 202 || status === 200)).toBe(true);
    expect((await post('/webhook/event', event)).status).toBeLessThan(300);
  });

  it('are told so as each protocol says where telemetry arrives', async () => {
    const end = await underWay('/v1/traces', '{"resourceSpans":[]}');
    const senders: [path: string, body: string, headers?: Record<string, string>][] = [
      ['/v1/traces', '{"resourceSpans":[]}'],
      ['/v1/logs', '{"resourceLogs":[]}'],
      ['/loki/api/v1/push', '{"streams":[]}'],
      ['/_bulk', '{"index":{}}\n{"message":"x"}\n'],
      ['/services/collector', '{"event":"x"}'],
    ];
    for (const [path, body, headers] of senders) {
      const refused = await post(path, body, headers);
      expect([path, refused.status, refused.headers.get('retry-after')]).toEqual([path, 503, '1']);
    }
    // Alerts are taken meanwhile.
    expect((await post('/webhook/event', event)).status).toBeLessThan(300);
    expect(new Set((await end()).map(({ status }) => status))).toEqual(new Set([200]));
  });

  it('are telemetry first: it is told to come back, its body unread, while alerts are taken', async () => {
    let isShut = true;
    const pressed = createHttp(
      { ...product.app, isTelemetryShutOut: () => isShut },
      {},
      { log, now: product.now, redact: (value) => ({ value }) },
    );
    const ask = (path: string, body: string) =>
      pressed.fetch(new Request(`http://localhost${path}`, { method: 'POST', headers: json, body }));
    for (const [path, body] of [
      ['/v1/traces', '{"resourceSpans":[]}'],
      ['/loki/api/v1/push', '{"streams":[]}'],
      ['/services/collector', 'not read'],
    ] as const) {
      const refused = await ask(path, body);
      expect([path, refused.status, refused.headers.get('retry-after')]).toEqual([path, 503, '1']);
    }
    expect((await ask('/webhook/event', event)).status).toBeLessThan(300);
    isShut = false;
    expect((await ask('/v1/traces', '{"resourceSpans":[]}')).status).toBe(200);
  });
});
