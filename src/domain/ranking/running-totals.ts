/** Running totals become what happened between two scrapes, restarts included. */
import type { MetricSeries } from '../telemetry.ts';
import type { Meaning } from './metric-meaning.ts';
import { familyOf } from './metric-words.ts';

export type Meant = readonly { readonly series: MetricSeries; readonly meaning: Meaning }[];

export interface Running {
  readonly names: ReadonlySet<string>;
  /** When the first of all series begins. */
  readonly since: number;
}
/** Scrapes are at most this far apart: a series that begins later was not there before. */
const newAfterMs = 90_000;

/** A count of failures may rise for a while in any case: whether it is a total is said by the count of all calls beside it. */
const totalKey = ({ name }: MetricSeries, { measured, base }: Meaning): string => (measured === 'calls' ? `calls ${familyOf(base)}` : name);

/** Names whose values only ever rise, but for restarts: totals since the start, not what happened since the last point. */
export function runningTotals(meant: Meant): Running {
  const steps = new Map<string, { up: number; down: number }>();
  for (const { series, meaning } of meant) {
    if (meaning.part !== 'count' && meaning.part !== 'sum') continue;
    const key = totalKey(series, meaning);
    const of = steps.get(key) ?? { up: 0, down: 0 };
    steps.set(key, of);
    for (let i = 1; i < series.values.length; i++) {
      if (series.values[i]! > series.values[i - 1]!) of.up++;
      else if (series.values[i]! < series.values[i - 1]!) of.down++;
    }
  }
  const names = new Set([...steps].filter(([, { up, down }]) => down <= (up + down) / 20).map(([name]) => name));
  return { names, since: Math.min(...meant.map(({ series }) => series.timeMs[0]!)) };
}

/** What came on top with each point. The first of a running total is unknown, unless the series began while we looked. */
export function increments(series: MetricSeries, meaning: Meaning, { names, since }: Running): number[] {
  const { values, timeMs } = series;
  if (meaning.part.startsWith('per')) {
    const perMs = 1 / (meaning.part === 'perSecond' ? 1000 : 60_000);
    return Array.from(values, (value, i) => value * perMs * gapMs(timeMs, i));
  }
  if (!names.has(totalKey(series, meaning))) return [...values];
  const isNew = timeMs[0]! > since + newAfterMs;
  return Array.from(values, (value, i) =>
    i > 0 && value >= values[i - 1]! ? value - values[i - 1]! : i > 0 || isNew ? value : Number.NaN,
  );
}

const gapMs = (timeMs: Float64Array, i: number): number =>
  timeMs.length < 2 ? newAfterMs : Math.min(newAfterMs, i > 0 ? timeMs[i]! - timeMs[i - 1]! : timeMs[1]! - timeMs[0]!);
