/** What is there after the process was stopped, or died after a flush. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Telemetry } from '../../../src/ports.ts';
import { createTelemetry } from '../../../src/telemetry.ts';
import { gauge, logs, minute, spanId, start, traceId, traces } from './bodies.ts';

const everything = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER };
let folder = '';
let now = start;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'restart-'));
  now = start + minute;
});
afterEach(() => rmSync(folder, { recursive: true }));

const open = (name = 'telemetry.sqlite'): Telemetry =>
  createTelemetry({ file: join(folder, name), now: () => now, windowMinutes: 60, maxBytes: 2 ** 28 });

const call = (trace: number, at = 0) =>
  traces({ shop: [{ trace, span: 1, kind: 3, at }], cart: [{ trace, span: 2, parent: 1, at, attributes: { n: trace } }] });

async function facts(telemetry: Telemetry) {
  const { spans, logs: lines, metrics } = await telemetry.window(everything);
  const { map, directory } = await telemetry.knowledge();
  return {
    spans: Array.from({ length: spans.length }, (_, row) => [spans.spanId(row), spans.startMs[row], spans.parent[row]]),
    lines: Array.from({ length: lines.length }, (_, row) => lines.text(row)),
    points: metrics.map(({ name, values }) => [name, [...values]]),
    map,
    directory,
    trace: await telemetry.trace(traceId(1)),
  };
}

describe('a store on a file, opened again', () => {
  it.each([
    { how: 'closing', end: (telemetry: Telemetry) => telemetry.close() },
    { how: 'a flush and no closing', end: (telemetry: Telemetry) => telemetry.flush() },
  ])('has everything after $how, and counts nothing twice', async ({ end }) => {
    const first = open();
    for (const trace of [1, 2, 3]) await first.ingest('traces', call(trace, trace), 'json');
    await first.ingest('logs', logs({ shop: [{ text: 'one' }, { text: 'two', at: 1 }] }), 'json');
    await first.ingest('metrics', gauge('shop', 'cpu', [{ at: 0, value: 0.5 }]), 'json');
    await first.know([{ name: 'till', addresses: ['10.0.0.9'], ports: [80] }]);
    const before = await facts(first);
    await end(first);
    const second = open();
    expect(await facts(second)).toEqual(before);
    expect(before.map.edges).toMatchObject([{ caller: 'shop', callee: 'cart', calls: 3 }]);
    expect(before.trace[1]?.attributes).toMatchObject({ n: 1 });
    await second.close();
  });

  it('knows spans that are delivered again', async () => {
    const first = open();
    await first.ingest('traces', call(1), 'json');
    await first.close();
    const second = open();
    await second.ingest('traces', call(1), 'json');
    await second.ingest('traces', call(2), 'json');
    expect((await second.window(everything)).spans.length).toBe(4);
    expect((await second.knowledge()).map.edges).toMatchObject([{ calls: 2 }]);
    await second.close();
    const third = open();
    expect((await third.knowledge()).map.edges).toMatchObject([{ calls: 2 }]);
    expect((await third.trace(traceId(2))).map((span) => span.spanId)).toEqual([spanId(1), spanId(2)]);
    await third.close();
  });

  it('learns each minute once, and none an incident covers', async () => {
    const first = open();
    for (let at = 0; at < 6; at++) await first.ingest('traces', call(at + 1, at * minute + 5), 'json');
    now = start + 13 * minute;
    await first.advance(now, [{ fromMs: start + minute, toMs: start + minute + 1 }]);
    expect((await first.knowledge()).baseline.minutes).toBe(2);
    await first.close();
    const second = open();
    await second.advance(now, []);
    expect((await second.knowledge()).baseline.minutes).toBe(2);
    now += minute;
    await second.advance(now, []);
    expect((await second.knowledge()).baseline.minutes).toBe(3);
    await second.close();
  });

  it('has let go of what is older than it keeps, and still knows who calls whom', async () => {
    const first = open();
    await first.ingest('traces', call(1), 'json');
    await first.close();
    now = start + 3 * 60 * minute;
    const second = open();
    await second.advance(now, []);
    expect(second.stats()).toMatchObject({ spans: 0, oldestAt: null });
    expect(await second.trace(traceId(1))).toEqual([]);
    const { map, directory } = await second.knowledge();
    expect(map.edges).toMatchObject([{ caller: 'shop', callee: 'cart', calls: 1 }]);
    expect(directory.map(({ name }) => name).sort()).toEqual(['cart', 'shop']);
    await second.close();
  });

  it('counts what comes after everything had expired', async () => {
    const first = open();
    for (const trace of [1, 2, 3]) await first.ingest('traces', call(trace), 'json');
    await first.close();
    now = start + 3 * 60 * minute;
    await open().close();
    const third = open();
    await third.ingest('traces', call(4, 3 * 60 * minute), 'json');
    expect((await third.knowledge()).map.edges).toMatchObject([{ calls: 4 }]);
    await third.close();
  });
});
