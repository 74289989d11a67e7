/**
 * Series as readings: running totals become what happened between two scrapes, sums over counts become means, series that
 * differ only in status or route are put together. A reading is then one number of one pod at one moment.
 */
import type { MetricSeries } from '../telemetry.ts';
import { type Meaning, type Measured, meaningOf } from './metric-meaning.ts';
import type { Scene } from './scene.ts';

export interface Reading {
  readonly measured: Measured;
  readonly base: string;
  readonly client: string;
  readonly server: string;
  readonly service: string;
  readonly pod: string;
  readonly version: string | null;
  /** Measures as shares of a limit are between 0 and 1. */
  readonly isShare: boolean;
  /** What raw values are divided by. */
  readonly scale: number;
  /** The series whose values these are, where they are one's as it stands. */
  readonly series: MetricSeries | null;
  readonly at: readonly number[];
  readonly values: readonly number[];
}

interface Tally {
  /** Of calls: how many, and how many failed. Of latency: weight, and time. */
  all: number;
  part: number;
}

interface Group {
  readonly meaning: Meaning;
  readonly measured: Measured;
  readonly isShare: boolean;
  readonly series: MetricSeries | null;
  readonly byTime: Map<number, Tally>;
}

/** Fewer calls than this between two scrapes say nothing about the share that fails. */
const fewestCalls = 3;

export function readingsOf(scene: Scene): Reading[] {
  const { window } = scene.recent;
  const groups = new Map<string, Group>();
  const meant = window.metrics.flatMap((series) => {
    const meaning = meaningOf(series, scene.known);
    return meaning === null ? [] : [{ series, meaning }];
  });
  const running = runningTotals(meant);
  const counts = countsOf(meant, running);
  for (const { series, meaning } of meant) {
    scene.known.addEdge(meaning.client, meaning.server);
    if (meaning.measured === 'latency') addLatency(groups, series, meaning, counts, running);
    else if (meaning.part === 'count') addTotals(groups, series, meaning, running, meaning.measured);
    else addValues(groups, series, meaning);
    if (meaning.measured === 'latency' && meaning.part === 'count' && meaning.failed !== null)
      addTotals(groups, series, meaning, running, 'calls');
  }
  const all = [...groups.values()];
  const atWork = new Set(all.flatMap(({ measured, meaning }) => (measured === 'work' ? [meaning.service] : [])));
  const served = all.filter(({ measured, meaning }) => measured === 'calls' && atWork.has(meaning.service)).map(servedOf);
  return [...all.map(readingOf), ...served].filter(({ at }) => at.length > 0);
}

type Meant = readonly { readonly series: MetricSeries; readonly meaning: Meaning }[];

/** Names whose values only ever rise, but for restarts: totals since the start, not what happened since the last point. */
function runningTotals(meant: Meant): Running {
  const steps = new Map<string, { up: number; down: number }>();
  for (const { series, meaning } of meant) {
    if (meaning.part !== 'count' && meaning.part !== 'sum') continue;
    const of = steps.get(series.name) ?? { up: 0, down: 0 };
    steps.set(series.name, of);
    for (let i = 1; i < series.values.length; i++) {
      if (series.values[i]! > series.values[i - 1]!) of.up++;
      else if (series.values[i]! < series.values[i - 1]!) of.down++;
    }
  }
  const names = new Set([...steps].filter(([, { up, down }]) => down <= (up + down) / 20).map(([name]) => name));
  return { names, since: Math.min(...meant.map(({ series }) => series.timeMs[0]!)) };
}

/** What came on top with each point. The first of a running total is unknown, unless the series began while we looked. */
function increments({ values, timeMs }: MetricSeries, { names, since }: Running, name: string): number[] {
  if (!names.has(name)) return [...values];
  const isNew = timeMs[0]! > since + newAfterMs;
  return Array.from(values, (value, i) =>
    i > 0 && value >= values[i - 1]! ? value - values[i - 1]! : i > 0 || isNew ? value : Number.NaN,
  );
}

interface Running {
  readonly names: ReadonlySet<string>;
  /** When the first of all series begins. */
  readonly since: number;
}
/** Scrapes are at most this far apart: a series that begins later was not there before. */
const newAfterMs = 90_000;

const identity = ({ service, instance, labels }: MetricSeries, { base, version }: Meaning): string =>
  JSON.stringify([service, instance, version, base, Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))]);

/** Counts by series, for the sums and means that go with them. */
function countsOf(meant: Meant, running: Running): Map<string, Map<number, { total: number; more: number }>> {
  const found = new Map<string, Map<number, { total: number; more: number }>>();
  for (const { series, meaning } of meant) {
    if (meaning.measured !== 'latency' || meaning.part !== 'count') continue;
    const more = increments(series, running, series.name);
    found.set(identity(series, meaning), new Map(Array.from(series.timeMs, (at, i) => [at, { total: series.values[i]!, more: more[i]! }])));
  }
  return found;
}

