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
  const isLeaf = (row: number): boolean => tree.firstChild[row] === -1 && tree.entry[row] !== row;
  const isUntraced = untracedPlaces(scene, (row) => isLeaf(row) && spans.peerKind[row] === peerKind.none && isAnswered(row));
  const hasNoAnswer = (row: number): boolean =>
    isLeaf(row) && (isAnswered(row) ? !isUntraced(row) : spans.kind[row] === spanKind.client && isTraced(row));
  const found: Dangling = {
    isUnanswered: (row) => !many && !isFresh(row) && hasNoAnswer(row),
    isAwaited: (row) => isFresh(row) && hasNoAnswer(row),
  };
  memo.set(scene, found);
  return found;
}

/** A place in a visit that nobody takes calls at so often is one to somebody who sends no spans. */
const fewestUntaken = 3;

/**
 * Calls named by their method alone tell by their place whom they are to: after the same step it is the same call. At some
 * nobody is ever seen to take it, though others of that name are taken in the same visit: those are to a service without spans.
 */
function untracedPlaces({ recent }: Scene, isCandidate: (row: number) => boolean): (row: number) => boolean {
  const { window, tree, visits } = recent;
  const { spans } = window;
  const key = (row: number): number => spans.service[row]! * 0x1000000 + spans.operation[row]!;
  const keys = new Set<number>();
  for (let row = 0; row < spans.length; row++) if (isCandidate(row)) keys.add(key(row));
  if (keys.size === 0) return () => false;
  const before = stepsBefore(recent);
  const place = (row: number): string => `${key(row)} ${before[row]}`;
  const takenAt = new Set<string>();
  const takenIn = new Set<string>();
  for (let row = 0; row < spans.length; row++) {
    if (!keys.has(key(row)) || tree.firstChild[row] === -1) continue;
    takenAt.add(place(row));
    takenIn.add(`${visits.ofSpan[row]} ${key(row)}`);
  }
  const untaken = new Map<string, number>();
  for (let row = 0; row < spans.length; row++) {
    if (!isCandidate(row) || takenAt.has(place(row)) || !takenIn.has(`${visits.ofSpan[row]} ${key(row)}`)) continue;
    untaken.set(place(row), (untaken.get(place(row)) ?? 0) + 1);
  }
  return (row) => isCandidate(row) && (untaken.get(place(row)) ?? 0) >= fewestUntaken;
}

/** The operation that began before each span under the same parent; -1 where it is the first. */
function stepsBefore({ window: { spans }, tree }: Scene['recent']): Int32Array {
  const before = new Int32Array(spans.length).fill(-1);
  for (let parent = 0; parent < spans.length; parent++) {
    const children: number[] = [];
    for (let child = tree.firstChild[parent]!; child >= 0; child = tree.nextSibling[child]!) children.push(child);
    if (children.length < 2) continue;
    children.sort((a, b) => tree.startMs[a]! - tree.startMs[b]! || a - b);
    for (let i = 1; i < children.length; i++) before[children[i]!] = spans.operation[children[i - 1]!]!;
  }
  return before;
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
