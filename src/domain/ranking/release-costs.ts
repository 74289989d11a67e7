/** What a release costs: its new pods answer later, or take more of what they are given, than old ones do. */
import type { Change } from '../change.ts';
import type { Measured } from './metric-words.ts';
import type { Reading } from './metric-readings.ts';
import { askedPerCall, loadGrowth, seenByCallers, workPerCall } from './per-call.ts';
import { newPods } from './pods-of-release.ts';
import { byRatio, byShare, type Difference, type Scale, worstNewPod } from './new-pods.ts';
import type { Scene } from './scene.ts';
import { slowBelow, slowReleaseBelow } from './slow-beneath.ts';
import { type Finding, finding } from './suspicion.ts';
import { isSlownessUnnoticed } from './unnoticed.ts';

export interface Worse {
  readonly measured: Measured;
  /** No old pod was left to compare with. */
  readonly isPast: boolean;
  readonly value: number;
  readonly reason: string;
  readonly found: Finding;
  /** What it would be worth if all of it were the release's doing, and whose release explains the rest. */
  readonly beneath: { readonly service: string; readonly rest: number } | null;
}

/** Kinds of cost, with what a unit of each is worth: a service may well need more of something and be well. */
interface Cost {
  readonly measured: Measured;
  readonly worth: number;
  readonly floor: number;
  /** Pods of one service differ in memory by what they happen to hold. */
  readonly least: number;
  readonly word: string;
  readonly kind: Finding['kind'];
}
const costs: readonly Cost[] = [
  { measured: 'loss', worth: 1, floor: 0, least: 0.4, word: 'lose as many calls', kind: 'error' },
  { measured: 'work', worth: 1, floor: 0, least: 0.25, word: 'get as much done for each call', kind: 'error' },
  { measured: 'asked', worth: 0.8, floor: 0, least: 0.25, word: 'ask another service as often', kind: 'error' },
  { measured: 'latency', worth: 1, floor: 0.05, least: 0.2, word: 'take as long to answer', kind: 'latency' },
  { measured: 'cpu', worth: 0.8, floor: 0.3, least: 0.25, word: 'use as much CPU', kind: 'saturation' },
  { measured: 'memory', worth: 0.6, floor: 0.3, least: 0.8, word: 'use as much memory', kind: 'saturation' },
  { measured: 'pressure', worth: 0.6, floor: 0.5, least: 0.5, word: 'hold as much', kind: 'saturation' },
];
/** How much of slowness stands where a callee got slower as well and no old pod is left to compare with, or no caller waits longer. */
const excused = 0.35;
/** And where its old pods got slow as well, while they were there. */
const shared = 0.1;

/** A share of calls that a few lose in passing is as good as nothing. */
const byLoss = byRatio(0.03);

/** Less than once in a hundred calls. */
const asGoodAsNever = 0.01;
/** Where less is worse. */
const byFall: Scale = { on: (value) => -Math.log(value + asGoodAsNever), back: (place) => Math.exp(-place) - asGoodAsNever };

const worthSaying = 0.2;

function scaleOf({ measured, floor }: Cost, list: readonly Reading[]): Scale {
  if (measured === 'loss') return byLoss;
  if (measured === 'work') return byFall;
  if (measured === 'asked') return byRatio(asGoodAsNever);
  return list[0]!.isShare && measured !== 'latency' ? byShare : byRatio(floor * middleOf(list));
}

