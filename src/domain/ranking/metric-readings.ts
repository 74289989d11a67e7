/**
 * Series as readings: running totals become what happened between two scrapes, sums over counts become means, series that
 * differ only in status or route are put together. A reading is then one number of one pod at one moment.
 */
import type { MetricSeries } from '../telemetry.ts';
import { type Meaning, meaningOf, podOf } from './metric-meaning.ts';
import { countsFailures, familyOf, isRateOfErrors, type Measured, saysShare } from './metric-words.ts';
import { plain } from './plain-name.ts';
import { increments, type Meant, type Running, runningTotals } from './running-totals.ts';
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
  readonly quantile: string;
  readonly byTime: Map<number, Tally>;
}

/** Fewer calls than this between two scrapes say nothing about the share that fails. */
const fewestCalls = 3;

export function readingsOf(scene: Scene): Reading[] {
  const { window } = scene.recent;
  const groups = new Map<string, Group>();
  const meant = asRates(
    window.metrics.flatMap((series) => {
      const meaning = meaningOf(series, scene.known);
      return meaning === null ? [] : [{ series, meaning }];
    }),
  );
  const running = runningTotals(meant);
  const counts = countsOf(meant, running);
  const telling = tellingOfFailure(meant);
  for (const { series, meaning } of meant) {
    scene.known.addEdge(meaning.client, meaning.server);
    if (meaning.measured === 'latency') addLatency(groups, series, meaning, counts, running);
    else if (meaning.measured === 'calls') addCalls(groups, series, meaning, running, telling);
    else if (meaning.part === 'count') addTotals(groups, series, meaning, running);
    else addValues(groups, series, meaning);
    if (meaning.measured === 'latency' && meaning.part === 'count') addCalls(groups, series, meaning, running, telling);
  }
  return [...groups.values()]
    .flatMap((group) => (group.measured === 'calls' ? ofCalls(group) : [group.measured === 'served' ? servedOf(group) : readingOf(group)]))
    .filter(isSeen)
    .map(besideLimits(window.metrics));
}

/** How an orchestrator or a container itself gives the memory that may be used, in bytes; runtimes give one for each of their pools. */
const memoryLimitName = /^(?!jvm\.)(?:.{0,200}\.)?memory\.limit(\.bytes)?$/;
/** More than any machine has: how "no limit" is written. */
const mostBytes = 2 ** 50;

/** Memory in bytes as a share of the limit that is told of its pod, where one is: what is left counts, not what is used. */
function besideLimits(metrics: readonly MetricSeries[]): (reading: Reading) => Reading {
  const limits = new Map<string, number>();
  for (const series of metrics) {
    const name = plain(series.name);
    const isLimit = name === 'kube.pod.container.resource.limits' ? series.labels['resource'] === 'memory' : memoryLimitName.test(name);
    const limit = series.values.at(-1) ?? 0;
    if (!isLimit || !(limit > 0) || limit > mostBytes || podOf(series) === '') continue;
    // Of several containers nobody says which one is measured.
    limits.set(podOf(series), (limits.get(podOf(series)) ?? limit) === limit ? limit : Number.POSITIVE_INFINITY);
  }
  return (reading) => {
    const limit = reading.measured === 'memory' && !reading.isShare ? limits.get(reading.pod) : undefined;
    if (limit === undefined || limit > mostBytes || reading.values.some((value) => value > 1.01 * limit)) return reading;
    return { ...reading, isShare: true, scale: reading.scale * limit, values: reading.values.map((value) => value / limit) };
  };
}

const isSeen = ({ at }: Reading): boolean => at.length > 0;

/** An "error rate" is so many a second where whoever measures it says of all calls how many there are a second. */
function asRates(meant: Meant): Meant {
  const ends = ({ service, client, server, pod }: Meaning): string => `${service}\n${pod}\n${client}\n${server}`;
  const rates = new Map(meant.flatMap(({ meaning }) => (meaning.part.startsWith('per') ? [[ends(meaning), meaning.part] as const] : [])));
  return meant.map((one) => {
    const { series, meaning } = one;
    const part = meaning.measured === 'loss' && isRateOfErrors(plain(series.name)) ? rates.get(ends(meaning)) : undefined;
    return part === undefined ? one : { series, meaning: { ...meaning, measured: 'calls', part, failed: true } };
  });
}

