/**
 * New pods beside old ones: of the same service in the same minutes where some are left, else beside the service's own past.
 * A number is looked at in logarithms: twice as slow is as much for 2 ms as for 2 s. What a new pod shows in its first
 * minute does not count: healthy ones are up to 17 times as slow then (recorded rollouts).
 */
import { median } from '../baseline/clock.ts';
import type { Reading } from './metric-readings.ts';

export interface Difference {
  /** Log-likelihood ratio of "this pod is worse" against "it is as the others". */
  readonly value: number;
  readonly pod: string;
  readonly now: number;
  readonly usual: number;
  readonly at: number;
  readonly reading: Reading;
  /** No old pod was left to compare with: what slows all of them is not taken out. */
  readonly isPast: boolean;
}

const coldMs = 75_000;
/** From a pod's first reading on; its next one, at the usual minute's distance, counts. */
const firstMinuteMs = 55_000;
/** Worse by a factor between 1.35 and 55, any as likely. */
const fromRatio = 0.3;
const toRatio = 4;
const most = 4;
/** Readings of one scrape. */
const sameMomentMs = 15_000;
/** Old readings this near in time stand for "the same minutes". */
const sameMinutesMs = 100_000;
/** At a distance of a minute between scrapes, the nearest of another pod is no further off. */
const nearMs = 30_000;

interface Point {
  readonly pod: string;
  readonly at: number;
  readonly log: number;
}

/** How far apart two values are is their distance on a scale. */
export interface Scale {
  on(value: number): number;
  back(place: number): number;
}

/** Times and amounts: by their ratio. What lies below `floor` is as good as nothing. */
export const byRatio = (floor: number): Scale => ({
  on: (value) => Math.log(Math.max(value, 0) + floor),
  back: (place) => Math.exp(place) - floor,
});

/** Shares of a limit: by ratio far from the limit, by what is left close to it. */
export const byShare: Scale = {
  on: (value) => Math.log((Math.min(1, Math.max(value, 0)) + 0.05) / (1.08 - Math.min(1, Math.max(value, 0)))),
  back: (place) => (1.08 * Math.exp(place) - 0.05) / (1 + Math.exp(place)),
};

/** What is compared: readings of one kind, of one service. */
export interface Comparison {
  readonly readings: readonly Reading[];
  readonly isNew: (reading: Reading) => boolean;
  readonly startedAt: number;
  readonly alertAt: number;
  readonly scale: Scale;
  /** Spread between pods that is normal even where none was seen. */
  readonly least: number;
  /** The same kind of number of the same pods, as others see it: what one of them alone saw for one minute is an odd minute. */
  readonly beside?: readonly Reading[];
  /** So many times as many calls come as before: what is compared with the past grows with them. */
  readonly load?: number;
  /** Pods share it out: while old ones and new ones are there together, each has less of it than before and after. */
  readonly isShared?: boolean;
}

/** The new pod that stands out most; null where none does. */
export function worstNewPod(compared: Comparison): Difference | null {
  const { readings, isNew, startedAt, alertAt, scale, least, beside = [], load = 1, isShared = false } = compared;
  const points = (reading: Reading, from: number, to: number): Point[] => pointsOf(reading, from, to, scale);
  let old = readings.filter((reading) => !isNew(reading)).flatMap((reading) => points(reading, 0, alertAt));
  let fresh = readings.filter(isNew).map((reading) => ({ reading, list: points(reading, startedAt, alertAt) }));
  // Where nothing tells new from old, there is before and after.
  if (fresh.length === 0 && readings.every(({ pod, version }) => pod === '' && version === null)) {
    old = old.filter(({ at }) => at < startedAt);
    fresh = readings.map((reading) => ({ reading, list: points(reading, startedAt, alertAt) }));
  }
  if (old.length < 3) return null;
  const { within, between } = spreads(old);
  let worst: Difference | null = null;
  for (const { reading, list } of fresh) {
    const warmFrom = Math.max(startedAt + coldMs, (list[0]?.at ?? 0) + firstMinuteMs);
    const warm = list.filter(({ at }) => at >= warmFrom);
    const late = warm.length > 1 && !isOddMinute(reading, warm.at(-1)!.at, beside, scale);
    if (warm.length === 1 && reading.measured === 'latency' && isAsUsualToOthers(reading, warm[0]!.at, compared)) continue;
    const spreadOf = (n: number): number => Math.hypot(least, between, within / Math.sqrt(Math.min(3, n)));
    const tries: { used: readonly Point[]; spread: number; less: number }[] =
      warm.length > 0
        ? [
            { used: warm, spread: spreadOf(warm.length), less: 0 },
            // A fault may show only after a while.
            ...(late ? [{ used: warm.slice(-1), spread: spreadOf(1), less: 0.7 }] : []),
          ]
        : [];
    for (const { used, spread, less } of tries) {
      const { usual: asEver, isPast } = besides(old, used, { startedAt, isShared });
      const usual = isPast && load > 1 ? scale.on(load * scale.back(asEver)) : asEver;
      const now = median(used.map(({ log }) => log));
      const value = Math.min(most, likelihood(now - usual, spread) - Math.log(fresh.length) / 2 - less);
      if (value > (worst?.value ?? 0))
        worst = { value, isPast, pod: reading.pod, now: scale.back(now), usual: scale.back(usual), at: used.at(-1)!.at, reading };
    }
  }
  return worst;
}

