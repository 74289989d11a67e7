/**
 * Behaviour that changed: lines, steps and calls that nearly every visit had and now has not, and errors it never had.
 * One test for all of it, a likelihood ratio on visits with and without the item before and after a possible onset.
 */
import { leftOf, pairKey, rightOf } from '../baseline/counts.ts';
import { entryFinder } from '../baseline/lost-entries.ts';
import type { Lexicon } from '../baseline/lexicon.ts';
import type { Normal } from '../baseline/normal.ts';
import { commonShare } from '../baseline/room.ts';
import { lostShare, ofTraces, usualLoss, type VisitCounts } from '../baseline/period.ts';
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
  for (const unit of unitsIn(scene, counts).values()) {
    for (const item of unit.items) {
      const departure = depart(scene, counts, unit, item);
      if (departure) found.push(departure);
    }
  }
  return found;
}

interface Path {
  readonly path: number;
  /** Normal visits on it, and those in traces with log lines. */
  readonly visits: number;
  readonly logged: number;
}

interface Unit {
  readonly unit: number;
  readonly paths: Path[];
  /** Items worth testing: everything seen lately, and what was normal for a unit that was visited lately. */
  readonly items: Set<number>;
  /** Normal visits on all paths. */
  visits: number;
  /** Normal paths of the whole service, where the unit has none because its visits used to be traced and now are not. */
  untraced: readonly Path[];
}

function unitsIn({ normal, lexicon }: Scene, counts: VisitCounts): Map<number, Unit> {
  const units = new Map<number, Unit>();
  const ofPath = new Map<number, Unit>();
  const join = (path: number, known: Unit | undefined, id: number): void => {
    const unit = known ?? { unit: id, paths: [], items: new Set<number>(), visits: 0, untraced: [] };
    units.set(id, unit);
    ofPath.set(path, unit);
    const visits = normal.visited.sum(path);
    unit.visits += visits;
    unit.paths.push({ path, visits, logged: normal.covered.sum(path) });
  };
  for (const path of counts.visited.keys()) {
    const id = lexicon.unitOf(path);
    join(path, units.get(id), id);
  }
  for (const path of normal.visited.keys()) {
    const id = ofPath.has(path) ? -1 : lexicon.unitOf(path);
    const unit = units.get(id);
    if (unit) join(path, unit, id);
  }
  joinLost(normal, lexicon, units, join);
  for (const unit of units.values()) {
    const [, service, operation] = lexicon.parts(unit.unit);
    if (operation === '' && unit.visits === 0) unit.untraced = pathsOfService(normal, lexicon, service ?? '');
  }
  for (const of of [normal.items, counts.items]) for (const key of of.keys()) ofPath.get(leftOf(key))?.items.add(rightOf(key));
  return units;
}

/** Visits learned under an inner step, before it was known which entry that step leads up to, count with that entry's. */
function joinLost(
  normal: Normal,
  lexicon: Lexicon,
  units: ReadonlyMap<number, Unit>,
  join: (path: number, unit: Unit, id: number) => void,
): void {
  if (normal.traces.sum(ofTraces.lost) === 0) return;
  const entryOf = entryFinder(normal.within);
  for (const path of normal.visited.keys()) {
    const id = lexicon.unitOf(path);
    const entry = units.has(id) ? null : entryOf(id);
    const unit = entry === null ? undefined : units.get(entry);
    if (unit) join(path, unit, unit.unit);
  }
}

function pathsOfService(normal: Normal, lexicon: Lexicon, service: string): Path[] {
  return [...normal.visited.keys()]
    .filter((path) => lexicon.parts(path)[1] === service)
    .map((path) => ({ path, visits: normal.visited.sum(path), logged: normal.covered.sum(path) }));
}

/** Visits and hits before and after each onset, on the given paths. */
interface Tally {
  readonly visitsBefore: number;
  readonly hitsBefore: number;
  readonly visitsAfter: readonly number[];
  readonly hitsAfter: readonly number[];
}

function tally({ normal }: Scene, { visited, covered, items }: VisitCounts, paths: readonly Path[], item: number, isLine: boolean): Tally {
  let visitsBefore = 0;
  let hitsBefore = 0;
  const visitsAfter = new Array<number>(buckets).fill(0);
  const hitsAfter = new Array<number>(buckets).fill(0);
  const of = isLine ? covered : visited;
  for (const { path, visits, logged } of paths) {
    const key = pairKey(path, item);
    visitsBefore += isLine ? logged : visits;
    hitsBefore += normal.items.sum(key);
    of.addSuffixes(path, visitsAfter);
    items.addSuffixes(key, hitsAfter);
  }
  return { visitsBefore, hitsBefore, visitsAfter, hitsAfter };
}

