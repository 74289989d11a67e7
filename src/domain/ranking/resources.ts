/**
 * What a service uses against its own past: the last values beside the highest of the normal ones. CPU and memory, and
 * pressure: connections, threads, queues that grow, and memory that comes close to its limit.
 */
import { median } from '../baseline/clock.ts';
import { metricName } from '../baseline/normal.ts';
import type { Measured } from './metric-words.ts';
import type { Reading } from './metric-readings.ts';
import type { Scene } from './scene.ts';
import { finding, type SignalName, type Suspicions } from './suspicion.ts';

const kinds: Partial<Record<Measured, { readonly signal: SignalName; readonly word: string }>> = {
  cpu: { signal: 'cpu', word: 'CPU use' },
  memory: { signal: 'memory', word: 'memory use' },
  pressure: { signal: 'pressure', word: '' },
  network: { signal: 'pressure', word: 'packets lost a second' },
};
/** Memory says little (caches grow, pods differ) until it nears the limit. */
const nearLimit = 0.85;
const farFromLimit = 0.75;
/** However much a queue grew, it may have grown for another's sake. */
const mostPressure = 3;
/** Values this close to the alert are looked at; older ones are the past. */
const recentMs = 150_000;

interface Judged {
  readonly reading: Reading;
  readonly value: number;
  readonly now: number;
  /** The lower of the last two values. */
  readonly lower: number;
  readonly normal: number;
  readonly top: number;
  readonly at: number;
}

export function judgeResources(scene: Scene, suspicions: Suspicions, readings: readonly Reading[]): void {
  const best = new Map<string, Judged & { readonly signal: SignalName }>();
  const consider = (judged: Judged | null, signal: SignalName): void => {
    const key = `${signal} ${judged?.reading.service}`;
    if (judged && judged.value > (best.get(key)?.value ?? 0)) best.set(key, { ...judged, signal });
  };
  for (const reading of readings) {
    const kind = kinds[reading.measured];
    if (kind === undefined) continue;
    const judged = judge(scene, reading);
    if (judged === null) continue;
    if (kind.signal === 'pressure') consider(lasting(judged), 'pressure');
    else consider(judged, kind.signal);
    if (kind.signal === 'memory' && reading.isShare && judged.now >= nearLimit && judged.top <= farFromLimit && climbs(judged))
      consider(lasting(judged), 'pressure');
  }
  for (const { reading, signal, value, now, normal, top, at } of best.values()) {
    const word = kinds[reading.measured]!.word || reading.base;
    const figure = (amount: number): string => (reading.isShare ? `${(amount * 100).toFixed(1)} %` : amount.toPrecision(3));
    const text = `${reading.service}: ${word} is ${figure(now)}, normally ${figure(normal)} and at most ${figure(top)}.`;
    const subject = `${reading.base} ${reading.pod}`;
    suspicions.add(reading.service, signal, value, [finding({ kind: 'saturation', source: 'metric', subject, text, at, strength: value })]);
  }
}

/** So many times the most it ever used. */
const farMore = 2;

/** Services that use at least twice as much CPU, in both of the last two measurements, as they ever did. */
export function strainedServices(scene: Scene, readings: readonly Reading[]): Set<string> {
  const found = new Set<string>();
  for (const reading of readings) {
    const judged = reading.measured === 'cpu' ? judge(scene, reading) : null;
    if (judged !== null && judged.lower >= farMore * judged.top) found.add(reading.service);
  }
  return found;
}

/** Services whose containers lose packets, in both of the last two measurements, which they never did. */
export function losingServices(scene: Scene, readings: readonly Reading[]): Set<string> {
  const judged = readings.flatMap((reading) => (reading.measured === 'network' ? (judge(scene, reading) ?? []) : []));
  return new Set(
    judged.filter(({ lower, top, reading }) => lower > farMore * top + leastSpread(reading, 0)).map(({ reading }) => reading.service),
  );
}

/** A queue is longer for a moment now and then: where there are two values, the lower of the last two counts. */
function lasting(judged: Judged): Judged | null {
  const { value, lower, top } = judged;
  return lower > top ? { ...judged, value: Math.min(mostPressure, value) } : null;
}

/** A leak climbs step by step; a level that changed at once is another process or another neighbour. */
function climbs({ reading: { values }, top, now }: Judged): boolean {
  const last = values.slice(-6);
  const steps = last.slice(1).filter((value, i) => value - last[i]! > 0.15 * (now - top));
  return steps.length >= 2 && Math.max(...last.slice(1).map((value, i) => value - last[i]!)) < 0.75 * (now - top);
}

function judge(scene: Scene, reading: Reading): Judged | null {
  const { alertAt } = scene.input;
  const past: number[] = [];
  const now: number[] = [];
  for (const [i, at] of reading.at.entries()) if (at <= alertAt) (at > alertAt - recentMs ? now : past).push(reading.values[i]!);
  const learned = reading.series === null ? undefined : scene.normal.metrics.get(metricName(scene.lexicon, reading.series));
  if (learned && learned.total >= 1) for (const q of learned.quantiles(0.05, 0.25, 0.5, 0.75, 0.95)) past.push(q / 1000 / reading.scale);
  if (now.length === 0 || past.length < 1) return null;
  const middle = median(past);
  const top = Math.max(...past);
  const spread = median(past.map((value) => Math.abs(value - middle))) + 0.15 * middle + leastSpread(reading, middle);
  const last = now.at(-1)!;
  const n = past.length;
  const z = (last - top) / spread;
  if (z <= 0) return null;
  return {
    reading,
    value: (Math.log1p(z) * n) / (n + 3),
    now: last,
    lower: Math.min(last, now.at(-2) ?? last),
    normal: middle,
    top,
    at: alertAt,
  };
}

/** What is as good as nothing: two points of a share, two of what is counted. */
function leastSpread({ measured, isShare }: Reading, middle: number): number {
  if (isShare) return 0.02;
  if (measured === 'network') return 1;
  return measured === 'pressure' ? 2 : 0.02 * Math.max(1e-9, middle);
}
