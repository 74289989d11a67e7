/** The learned normal period: totals of all learned minutes, older ones faded, in bounded space. */
import type { MetricSeries } from '../telemetry.ts';
import { Counts, leftOf, pairKey, rightOf } from './counts.ts';
import { bucketOf, Histogram } from './histogram.ts';
import { type Lexicon, otherPath } from './lexicon.ts';
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
  /** Log lines by (service, template). */
  spoken: Counts;
  /** See call-order.ts, by (unit, called item). */
  places: Counts;
  seen: Counts;
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
    spoken: one(),
    places: one(),
    seen: one(),
    delays: new Map(),
    metrics: new Map(),
  };
}

export const totals = ['visited', 'covered', 'items', 'lines', 'spans', 'began', 'traces', 'failing', 'spoken', 'places', 'seen'] as const;

/** Gauges between 0 and 1 are common: metric values are kept in thousandths so that the histogram's floor is out of the way. */
export const metricBucket = (value: number): number => bucketOf(Math.abs(value) * 1000);

export function metricName(lexicon: Lexicon, series: MetricSeries): number {
  const labels = Object.entries(series.labels).sort(([a], [b]) => (a < b ? -1 : 1));
  return lexicon.id('M', series.service, series.instance ?? '', series.name, labels.map(([k, v]) => `${k}=${v}`).join(','));
}

export function absorb(normal: Normal, period: Period, lexicon: Lexicon, fromMs: number, toMs: number): void {
  for (const name of ['visited', 'covered', 'items', 'lines', 'spans', 'began', 'traces'] as const) normal[name].absorb(period[name]);
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

/** Lets the past fade and drops what has all but vanished: rare items first, since only near-certain ones are ever used. */
export function fade(normal: Normal, factor: number): void {
  for (const name of totals) normal[name].fade(factor, name === 'began' || name === 'failing' ? 0.02 : 0.3);
  for (const map of [normal.delays, normal.metrics])
    for (const [series, histogram] of map) {
      histogram.scale(factor);
      if (histogram.total < 0.3) map.delete(series);
    }
}

/** A path this rare in its unit never excuses anybody (see ranking), so it need not be kept apart. */
export const commonShare = 0.08;

/**
 * Makes room: paths too rare to matter are put together, and items seen in less than 1 % of their path's visits, of which
 * there can be very many, are dropped.
 */
export function condense(normal: Normal, lexicon: Lexicon): void {
  const totals = new Map<number, number>();
  for (const path of normal.visited.keys()) {
    const unit = lexicon.unitOf(path);
    totals.set(unit, (totals.get(unit) ?? 0) + normal.visited.sum(path));
  }
  const renamed = new Map<number, number>();
  for (const path of normal.visited.keys()) {
    const unit = lexicon.unitOf(path);
    const all = totals.get(unit) ?? 0;
    const rare = all >= 100 && normal.visited.sum(path) < (all * commonShare) / 2;
    renamed.set(path, rare ? lexicon.path(unit, otherPath) : path);
  }
  const merge = (counts: Counts, key: (old: number) => number): Counts => {
    const merged = new Counts(1);
    for (const old of counts.keys()) merged.add(key(old), 0, counts.sum(old));
    return merged;
  };
  const pathOf = (old: number): number => renamed.get(old) ?? old;
  normal.visited = merge(normal.visited, pathOf);
  normal.covered = merge(normal.covered, pathOf);
  const items = merge(normal.items, (old) => pairKey(pathOf(leftOf(old)), rightOf(old)));
  normal.items = new Counts(1);
  for (const key of items.keys()) {
    const visits = normal.visited.sum(leftOf(key));
    if (visits < 50 || items.sum(key) >= visits / 100) normal.items.add(key, 0, items.sum(key));
  }
}
