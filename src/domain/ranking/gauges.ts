/**
 * Who is at fault where all that is known of services are gauges: how long their answers take, how many fail, what they use, and nothing of
 * who calls whom. Something is wrong only where answers of somebody take longer, or fail, and go on doing so since a moment within the last
 * minutes. Of those it is
 *
 *   who was gone meanwhile and failed            its points are missing or nothing: it was killed
 *   who uses more since about that moment        jobs that nobody waits for are no fault
 *   whose answers changed most, for its own      callers add a fixed amount to what takes them longer anyway
 *
 * and, before one that uses no more, a service whose answers nobody times and which uses more since then: what it waits for.
 */
import { median } from '../baseline/clock.ts';
import { type Gauge, gaugeOf } from './gauge-words.ts';
import { riseOf, type Shift, shiftOf } from './gauge-shifts.ts';
import type { MetricSeries } from '../telemetry.ts';
import type { Reading } from './metric-readings.ts';
import { plain } from './plain-name.ts';
import type { Scene } from './scene.ts';
import { finding, type SignalName, type Suspicions } from './suspicion.ts';

/** Fewer services tell nothing of who is worse than whom. */
const fewestTimed = 2;
/** Less than that much longer comes with the hour. */
const longer = 1.25;
/** So much more is used since, beyond what more work takes. */
const usesMore = 1.5;
/** What is used changes about when answers do: memory may climb a while before it is felt. */
const earlyMs = 120_000;
const lateMs = 30_000;
/** Of the calls, so many fail in a stretch that lasts. */
const fewFail = 0.005;
const most = 2;

type Gauges = ReadonlyMap<Gauge, readonly MetricSeries[]>;

interface Used {
  readonly gauge: Gauge;
  readonly shift: Shift;
}

interface Ill {
  readonly service: string;
  /** Since when its answers take longer, or fail. */
  readonly at: number;
  readonly slow: Shift | null;
  /** Of its calls, so many fail. */
  readonly failing: number;
  readonly used: Used | null;
  readonly gone: number;
}

export function judgeGauges(scene: Scene, suspicions: Suspicions, readings: readonly Reading[]): void {
  const { recent, input } = scene;
  // Spans tell whose time it is, and so do calls that are measured by both ends.
  if (recent.window.spans.length > 0 || readings.some(({ client, server }) => client !== '' && client !== server)) return;
  const all = gaugesOf(recent.window.metrics);
  const isTimed = (of: Gauges): boolean => of.has('middle') || of.has('tail') || of.has('errors');
  if ([...all.values()].filter(isTimed).length < fewestTimed) return;
  const isShare = errorsAreShares(all);
  const ill = [...all].flatMap(([service, of]) => {
    const found = isTimed(of) ? illOf(service, of, { alertAt: input.alertAt, newestAt: scene.lastAt, isShare }) : null;
    return found === null ? [] : [found];
  });
  if (ill.length === 0) return;
  ill.sort((a, b) => worthOf(b) - worthOf(a));
  const untimed = [...all].filter(([, of]) => !isTimed(of));
  const behind = ill[0]!.used === null && ill[0]!.gone === 0 ? storeBehind(untimed, ill, all, input.alertAt) : null;
  accuse(scene, suspicions, ill, behind);
}

function gaugesOf(metrics: readonly MetricSeries[]): Map<string, Map<Gauge, MetricSeries[]>> {
  const found = new Map<string, Map<Gauge, MetricSeries[]>>();
  for (const series of metrics) {
    const gauge = gaugeOf(series);
    if (gauge === null) continue;
    const of = found.get(series.service) ?? new Map<Gauge, MetricSeries[]>();
    of.set(gauge, [...(of.get(gauge) ?? []), series]);
    found.set(series.service, of);
  }
  return found;
}

/** Errors are told as a share of the calls, or as so many: then there is a moment with more than one. */
const errorsAreShares = (all: ReadonlyMap<string, Gauges>): boolean =>
  [...all.values()].every((of) => (of.get('errors') ?? []).every(({ values }) => values.every((value) => value <= 1)));

interface Asked {
  readonly alertAt: number;
  /** The newest point of anybody. */
  readonly newestAt: number;
  readonly isShare: boolean;
}