/** Families of counts of which some say that calls failed: where none of a family do, nobody knows. */
function tellingOfFailure(meant: Meant): ReadonlySet<string> {
  return new Set(meant.flatMap(({ meaning }) => (meaning.failed !== null ? [familyOf(meaning.base)] : [])));
}

const identity = ({ service, instance, labels }: MetricSeries, { base, version }: Meaning): string =>
  JSON.stringify([service, instance, version, base, Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))]);

/** Counts by series, for the sums and means that go with them. */
function countsOf(meant: Meant, running: Running): Map<string, Map<number, { total: number; more: number }>> {
  const found = new Map<string, Map<number, { total: number; more: number }>>();
  for (const { series, meaning } of meant) {
    if (meaning.measured !== 'latency' || meaning.part !== 'count') continue;
    const more = increments(series, meaning, running);
    found.set(identity(series, meaning), new Map(Array.from(series.timeMs, (at, i) => [at, { total: series.values[i]!, more: more[i]! }])));
  }
  return found;
}

function groupOf(groups: Map<string, Group>, meaning: Meaning, measured: Measured, series: MetricSeries): Map<number, Tally> {
  const { base, client, server, service, pod, version } = meaning;
  const quantile = quantileOf(series);
  const key = JSON.stringify([measured, base, client, server, service, pod, version, quantile]);
  const known = groups.get(key);
  if (known) return known.byTime;
  const isShare = series.unit === '1' || series.unit === '%' || meaning.scale === 100 || saysShare(series.name);
  const group: Group = { meaning, measured, isShare, series: meaning.part === 'value' ? series : null, quantile, byTime: new Map() };
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
  if (!of && part === 'mean') addLatency(groups, series, { ...meaning, part: 'value' }, counts, running);
  if (!of) return;
  let before = 0;
  const isRunning = part === 'sum' ? running.isTotal(series, meaning) : isRunningMean(of);
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

function addTotals(groups: Map<string, Group>, series: MetricSeries, meaning: Meaning, running: Running): void {
  const { measured } = meaning;
  const more = increments(series, meaning, running);
  const byTime = groupOf(groups, meaning, measured, series);
  for (let i = 0; i < more.length; i++) {
    if (Number.isNaN(more[i])) continue;
    // However many labels tell it apart, what is done is one sum.
    if (measured === 'work') put(byTime, series.timeMs[i]!, byTime.has(secondOf(series.timeMs[i]!)) ? 0 : 1, more[i]!);
    else if (i > 0) put(byTime, series.timeMs[i]!, (series.timeMs[i]! - series.timeMs[i - 1]!) / 1000, more[i]!);
  }
}

/** Calls, and how many of them failed where that is told at all; counts of times that do not say so stand for themselves. */
function addCalls(
  groups: Map<string, Group>,
  series: MetricSeries,
  meaning: Meaning,
  running: Running,
  telling: ReadonlySet<string>,
): void {
  const isTold = telling.has(familyOf(meaning.base));
  const base = !isTold && meaning.measured === 'latency' ? 'timed calls' : 'calls';
  const byTime = groupOf(groups, { ...meaning, base }, isTold ? 'calls' : 'served', series);
  for (const [i, more] of increments(series, meaning, running).entries()) {
    if (Number.isNaN(more)) continue;
    // A count of all calls beside one of those that failed: Tempo's and others' service graphs.
    put(byTime, series.timeMs[i]!, countsFailures(meaning.base) ? 0 : more, meaning.failed === true ? more : 0);
  }
}

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

function readingOf({ meaning, measured, isShare, series, quantile, byTime }: Group): Reading {
  const { client, server, service, pod, version } = meaning;
  const points = [...byTime].filter(([, { all }]) => (measured === 'calls' ? all >= fewestCalls : all > 0)).sort(([a], [b]) => a - b);
  return {
    measured: measured === 'calls' ? 'loss' : measured,
    base: quantile === '' ? meaning.base : `${meaning.base} ${quantile}`,
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

/** Of calls: the share that failed, and how many there were. */
function ofCalls(group: Group): Reading[] {
  return [readingOf(group), servedOf(group)];
}

function servedOf(group: Group): Reading {
  const points = [...group.byTime].sort(([a], [b]) => a - b);
  const values = points.map(([, { all }]) => all);
  return { ...readingOf(group), measured: 'served', isShare: false, at: points.map(([at]) => at), values };
}
