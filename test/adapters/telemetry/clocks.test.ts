/** A window with a sender's clock off is the window with its clock right. */
import { describe, expect, it } from 'vitest';
import { createTelemetry } from '../../../src/telemetry.ts';
import { bytesOf, gaugeJson, logs, minute, start, traces } from './bodies.ts';

const ahead = 5 * minute;

async function filled(payOff: number) {
  const now = start + 10 * minute;
  const telemetry = createTelemetry({ file: null, now: () => now, windowMinutes: 60, maxBytes: 2 ** 28 });
  for (let i = 0; i < 20; i++) {
    const at = 8 * minute + i * 5000;
    const cart = { trace: i + 1, span: 1, at, lasts: 100 };
    const pay = { trace: i + 1, span: 2, parent: 1, at: at + 20 + payOff, lasts: 60 };
    await telemetry.ingest('traces', traces({ cart: [cart], pay: [pay] }), 'json');
    const line = { trace: i + 1, text: 'paid', at: at + 40 + payOff };
    await telemetry.ingest('logs', logs({ cart: [{ at }], mail: [{ at }], stock: [{ at }], pay: [line] }), 'json');
    const points = (service: string, off: number) => gaugeJson(service, 'cpu', [{ at: at + off, value: i }]).resourceMetrics;
    const resourceMetrics = [...points('cart', 0), ...points('mail', 0), ...points('pay', payOff)];
    await telemetry.ingest('metrics', bytesOf({ resourceMetrics }), 'json');
  }
  return telemetry.window({ fromMs: start + 8 * minute, toMs: start + 9 * minute });
}

describe('a sender whose clock is off', () => {
  it.each([ahead, -ahead])('by %d ms stands where it belongs, all of it', async (off) => {
    const [right, told] = [await filled(0), await filled(off)];
    expect(right.spans.length).toBe(24);
    const near = (values: Float64Array) => [...values].map((value) => Math.round(value - start));
    expect(near(told.spans.startMs)).toEqual(near(right.spans.startMs));
    expect([...told.spans.parent]).toEqual([...right.spans.parent]);
    expect(near(told.logs.timeMs)).toEqual(near(right.logs.timeMs));
    expect([...told.logs.service]).toEqual([...right.logs.service]);
    expect(told.metrics.map(({ service, timeMs }) => [service, near(timeMs)])).toEqual(
      right.metrics.map(({ service, timeMs }) => [service, near(timeMs)]),
    );
  });
});