/** Clearest first. */
export function worseSince(scene: Scene, change: Change, changes: readonly Change[], readings: readonly Reading[]): Worse[] {
  const mine = readings.filter(({ service, server }) => service === change.service && server === change.service);
  const isNew = newPods(mine, change) ?? (() => false);
  const asked = askedPerCall(change.service, readings);
  if (!mine.some(({ measured }) => measured === 'latency')) mine.push(...seenByCallers(change.service, readings));
  const found: Worse[] = [];
  for (const cost of costs) {
    let worst: Difference | null = null;
    let climbs = false;
    const ofKind =
      cost.measured === 'work'
        ? workPerCall(mine)
        : cost.measured === 'asked'
          ? asked
          : mine.filter(({ measured }) => measured === cost.measured);
    for (const list of alike(ofKind)) {
      const { alertAt } = scene.input;
      const scale = scaleOf(cost, list);
      const compared = {
        readings: list,
        isNew,
        startedAt: change.startedAt,
        alertAt,
        least: cost.least,
        beside: ofKind,
        isShared: cost.measured === 'cpu',
      };
      // Where no old pod is left, what more calls take is not the release's doing.
      const load = cost.measured === 'cpu' ? loadGrowth(change.service, readings, change.startedAt, alertAt) : 1;
      const more = worstNewPod({ ...compared, scale, load });
      const fewer = cost.measured === 'asked' ? worstNewPod({ ...compared, scale: byFall }) : null;
      const one = (fewer?.value ?? 0) > (more?.value ?? 0) ? fewer : more;
      // What fails since a release is told by the edges; here, what fails on its pods and not on those beside them.
      if (one?.isPast && cost.measured === 'loss') continue;
      if (one && one.value > (worst?.value ?? 0)) worst = one;
      if (cost.measured !== 'memory') continue;
      const rising = list.filter((reading) => !isNew(reading) || keepsClimbing(reading, alertAt));
      const leaking = worstNewPod({ readings: rising, isNew, startedAt: change.startedAt, alertAt, scale, least: leakSpread });
      if (leaking && leakWorth * leaking.value > cost.worth * (worst?.value ?? 0)) [worst, climbs] = [leaking, true];
    }
    if (worst === null) continue;
    const isSlow = cost.measured === 'latency';
    const by =
      isSlow && worst.isPast ? slowReleaseBelow(scene, change.service, { changes, readings, rise: worst.now - worst.usual }) : null;
    const share = by !== null ? shared : isSlow ? ofSlowness(scene, change, readings, worst) : grown(cost, worst);
    const value = (climbs ? leakWorth : cost.worth * share) * worst.value;
    const beneath = by === null ? null : { service: by, rest: (1 - share) * worst.value };
    if (value >= worthSaying || beneath) found.push({ ...described(change, worst, cost, value), beneath });
  }
  const again = startedAgain(scene, change, mine, isNew);
  if (again !== null) found.push(again);
  return found.sort((a, b) => b.value - a.value);
}

/** The same, with what services took longer by another release's doing laid at the door of that: `costs` are those of `changes`. */
export function handedDown(changes: readonly Change[], costs: readonly (readonly Worse[])[]): Worse[][] {
  return changes.map(({ service }, place) => {
    const handed = costs.flatMap((list, i) =>
      list.flatMap((worse) => {
        if (worse.beneath?.service !== service) return [];
        const reason = `calls to ${changes[i]!.service}, which calls it, take longer since`;
        // Where its own old pods had not gone, it might be slow itself.
        const found = { ...worse.found, ambiguous: true };
        return [{ ...worse, value: worse.beneath.rest, reason, found, beneath: null }];
      }),
    );
    const own = costs[place]!.filter(({ value }) => value >= worthSaying);
    return [...own, ...handed].sort((a, b) => b.value - a.value);
  });
}

/** A pod that fills its memory as it warms up stops where the old ones are; one that has passed them and still climbs does not. */
const leakSpread = 0.12;
const leakWorth = 1.1;
/** Steps in a row, each of at least this share of what is held, that make a climb. */
const climbSteps = 2;
const climbStep = 0.04;

function keepsClimbing({ at, values }: Reading, alertAt: number): boolean {
  const seen = values.filter((_, i) => at[i]! <= alertAt).slice(-climbSteps - 1);
  return seen.length > climbSteps && seen.slice(1).every((value, i) => value - seen[i]! >= climbStep * value);
}

