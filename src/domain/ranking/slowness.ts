/**
 * Where time is lost: own time of a service's operations, and gaps between a call and its answer. Network delay in front
 * of a service shows in the gaps of the calls to it; a starved CPU shows there, in the gaps of its own calls and in its
 * own time. So a gap speaks against the callee first, and several outbound gaps together against the caller too.
 */
import { bucketOf, Histogram, type Samples } from '../baseline/histogram.ts';
import { likelihoodRatio } from './departures.ts';
import { buckets, onsetAt, type Scene } from './scene.ts';
import { type Finding, finding, type Suspicions } from './suspicion.ts';

interface Slower {
  readonly series: number;
  readonly strength: number;
  readonly onset: number;
  readonly beforeMs: number;
  readonly afterMs: number;
  readonly n: number;
  readonly thresholdMs: number;
}

/** A visit that was clearly slow by its own fault. */
export interface SlowVisit {
  readonly visit: number;
}

/** Strength from which a slow series marks the visits it was seen in. */
const convincing = 1.2;

export function judgeSlowness(scene: Scene, suspicions: Suspicions): SlowVisit[] {
  const slow: SlowVisit[] = [];
  const own = new Map<string, Slower[]>();
  const outbound = new Map<string, Slower[]>();
  const push = (map: Map<string, Slower[]>, service: string, slower: Slower): void => {
    const known = map.get(service);
    if (known) known.push(slower);
    else map.set(service, [slower]);
  };
  const pooled = pooledOwnTimes(scene);
  for (const [series, samples] of scene.recent.delays) {
    const [kind, service = '', callee = ''] = scene.lexicon.parts(series);
    const slower = slowed(scene, series, samples, kind === 'D' ? pooled.get(service) : undefined);
    if (!slower) continue;
    if (slower.strength >= convincing) slow.push(...slowVisits(scene, slower, kind === 'G'));
    push(own, kind === 'D' ? service : callee, slower);
    if (kind === 'G') push(outbound, service, slower);
  }
  for (const [service, list] of own) {
    list.sort((a, b) => b.strength - a.strength);
    const value = list[0]!.strength + 0.35 * sumOf(list.slice(1, 6));
    suspicions.add(
      service,
      'slow',
      value,
      list.slice(0, 3).map((slower) => describe(scene, slower)),
    );
  }
  for (const [service, list] of outbound) {
    list.sort((a, b) => b.strength - a.strength);
    // The slowest edge speaks for its callee; what is left, slow edges to everybody, speaks for the caller.
    suspicions.add(
      service,
      'slowCalls',
      sumOf(list.slice(1, 6)),
      list.slice(1, 2).map((slower) => describe(scene, slower)),
    );
  }
  return slow;
}

/** Visits with a value beyond the threshold: the callee's, where the series is a gap. */
function slowVisits(scene: Scene, { series, onset, thresholdMs }: Slower, isGap: boolean): SlowVisit[] {
  const { rows, values, times } = scene.recent.delays.get(series)!;
  const { visits, tree } = scene.recent;
  const edge = bucketOf(thresholdMs);
  const found: SlowVisit[] = [];
  for (let i = 0; i < rows.length; i++) {
    if (times[i]! < onset || values[i]! < edge) continue;
    const row = isGap ? tree.firstChild[rows[i]!]! : rows[i]!;
    if (row >= 0) found.push({ visit: visits.ofSpan[row]! });
  }
  return found;
}

const sumOf = (list: readonly Slower[]): number => list.reduce((sum, { strength }) => sum + strength, 0);

/** Own times of all operations of a service together: stands in for an operation that has no past. */
function pooledOwnTimes(scene: Scene): Map<string, Histogram> {
  const pooled = new Map<string, Histogram>();
  for (const [series, histogram] of scene.normal.delays) {
    const [kind, service = ''] = scene.lexicon.parts(series);
    if (kind !== 'D') continue;
    const known = pooled.get(service) ?? new Histogram();
    pooled.set(service, known);
    known.absorb(histogram);
  }
  return pooled;
}

