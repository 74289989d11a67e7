/**
 * What comes of each call that a service takes: what it gets done, and how often it asks each of those it calls. Put so,
 * neither the traffic of the hour nor a pod's share of it counts.
 */
import { median } from '../baseline/clock.ts';
import type { Reading } from './metric-readings.ts';

/** Of fewer calls than this it says little what came of them. */
const fewestServed = 20;
/** Several pods' numbers of about the same moment are put together so coarsely. */
const together = 60_000;

/** What each pod gets done for each call it took in the same minute. */
export function workPerCall(mine: readonly Reading[]): Reading[] {
  const work = mine.filter(({ measured }) => measured === 'work');
  return work.flatMap((one) => ratios(one, one, takenBy(mine, one)));
}

/**
 * How often each pod asks each callee for each call it took. Who takes calls and never asked a callee that others of its
 * service ask did so not once. Where only the callers say how many calls a service takes, its pods are one.
 */
export function askedPerCall(service: string, readings: readonly Reading[]): Reading[] {
  const made = readings.filter(
    (one) => one.measured === 'served' && one.service === service && one.client === service && one.server !== service,
  );
  if (made.length === 0) return [];
  const taken = preferred(readings.filter((one) => one.measured === 'served' && one.service === service && one.server === service));
  const found: Reading[] = [];
  for (const [callee, of] of Map.groupBy(made, ({ server }) => server)) {
    const asked = preferred(of);
    const shape: Reading = { ...asked[0]!, measured: 'asked', base: `calls to ${callee}`, client: '', server: service };
    if (taken.length === 0) {
      const callers = preferred(readings.filter((one) => one.measured === 'served' && one.service !== service && one.server === service));
      found.push(...ratios({ ...shape, pod: '', version: null }, merged(asked), countsAt(callers, together)));
    } else
      for (const pods of Map.groupBy(taken, whoseOf).values()) {
        const { pod, version } = pods[0]!;
        const mine = asked.filter((one) => whoseOf(one) === whoseOf(pods[0]!));
        const calls = countsAt(pods, 1);
        const at = [...calls.keys()].sort((a, b) => a - b);
        const counts = countsAt(mine, 1);
        found.push(...ratios({ ...shape, pod, version }, { at, values: at.map((time) => counts.get(time) ?? 0) }, calls));
      }
  }
  return found;
}

const whoseOf = ({ pod, version }: Reading): string => pod || (version ?? '');

/** Calls counted as such, where they are; else by how many of them the time was taken. */
function preferred(list: readonly Reading[]): readonly Reading[] {
  const counted = list.filter(({ base }) => base === 'calls');
  return counted.length > 0 ? counted : list;
}

const takenBy = (mine: readonly Reading[], { pod, version }: Reading): Map<number, number> =>
  countsAt(preferred(mine.filter((one) => one.measured === 'served' && one.pod === pod && (pod !== '' || one.version === version))), 1);

function countsAt(list: readonly Reading[], stepMs: number): Map<number, number> {
  const counts = new Map<number, number>();
  for (const { at, values } of list)
    for (const [i, time] of at.entries()) {
      const step = Math.round(time / stepMs) * stepMs;
      counts.set(step, (counts.get(step) ?? 0) + values[i]!);
    }
  return counts;
}

function merged(list: readonly Reading[]): Pick<Reading, 'at' | 'values'> {
  const counts = [...countsAt(list, together)].sort(([a], [b]) => a - b);
  return { at: counts.map(([at]) => at), values: counts.map(([, value]) => value) };
}

function ratios(shape: Reading, { at, values }: Pick<Reading, 'at' | 'values'>, calls: ReadonlyMap<number, number>): Reading[] {
  const both = at.flatMap((time, i) => {
    const count = calls.get(time) ?? 0;
    return count >= fewestServed ? [{ at: time, value: values[i]! / count }] : [];
  });
  return both.length === 0 ? [] : [{ ...shape, at: both.map((one) => one.at), values: both.map(({ value }) => value) }];
}

/** What callers measured of a service that measures nothing of its own calls: as of one pod, which may be old or new. */
export function seenByCallers(service: string, readings: readonly Reading[]): Reading[] {
  const theirs = readings.filter((one) => one.measured === 'latency' && one.server === service && one.service !== service);
  return [...Map.groupBy(theirs, ({ base, client }) => `${base}\n${client}`).values()].map((list) => {
    const steps = new Map<number, { sum: number; n: number }>();
    for (const { at, values } of list)
      for (const [i, time] of at.entries()) {
        const step = Math.round(time / together) * together;
        const known = steps.get(step) ?? { sum: 0, n: 0 };
        steps.set(step, { sum: known.sum + values[i]!, n: known.n + 1 });
      }
    const points = [...steps].sort(([a], [b]) => a - b);
    return {
      ...list[0]!,
      service,
      pod: '',
      version: null,
      at: points.map(([at]) => at),
      values: points.map(([, { sum, n }]) => sum / n),
    };
  });
}

/** As many times as many calls as before a moment come to a service in the minutes before the alert; 1 where nobody counts, or fewer come. */
export function loadGrowth(service: string, readings: readonly Reading[], since: number, alertAt: number): number {
  const taken = readings.filter((one) => one.measured === 'served' && one.server === service);
  const own = taken.filter((one) => one.service === service);
  const counted = preferred(own.length > 0 ? own : taken);
  // By pod and caller, so that a scrape that is missing is no calls fewer.
  const load = (from: number, to: number): number =>
    counted.reduce((sum, { at, values }) => {
      const seen = values.filter((_, i) => at[i]! > from && at[i]! <= to);
      return seen.length > 0 ? sum + median(seen) : sum;
    }, 0);
  const before = load(since - loadMs, since);
  return before > 0 ? Math.max(1, load(Math.max(since, alertAt - loadMs), alertAt) / before) : 1;
}

/** Long enough for some scrapes of each pod, short enough for none of those it replaced. */
const loadMs = 150_000;
