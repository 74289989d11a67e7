/**
 * Client spans with no server span beneath, where there usually is one. Services deliver their spans each for itself, so of
 * a call that ended just now the far side may be on its way: it is neither answered nor unanswered yet.
 */
import { endedJustNow } from '../baseline/lost-entries.ts';
import { spanKind } from '../telemetry.ts';
import type { Scene } from './scene.ts';

interface Dangling {
  /** A call without an answer; with many spans missing a missing server span says nothing, and nothing is one. */
  readonly isUnanswered: (row: number) => boolean;
  /** A call whose far side may be on its way. */
  readonly isAwaited: (row: number) => boolean;
}

const memo = new WeakMap<Scene, Dangling>();

/** Tells for a span row whether it is a call without an answer: its operation calls out at other times and nothing hangs beneath it now. */
export const likelyCallingOperations = (scene: Scene): ((row: number) => boolean) => danglingIn(scene).isUnanswered;

/** 1 for visits that made a call of which the far side may be on its way; null where there are none. */
export function awaitingVisits(scene: Scene): Uint8Array | null {
  const { visits, window } = scene.recent;
  const { isAwaited } = danglingIn(scene);
  let awaiting: Uint8Array | null = null;
  for (let row = 0; row < window.spans.length; row++) {
    if (!isAwaited(row)) continue;
    awaiting ??= new Uint8Array(visits.count);
    awaiting[visits.ofSpan[row]!] = 1;
  }
  return awaiting;
}

function danglingIn(scene: Scene): Dangling {
  const known = memo.get(scene);
  if (known) return known;
  const { window, tree } = scene.recent;
  const { spans } = window;
  const answered = new Map<number, number>();
  let orphans = 0;
  const key = (row: number): number => spans.service[row]! * 0x1000000 + spans.operation[row]!;
  for (let row = 0; row < spans.length; row++) {
    if (spans.parent[row] === -2) orphans++;
    const p = tree.parent[row]!;
    if (p >= 0 && spans.service[p] !== spans.service[row] && tree.entry[p] !== p) answered.set(key(p), (answered.get(key(p)) ?? 0) + 1);
  }
  const isFresh = endedJustNow(window, tree);
  const many = orphans > spans.length / 20;
  const hasNoAnswer = (row: number): boolean =>
    tree.firstChild[row] === -1 &&
    tree.entry[row] !== row &&
    (answered.has(key(row)) || (spans.kind[row] === spanKind.client && spans.peerKind[row] === 1));
  const found: Dangling = {
    isUnanswered: (row) => !many && !isFresh(row) && hasNoAnswer(row),
    isAwaited: (row) => isFresh(row) && hasNoAnswer(row),
  };
  memo.set(scene, found);
  return found;
}
