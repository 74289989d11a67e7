/**
 * Client spans with no server span beneath, where there usually is one. Services deliver their spans each for itself, so of
 * a call that ended just now the far side may be on its way: it is neither answered nor unanswered yet.
 */
import { endedJustNow } from '../baseline/lost-entries.ts';
import { spanKind } from '../telemetry.ts';
import type { Scene } from './scene.ts';

const memo = new WeakMap<Scene, (row: number) => boolean>();

/**
 * Tells for a span row whether it is a call without an answer: its operation calls out at other times and nothing hangs
 * beneath it now. With many spans missing a missing server span says nothing, and the answer is always no.
 */
export function likelyCallingOperations(scene: Scene): (row: number) => boolean {
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
  const test = (row: number): boolean =>
    !many &&
    tree.firstChild[row] === -1 &&
    tree.entry[row] !== row &&
    !isFresh(row) &&
    (answered.has(key(row)) || (spans.kind[row] === spanKind.client && spans.peerKind[row] === 1));
  memo.set(scene, test);
  return test;
}
