/**
 * Where errors begin, against how many traces began their errors there in normal times: among all traces, and among visits
 * to the operation they show up in, because few of all requests may be all that ever come there.
 */
import type { Origin } from '../baseline/error-origins.ts';
import type { Departure } from './departures.ts';
import { departingVisits } from './excuses.ts';
import { broughtIn } from './brought-in.ts';
import { choked } from './choked.ts';
import { isCutOff } from './cut-off.ts';
import { disordered } from './disordered.ts';
import { floods } from './floods.ts';
import { moreThanUsual } from './failing-only.ts';
import { withoutHeldBack } from './held-back.ts';
import { isAsQuickAsEver, type SlowServices } from './impatience.ts';
import { likelihoodRatio } from './likelihood.ts';
import { misled } from './misled.ts';
import { isOverasking } from './over-asking.ts';
import { driverOf } from './more-calls.ts';
import { outOfTimeFailures } from './off-clock.ts';
import { describeOrigins, type Vote } from './origin-words.ts';
import { refusals, refusingVisit } from './refusals.ts';
import { buckets, type Scene } from './scene.ts';
import { storeOf, type StoresAtFault } from './stores.ts';
import type { Suspicions } from './suspicion.ts';
import type { Unconsumed } from './unconsumed.ts';
import { unreadable } from './unreadable.ts';

/** Traces, or visits to one operation: before the recent minutes, and by bucket in these; `failed` are those that point at the service. */
interface Asked {
  past: number;
  readonly lately: number[];
  readonly failed: number[];
}

/** What else was found of the recent minutes. */
interface Found {
  readonly stores: StoresAtFault;
  readonly departures: readonly Departure[];
  readonly slow: SlowServices;
  readonly untaken: Unconsumed;
}

export function judgeOrigins(scene: Scene, suspicions: Suspicions, seen: Found): void {
  const { normal, recent } = scene;
  const votesOfAll = votesOf(scene, seen);
  const operations = operationsOf(scene, votesOfAll);
  const traces = byBucket((bucket) => recent.traces.sum(0, bucket, bucket + 1));
  for (const [service, votes] of Map.groupBy(votesOfAll, ({ name }) => name)) {
    const failed = byBucket(() => 0);
    for (const { trace, weight } of votes) failed[recent.bucketOfTrace[trace]!]! += weight;
    const began = { past: learnedOf(scene, votes), lately: failed };
    const asked = operations.get(service) ?? [];
    const all = { past: normal.traces.sum(0), lately: traces, failed };
    const rises = [riseOf(scene, all, began, chance, (onset) => growthOf(all, asked, onset))];
    // Nothing is known from before: what it failed at all along may be what it always fails at, unless that is much of all it does.
    if (rises[0]!.isAll) {
      rises[0]!.strength *= Math.min(1, sumOf(failed) / Math.max(1, visitsTo(scene, service)) / muchOfAll);
      if (isAllThatFails(all, votesOfAll)) rises[0]!.strength *= agreed;
    }
    for (const one of asked) if (one.past >= fewest) rises.push(riseOf(scene, one, began, chanceOfOne));
    const { strength, onset } = rises.reduce((best, one) => (one.strength > best.strength ? one : best));
    if (strength <= 0) continue;
    const value = Math.log1p(strength);
    suspicions.add(service, 'origin', value, [describeOrigins(scene, service, votes, onset, value)]);
  }
}

