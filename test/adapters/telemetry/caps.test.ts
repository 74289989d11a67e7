/** Space and time are bounded: the oldest goes first, and what went is said. */
import { describe, expect, it } from 'vitest';
import { createTelemetry } from '../../../src/telemetry.ts';
import { gauge, logs, minute, start, traceId, traces } from './bodies.ts';

const everything = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER };
const perBody = 500;
/** Ids of one width from here on. */
const base = 2 ** 32;

function fullStore(maxBytes: number) {
  let now = start + minute;
  const telemetry = createTelemetry({ file: null, now: () => now, windowMinutes: 60, maxBytes });
  const send = async (body: number, text = 'x'.repeat(200)) => {
    const rows = Array.from({ length: perBody }, (_, row) => ({
      trace: base + body * perBody + row,
      at: body * 100,
      name: `GET /${row % 7}`,
      text,
    }));
    await telemetry.ingest('traces', traces({ shop: rows }), 'json');
    await telemetry.ingest('logs', logs({ shop: rows }), 'json');
  };
  return { telemetry, send, pass: (ms: number) => (now += ms) };
}

describe('the bounds of the store', () => {
  it('holds no more bytes than it may, drops the oldest and counts them', async () => {
    const maxBytes = 12 * 2 ** 20;
    const { telemetry, send } = fullStore(maxBytes);
    const bodies = 120;
    let most = 0;
    for (let body = 0; body < bodies; body++) {
      await send(body);
      most = Math.max(most, telemetry.stats().bytes);
    }
    const { spans, logs: lines, dropped, oldestAt, newestAt } = telemetry.stats();
    expect(most).toBeLessThanOrEqual(maxBytes);
    expect([spans + dropped.spans, lines + dropped.logs]).toEqual([bodies * perBody, bodies * perBody]);
    expect(spans).toBeGreaterThan(perBody);
    expect(newestAt).toBe(start + (bodies - 1) * 100);
    expect(oldestAt).toBeGreaterThan(start + 1000);
    expect(await telemetry.trace(traceId(base))).toEqual([]);
    const last = await telemetry.trace(traceId(base + bodies * perBody - 1));
    expect(last).toMatchObject([{ operation: `GET /${(perBody - 1) % 7}`, attributes: { 'service.name': 'shop' } }]);
    expect((await telemetry.window(everything)).dropped.spans).toBe(dropped.spans);
    expect((await telemetry.knowledge()).map.services).toMatchObject([{ name: 'shop' }]);
  });

  it('lets go of what is past its window, also behind a sender whose clock runs ahead', async () => {
    const { telemetry, send, pass } = fullStore(2 ** 28);
    await telemetry.ingest('traces', traces({ fast: [{ trace: base - 1, at: 30 * minute }] }), 'json');
    await telemetry.ingest('metrics', gauge('shop', 'cpu', [{ at: 0, value: 1 }]), 'json');
    for (let body = 0; body < 4; body++) await send(body);
    pass(65 * minute);
    await telemetry.advance(start + 66 * minute, []);
    expect(telemetry.stats().spans).toBeLessThanOrEqual(1);
    expect(telemetry.stats()).toMatchObject({ logs: 0, points: 0 });
  });

  it('does not call what has expired dropped', async () => {
    const { telemetry, send, pass } = fullStore(2 ** 28);
    await send(0);
    pass(65 * minute);
    await telemetry.advance(start + 66 * minute, []);
    expect(telemetry.stats()).toMatchObject({ spans: 0, dropped: { spans: 0, logs: 0, points: 0 } });
  });
});