function groupOf(groups: Map<string, Group>, meaning: Meaning, measured: Measured, series: MetricSeries): Map<number, Tally> {
  const { base, client, server, service, pod, version } = meaning;
  const key = JSON.stringify([measured, base, client, server, service, pod, version, quantileOf(series)]);
  const known = groups.get(key);
  if (known) return known.byTime;
  const isShare = series.unit === '1' || series.unit === '%' || meaning.scale === 100 || /util|ratio|percent/i.test(series.name);
  const group: Group = { meaning, measured, isShare, series: meaning.part === 'value' ? series : null, byTime: new Map() };
  groups.set(key, group);
  return group.byTime;
}

const quantileOf = ({ labels }: MetricSeries): string => labels['quantile'] ?? labels['percentile'] ?? '';

const secondOf = (at: number): number => Math.round(at / 1000) * 1000;

function put(byTime: Map<number, Tally>, at: number, all: number, part: number): void {
  const second = secondOf(at);
  const known = byTime.get(second) ?? { all: 0, part: 0 };
  byTime.set(second, { all: known.all + all, part: known.part + part });
}

function addLatency(
  groups: Map<string, Group>,
  series: MetricSeries,
  meaning: Meaning,
  counts: ReadonlyMap<string, ReadonlyMap<number, { total: number; more: number }>>,
  running: Running,
): void {
  const { part } = meaning;
  if (part === 'count') return;
  if (part === 'value') {
    for (let i = 0; i < series.values.length; i++)
      // No time at all is how a gauge says that there was no call.
      if (series.values[i]! > 0) put(groupOf(groups, meaning, 'latency', series), series.timeMs[i]!, 1, series.values[i]!);
    return;
  }
  const of = counts.get(identity(series, meaning));
  if (!of) return;
  let before = 0;
  const isRunning = part === 'sum' ? running.names.has(series.name) : isRunningMean(of);
  for (let i = 0; i < series.values.length; i++) {
    const count = of.get(series.timeMs[i]!);
    if (!count) continue;
    const sum = part === 'sum' ? series.values[i]! : series.values[i]! * count.total;
    const more = isRunning ? (sum >= before ? sum - before : sum) : sum;
    before = sum;
    if (Number.isNaN(count.more) || count.more <= 0) continue;
    put(groupOf(groups, meaning, 'latency', series), series.timeMs[i]!, count.more, Math.max(0, more));
  }
}

const isRunningMean = (counts: ReadonlyMap<number, { total: number; more: number }>): boolean =>
  [...counts.values()].some(({ total, more }) => Number.isNaN(more) || total !== more);

function addTotals(groups: Map<string, Group>, series: MetricSeries, meaning: Meaning, running: Running, measured: Measured): void {
  const more = increments(series, running, series.name);
  const byTime = groupOf(groups, measured === 'calls' ? { ...meaning, base: 'calls' } : meaning, measured, series);
  for (let i = 0; i < more.length; i++) {
    if (Number.isNaN(more[i])) continue;
    // A count of all calls beside one of those that failed: Tempo's and others' service graphs.
    if (measured === 'calls') put(byTime, series.timeMs[i]!, onlyFailed(meaning) ? 0 : more[i]!, meaning.failed === true ? more[i]! : 0);
    // However many labels tell it apart, what is done is one sum.
    else if (measured === 'work') put(byTime, series.timeMs[i]!, byTime.has(secondOf(series.timeMs[i]!)) ? 0 : 1, more[i]!);
    else if (i > 0) put(byTime, series.timeMs[i]!, series.timeMs[i]! - series.timeMs[i - 1]!, more[i]!);
  }
}

const onlyFailed = ({ base }: Meaning): boolean => /\.(failed|failures?|errors?)(\.|$)/.test(base);

function addValues(groups: Map<string, Group>, series: MetricSeries, meaning: Meaning): void {
  const byTime = groupOf(groups, meaning, meaning.measured, series);
  const isSuccess = /success/i.test(series.name);
  if (meaning.measured === 'loss' && !isShareLike(series, meaning)) return;
  for (let i = 0; i < series.values.length; i++) {
    const value = series.values[i]! / meaning.scale;
    put(byTime, series.timeMs[i]!, 1, meaning.measured !== 'loss' ? value : Math.min(1, Math.max(0, isSuccess ? 1 - value : value)));
  }
}

/** "Error rate" may also mean errors a second. */
const isShareLike = ({ values }: MetricSeries, { scale }: Meaning): boolean => values.every((value) => value <= 1.0001 * scale);

function readingOf({ meaning, measured, isShare, series, byTime }: Group): Reading {
  const { base, client, server, service, pod, version } = meaning;
  const points = [...byTime].filter(([, { all }]) => (measured === 'calls' ? all >= fewestCalls : all > 0)).sort(([a], [b]) => a - b);
  return {
    measured: measured === 'calls' ? 'loss' : measured,
    base,
    client,
    server,
    service,
    pod,
    version,
    isShare,
    scale: meaning.scale,
    series,
    at: points.map(([at]) => at),
    values: points.map(([, { all, part }]) => (measured === 'calls' ? Math.min(1, part / all) : part / all)),
  };
}

function servedOf(group: Group): Reading {
  const points = [...group.byTime].sort(([a], [b]) => a - b);
  const values = points.map(([, { all }]) => all);
  return { ...readingOf(group), measured: 'served', isShare: false, at: points.map(([at]) => at), values };
}
