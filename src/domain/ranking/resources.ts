/** CPU and memory against their own past: the last values beside the highest of the normal ones. */
import { median } from '../baseline/clock.ts';
import { metricName } from '../baseline/normal.ts';
import type { MetricSeries } from '../telemetry.ts';
import type { Scene } from './scene.ts';
import { finding, type SignalName, type Suspicions } from './suspicion.ts';

const kinds: readonly { signal: SignalName; name: RegExp; word: string }[] = [
  { signal: 'cpu', name: /\bcpu\b.*(util|usage|percent|load|ratio)|(util|usage|percent|load).*\bcpu\b|cpu_limit/i, word: 'CPU use' },
  { signal: 'memory', name: /mem(ory)?\b.*(util|usage|percent|working|rss)|memory_limit/i, word: 'memory use' },
];
/** Values this close to the alert are looked at; older ones are the past. */
const recentMs = 150_000;

export function judgeResources(scene: Scene, suspicions: Suspicions): void {
  const best = new Map<string, { value: number; signal: SignalName; service: string; text: string; at: number; series: MetricSeries }>();
  for (const series of scene.recent.window.metrics) {
    const kind = kinds.find(({ name }) => name.test(series.name.replaceAll('_', '.')) || name.test(series.name));
    if (!kind) continue;
    const judged = judge(scene, series);
    if (!judged) continue;
    const key = `${kind.signal} ${series.service}`;
    if (judged.value <= (best.get(key)?.value ?? 0)) continue;
    const text = `${series.service}: ${kind.word} is ${figure(judged.now, series)}, normally ${figure(judged.normal, series)} and at most ${figure(judged.top, series)}.`;
    best.set(key, { value: judged.value, signal: kind.signal, service: series.service, text, at: judged.at, series });
  }
  for (const { value, signal, service, text, at, series } of best.values())
    suspicions.add(service, signal, value, [
      finding({ kind: 'saturation', source: 'metric', subject: `${series.name} ${series.instance ?? ''}`, text, at, strength: value }),
    ]);
}

const figure = (value: number, { unit }: MetricSeries): string =>
  unit === '1' || (unit === null && value <= 1.5) ? `${(value * 100).toFixed(1)} %` : value.toPrecision(3);

function judge(scene: Scene, series: MetricSeries): { value: number; now: number; normal: number; top: number; at: number } | null {
  const { alertAt } = scene.input;
  const past: number[] = [];
  const now: number[] = [];
  for (let i = 0; i < series.values.length; i++) {
    if (series.timeMs[i]! > alertAt) continue;
    (series.timeMs[i]! > alertAt - recentMs ? now : past).push(series.values[i]!);
  }
  const learned = scene.normal.metrics.get(metricName(scene.lexicon, series));
  if (learned && learned.total >= 1) for (const q of learned.quantiles(0.05, 0.25, 0.5, 0.75, 0.95)) past.push(q / 1000);
  if (now.length === 0 || past.length < 1) return null;
  const middle = median(past);
  const top = Math.max(...past);
  const spread = median(past.map((value) => Math.abs(value - middle))) + 0.15 * middle + 0.02;
  const last = now.at(-1)!;
  const n = past.length;
  const z = (last - top) / spread;
  return z > 0 ? { value: (Math.log1p(z) * n) / (n + 3), now: last, normal: middle, top, at: alertAt } : null;
}