function illOf(service: string, of: Gauges, { alertAt, newestAt, isShare }: Asked): Ill | null {
  const slow = greatest(['middle', 'tail'].flatMap((gauge) => shiftsOf(of, gauge as Gauge, alertAt, true))) ?? null;
  const isSlow = slow !== null && slow.times >= longer;
  const [rise = null] = (of.get('errors') ?? []).flatMap(({ timeMs, values }) => {
    const calls = isShare ? 1 : meanSince(of.get('workload')?.[0], alertAt - earlyMs, alertAt);
    const found = riseOf({ at: timeMs, values }, alertAt, fewFail * calls);
    return found === null ? [] : [{ at: found.at, share: Math.min(1, (found.now - found.usual) / Math.max(calls, found.now)) }];
  });
  if (!isSlow && rise === null) return null;
  const at = Math.min(isSlow ? slow.at : alertAt, rise?.at ?? alertAt);
  const used = usedOf(of, at, alertAt);
  const gone = rise === null ? 0 : timesGone(of, at, newestAt);
  return { service, at, slow: isSlow ? slow : null, failing: rise?.share ?? 0, used, gone };
}

const shiftsOf = (of: Gauges, gauge: Gauge, alertAt: number, isUp: boolean): Shift[] =>
  (of.get(gauge) ?? []).flatMap(({ timeMs, values }) => shiftOf({ at: timeMs, values }, alertAt, isUp) ?? []);

const greatest = (shifts: readonly Shift[]): Shift | undefined => shifts.toSorted((a, b) => b.times - a.times)[0];

/** What it uses more since about then, beyond what it has more to do. */
function usedOf(of: Gauges, at: number, alertAt: number): Used | null {
  const more = Math.max(1, ...shiftsOf(of, 'workload', alertAt, true).map(({ times }) => times));
  const found = (['cpu', 'memory', 'disk', 'sockets'] as const).flatMap((gauge) => {
    const shift = greatest(shiftsOf(of, gauge, alertAt, true));
    const isThen = shift !== undefined && shift.at >= at - earlyMs && shift.at <= at + lateMs;
    return isThen && shift.times >= usesMore * more ? [{ gauge, shift }] : [];
  });
  return found.sort((a, b) => usedWorth(b) - usedWorth(a))[0] ?? null;
}

/** How often since then it was not there, or stood at nothing, while others were seen: its points are missing for several of their intervals. */
function timesGone(of: Gauges, at: number, newestAt: number): number {
  const [series] = of.get('memory') ?? of.get('cpu') ?? [];
  if (series === undefined) return 0;
  const seen = [...series.timeMs].filter((time, i) => time <= newestAt && series.values[i]! > 0);
  const intervals = [...seen.slice(1), newestAt].map((time, i) => ({ from: seen[i]!, long: time - seen[i]! }));
  if (intervals.length < fewestIntervals) return 0;
  const usual = median(intervals.map(({ long }) => long));
  const isGap = ({ long }: { long: number }): boolean => long >= goneIntervals * usual && long >= goneMs;
  if (intervals.some((one) => isGap(one) && one.from < at - lateMs)) return 0;
  return intervals.filter((one) => isGap(one)).length;
}
const fewestIntervals = 12;
const goneIntervals = 3;
const goneMs = 10_000;

function meanSince(series: MetricSeries | undefined, from: number, to: number): number {
  const values = [...(series?.values ?? [])].filter((_, i) => series!.timeMs[i]! >= from && series!.timeMs[i]! <= to);
  return Math.max(1, values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length));
}

/** Connections are held by those who wait as well. */
const usedWorth = ({ gauge, shift }: Used): number => Math.min(most, Math.log(shift.times)) * (gauge === 'sockets' ? 0.5 : 1);

/** How far it is from what it was: by how much longer its answers take, or by how many of them fail. */
const departure = ({ slow, failing }: Ill): number => Math.max(slow === null ? 0 : Math.log(slow.times), Math.log1p(failing / fewNotice));
const fewNotice = 0.02;

const worthOf = (ill: Ill): number => departure(ill) + (ill.used === null ? 0 : usedWorth(ill.used)) + (ill.gone > 0 ? 2 * most : 0);

