/**
 * Room for the normal period: what has become too much is put together or forgotten, the rarest first. Names without bound
 * (ids in operations or lines that no mask knows) cost their own place and nobody else's.
 */
import { Counts, leftOf, pairKey, rightOf } from './counts.ts';
import type { Histogram } from './histogram.ts';
import { type Lexicon, otherPath } from './lexicon.ts';
import type { Normal } from './normal.ts';

/**
 * A counter takes about 68 bytes, a sketch 650, a name 200 (measured with test/bench/baseline.bench.ts): with all of them
 * full a baseline stays under 64 MiB. Three hundred services with thousands of operations fill a third.
 */
const room = {
  paths: 20_000,
  items: 100_000,
  spoken: 30_000,
  calls: 20_000,
  steps: 20_000,
  failing: 5_000,
  sketches: 10_000,
} as const;
/** Forgetting looks at everything, so a quarter goes at once. */
const kept = 0.75;

/** A path this rare in its unit never excuses anybody (see ranking), so it need not be kept apart. */
export const commonShare = 0.08;

/**
 * Paths too rare to matter are put together, and items seen in less than 1 % of their path's visits, of which
 * there can be very many, are dropped.
 */
function condense(normal: Normal, lexicon: Lexicon): void {
  const totals = new Map<number, number>();
  for (const path of normal.visited.keys()) {
    const unit = lexicon.unitOf(path);
    totals.set(unit, (totals.get(unit) ?? 0) + normal.visited.sum(path));
  }
  const renamed = new Map<number, number>();
  for (const path of normal.visited.keys()) {
    const unit = lexicon.unitOf(path);
    const all = totals.get(unit) ?? 0;
    const rare = all >= 100 && normal.visited.sum(path) < (all * commonShare) / 2;
    renamed.set(path, rare ? lexicon.path(unit, otherPath) : path);
  }
  const merge = (counts: Counts, key: (old: number) => number): Counts => {
    const merged = new Counts(1);
    for (const old of counts.keys()) merged.add(key(old), 0, counts.sum(old));
    return merged;
  };
  const pathOf = (old: number): number => renamed.get(old) ?? old;
  normal.visited = merge(normal.visited, pathOf);
  normal.covered = merge(normal.covered, pathOf);
  const items = merge(normal.items, (old) => pairKey(pathOf(leftOf(old)), rightOf(old)));
  normal.items = new Counts(1);
  for (const key of items.keys()) {
    const visits = normal.visited.sum(leftOf(key));
    if (visits < 50 || items.sum(key) >= visits / 100) normal.items.add(key, 0, items.sum(key));
  }
}

/** Keeps every part within its room. */
export function makeRoom(normal: Normal, lexicon: Lexicon, most: Readonly<Record<keyof typeof room, number>> = room): void {
  if (normal.items.size > most.items) condense(normal, lexicon);
  if (normal.items.size > most.items || normal.visited.size > most.paths) dropPaths(normal, kept * most.paths, kept * most.items);
  dropRarest(normal.spoken, most.spoken);
  dropRarest(normal.failing, most.failing);
  if (dropRarest(normal.seen, most.calls)) normal.places.retain((key) => normal.seen.has(key));
  dropRarest(normal.within, most.steps);
  for (const sketches of [normal.delays, normal.metrics]) dropSketches(sketches, most.sketches);
}

/** Drops whole paths: an item that is gone from a path that is still there would look like one that was never seen on it. */
function dropPaths(normal: Normal, mostPaths: number, mostItems: number): void {
  const items = new Map<number, number>();
  for (const key of normal.items.keys()) items.set(leftOf(key), (items.get(leftOf(key)) ?? 0) + 1);
  let [paths, left] = [normal.visited.size, normal.items.size];
  const gone = new Set<number>();
  for (const path of rarestFirst([...normal.visited.keys()], (key) => normal.visited.sum(key))) {
    if (paths <= mostPaths && left <= mostItems) break;
    gone.add(path);
    paths--;
    left -= items.get(path) ?? 0;
  }
  for (const counts of [normal.visited, normal.covered]) counts.retain((path) => !gone.has(path));
  normal.items.retain((key) => !gone.has(leftOf(key)));
}

/** Of equally rare ones the oldest first: what is new has had no time to become frequent. */
function rarestFirst(keys: number[], amount: (key: number) => number): number[] {
  const amounts = new Map(keys.map((key) => [key, amount(key)]));
  return keys.sort((a, b) => amounts.get(a)! - amounts.get(b)!);
}

function dropRarest(counts: Counts, most: number): boolean {
  if (counts.size <= most) return false;
  const ordered = rarestFirst([...counts.keys()], (key) => counts.sum(key));
  const gone = new Set(ordered.slice(0, counts.size - Math.floor(kept * most)));
  counts.retain((key) => !gone.has(key));
  return true;
}

function dropSketches(sketches: Map<number, Histogram>, most: number): void {
  if (sketches.size <= most) return;
  const ordered = rarestFirst([...sketches.keys()], (key) => sketches.get(key)!.total);
  for (const key of ordered.slice(0, sketches.size - Math.floor(kept * most))) sketches.delete(key);
}