/** Those of the recent minutes, and of traces in which no span failed and a service refused its caller all the same. */
function votesOf(scene: Scene, { stores, departures, slow, untaken }: Found): Vote[] {
  const { bucketOfTrace, origins, window, visits } = scene.recent;
  const { strings } = window;
  const { keyless, stricter } = refusals(scene);
  const brought = new Set([...broughtIn(scene), ...floods(scene).flatMap(({ traces }) => [...traces])]);
  const patience = new Map<number, boolean>();
  const isImpatient = ({ why, service }: Origin): boolean => {
    if (why !== 'late') return false;
    const known = patience.get(service) ?? isAsQuickAsEver(scene, strings.text(service), slow, lateSince(scene, service));
    patience.set(service, known);
    return known;
  };
  return [...withoutHeldBack(scene, origins.votes), ...refusedQuietly(scene, departures)].flatMap((vote): Vote[] => {
    if (bucketOfTrace[vote.trace]! < 0 || brought.has(vote.trace)) return [];
    const against = (service: number, turned: Vote['turned'] = null): Vote[] => [{ ...vote, name: strings.text(service), turned }];
    const store = vote.why === 'store' || vote.why === 'own' ? storeOf(scene, stores, vote.row) : null;
    if (store !== null) return [{ ...vote, why: 'store', name: store.name, turned: null }];
    const consumer = vote.why === 'own' ? untaken.get(visits.ofSpan[vote.row]!) : undefined;
    if (consumer !== undefined) return [{ ...vote, name: consumer, turned: 'untaken' }];
    const caller = window.spans.service[vote.row]!;
    if (vote.why === 'unanswered' && isCutOff(scene, caller, vote.service)) return against(caller);
    const refusing = vote.why === 'refused' ? refusingVisit(scene, vote.row, vote.service) : -1;
    if (refusing >= 0 && keyless.has(refusing)) return against(window.spans.service[visits.entryRow[refusing]!]!, 'keyless');
    if (refusing >= 0 && stricter.has(refusing)) return against(window.spans.service[visits.entryRow[refusing]!]!, 'stricter');
    const driver = vote.why === 'late' ? driverOf(scene, strings.text(vote.service)) : flooderOf(scene, vote);
    if (driver !== null) return against(strings.find(driver), 'insistent');
    if (isImpatient(vote)) return against(caller, 'impatient');
    if (isOverasking(scene, vote)) return against(caller, 'greedy');
    const clock = outOfTimeFailures(scene).get(vote.row);
    if (clock !== undefined) return against(clock, 'untimely');
    const asked = vote.why === 'own' ? choked(scene).get(visits.ofSpan[vote.row]!) : undefined;
    if (asked !== undefined) return against(asked, 'choked');
    const sender = vote.why === 'own' ? disordered(scene).get(visits.ofSpan[vote.row]!) : undefined;
    if (sender !== undefined) return against(sender, 'disordered');
    const wrote = vote.why === 'own' ? unreadable(scene).get(visits.ofSpan[vote.row]!) : undefined;
    if (wrote !== undefined) return against(wrote.service, wrote.isCut ? 'cut' : 'unread');
    const answered = misled(scene).get(vote.row);
    return answered === undefined ? against(vote.service) : against(answered, 'misled');
  });
}

/** Who floods the service at which a request fails, as it may for all of being too busy. */
function flooderOf(scene: Scene, { why, service, trace }: Origin): string | null {
  if (why === 'refused') return null;
  const { recent } = scene;
  const name = recent.window.strings.text(service);
  return floods(scene).find(({ driven, onset }) => driven.has(name) && recent.bucketOfTrace[trace]! >= onset)?.caller ?? null;
}

/** The first bucket in which calls to a service were given up. */
function lateSince({ recent: { origins, bucketOfTrace } }: Scene, service: number): number {
  let first = Number.POSITIVE_INFINITY;
  for (const { why, service: of, trace } of origins.votes)
    if (why === 'late' && of === service && bucketOfTrace[trace]! >= 0) first = Math.min(first, bucketOfTrace[trace]!);
  return first;
}

/** Of one trace one vote. Such votes are not learned, so only those count that depart from normal: some are turned away every day. */
function refusedQuietly(scene: Scene, departures: readonly Departure[]): Origin[] {
  const { own } = refusals(scene);
  if (own.size === 0) return [];
  const { visits, tree, window, origins } = scene.recent;
  const departing = departingVisits(scene, departures);
  const byTrace = new Map<number, number[]>();
  for (const visit of own) {
    const trace = visits.trace[visit]!;
    if (origins.failed[trace] === 1 || departing[visit] !== 1 || visits.entryRow[visit]! < 0) continue;
    const row = tree.parent[visits.entryRow[visit]!]!;
    if (row >= 0) byTrace.set(trace, [...(byTrace.get(trace) ?? []), row]);
  }
  return [...byTrace].flatMap(([trace, rows]) =>
    rows.map((row): Origin => ({ trace, service: window.spans.service[row]!, weight: 1 / rows.length, row, why: 'refused' })),
  );
}

/** Failures that began there in normal times. Those of a store's clients are not told apart: all that theirs were stand against it. */
function learnedOf({ normal, recent, lexicon }: Scene, votes: readonly Vote[]): number {
  let learned = 0;
  for (const service of new Set(votes.map((vote) => vote.service)))
    learned += normal.began.sum(lexicon.id(recent.window.strings.text(service)));
  return learned;
}

/** What chance alone brings, given the number of onsets tried, and of operations. */
const chance = 1;
const chanceOfOne = 1.5;
/** An operation visited less often in normal times has no normal. */
const fewest = 3;

/** So many requests, hardly any of which went well, and nearly all of which fail for the same one, count for so many times as much. */
const fewestAgreeing = 10;
const nearlyAll = 0.9;
const agreed = 2;

/** Whether nearly every request that is known fails, and nearly all do at one service: be it that failing ones alone were kept, these are what there is to explain. */
function isAllThatFails({ lately, failed }: Asked, votes: readonly Vote[]): boolean {
  const known = sumOf(lately);
  const failing = new Set(votes.map(({ trace }) => trace)).size;
  return failing >= fewestAgreeing && failing >= nearlyAll * known && sumOf(failed) >= nearlyAll * known;
}

