/**
 * Failures of a service that come from one caller alone, while everybody else who asks for the same is served: it chokes on what that
 * caller sends, and is not at fault itself.
 *
 *   basket ─ stock (fails)          stock, by itself, would fail for both: basket asks for what is not there, or in a way
 *   orders ─ stock (answers)        that stock cannot read
 */
import { spanStatus } from '../telemetry.ts';
import type { Scene } from './scene.ts';

/** Visits that failed by themselves on what was asked, with who asked (a number of the window's strings). */
type Choked = ReadonlyMap<number, number>;

const fewestFailed = 3;
/** Of what the one caller asks for: a caller that is mostly served sends nothing wrong. */
const oftenEnough = 0.2;
/** Answers to others that show the operation to be well, and the share of theirs that may fail by chance. */
const fewestAnswered = 5;
const passing = 0.05;
/** The chance that a service which fails for all alike would have spared the others. */
const byChance = 0.01;
/** All other callers fail less than one in so many of what the one fails. */
const contrast = 10;

interface Asked {
  count: number;
  readonly failed: Set<number>;
}

const memo = new WeakMap<Scene, Choked>();

export function choked(scene: Scene): Choked {
  const known = memo.get(scene);
  if (known) return known;
  const found = new Map<number, number>();
  const { changes, alertAt } = scene.input;
  const isReleased = (name: string): boolean => changes.some(({ service, startedAt }) => service === name && startedAt <= alertAt);
  for (const [unit, byCaller] of askedOf(scene)) {
    const [first, ...others] = [...byCaller].sort(([, a], [, b]) => b.failed.size - a.failed.size);
    if (first === undefined || first[1].failed.size < fewestFailed || first[1].failed.size < oftenEnough * first[1].count) continue;
    // What was just released may have broken what that caller alone asks for.
    if (isReleased(scene.lexicon.parts(unit)[1] ?? '')) continue;
    const asked = others.reduce((sum, [, { count }]) => sum + count, 0);
    const failed = others.reduce((sum, [, one]) => sum + one.failed.size, 0);
    const share = first[1].failed.size / first[1].count;
    if (asked - failed < fewestAnswered || failed > passing * asked || (failed / asked) * contrast > share) continue;
    if ((1 - share) ** (asked - failed) > byChance) continue;
    for (const visit of first[1].failed) found.set(visit, first[0]);
  }
  memo.set(scene, found);
  return found;
}

/** By unit in which failures began: how often each caller asked since the first of them, and the visits that failed by themselves. */
function askedOf(scene: Scene): Map<number, Map<number, Asked>> {
  const { visits, tree, window, origins, bucketOfTrace } = scene.recent;
  /** By visit that failed by itself: the span that asked; -1: it is not known. */
  const failing = new Map<number, number>();
  const since = new Map<number, number>();
  for (const { why, row, service, trace } of origins.votes) {
    const visit = visits.ofSpan[row]!;
    if (why !== 'own' || visit < 0 || bucketOfTrace[trace]! < 0 || window.spans.service[row] !== service) continue;
    // Several may have asked within one visit.
    const above = tree.parent[tree.entry[row]!]!;
    failing.set(visit, above);
    const unit = visits.unit[visit]!;
    since.set(unit, Math.min(since.get(unit) ?? Number.POSITIVE_INFINITY, tree.startMs[row]!));
  }
  const found = new Map<number, Map<number, Asked>>();
  if (since.size === 0) return found;
  for (let visit = 0; visit < visits.count; visit++) {
    const row = visits.entryRow[visit]!;
    const parent = row < 0 ? -1 : tree.parent[row]!;
    if (parent < 0 || !(tree.startMs[row]! >= (since.get(visits.unit[visit]!) ?? Number.POSITIVE_INFINITY) - before)) continue;
    const byCaller = found.get(visits.unit[visit]!) ?? new Map<number, Asked>();
    found.set(visits.unit[visit]!, byCaller);
    const above = failing.get(visit) ?? -1;
    const caller = window.spans.service[above < 0 ? parent : above]!;
    const asked = byCaller.get(caller) ?? { count: 0, failed: new Set<number>() };
    byCaller.set(caller, asked);
    asked.count++;
    if (failing.has(visit)) asked.failed.add(visit);
    else if (window.spans.status[row] === spanStatus.error) asked.count--;
  }
  return found;
}

/** A visit begins before the span within it that fails, in ms. */
const before = 1_000;