/** Of those whose answers nobody times: who uses more since answers of somebody take longer. */
function storeBehind(
  untimed: readonly (readonly [string, Gauges])[],
  ill: readonly Ill[],
  all: ReadonlyMap<string, Gauges>,
  alertAt: number,
): { service: string; used: Used } | null {
  const at = ill[0]!.at;
  const isWell = (name: string): boolean => all.has(name) && ill.every(({ service }) => service !== name);
  const found = untimed.flatMap(([service, of]) => {
    // What is named after somebody who is well serves that one.
    const owner = [...all.keys()].find((name) => name !== service && plain(service).startsWith(`${plain(name)}.`));
    const used = owner !== undefined && isWell(owner) ? null : usedOf(of, at, alertAt);
    return used === null ? [] : [{ service, used }];
  });
  return found.sort((a, b) => usedWorth(b.used) - usedWorth(a.used))[0] ?? null;
}

function accuse(scene: Scene, suspicions: Suspicions, ill: readonly Ill[], behind: { service: string; used: Used } | null): void {
  const at = scene.input.alertAt;
  const [first] = ill;
  if (first === undefined) return;
  if (behind !== null) {
    const text = `${behind.service}, whose answers nobody times, ${moreOf(behind.used)} since answers of ${first.service} ${complaint(first)}.`;
    const value = slowest(first);
    const part = { kind: 'saturation', source: 'metric', subject: 'behind slow answers', text, at, strength: value } as const;
    suspicions.add(behind.service, 'slow', value, [finding(part)]);
    addUsed(suspicions, behind.service, behind.used, at);
  }
  for (const one of ill) {
    const share = one === first && behind === null ? 1 : inherited + (behind === null ? near(worthOf(first) - worthOf(one)) : 0);
    const kind = one.gone > 0 ? 'unavailable' : one.slow === null ? 'error' : 'latency';
    const text = `Answers of ${one.service} ${complaint(one)}${one === first ? ', which is the most, for its own, of those that changed' : ''}.`;
    const value = share * slowest(one);
    const isSure = one.used !== null || one.gone > 0 || one.slow === null;
    const part = { kind, source: 'metric', subject: 'answers', text, at, strength: value, ambiguous: !isSure } as const;
    suspicions.add(one.service, one.slow === null ? 'origin' : 'slow', value, [finding(part)]);
    if (one !== first) continue;
    if (one.gone > 0) addGone(suspicions, one, at);
    if (one.used !== null) addUsed(suspicions, one.service, one.used, at);
  }
}

/** What is left of those who changed less, and how much more where it is hardly less. */
const inherited = 0.35;
const near = (gap: number): number => 0.5 * Math.max(0, 1 - gap / 0.4);

const slowest = (ill: Ill): number => leastSlow + Math.min(most, departure(ill));
const leastSlow = 1.2;

function addUsed(suspicions: Suspicions, service: string, used: Used, at: number): void {
  const signal: SignalName = used.gauge === 'cpu' ? 'cpu' : 'pressure';
  const value = leastSlow + usedWorth(used);
  const text = `${service} ${moreOf(used)} since about the moment at which answers changed.`;
  suspicions.add(service, signal, value, [
    finding({ kind: 'saturation', source: 'metric', subject: used.gauge, text, at, strength: value }),
  ]);
}

function addGone(suspicions: Suspicions, { service, gone }: Ill, at: number): void {
  const times = gone === 1 ? 'once' : `${gone} times`;
  const text = `${service} was gone ${times} within these minutes: its gauges are missing or stand at nothing, while calls to it failed.`;
  suspicions.add(service, 'restart', 1, [finding({ kind: 'unavailable', source: 'metric', subject: 'gone', text, at })]);
}

const usedWords = {
  cpu: 'uses {} times the CPU',
  memory: 'uses {} times the memory',
  disk: 'reads and writes {} times as much',
  sockets: 'holds {} times the connections',
};

const moreOf = ({ gauge, shift }: Used): string => usedWords[gauge as keyof typeof usedWords].replace('{}', shift.times.toPrecision(2));

function complaint({ slow, failing }: Ill): string {
  const takes = slow === null ? '' : `take ${slow.times.toPrecision(2)} times as long as before`;
  const fail = failing === 0 ? '' : `fail in ${(100 * failing).toPrecision(2)} % of calls`;
  return [takes, fail].filter((text) => text !== '').join(' and ');
}