/** Containers of new pods that are started again, where those of old pods are not. */
function startedAgain({ input }: Scene, change: Change, mine: readonly Reading[], isNew: (reading: Reading) => boolean): Worse | null {
  let [times, old, last] = [0, 0, change.startedAt];
  for (const reading of mine) {
    if (reading.measured !== 'restarts') continue;
    const seen = reading.at.filter((at, i) => reading.values[i]! > 0 && at <= input.alertAt);
    if (!isNew(reading)) old += seen.length;
    else for (const at of seen) [times, last] = [times + 1, Math.max(last, at)];
  }
  if (times <= old) return null;
  const value = Math.log1p(3 * (times - old));
  const text = `Containers of ${change.service}'s new pods were started again ${times} times, those of old ones ${old} times.`;
  const found = finding({ kind: 'unavailable', source: 'metric', subject: 'new pods restarts', text, at: last, strength: value });
  return { measured: 'restarts', isPast: false, value, reason: 'its new pods are started again', found, beneath: null };
}

/** Readings that differ in nothing but the pod: the same caller, the same name. */
function alike(readings: readonly Reading[]): Reading[][] {
  const found = new Map<string, Reading[]>();
  for (const reading of readings) {
    const key = `${reading.base}\n${reading.client}`;
    const known = found.get(key);
    if (known) known.push(reading);
    else found.set(key, [reading]);
  }
  return [...found.values()];
}

const middleOf = (readings: readonly Reading[]): number => {
  const values = readings.flatMap((reading) => reading.values.slice(0, 8)).sort((a, b) => a - b);
  return values[values.length >> 1] ?? 0;
};

/** Memory speaks by growing: a pod that is large and stays so is merely large. */
function grown({ measured }: Cost, { reading: { values } }: Difference): number {
  if (measured !== 'memory') return 1;
  const [from = 0, to = 0] = [values[0], values.at(-1)];
  return from > 0 ? Math.min(1, Math.max(0, 2 * (to / from - 1))) : 0;
}

/** How much of its slowness is the release's. */
function ofSlowness(scene: Scene, change: Change, readings: readonly Reading[], worst: Difference): number {
  if (worst.isPast && slowBelow(scene, change, readings, worst.now - worst.usual))
    return wereOldPodsSlow(change, readings, worst) ? shared : excused;
  return isSlownessUnnoticed(change.service, readings, change.startedAt, worst.at) ? excused : 1;
}

/** So near its end a pod shows how it was last. */
const lastMs = 35_000;

/** Whether its old pods, before they went, had become as good as slow themselves. */
function wereOldPodsSlow(change: Change, readings: readonly Reading[], { now, usual, reading: { base, client } }: Difference): boolean {
  const mine = readings.filter(({ service, server }) => service === change.service && server === change.service);
  const isNew = newPods(mine, change);
  if (isNew === null) return false;
  const isOld = (one: Reading, at: number): boolean => !isNew(one, at) && at >= change.startedAt - lastMs;
  const last = mine
    .filter((one) => one.measured === 'latency' && one.base === base && one.client === client)
    .flatMap((one) => one.values.filter((_, i) => isOld(one, one.at[i]!) && one.at[i]! >= one.at.at(-1)! - lastMs));
  return last.length > 0 && last.filter((value) => value - usual > (now - usual) / 3).length > last.length / 2;
}

/** How many times as much is no figure where before there was next to nothing. */
const asGoodAsNone = 1_000;

const figure = (value: number): string => (value >= 100 ? value.toFixed(0) : value.toPrecision(2));

function described(
  change: Change,
  { now, usual, at, pod, isPast, reading }: Difference,
  { measured, word, kind }: Cost,
  value: number,
): Omit<Worse, 'beneath'> {
  const who = pod === '' ? change.service : pod;
  const text = `${who}, new since, has ${reading.base} at ${figure(now)}; ${isPast ? 'before' : 'old pods beside it'} ${figure(Math.max(0, usual))}.`;
  return {
    measured,
    isPast,
    value,
    reason: `its new pods ${word.replace('as', `${usual > now / asGoodAsNone ? figure(now / usual) : 'many'} times as`)}`,
    found: finding({ kind, source: 'metric', subject: `new pods ${reading.base}`, text, at, strength: value }),
  };
}