function slowed(scene: Scene, series: number, samples: Samples, pooled: Histogram | undefined): Slower | null {
  const past = scene.normal.delays.get(series);
  const after = new Histogram();
  const before = new Histogram();
  if (past) before.absorb(past);
  for (const value of samples.values) before.add(value);
  const byTime: number[][] = Array.from({ length: buckets }, () => []);
  for (let i = 0; i < samples.values.length; i++) byTime[samples.times[i]!]!.push(samples.values[i]!);
  let best: Slower | null = null;
  for (let onset = buckets - 1; onset >= 0; onset--) {
    if (byTime[onset]!.length === 0) continue;
    for (const value of byTime[onset]!) {
      after.add(value);
      before.add(value, -1);
    }
    const normal = before.total >= 1 ? before : pooled;
    if (!normal || normal.total < 1) continue;
    const n = before.total >= 1 ? before.total : Math.min(2, normal.total);
    const slower = compare(normal, n, after);
    if (slower && (!best || slower.strength > best.strength)) best = { series, onset, ...slower };
  }
  return best;
}

/**
 * How far the middle moved, in units of the normal spread with three pseudo-observations of a wide one (rare operations
 * would lead otherwise), or how many values lie above what was the normal top, whichever says more.
 */
function compare(before: Histogram, n: number, after: Histogram): Omit<Slower, 'series' | 'onset'> | null {
  const m = after.total;
  const [q25 = 0, q50 = 0, q75 = 0, q90 = 0, q95 = 0] = before.quantiles(0.25, 0.5, 0.75, 0.9, 0.95);
  const [a50 = 0, a75 = 0, a90 = 0] = after.quantiles(0.5, 0.75, 0.9);
  const mad = (q75 - q25) / 1.349;
  const spread = Math.sqrt((n * mad ** 2 + 3 * (0.7 * q50 + 4) ** 2) / (n + 3)) + 0.1 * q50 + 1;
  const inside = 1 - after.above(q95) / m;
  const moved = inside > 0.3 ? Math.min(a50 - q50, Math.max(0, a75 - q90)) : a50 - q50;
  const middle = moved > 0 ? (Math.max(0, Math.log1p(moved / spread) - 0.9) * n * m) / ((n + 3) * (m + 2)) : 0;
  const threshold = q95 + Math.max(10, q50 / 2);
  const ratio = Math.max(0, likelihoodRatio(before.above(threshold), n, after.above(threshold), m) - 1.5);
  const grew = after.above(threshold) / m > before.above(threshold) / before.total;
  const size = Math.min(1, Math.max(0, Math.log1p(Math.max(0, (a90 - threshold) / (0.5 * q50 + 10))) / 1.5));
  const top = grew ? 0.8 * Math.log1p(ratio) * size : 0;
  const strength = Math.max(middle, top);
  return strength > 0.05
    ? { strength, beforeMs: q50, afterMs: middle >= top ? a50 : a90, n: m, thresholdMs: Math.max(threshold, (q50 + a50) / 2) }
    : null;
}

const time = (ms: number): string =>
  ms >= 1000 ? `${(ms / 1000).toFixed(1)} s` : ms >= 10 ? `${Math.round(ms)} ms` : `${ms.toFixed(1)} ms`;

function describe(scene: Scene, slower: Slower): Finding {
  const [kind = '', service = '', second = '', operation = ''] = scene.lexicon.parts(slower.series);
  const what =
    kind === 'D'
      ? `${service}: own time of "${second}"`
      : `Between ${service} calling and ${second} answering${operation === '' ? '' : ` ${operation}`}: time`;
  const text = `${what} went from ${time(slower.beforeMs)} to ${time(slower.afterMs)} (${slower.n} calls).`;
  const { rows, values, times } = scene.recent.delays.get(slower.series)!;
  const edge = bucketOf(slower.thresholdMs);
  const { spans } = scene.recent.window;
  const traces = new Set<number>();
  let worst = -1;
  for (let i = 0; i < rows.length; i++) {
    if (times[i]! < slower.onset || values[i]! < edge) continue;
    traces.add(spans.trace[rows[i]!]!);
    if (worst < 0 || values[i]! > values[worst]!) worst = i;
  }
  const row = worst >= 0 ? rows[worst]! : -1;
  const component = kind === 'D' && row >= 0 && spans.component[row]! >= 0 ? scene.recent.window.strings.text(spans.component[row]!) : null;
  return finding({
    kind: 'latency',
    source: 'span',
    subject: `slow ${scene.lexicon.names.text(slower.series)}`,
    text,
    at: row >= 0 ? scene.recent.tree.startMs[row]! : onsetAt(scene, slower.onset),
    traceId: row >= 0 ? spans.traceId(row) : null,
    spanId: row >= 0 ? spans.spanId(row) : null,
    component,
    strength: slower.strength,
    onset: slower.onset,
    traces: [...traces],
  });
}