function depart(scene: Scene, counts: VisitCounts, unit: Unit, item: number): Departure | null {
  const mark = scene.lexicon.names.text(item)[0]!;
  const isLine = mark === 'E' || mark === 'W' || mark === 'I';
  const isError = mark === 'E' || mark === 'W';
  const paths = isError ? [...unit.paths, ...unit.untraced] : normalPaths(scene, unit, item, isLine);
  const all = tally(scene, counts, paths, item, isLine);
  const [recent, recentHits] = [all.visitsAfter[0]!, all.hitsAfter[0]!];
  let best: Departure | null = null;
  let previous = -1;
  for (let onset = 0; onset < buckets; onset++) {
    const n = all.visitsAfter[onset]!;
    if (n < 1 || n === previous) continue;
    previous = n;
    const hits = all.hitsAfter[onset]!;
    const m = all.visitsBefore + recent - n;
    const { came, cameLately, comes } = isLine ? wholeTraces : losses(scene, onset);
    // As many as would have it now if nothing but the losses had changed.
    const hitsBefore = all.hitsBefore * Math.min(1, comes / came) + (recentHits - hits) * Math.min(1, comes / cameLately);
    const grown = hits / n > (m > 0 ? hitsBefore / m : 0);
    const factor = grown ? growthFactor(mark, m) : lossFactor(isError, m, Math.min(1, hitsBefore / m / comes));
    if (factor === 0) continue;
    const holes = Math.min(came, cameLately, comes) < 1;
    if (holes && (hits / n) * m > decisive * hitsBefore) continue;
    const testifies = isLine || scene.baseline.minutes > 0 ? 1 : testimony(lostShare(scene.recent.traces));
    const opening = recent === n ? 0.6 + 0.4 * scene.trust : 1;
    const strength =
      Math.max(0, likelihoodRatio(hitsBefore, m, hits, n) - (holes ? chanceInHoles : chance)) *
      factor *
      testifies *
      opening *
      (grown ? 1 : mixture(scene, hits / n / (hitsBefore / m), m, m - hitsBefore)) *
      persistence(all, hits / n, grown);
    if (strength > 0 && (!best || strength > best.strength)) {
      const signal = grown ? 'error' : mark === 'C' || mark === 'P' ? 'call' : 'gone';
      best = { unit: unit.unit, item, signal, strength, onset, before: [hitsBefore, m], after: [hits, n] };
    }
  }
  return best;
}

/** Of what was sent, the share that came here: in normal times, lately until the onset, and since. */
interface Losses {
  readonly came: number;
  readonly cameLately: number;
  readonly comes: number;
}
/** Holes are not independent of each other: with spans lost, only what is all but gone counts, and against more chance. */
const decisive = 0.15;
const chanceInHoles = 5;
const wholeTraces: Losses = { came: 1, cameLately: 1, comes: 1 };

function losses({ normal, recent, baseline }: Scene, onset = 0): Losses {
  // With nothing learned there is no telling losses from what has yet to come: see `testimony`.
  if (baseline.minutes === 0) return wholeTraces;
  // The newest seconds alone look like losses: what belongs together has not all come.
  if (lostShare(normal.traces) < usualLoss && lostShare(recent.traces) < usualLoss) return wholeTraces;
  const came = (lost: number): number => (lost < usualLoss ? 1 : 1 - lost);
  return {
    came: came(lostShare(normal.traces)),
    cameLately: came(lostShare(recent.traces, 0, onset)),
    comes: came(lostShare(recent.traces, onset)),
  };
}

/** Where nothing was learned: at this share of losses, no missing span says anything. */
const blindLoss = 0.3;

/** What a missing step or call counts for where spans get lost: traces with holes testify less. */
function testimony(lost: number): number {
  return Math.min(1, Math.max(0, (blindLoss - lost) / (blindLoss - usualLoss)));
}

function normalPaths(scene: Scene, unit: Unit, item: number, isLine: boolean): readonly Path[] {
  const { came } = isLine ? wholeTraces : losses(scene);
  if (came < 1) {
    // Losses make a path of every visit: no more than they lack the item, so no branch does.
    let having = 0;
    for (const { path } of unit.paths) having += scene.normal.items.sum(pairKey(path, item));
    if (having >= unit.visits * (came - commonShare)) return unit.paths;
  }
  return unit.paths.filter((path) => !goesWithout(scene, unit, path, item, isLine));
}

/**
 * Whether visits on this path normally do without the item: another kind of request, or another branch. More of those than
 * before is a different mix and no fault. A rare path is no such alternative: an early way out may be what the fault takes.
 */
function goesWithout({ normal }: Scene, unit: Unit, { path, visits, logged }: Path, item: number, isLine: boolean): boolean {
  if (visits < 3 || visits < unit.visits * commonShare) return false;
  const n = isLine ? logged : visits;
  return n >= 3 && normal.items.sum(pairKey(path, item)) < n / 2;
}

/** As many visits, of which none did without the item, half rule out a mix of requests that normally does. */
const mixShown = 20;

/**
 * What is lost in part may be another mix of requests: one or two minutes do not show how mixes differ; many do, and so do
 * many visits that all had it. What is lost altogether is no mix. `left`: what is left of what there was, `lacking`: of the
 * visits before, those that did without.
 */
function mixture({ baseline, trust }: Scene, left: number, before: number, lacking: number): number {
  // The minutes themselves are all there is to compare with: one mix of requests.
  if (baseline.minutes === 0) return 1;
  const unshown = lacking > 0 ? 1 : mixShown / (mixShown + before);
  return 1 - (1 - trust) * unshown * Math.min(1, left);
}

/** New errors count; new information lines do not: a different mix of requests brings those as well. */
function growthFactor(mark: string, before: number): number {
  if (mark !== 'E' && mark !== 'W') return 0;
  // A unit never visited before has no normal of its own.
  const known = before / (before + 1);
  return (mark === 'E' ? 1 : 0.4) * known;
}

/** Only what was nearly certain can be missed. A vanished error is a recovery. */
function lossFactor(isError: boolean, before: number, rateBefore: number): number {
  if (isError || before < 3 || rateBefore < 0.7) return 0;
  return Math.min(1, ((rateBefore - 0.6) / 0.35) ** 2);
}

/** A fault is still there at the end; a burst is not. */
function persistence({ visitsAfter, hitsAfter }: Tally, rate: number, grown: boolean): number {
  const n = visitsAfter[lately]!;
  const wanted = grown ? rate : 1 - rate;
  if (n < 5 || wanted <= 0) return 1;
  const late = hitsAfter[lately]! / n;
  return Math.min(1, Math.max(0.25, (grown ? late : 1 - late) / wanted));
}
