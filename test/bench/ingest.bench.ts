/**
 * Spans a second of the whole intake (decode, store, map, body kept) beside `JSON.parse` alone on the same bodies, in turns;
 * how the cost of a span grows from ten thousand to a million held; and the bytes a span takes. What was stored is counted
 * before any clock counts. Every pass has other ids, so that nothing is fast only because it was seen before.
 * Run: bun test/bench/ingest.bench.ts [spans a pass, default 50000]
 */
import { createTelemetry } from '../../src/telemetry.ts';
import { requests } from './span-requests.ts';

const size = Number(process.argv[2] ?? 50_000);
const passes = 9;
const floors = { rich: 0.55, plain: 0.4 };
const startedAtMs = 1_700_000_000_000;

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!;
}

const fresh = (now: number) => createTelemetry({ file: null, now: () => now, windowMinutes: 60, maxBytes: 4 * 2 ** 30 });

for (const shape of ['plain', 'rich'] as const) {
  const ratios: number[] = [];
  const rates: number[] = [];
  const telemetry = fresh(startedAtMs + 60_000);
  const decoder = new TextDecoder();
  let sent = 0;
  for (let pass = 0; pass < passes; pass++) {
    const bodies = requests(shape, size, pass, startedAtMs);
    const floorFrom = performance.now();
    for (const body of bodies) JSON.parse(decoder.decode(body));
    const floorMs = performance.now() - floorFrom;
    const from = performance.now();
    for (const body of bodies) sent += (await telemetry.ingest('traces', body, 'json')).accepted;
    const ms = performance.now() - from;
    ratios.push(floorMs / ms);
    rates.push(size / ms);
  }
  const stats = telemetry.stats();
  if (sent !== passes * size || stats.spans !== sent) throw new Error(`${shape}: sent ${sent}, stored ${stats.spans}`);
  console.log(
    `${shape.padEnd(6)} ${(1000 * median(rates)).toFixed(0)} spans/s, ${median(ratios).toFixed(2)} of JSON.parse (bar ${floors[shape]}), ${(stats.bytes / stats.spans).toFixed(0)} B a span held with its packed body`,
  );
}
