/** The learned normal period: totals of all learned minutes, older ones faded, in bounded space. */
import type { MetricSeries } from '../telemetry.ts';
import { Counts, leftOf, pairKey, rightOf } from './counts.ts';
import { bucketOf, Histogram } from './histogram.ts';
import { renamedHollow } from './hollow-items.ts';
import type { Lexicon } from './lexicon.ts';
import type { Period } from './period.ts';

export interface Normal {
  visited: Counts;
  covered: Counts;
  items: Counts;
  lines: Counts;
  /** Those of them whose values were looked at (see hollow-items.ts): a past from before that has none. */
  valued: Counts;
  spans: Counts;
  began: Counts;
  traces: Counts;
  /** Failure lines by (reporter, `host:port`). */
  failing: Counts;
  /** Log lines by (service, template). */
  spoken: Counts;
  /** See call-order.ts, by (unit, called item). */
  places: Counts;
  seen: Counts;
  /** See lost-entries.ts, by (step, what it was seen directly within). */
  within: Counts;
  delays: Map<number, Histogram>;
  /** Metric values by series, the last learned value last. */
  metrics: Map<number, Histogram>;
}

export function emptyNormal(): Normal {
  const one = (): Counts => new Counts(1);
  return {
    visited: one(),
    covered: one(),
    items: one(),
    lines: one(),
    valued: one(),
    spans: one(),
    began: one(),
    traces: one(),
    failing: one(),
    spoken: one(),
    places: one(),
    seen: one(),
    within: one(),
    delays: new Map(),
    metrics: new Map(),
  };
}

export const totals = [
  'visited',
  'covered',
  'items',
  'lines',
  'valued',
  'spans',
  'began',
  'traces',
  'failing',
  'spoken',
  'places',
  'seen',
  'within',
] as const;

/** Gauges between 0 and 1 are common: metric values are kept in thousandths so that the histogram's floor is out of the way. */
const metricBucket = (value: number): number => bucketOf(Math.abs(value) * 1000);

export function metricName(lexicon: Lexicon, series: MetricSeries): number {
  const labels = Object.entries(series.labels).sort(([a], [b]) => (a < b ? -1 : 1));
  return lexicon.id('M', series.service, series.instance ?? '', series.name, labels.map(([k, v]) => `${k}=${v}`).join(','));
}

export function absorb(normal: Normal, period: Period, lexicon: Lexicon, fromMs: number, toMs: number): void {
  for (const name of ['visited', 'covered', 'items', 'lines', 'spans', 'began', 'traces'] as const) normal[name].absorb(period[name]);
  normal.valued.absorb(period.lines);
  normal.places.absorb(period.order.places);
  normal.seen.absorb(period.order.seen);
  const { strings, metrics, logs } = period.window;
  for (let row = 0; row < logs.length; row++)
    if (logs.timeMs[row]! >= fromMs && logs.timeMs[row]! < toMs)
      normal.spoken.add(pairKey(lexicon.id(strings.text(logs.service[row]!)), lexicon.template(period.window, logs.template[row]!)), 0);
  for (const { reporter, host, port } of period.failing)
    normal.failing.add(pairKey(lexicon.id(strings.text(reporter)), lexicon.id('F', `${host}:${port ?? ''}`)), 0);
  for (const [series, { values }] of period.delays) {
    const histogram = normal.delays.get(series) ?? new Histogram();
    normal.delays.set(series, histogram);
    for (const value of values) histogram.add(value);
  }
  for (const series of metrics) {
    const name = metricName(lexicon, series);
    const histogram = normal.metrics.get(name) ?? new Histogram();
    for (let i = 0; i < series.values.length; i++)
      if (series.timeMs[i]! >= fromMs && series.timeMs[i]! < toMs) histogram.add(metricBucket(series.values[i]!));
    if (histogram.total > 0) normal.metrics.set(name, histogram);
  }
}

/**
 * Counts templates that have become one under one name. A visit may have had several of them: no item is in more visits than
 * could have it.
 */
export function joinTemplates(normal: Normal, lexicon: Lexicon, givenUp: ReadonlyMap<number, number>): void {
  const items = new Map<number, number>();
  for (const [old, kept] of givenUp)
    for (const grade of ['E', 'W', 'I']) {
      const item = lexicon.names.find(`${grade}\n${lexicon.templateText(old)}`);
      if (item >= 0) items.set(item, lexicon.id(grade, lexicon.templateText(kept)));
    }
  for (const [old, kept] of renamedHollow(new Set([...normal.items.keys()].map(rightOf)), lexicon, givenUp)) items.set(old, kept);
  normal.spoken = renamed(normal.spoken, givenUp);
  normal.items = renamed(normal.items, items, (key, amount) => Math.min(amount, normal.covered.sum(leftOf(key))));
}

/** The right half of each key under its new name; amounts that fall together are added and then bounded. */
function renamed(counts: Counts, names: ReadonlyMap<number, number>, bound = (_: number, amount: number): number => amount): Counts {
  const result = new Counts(1);
  const joined = new Set<number>();
  for (const key of counts.keys()) {
    const name = names.get(rightOf(key));
    const to = name === undefined ? key : pairKey(leftOf(key), name);
    if (name !== undefined) joined.add(to);
    result.add(to, 0, counts.sum(key));
  }
  for (const key of joined) result.add(key, 0, bound(key, result.sum(key)) - result.sum(key));
  return result;
}

/** Lets the past fade and drops what has all but vanished: rare items first, since only near-certain ones are ever used. */
export function fade(normal: Normal, factor: number): void {
  for (const name of totals) normal[name].fade(factor, name === 'began' || name === 'failing' ? 0.02 : 0.3);
  for (const map of [normal.delays, normal.metrics])
    for (const [series, histogram] of map) {
      histogram.scale(factor);
      if (histogram.total < 0.3) map.delete(series);
    }
}
