/**
 * What can be tested of each unit: the paths its visits took, normally and lately, and the items they had. A unit may have
 * thousands of paths and items, as one that calls thousands of hosts, and each item is on few of its paths: so it is known which.
 */
import { leftOf, rightOf } from '../baseline/counts.ts';
import { entryFinder } from '../baseline/lost-entries.ts';
import type { Lexicon } from '../baseline/lexicon.ts';
import type { Normal } from '../baseline/normal.ts';
import { ofTraces, type VisitCounts } from '../baseline/period.ts';
import type { Scene } from './scene.ts';

export interface Path {
  readonly path: number;
  /** Normal visits on it, and those in traces with log lines. */
  readonly visits: number;
  readonly logged: number;
}

export interface Unit {
  readonly unit: number;
  readonly paths: Path[];
  /** Items worth testing, each with the paths that have it: everything seen lately, and what was normal for a unit that was visited lately. */
  readonly items: Map<number, Set<Path>>;
  /** Normal visits on all paths. */
  visits: number;
  /** Normal paths of the whole service, where the unit has none because its visits used to be traced and now are not. */
  untraced: readonly Path[];
}

export function unitsIn({ normal, lexicon }: Scene, counts: VisitCounts): Map<number, Unit> {
  const units = new Map<number, Unit>();
  const ofPath = new Map<number, { readonly unit: Unit; readonly path: Path }>();
  const join = (number: number, known: Unit | undefined, id: number): void => {
    const unit = known ?? { unit: id, paths: [], items: new Map<number, Set<Path>>(), visits: 0, untraced: [] };
    units.set(id, unit);
    const path = { path: number, visits: normal.visited.sum(number), logged: normal.covered.sum(number) };
    ofPath.set(number, { unit, path });
    unit.visits += path.visits;
    unit.paths.push(path);
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
  for (const of of [normal.items, counts.items]) {
    for (const key of of.keys()) {
      const found = ofPath.get(leftOf(key));
      if (found === undefined) continue;
      const item = rightOf(key);
      const having = found.unit.items.get(item);
      if (having === undefined) found.unit.items.set(item, new Set([found.path]));
      else having.add(found.path);
    }
  }
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
