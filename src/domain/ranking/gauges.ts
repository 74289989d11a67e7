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
import { accuse, type Behind, type Ill, most, type Used, usedWorth, worthOf } from './gauge-findings.ts';
import { type Gauge, gaugeOf } from './gauge-words.ts';
import { riseOf, type Shift, shiftOf } from './gauge-shifts.ts';
import type { MetricSeries } from '../telemetry.ts';
import type { Reading } from './metric-readings.ts';
import { plain } from './plain-name.ts';
import type { Scene } from './scene.ts';
import type { Suspicions } from './suspicion.ts';

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

type Gauges = ReadonlyMap<Gauge, readonly MetricSeries[]>;

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
  const doubted = lowestFirst(ill);
  const untimed = [...all].filter(([, of]) => !isTimed(of));
  const behind = storeBehind(untimed, ill, all, { alertAt: input.alertAt, newestAt: scene.lastAt, isShare });
  accuse(suspicions, ill, { behind, doubted, at: input.alertAt });
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

/**
 * Errors are told as a share of the calls, or as so many a second: then there is a moment with more than one, or all of them are so many times
 * the smallest, which is one error between two points.
 */
function errorsAreShares(all: ReadonlyMap<string, Gauges>): boolean {
  const values = [...all.values()].flatMap((of) =>
    (of.get('errors') ?? []).flatMap((series) => [...series.values].filter((value) => value > 0)),
  );
  const least = values.reduce((one, other) => Math.min(one, other), 1);
  return values.every((value) => value <= 1) && values.some((value) => Math.abs(value / least - Math.round(value / least)) > uneven);
}
const uneven = 0.05;

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
  const takes = median([...(of.get('middle')?.[0]?.values ?? [])]);
  const calls = meanSince(of.get('workload')?.[0], 0, alertAt);
  return { service, at, slow: isSlow ? slow : null, failing: rise?.share ?? 0, used, gone, takes, calls };
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

/**
 * How often since then it was not there, or stood at nothing, while others were seen: points of all that it uses are missing for several of
 * their intervals, and its memory is another one thereafter. Where only one series ends, or all go on as they were, it is the measuring.
 */
function timesGone(of: Gauges, at: number, newestAt: number): number {
  const counts = (['memory', 'cpu'] as const).flatMap((gauge) =>
    (of.get(gauge) ?? []).map((series) => gapsIn(series, gauge === 'memory' ? anew : 0, { at, newestAt })),
  );
  return counts.length === 0 ? 0 : Math.min(...counts);
}

/** `changed`: the least by which it differs after a gap. */
function gapsIn({ timeMs, values }: MetricSeries, changed: number, { at, newestAt }: { at: number; newestAt: number }): number {
  const seen = [...timeMs.keys()].filter((i) => timeMs[i]! <= newestAt && values[i]! > 0);
  const intervals = seen.map((i, place) => {
    const next = seen[place + 1];
    const isAnew = next === undefined || Math.abs(values[next]! / values[i]! - 1) >= changed;
    return { from: timeMs[i]!, long: (next === undefined ? newestAt : timeMs[next]!) - timeMs[i]!, isAnew };
  });
  if (intervals.length < fewestIntervals) return 0;
  const usual = median(intervals.map(({ long }) => long));
  const gaps = intervals.filter(({ long, isAnew }) => isAnew && long >= goneIntervals * usual && long >= goneMs);
  return gaps.some(({ from }) => from < at - lateMs) ? 0 : gaps.length;
}
const anew = 0.05;
const fewestIntervals = 12;
const goneIntervals = 3;
const goneMs = 10_000;

function meanSince(series: MetricSeries | undefined, from: number, to: number): number {
  const values = [...(series?.values ?? [])].filter((_, i) => series!.timeMs[i]! >= from && series!.timeMs[i]! <= to);
  return Math.max(1, values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length));
}

/**
 * Where calls fail and nothing else has changed, who asks somebody that fails part of its calls may fail most of its own. Who asks another
 * takes longer than that one, so of those that fail about as much the quickest goes first; but not who takes most calls, which is where
 * requests come in. Returns whether there was a choice.
 */
function lowestFirst(ill: Ill[]): boolean {
  const [first] = ill;
  if (first === undefined || !failsOnly(first)) return false;
  const busiest = Math.max(...ill.map(({ calls }) => calls));
  const alike = ill.filter((one) => failsOnly(one) && one.failing >= first.failing / alikeWithin && one.calls < busiest && one.takes > 0);
  const quickest = alike.toSorted((a, b) => a.takes - b.takes)[0];
  if (quickest !== undefined && quickest !== first) ill.unshift(...ill.splice(ill.indexOf(quickest), 1));
  return alike.length > 1;
}
const alikeWithin = 4;
const failsOnly = ({ slow, used, gone }: Ill): boolean => slow === null && used === null && gone === 0;

/**
 * Of those whose answers nobody times: who was gone while calls of somebody failed, or who uses more since answers of somebody take longer who
 * does not use more himself.
 */
function storeBehind(
  untimed: readonly (readonly [string, Gauges])[],
  ill: readonly Ill[],
  all: ReadonlyMap<string, Gauges>,
  { alertAt, newestAt }: Asked,
): Behind | null {
  const [first] = ill;
  if (first === undefined || first.gone > 0) return null;
  const isWell = (name: string): boolean => all.has(name) && ill.every(({ service }) => service !== name);
  const found = untimed.flatMap(([service, of]): Behind[] => {
    // What is named after somebody who is well serves that one.
    const owner = [...all.keys()].find((name) => name !== service && plain(service).startsWith(`${plain(name)}.`));
    if (owner !== undefined && isWell(owner)) return [];
    const gone = first.failing > 0 ? timesGone(of, first.at, newestAt) : 0;
    const used = first.used === null ? usedOf(of, first.at, alertAt) : null;
    return gone === 0 && used === null ? [] : [{ service, used, gone }];
  });
  const worth = ({ used, gone }: Behind): number => (gone > 0 ? 2 * most : 0) + (used === null ? 0 : usedWorth(used));
  return found.sort((a, b) => worth(b) - worth(a))[0] ?? null;
}
