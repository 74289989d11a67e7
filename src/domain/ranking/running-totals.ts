/** Running totals become what happened between two scrapes, restarts included. */
import type { MetricSeries } from '../telemetry.ts';
import type { Meaning } from './metric-meaning.ts';
import { familyOf } from './metric-words.ts';

export type Meant = readonly { readonly series: MetricSeries; readonly meaning: Meaning }[];

export interface Running {
  isTotal(series: MetricSeries, meaning: Meaning): boolean;
  /** When the first of all series begins. */
  readonly since: number;
}
/** Scrapes are at most this far apart: a series that begins later was not there before. */
const newAfterMs = 90_000;

/** How often values went up, and how often down. */
interface Steps {
  up: number;
  down: number;
}

/** With fewer steps than this, what a service counts is taken for what services like it count. */
const fewestSteps = 8;
/**
 * Counts of a minute go down about as often as up, totals only where somebody started again: this is half way. A service
 * has few pods, so that one start is a larger share of its steps than of those of all.
 */
const isRising = ({ up, down }: Steps): boolean => down <= (up + down) / 4;

/** A count of failures may rise for a while in any case: whether it is a total is said by the count of all calls beside it. */
const totalKey = ({ name }: MetricSeries, { measured, base }: Meaning): string => (measured === 'calls' ? `calls ${familyOf(base)}` : name);
const ownKey = ({ service }: MetricSeries, key: string): string => `${key}\n${service}`;

/**
 * Which values only ever rise, but for restarts: totals since the start, not what happened since the last point. Asked of
 * each service by itself: one may keep totals where another pushes what each minute brought, under names alike.
 */
export function runningTotals(meant: Meant): Running {
  const steps = new Map<string, Steps>();
  const stepsOf = (key: string): Steps => {
    const known = steps.get(key) ?? { up: 0, down: 0 };
    steps.set(key, known);
    return known;
  };
  for (const { series, meaning } of meant) {
    if (meaning.part !== 'count' && meaning.part !== 'sum') continue;
    const key = totalKey(series, meaning);
    let [up, down] = [0, 0];
    for (let i = 1; i < series.values.length; i++) {
      if (series.values[i]! > series.values[i - 1]!) up++;
      else if (series.values[i]! < series.values[i - 1]!) down++;
    }
    for (const of of [stepsOf(key), stepsOf(ownKey(series, key))]) {
      of.up += up;
      of.down += down;
    }
  }
  const isTotal = (series: MetricSeries, meaning: Meaning): boolean => {
    const key = totalKey(series, meaning);
    const own = steps.get(ownKey(series, key));
    const all = steps.get(key);
    if (own === undefined || all === undefined) return false;
    return isRising(own.up + own.down >= fewestSteps ? own : all);
  };
  return { isTotal, since: Math.min(...meant.map(({ series }) => series.timeMs[0]!)) };
}

/** What came on top with each point. The first of a running total is unknown, unless the series began while we looked. */
export function increments(series: MetricSeries, meaning: Meaning, { isTotal, since }: Running): number[] {
  const { values, timeMs } = series;
  if (meaning.part.startsWith('per')) {
    const perMs = 1 / (meaning.part === 'perSecond' ? 1000 : 60_000);
    return Array.from(values, (value, i) => value * perMs * gapMs(timeMs, i));
  }
  if (!isTotal(series, meaning)) return [...values];
  const isNew = timeMs[0]! > since + newAfterMs;
  return Array.from(values, (value, i) =>
    i > 0 && value >= values[i - 1]! ? value - values[i - 1]! : i > 0 || isNew ? value : Number.NaN,
  );
}

const gapMs = (timeMs: Float64Array, i: number): number =>
  timeMs.length < 2 ? newAfterMs : Math.min(newAfterMs, i > 0 ? timeMs[i]! - timeMs[i - 1]! : timeMs[1]! - timeMs[0]!);
