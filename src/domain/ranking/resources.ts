/** CPU and memory against their own past: the last values beside the highest of the normal ones. */
import { median } from '../baseline/clock.ts';
import { metricName } from '../baseline/normal.ts';
import type { Measured } from './metric-meaning.ts';
import type { Reading } from './metric-readings.ts';
import type { Scene } from './scene.ts';
import { finding, type SignalName, type Suspicions } from './suspicion.ts';

const kinds: Partial<Record<Measured, { readonly signal: SignalName; readonly word: string }>> = {
  cpu: { signal: 'cpu', word: 'CPU use' },
  memory: { signal: 'memory', word: 'memory use' },
};
/** Values this close to the alert are looked at; older ones are the past. */
const recentMs = 150_000;

interface Judged {
  readonly reading: Reading;
  readonly value: number;
  readonly now: number;
  readonly normal: number;
  readonly top: number;
  readonly at: number;
}

export function judgeResources(scene: Scene, suspicions: Suspicions, readings: readonly Reading[]): void {
  const best = new Map<string, Judged>();
  for (const reading of readings) {
    if (kinds[reading.measured] === undefined) continue;
    const judged = judge(scene, reading);
    const key = `${reading.measured} ${reading.service}`;
    if (judged && judged.value > (best.get(key)?.value ?? 0)) best.set(key, judged);
  }
  for (const { reading, value, now, normal, top, at } of best.values()) {
    const { signal, word } = kinds[reading.measured]!;
    const figure = (amount: number): string => (reading.isShare ? `${(amount * 100).toFixed(1)} %` : amount.toPrecision(3));
    const text = `${reading.service}: ${word} is ${figure(now)}, normally ${figure(normal)} and at most ${figure(top)}.`;
    const subject = `${reading.base} ${reading.pod}`;
    suspicions.add(reading.service, signal, value, [finding({ kind: 'saturation', source: 'metric', subject, text, at, strength: value })]);
  }
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
  const floor = reading.isShare ? 0.02 : 0.02 * Math.max(1e-9, middle);
  const spread = median(past.map((value) => Math.abs(value - middle))) + 0.15 * middle + floor;
  const last = now.at(-1)!;
  const n = past.length;
  const z = (last - top) / spread;
  return z > 0 ? { reading, value: (Math.log1p(z) * n) / (n + 3), now: last, normal: middle, top, at: alertAt } : null;
}
