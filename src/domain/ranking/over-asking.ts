/**
 * Calls that were turned away because too many come (429, RESOURCE_EXHAUSTED). Whoever makes such a call in far more of its requests
 * than it did has used up what it may ask, because its cache, its batches or its intervals are gone. Where it asks no more than ever
 * the other side has become stricter, or somebody else uses up the same, and nothing of this holds.
 *
 *   before   feed asks rates in 14 of 135 requests
 *   now      feed asks rates in 312 of 410, and rates turns away 228 of them                feed, not rates
 */
import { pairKey } from '../baseline/counts.ts';
import type { Origin } from '../baseline/error-origins.ts';
import { buckets, type Scene } from './scene.ts';

/** HTTP's code, and gRPC's plus 1000. */
const tooMany: ReadonlySet<number> = new Set([429, 1008]);
/** So many times the share of its requests. */
const farMore = 2;
/** Requests that show how often it was, and calls now. */
const fewestBefore = 10;
const fewestNow = 5;

const memo = new WeakMap<Scene, Map<string, boolean>>();

/** Whether a failed call was turned away from a service that makes far more of its kind than it did. */
export function isOverasking(scene: Scene, { row, why }: Origin): boolean {
  const { window, visits } = scene.recent;
  const { spans } = window;
  if ((why !== 'unanswered' && why !== 'store') || !tooMany.has(spans.statusCode[row]!) || visits.ofSpan[row]! < 0) return false;
  const unit = visits.unit[visits.ofSpan[row]!]!;
  const known = memo.get(scene) ?? new Map<string, boolean>();
  memo.set(scene, known);
  const key = `${unit} ${spans.peer[row]}`;
  const asksMore = known.get(key) ?? asksFarMore(scene, unit, spans.peer[row]!);
  known.set(key, asksMore);
  return asksMore;
}

function asksFarMore(scene: Scene, unit: number, peer: number): boolean {
  const { normal, recent, lexicon } = scene;
  const item = lexicon.id('P', recent.window.strings.text(peer));
  const since = firstTurnedAway(scene, peer);
  let [visitsBefore, askedBefore, visits, asked] = [0, 0, 0, 0];
  for (const path of new Set([...normal.visited.keys(), ...recent.visited.keys()])) {
    if (lexicon.unitOf(path) !== unit) continue;
    const asking = pairKey(path, item);
    visitsBefore += normal.visited.sum(path) + recent.visited.sum(path, 0, since);
    askedBefore += normal.items.sum(asking) + recent.items.sum(asking, 0, since);
    visits += recent.visited.sum(path, since);
    asked += recent.items.sum(asking, since);
  }
  return visitsBefore >= fewestBefore && asked >= fewestNow && asked * visitsBefore >= farMore * askedBefore * visits;
}

/** The first bucket in which a call to it was turned away. */
function firstTurnedAway({ recent: { window, bucketOfTrace } }: Scene, peer: number): number {
  const { spans } = window;
  let first = buckets - 1;
  for (let row = 0; row < spans.length; row++) {
    const bucket = bucketOfTrace[spans.trace[row]!]!;
    if (spans.peer[row] === peer && tooMany.has(spans.statusCode[row]!) && bucket >= 0) first = Math.min(first, bucket);
  }
  return first;
}
