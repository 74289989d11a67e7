/** Series of durations against their past: how much slower, or suspiciously quicker, and since when. */
import { Histogram, type Samples } from '../baseline/histogram.ts';
import { likelihoodRatio } from './likelihood.ts';
import { buckets, type Scene } from './scene.ts';

export interface Shift {
  readonly series: number;
  readonly strength: number;
  readonly onset: number;
  readonly beforeMs: number;
  readonly afterMs: number;
  readonly n: number;
  /** Values beyond this are part of the shift. */
  readonly thresholdMs: number;
}

export type Comparison = (before: Histogram, n: number, after: Histogram) => Omit<Shift, 'series' | 'onset'> | null;

/** The onset at which a series departs most, by the given comparison; `pooled` stands in where it has no past. */
export function strongestShift(
  scene: Scene,
  series: number,
  samples: Samples,
  pooled: Histogram | undefined,
  compare: Comparison,
): Shift | null {
  const past = scene.normal.delays.get(series);
  const after = new Histogram();
  const before = new Histogram();
  if (past) before.absorb(past);
  for (let i = 0; i < samples.values.length; i++) before.add(samples.values[i]!);
  const { values, ends } = byTime(samples);
  let best: Shift | null = null;
  for (let onset = buckets - 1; onset >= 0; onset--) {
    const from = ends[onset]!;
    const to = ends[onset + 1]!;
    if (from === to) continue;
    for (let i = from; i < to; i++) {
      after.add(values[i]!);
      before.add(values[i]!, -1);
    }
    const normal = before.total >= 1 ? before : pooled;
    if (!normal || normal.total < 1) continue;
    const n = before.total >= 1 ? before.total : Math.min(2, normal.total);
    const shift = compare(normal, n, after);
    if (shift && (!best || shift.strength > best.strength)) best = { series, onset, ...shift };
  }
  return best;
}

/** Values sorted by bucket of time; those of bucket b stand at [ends[b], ends[b + 1]). */
function byTime({ values, times }: Samples): { values: Int32Array; ends: Int32Array } {
  const ends = new Int32Array(buckets + 1);
  for (let i = 0; i < times.length; i++) ends[times[i]! + 1]!++;
  for (let bucket = 0; bucket < buckets; bucket++) ends[bucket + 1]! += ends[bucket]!;
  const sorted = new Int32Array(values.length);
  const next = ends.slice();
  for (let i = 0; i < values.length; i++) sorted[next[times[i]!]!++] = values[i]!;
  return { values: sorted, ends };
}

/** As many values after an onset, and before it, are half believed. */
export const fewCalls = 2;
export const fewNormal = 3;

/** Above the usual top by what it may well vary. */
const topOf = (middle: number, high: number): number => high + Math.max(10, middle / 2);

/** By how much a value must grow to lie above the usual top. */
export function marginMs(usual: Histogram): number {
  const [q50 = 0, q95 = 0] = usual.quantiles(0.5, 0.95);
  return topOf(q50, q95) - q50;
}

/**
 * How far the middle moved, in units of the normal spread with three pseudo-observations of a wide one (rare operations
 * would lead otherwise), or how many values lie above what was the normal top, whichever says more.
 */
export const slower: Comparison = (before, n, after) => {
  const m = after.total;
  const [q25 = 0, q50 = 0, q75 = 0, q90 = 0, q95 = 0] = before.quantiles(0.25, 0.5, 0.75, 0.9, 0.95);
  const [a50 = 0, a75 = 0, a90 = 0] = after.quantiles(0.5, 0.75, 0.9);
  const mad = (q75 - q25) / 1.349;
  const spread = Math.sqrt((n * mad ** 2 + 3 * (0.7 * q50 + 4) ** 2) / (n + 3)) + 0.1 * q50 + 1;
  const inside = 1 - after.above(q95) / m;
  const moved = inside > 0.3 ? Math.min(a50 - q50, Math.max(0, a75 - q90)) : a50 - q50;
  const middle = moved > 0 ? (Math.max(0, Math.log1p(moved / spread) - 0.9) * n * m) / ((n + fewNormal) * (m + fewCalls)) : 0;
  const threshold = topOf(q50, q95);
  const ratio = Math.max(0, likelihoodRatio(before.above(threshold), n, after.above(threshold), m) - 1.5);
  const grew = after.above(threshold) / m > before.above(threshold) / before.total;
  const size = Math.min(1, Math.max(0, Math.log1p(Math.max(0, (a90 - threshold) / (0.5 * q50 + 10))) / 1.5));
  const top = grew ? 0.8 * Math.log1p(ratio) * size : 0;
  const strength = Math.max(middle, top);
  return strength > 0.05
    ? { strength, beforeMs: q50, afterMs: middle >= top ? a50 : a90, n: m, thresholdMs: Math.max(threshold, (q50 + a50) / 2) }
    : null;
};

/**
 * The reverse: work that is left out. Most values lie below what was the normal bottom; a cache that warms up shifts a
 * little, an early return cuts the time to a fraction.
 */
export const quicker: Comparison = (before, n, after) => {
  const m = after.total;
  const [q05 = 0, q50 = 0] = before.quantiles(0.05, 0.5);
  const [a50 = 0] = after.quantiles(0.5);
  if (n < 8 || m < 5 || q50 - a50 < 0.5) return null;
  const threshold = q05 * 0.5;
  const below = after.total - after.above(threshold);
  const belowBefore = before.total - before.above(threshold);
  if (below / m <= belowBefore / before.total) return null;
  const ratio = Math.max(0, likelihoodRatio(belowBefore, n, below, m) - 1.5);
  const strength = 0.8 * Math.log1p(ratio) * Math.min(1, Math.log(q50 / a50) / Math.log(4));
  return strength > 0.05 ? { strength, beforeMs: q50, afterMs: a50, n: m, thresholdMs: threshold } : null;
};
