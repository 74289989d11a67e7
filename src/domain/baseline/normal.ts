/** The learned normal period: totals of all learned minutes, older ones faded, in bounded space. */
import type { MetricSeries } from '../telemetry.ts';
import { Counts, leftOf, pairKey, rightOf } from './counts.ts';
import { bucketOf, Histogram } from './histogram.ts';
import type { Lexicon } from './lexicon.ts';
import type { Period } from './period.ts';

export interface Normal {
  visited: Counts;
  covered: Counts;
  items: Counts;
  lines: Counts;
  spans: Counts;
  began: Counts;
  traces: Counts;
  /** Failure lines by (reporter, `host:port`). */
  failing: Counts;
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
    spans: one(),
    began: one(),
    traces: one(),
    failing: one(),
    delays: new Map(),
    metrics: new Map(),
  };
}

export const totals = ['visited', 'covered', 'items', 'lines', 'spans', 'began', 'traces', 'failing'] as const;

/** Gauges between 0 and 1 are common: metric values are kept in thousandths so that the histogram's floor is out of the way. */
export const metricBucket = (value: number): number => bucketOf(Math.abs(value) * 1000);

export function metricName(lexicon: Lexicon, series: MetricSeries): number {
  const labels = Object.entries(series.labels).sort(([a], [b]) => (a < b ? -1 : 1));
  return lexicon.id('M', series.service, series.instance ?? '', series.name, labels.map(([k, v]) => `${k}=${v}`).join(','));
}

export function absorb(normal: Normal, period: Period, lexicon: Lexicon, fromMs: number, toMs: number): void {
  for (const name of ['visited', 'covered', 'items', 'lines', 'spans', 'began', 'traces'] as const) normal[name].absorb(period[name]);
  const { strings, metrics } = period.window;
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

/** Lets the past fade and drops what has all but vanished: rare items first, since only near-certain ones are ever used. */
export function fade(normal: Normal, factor: number): void {
  for (const name of totals) normal[name].fade(factor, name === 'began' || name === 'failing' ? 0.02 : 0.3);
  for (const map of [normal.delays, normal.metrics])
    for (const [series, histogram] of map) {
      histogram.scale(factor);
      if (histogram.total < 0.3) map.delete(series);
    }
}

/** Drops items seen in less than 1 % of their unit's visits: they say nothing and there can be very many. */
export function dropRare(normal: Normal, least: number): void {
  const kept = new Counts(1);
  for (const key of normal.items.keys()) {
    const amount = normal.items.sum(key);
    const visits = normal.visited.sum(leftOf(key));
    if (amount >= visits * least || visits < 50) kept.add(pairKey(leftOf(key), rightOf(key)), 0, amount);
  }
  normal.items = kept;
}
