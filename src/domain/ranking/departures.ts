/**
 * Behaviour that changed: lines, steps and calls that nearly every visit had and now has not, and errors it never had.
 * One test for all of it, a likelihood ratio on visits with and without the item before and after a possible onset.
 */
import { leftOf, pairKey, rightOf } from '../baseline/counts.ts';
import type { VisitCounts } from '../baseline/period.ts';
import { buckets, lately, type Scene } from './scene.ts';

export interface Departure {
  readonly unit: number;
  readonly item: number;
  readonly signal: 'gone' | 'error' | 'call';
  readonly strength: number;
  readonly onset: number;
  /** Visits that have the item, of all visits. */
  readonly before: readonly [number, number];
  readonly after: readonly [number, number];
}

/** Log-likelihood of `hits` of `n` at rate `p`. */
const logLikelihood = (hits: number, n: number, p: number): number => hits * Math.log(p) + (n - hits) * Math.log(1 - p);

export function likelihoodRatio(hitsBefore: number, before: number, hitsAfter: number, after: number): number {
  const rate = (hits: number, n: number): number => (hits + 0.5) / (n + 1);
  const both = rate(hitsBefore + hitsAfter, before + after);
  return (
    logLikelihood(hitsBefore, before, rate(hitsBefore, before)) +
    logLikelihood(hitsAfter, after, rate(hitsAfter, after)) -
    logLikelihood(hitsBefore, before, both) -
    logLikelihood(hitsAfter, after, both)
  );
}

/** What chance alone brings, given the number of onsets tried. */
const chance = 1.5;

/** All departures, strongest of each (unit, item). `counts` is what was counted of the recent visits that are looked at. */
export function departuresIn(scene: Scene, counts: VisitCounts): Departure[] {
  const found: Departure[] = [];
  for (const [unit, items] of itemsByUnit(scene, counts)) {
    const visits = visitsByOnset(scene, counts, unit);
    for (const item of items) {
      const departure = depart(scene, counts, visits, unit, item);
      if (departure) found.push(departure);
    }
  }
  return found;
}

/** Items worth testing: everything seen lately, and what was normal for a unit that was visited lately. */
function itemsByUnit({ normal }: Scene, counts: VisitCounts): Map<number, Set<number>> {
  const found = new Map<number, Set<number>>();
  for (const unit of counts.visited.keys()) found.set(unit, new Set());
  for (const { keys } of [normal.items, counts.items].map((of) => ({ keys: of.keys() })))
    for (const key of keys) found.get(leftOf(key))?.add(rightOf(key));
  return found;
}

interface OnsetVisits {
  readonly before: number;
  readonly after: number;
  readonly loggedBefore: number;
  readonly loggedAfter: number;
  /** Nothing recent lies before this onset: only the learned past does. */
  readonly opening: boolean;
}

function visitsByOnset({ normal }: Scene, { visited, covered }: VisitCounts, unit: number): OnsetVisits[] {
  const past = normal.visited.sum(unit);
  const loggedPast = normal.covered.sum(unit);
  return Array.from({ length: buckets }, (_, onset) => {
    const recentBefore = visited.sum(unit, 0, onset);
    return {
      before: past + recentBefore,
      after: visited.sum(unit, onset),
      loggedBefore: loggedPast + covered.sum(unit, 0, onset),
      loggedAfter: covered.sum(unit, onset),
      opening: recentBefore < 1,
    };
  });
}

function depart(scene: Scene, counts: VisitCounts, visits: readonly OnsetVisits[], unit: number, item: number): Departure | null {
  const mark = scene.lexicon.names.text(item)[0]!;
  const isLine = mark === 'E' || mark === 'W' || mark === 'I';
  const key = pairKey(unit, item);
  const past = scene.normal.items.sum(key);
  let best: Departure | null = null;
  let previous = -1;
  for (let onset = 0; onset < buckets; onset++) {
    const at = visits[onset]!;
    const n = isLine ? at.loggedAfter : at.after;
    const m = isLine ? at.loggedBefore : at.before;
    if (n < 1 || n === previous) continue;
    previous = n;
    const hits = counts.items.sum(key, onset);
    const hitsBefore = past + counts.items.sum(key, 0, onset);
    const rateBefore = m > 0 ? hitsBefore / m : 0;
    const grown = hits / n > rateBefore;
    const factor = grown ? growthFactor(mark, m) : lossFactor(mark, m, rateBefore);
    if (factor === 0) continue;
    const strength =
      Math.max(0, likelihoodRatio(hitsBefore, m, hits, n) - chance) *
      factor *
      (at.opening ? 0.6 + 0.4 * scene.trust : 1) *
      persistence(counts, key, unit, isLine, hits / n, grown);
    if (strength > 0 && (!best || strength > best.strength)) {
      const signal = grown ? 'error' : mark === 'C' || mark === 'P' ? 'call' : 'gone';
      best = { unit, item, signal, strength, onset, before: [hitsBefore, m], after: [hits, n] };
    }
  }
  return best;
}

/** New errors count; new information lines do not: a different mix of requests brings those as well. */
function growthFactor(mark: string, before: number): number {
  if (mark !== 'E' && mark !== 'W') return 0;
  // A unit never visited before has no normal of its own.
  const known = before / (before + 1);
  return (mark === 'E' ? 1 : 0.4) * known;
}

/** Only what was nearly certain can be missed. A vanished error is a recovery. */
function lossFactor(mark: string, before: number, rateBefore: number): number {
  if (mark === 'E' || mark === 'W' || before < 3 || rateBefore < 0.7) return 0;
  return Math.min(1, ((rateBefore - 0.6) / 0.35) ** 2);
}

/** A fault is still there at the end; a burst is not. */
function persistence(
  { visited, covered, items }: VisitCounts,
  key: number,
  unit: number,
  isLine: boolean,
  rate: number,
  grown: boolean,
): number {
  const n = (isLine ? covered : visited).sum(unit, lately);
  const wanted = grown ? rate : 1 - rate;
  if (n < 5 || wanted <= 0) return 1;
  const late = items.sum(key, lately) / n;
  return Math.min(1, Math.max(0.25, (grown ? late : 1 - late) / wanted));
}