/** Whether most others who saw this pod at that moment saw what they had seen of it the minute before. */
function isOddMinute({ pod, client }: Reading, moment: number, beside: readonly Reading[], scale: Scale): boolean {
  let [same, other] = [0, 0];
  for (const reading of beside) {
    if (reading.pod !== pod || reading.client === client) continue;
    const last = reading.at.findIndex((at) => Math.abs(at - moment) <= sameMomentMs);
    if (last < 1) continue;
    if (scale.on(reading.values[last]!) - scale.on(reading.values[last - 1]!) < fromRatio) same++;
    else other++;
  }
  return same > other;
}

/** Whether most others who saw this pod at its only moment saw what they see of old pods: a pod that is slow is so whoever asks. */
function isAsUsualToOthers({ pod, client }: Reading, moment: number, { beside = [], isNew, scale }: Comparison): boolean {
  let [same, other] = [0, 0];
  for (const reading of beside) {
    if (reading.pod !== pod || reading.client === client) continue;
    const now = reading.at.findIndex((at) => Math.abs(at - moment) <= sameMomentMs);
    const usual = beside
      .filter((one) => one.client === reading.client && one.base === reading.base && !isNew(one))
      .flatMap(({ values }) => values);
    if (now < 0 || usual.length === 0) continue;
    if (scale.on(reading.values[now]!) - scale.on(median(usual)) < fromRatio) same++;
    else other++;
  }
  return same > other;
}

const pointsOf = ({ pod, version, at, values }: Reading, from: number, to: number, scale: Scale): Point[] =>
  values.flatMap((value, i) => (at[i]! >= from && at[i]! <= to ? [{ pod: pod || (version ?? ''), at: at[i]!, log: scale.on(value) }] : []));

/** What old pods show around the moments of the new pod's readings; where there are none left, what they showed before. */
function besides(
  old: readonly Point[],
  used: readonly Point[],
  { startedAt, isShared }: { readonly startedAt: number; readonly isShared: boolean },
): { usual: number; isPast: boolean } {
  const from = Math.max(startedAt, used[0]!.at - sameMinutesMs);
  // Scrapers that know pods by address go on writing down the new pod's numbers under the name of the one it replaced.
  const own = new Set(used.map(({ log }) => log));
  // What old pods had left of it while they went is not what there is without them.
  const isOver = isShared && !old.some(({ at }) => Math.abs(at - used.at(-1)!.at) <= sameMomentMs);
  const same = isOver ? [] : old.filter(({ at, log }) => at >= from && !own.has(log));
  const before = old.filter(({ at }) => at < startedAt);
  const list = same.length > 0 ? same : before.length > 0 ? before : old;
  const usual = median(list.map(({ log }) => log));
  const beside = atTheSameMoments(same, used) ?? usual;
  return { usual: beside - usual > fromRatio ? beside : usual, isPast: same.length === 0 };
}

/**
 * What old pods show at the very moments of the new pod's readings, where there are some at each: what gets worse from one scrape to
 * the next on all pods alike is no difference between them.
 */
function atTheSameMoments(old: readonly Point[], used: readonly Point[]): number | null {
  const found = used.map(({ at }) => old.filter((one) => Math.abs(one.at - at) <= nearMs).map(({ log }) => log));
  return found.every((logs) => logs.length > 0) ? median(found.map(median)) : null;
}

/** How much readings differ within a pod, and pods from each other: deviations, robust. */
function spreads(points: readonly Point[]): { within: number; between: number } {
  const byPod = new Map<string, number[]>();
  for (const { pod, log } of points) {
    const known = byPod.get(pod);
    if (known) known.push(log);
    else byPod.set(pod, [log]);
  }
  const middles = [...byPod.values()].map(median);
  const all = median(middles);
  const residuals = [...byPod.values()].flatMap((logs, i) => logs.map((log) => Math.abs(log - middles[i]!)));
  const between =
    middles.length < 2 ? 0.15 : Math.sqrt(middles.reduce((sum, middle) => sum + (middle - all) ** 2, 0) / (middles.length - 1));
  return { within: 1.48 * median(residuals), between };
}

/** Against heavy tails (Student's t with 4 degrees of freedom): pods have odd minutes. */
function likelihood(difference: number, spread: number): number {
  if (difference < fromRatio) return 0;
  const healthy = Math.log(0.375 / spread) - 2.5 * Math.log1p((difference / spread) ** 2 / 4);
  return -Math.log(toRatio - fromRatio) - healthy - 0.7;
}
