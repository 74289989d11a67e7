/**
 * Behaviour that changed: lines, steps and calls that nearly every visit had and now has not, and errors it never had.
 * One test for all of it, a likelihood ratio on visits with and without the item before and after a possible onset.
 */
import { pairKey } from '../baseline/counts.ts';
import { lostShare, usualLoss, type VisitCounts } from '../baseline/period.ts';
import { commonShare } from '../baseline/room.ts';
import { moreThanUsual } from './failing-only.ts';
import { hollowFactor, hollowTally } from './hollow-values.ts';
import { likelihoodRatio } from './likelihood.ts';
import { buckets, lately, type Scene } from './scene.ts';
import { type Path, type Unit, unitsIn } from './visit-units.ts';

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

/** Departures weaker than this are too often chance to excuse anybody. */
export const convincing = 2.5;

/** What chance alone brings, given the number of onsets tried. */
const chance = 1.5;

/** All departures, strongest of each (unit, item). `counts` is what was counted of the recent visits that are looked at. */
export function departuresIn(scene: Scene, counts: VisitCounts): Departure[] {
  const found: Departure[] = [];
  for (const unit of unitsIn(scene, counts).values()) {
    const tally = createTally(scene, counts, unit);
    for (const item of unit.items.keys()) {
      const departure = depart(scene, counts, unit, item, tally);
      if (departure) found.push(departure);
    }
  }
  return found;
}

/** Visits and hits before and after each onset, on the paths that count for an item. */
interface Tally {
  readonly visitsBefore: number;
  readonly hitsBefore: number;
  readonly visitsAfter: readonly number[];
  readonly hitsAfter: readonly number[];
}

/** Which paths count: of an error all, of a step or line all or those that do not normally go without it. */
type Scope = 'errors' | 'all' | 'branching';

/** What is the same for all items of a unit: visits on paths that count in any case, and the paths that count for what they normally have. */
interface Grounds {
  readonly branches: ReadonlySet<Path>;
  readonly visitsBefore: number;
  readonly visitsAfter: readonly number[];
}

type TallyOf = (item: number, isLine: boolean, isError: boolean) => Tally;

/** An item is looked for on the paths that have it: with thousands of both, else each would be looked for on all. */
function createTally(scene: Scene, counts: VisitCounts, unit: Unit): TallyOf {
  const { normal } = scene;
  const known = new Map<string, Grounds>();
  const groundsFor = (scope: Scope, isLine: boolean): Grounds => {
    const name = `${scope} ${isLine}`;
    const found = known.get(name) ?? groundsOf(counts, unit, scope, isLine);
    known.set(name, found);
    return found;
  };
  return (item, isLine, isError) => {
    const having = unit.items.get(item) ?? new Set<Path>();
    const scope = isError ? 'errors' : normallyOnAll(scene, unit, having, item, isLine) ? 'all' : 'branching';
    const { branches, ...grounds } = groundsFor(scope, isLine);
    let { visitsBefore } = grounds;
    let hitsBefore = 0;
    const visitsAfter = [...grounds.visitsAfter];
    const hitsAfter = new Array<number>(buckets).fill(0);
    for (const path of isError ? [...having, ...unit.untraced] : having) {
      const key = pairKey(path.path, item);
      const hits = normal.items.sum(key);
      if (branches.has(path)) {
        const normally = visitsOn(path, isLine);
        if (hits < normally / 2) continue;
        visitsBefore += normally;
        (isLine ? counts.covered : counts.visited).addSuffixes(path.path, visitsAfter);
      }
      hitsBefore += hits;
      counts.items.addSuffixes(key, hitsAfter);
    }
    return { visitsBefore, hitsBefore, visitsAfter, hitsAfter };
  };
}

function groundsOf({ visited, covered }: VisitCounts, unit: Unit, scope: Scope, isLine: boolean): Grounds {
  const branches = new Set<Path>();
  let visitsBefore = 0;
  const visitsAfter = new Array<number>(buckets).fill(0);
  for (const path of scope === 'errors' ? [...unit.paths, ...unit.untraced] : unit.paths) {
    if (scope === 'branching' && isBranch(unit, path, isLine)) {
      branches.add(path);
      continue;
    }
    visitsBefore += visitsOn(path, isLine);
    (isLine ? covered : visited).addSuffixes(path.path, visitsAfter);
  }
  return { branches, visitsBefore, visitsAfter };
}

/** Normal visits that can tell of an item: of a line those in traces with lines. */
const visitsOn = ({ visits, logged }: Path, isLine: boolean): number => (isLine ? logged : visits);

/**
 * Visits on such a path, where they normally do without an item, are another kind of request or another branch: more of those
 * than before is a different mix and no fault. A rare path is none: an early way out may be what the fault takes.
 */
function isBranch(unit: Unit, path: Path, isLine: boolean): boolean {
  return path.visits >= 3 && path.visits >= unit.visits * commonShare && visitsOn(path, isLine) >= 3;
}

/** Losses make a path of every visit: where no more than they lack the item, no branch does. */
function normallyOnAll(scene: Scene, unit: Unit, having: ReadonlySet<Path>, item: number, isLine: boolean): boolean {
  const { came } = isLine ? wholeTraces : losses(scene);
  if (came >= 1) return false;
  let hits = 0;
  for (const { path } of having) hits += scene.normal.items.sum(pairKey(path, item));
  return hits >= unit.visits * (came - commonShare);
}

function depart(scene: Scene, counts: VisitCounts, unit: Unit, item: number, tally: TallyOf): Departure | null {
  const mark = scene.lexicon.names.text(item)[0]!;
  const isHollow = mark === 'H';
  const isLine = isHollow || mark === 'E' || mark === 'W' || mark === 'I';
  const isError = mark === 'E' || mark === 'W';
  const all = isHollow ? hollowTally(scene, counts, unit, item) : tally(item, isLine, isError);
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
    const factor = isHollow
      ? grown
        ? hollowFactor(hitsBefore, m)
        : 0
      : grown
        ? growthFactor(mark, m)
        : lossFactor(isError, m, Math.min(1, hitsBefore / m / comes));
    if (factor === 0) continue;
    const holes = Math.min(came, cameLately, comes) < 1;
    if (holes && (hits / n) * m > decisive * hitsBefore) continue;
    const testifies = isLine || scene.baseline.minutes > 0 ? 1 : testimony(lostShare(scene.recent.traces));
    const usual = grown ? moreThanUsual(scene, onset, hitsBefore, hits) : moreThanUsual(scene, onset, m - hitsBefore, n - hits);
    const opening = recent === n ? 0.6 + 0.4 * scene.trust : 1;
    const strength =
      Math.max(0, Math.min(likelihoodRatio(hitsBefore, m, hits, n), usual) - (holes ? chanceInHoles : chance)) *
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