/** A share of all visits that no service is used to losing. */
const muchOfAll = 0.5;
/** Visits to a service within the recent minutes. */
function visitsTo({ recent: { visits, bucketOfTrace }, lexicon }: Scene, service: string): number {
  const number = lexicon.id(service);
  let count = 0;
  for (let visit = 0; visit < visits.count; visit++)
    if (visits.service[visit] === number && bucketOfTrace[visits.trace[visit]!]! >= 0) count++;
  return count;
}

const byBucket = (amount: (bucket: number) => number): number[] => Array.from({ length: buckets }, (_, bucket) => amount(bucket));
const sumOf = (list: readonly number[], from = 0): number => list.reduce((sum, one, bucket) => (bucket < from ? sum : sum + one), 0);

/** Of an operation asked less often it is not known how often it is. */
const oftenAsked = 20;

/**
 * By how much the requests that come to failing operations have grown among all, since a bucket; 1 where they have not. An operation
 * that always fails a part of what it is asked fails more when more is asked of it, and is none the worse for that; one that fails
 * most of it is.
 */
function growthOf(all: Asked, operations: readonly Asked[], onset: number): number {
  const since = sumOf(all.lately, onset);
  const before = all.past + sumOf(all.lately) - since;
  const failed = sumOf(all.failed, onset);
  let growth = 1;
  for (const { past, lately, failed: its } of operations) {
    const asked = sumOf(lately, onset);
    const askedBefore = past + sumOf(lately) - asked;
    const bad = sumOf(its, onset);
    const more = askedBefore < oftenAsked || bad > muchOfAll * asked ? 1 : (asked / since) * (before / askedBefore);
    if (more > 1) growth += (bad / failed) * (more - 1);
  }
  return growth;
}

/** `began`: failures that began at the service, in normal times and by bucket lately; `growth`: by which tries would have grown, were they of one kind. */
function riseOf(
  scene: Scene,
  { past, lately, failed }: Asked,
  began: Pick<Asked, 'past' | 'lately'>,
  byChance: number,
  growth: (onset: number) => number = () => 1,
): { strength: number; onset: number; isAll: boolean } {
  const best = { strength: 0, onset: 0, isAll: false };
  const all = past + sumOf(lately);
  for (let onset = 0; onset < buckets; onset++) {
    const tries = sumOf(lately, onset);
    const hits = sumOf(failed, onset);
    if (tries === 0 || hits === 0) continue;
    const before = all - tries;
    const n = tries * growth(onset);
    // In which operation errors began is not learned: all that the service had stand against this one.
    const hitsBefore = began.past + sumOf(began.lately) - sumOf(began.lately, onset);
    if (hits / n <= (before > 0 ? hitsBefore / before : 0)) continue;
    const more = before > 0 ? Math.min(likelihoodRatio(hitsBefore, before, hits, n), moreThanUsual(scene, onset, hitsBefore, hits)) : 0;
    const strength = before > 0 ? more - byChance : Math.log1p(hits);
    if (strength > best.strength) Object.assign(best, { strength, onset, isAll: before <= 0 });
  }
  return best;
}

/**
 * By service that failures point at: the operations in whose visits they show up. Refusals are left out, since who is
 * refused is a matter of who comes.
 */
function operationsOf({ normal, recent, lexicon }: Scene, votes: readonly Vote[]): Map<string, readonly Asked[]> {
  const { visits, bucketOfTrace } = recent;
  const found = new Map<string, Map<number, Asked>>();
  const units = new Map<number, Asked[]>();
  for (const { row, name, trace, weight, why } of votes) {
    const [bucket, visit] = [bucketOfTrace[trace]!, visits.ofSpan[row]!];
    if (why === 'refused' || visit < 0) continue;
    const unit = visits.unit[visit]!;
    const ofService = found.get(name) ?? new Map<number, Asked>();
    found.set(name, ofService);
    let asked = ofService.get(unit);
    if (asked === undefined) {
      asked = { past: 0, lately: byBucket(() => 0), failed: byBucket(() => 0) };
      ofService.set(unit, asked);
      units.set(unit, [...(units.get(unit) ?? []), asked]);
    }
    asked.failed[bucket]! += weight;
  }
  if (units.size === 0) return new Map();
  for (const path of normal.visited.keys())
    for (const asked of units.get(lexicon.unitOf(path)) ?? []) asked.past += normal.visited.sum(path);
  for (let visit = 0; visit < visits.count; visit++) {
    const bucket = bucketOfTrace[visits.trace[visit]!]!;
    if (bucket >= 0) for (const asked of units.get(visits.unit[visit]!) ?? []) asked.lately[bucket]!++;
  }
  return new Map([...found].map(([name, ofService]) => [name, [...ofService.values()]]));
}
