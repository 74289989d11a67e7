/**
 * Client spans with no server span beneath, where there usually is one. Services deliver their spans each for itself, so of
 * a call that ended just now the far side may be on its way: it is neither answered nor unanswered yet.
 */
import { endedJustNow } from '../baseline/lost-entries.ts';
import { peerKind, spanKind } from '../telemetry.ts';
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
  const answered = new Map<number, Set<number>>();
  let orphans = 0;
  const key = (row: number): number => spans.service[row]! * 0x1000000 + spans.operation[row]!;
  // Client spans are often named by their method alone (`GET`), whoever is called.
  const isAnswered = (row: number): boolean => answered.get(key(row))?.has(spans.peer[row]!) === true;
  for (let row = 0; row < spans.length; row++) {
    if (spans.parent[row] === -2) orphans++;
    const p = tree.parent[row]!;
    if (p < 0 || spans.service[p] === spans.service[row] || tree.entry[p] === p) continue;
    const peers = answered.get(key(p));
    if (peers) peers.add(spans.peer[p]!);
    else answered.set(key(p), new Set([spans.peer[p]!]));
  }
  const isFresh = endedJustNow(window, tree);
  const many = orphans > spans.length / 20;
  const isTraced = tracedPeers(scene);
  const hasNoAnswer = (row: number): boolean =>
    tree.firstChild[row] === -1 && tree.entry[row] !== row && (isAnswered(row) || (spans.kind[row] === spanKind.client && isTraced(row)));
  const found: Dangling = {
    isUnanswered: (row) => !many && !isFresh(row) && hasNoAnswer(row),
    isAwaited: (row) => isFresh(row) && hasNoAnswer(row),
  };
  memo.set(scene, found);
  return found;
}

/** Whether a call says that it is to a service, or to a host whose service sends spans at other times. */
function tracedPeers({ known, normal, recent, lexicon }: Scene): (row: number) => boolean {
  const { spans, strings } = recent.window;
  const hosts = new Map<number, boolean>();
  const isTracedHost = (peer: number): boolean => {
    const host = strings.text(peer).replace(/^ext:/, '').replace(/:\d+$/, '');
    const service = known.resolve(host.toLowerCase(), null)?.service;
    if (service === undefined) return false;
    const name = lexicon.id(service);
    return normal.spans.sum(name) + recent.spans.sum(name) > 0;
  };
  return (row) => {
    if (spans.peerKind[row] !== peerKind.host) return spans.peerKind[row] === peerKind.service;
    const peer = spans.peer[row]!;
    const found = hosts.get(peer) ?? isTracedHost(peer);
    hosts.set(peer, found);
    return found;
  };
}

/** Whom a call was made to that does not say it. */
export const anybody = '';

/** The service that a call says it is made to. */
export function calledBy({ known, recent: { window } }: Scene, row: number): string {
  const { peer, peerKind: kinds } = window.spans;
  if (peer[row]! < 0 || kinds[row] === peerKind.none) return anybody;
  const name = window.strings.text(peer[row]!);
  if (kinds[row] === peerKind.service) return name;
  const host = name.replace(/^ext:/, '').replace(/:\d+$/, '');
  return known.resolve(host.toLowerCase(), null)?.service ?? anybody;
}

/** Whether somebody else's span hangs beneath a call for certain: its own sockets and look-ups may be spans as well. */
export function isTaken({ recent: { tree, window } }: Scene, row: number): boolean {
  const { service } = window.spans;
  for (let child = tree.firstChild[row]!; child >= 0; child = tree.nextSibling[child]!)
    if (service[child] !== service[row] && tree.adopted[child] !== 1) return true;
  return false;
}
