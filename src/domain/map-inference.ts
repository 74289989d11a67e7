/**
 * Infers who calls whom from spans as they arrive. A call has two halves in different processes: the caller's span and the
 * span it caused, whose parent it is. They come in any order, from different senders, minutes apart:
 *
 *   trace=9f span=a1            checkout   kept as a possible parent under 9f/a1
 *   trace=9f span=b7 parent=a1  payments   finds it: edge checkout → payments, timed by the callee
 *   trace=9f span=c2 parent=b7  payments   its parent is of the same service: no edge
 *
 * A child whose parent has not come waits for it. A caller's span that names a peer is a call to that peer until somebody is
 * seen to have answered it, below it or below spans of its own service: then the call is taken back from the peer's edge, for
 * it is counted on the answering service's. What is left are databases and third parties, which send no telemetry. Span kinds
 * help to name peers but are not needed: instrumentation that sets none works by parents alone. A consumer's link to its
 * producer is an edge as well, beside the two edges with the queue between them. Services that send lines only get their
 * edges from those: see `log-edges.ts`.
 */
import { unreachedHost } from './baseline/failure-text.ts';
import { BatchSenders } from './batch-senders.ts';
import { LogEdges } from './log-edges.ts';
import { drawMap } from './map-drawing.ts';
import { Generation, keyHash, keyWords } from './map-halves.ts';
import { type EdgeState, keepName, type MapSnapshot, MapState } from './map-state.ts';
import type { LogRecord, PointRecord } from './records.ts';
import type { ReportedEdge } from './reported-edge.ts';
import { partNamed } from './part-name.ts';
import type { Directory } from './service.ts';
import type { EdgeSource, ServiceKind, ServiceMap } from './service-map.ts';
import { idWords, parentIdAt, type ResourceRecord, type SpanBatch, spanIdAt } from './span-batch.ts';
import { SpanKeys, traceWord } from './span-keys.ts';
import { peerKind, spanKind, spanStatus } from './telemetry.ts';

/**
 * A half waits at least so long, and at most twice. SDKs deliver up to 5 s late and collectors batch on top; but a parent
 * comes only when it has ended, and calls that run into a timeout of 30 or 60 s are the ones an incident is about.
 */
const waitMs = 60_000;
const maxTracing = 4_000;
/** Lines of lower severity tell of no failure. */
const spoken = 13;

const kindOfPeer: Readonly<Record<number, ServiceKind>> = {
  [peerKind.service]: 'service',
  [peerKind.database]: 'database',
  [peerKind.queue]: 'queue',
  [peerKind.host]: 'external',
};

export class MapInference {
  readonly #state = new MapState();
  #young = new Generation();
  #old = new Generation();
  #turnedAt = 0;
  #view: ServiceMap | null = null;
  readonly #logged = new LogEdges();
  /** Services that send spans. */
  readonly #tracing = new Set<string>();
  readonly #keys = new SpanKeys();
  readonly #key = new Int32Array(keyWords);
  readonly #target = new Int32Array(keyWords);

  /** `now` is when they arrived; the spans' own times may be anything. Rows marked as known count nowhere again. */
  spans(batch: SpanBatch, now: number): void {
    const { resource, startMs, isKnown, peer, component } = batch.columns;
    const services = batch.resources.map(() => -2);
    const senders = new BatchSenders(batch.resources.length, (by, part, at) => this.#part(services[by]!, batch.texts.text(part), at));
    const peers = new Map<number, number>();
    for (const { service } of batch.resources) if (this.#tracing.size < maxTracing) this.#tracing.add(service);
    this.#keys.read(batch, this.#young, this.#old);
    for (let row = 0; row < batch.length; row++) {
      if (isKnown[row] === 1) continue;
      const by = resource[row]!;
      if (services[by] === -2) services[by] = this.#heard(batch.resources[by]!, startMs[row]!);
      const service = services[by]!;
      if (service < 0) continue;
      senders.see(by, startMs[row]!, component[row]!);
      this.#span(batch, row, service, peer[row]! < 0 ? -1 : this.#peer(batch, row, peers), now);
    }
    senders.end((by, ...seenAt) => seenAt.forEach((at) => void this.#heard(batch.resources[by]!, at)));
    this.#view = null;
  }

  /** Edges that a mesh or a service graph reports as metrics: points with a client and a server. */
  points(points: readonly PointRecord[]): void {
    for (const { labels, timeMs, resource } of points) {
      this.#heard(resource, timeMs);
      const { client, server } = labels;
      if (!client || !server || client === server) continue;
      this.#told(client, server, 'metric', timeMs);
    }
    this.#view = null;
  }

  /** Edges by a mesh's account, as it stands now: not added to what it said before, nor to what spans have counted. */
  reported(edges: readonly ReportedEdge[], at: number): void {
    for (const { caller, callee, ...counts } of edges) {
      if (caller === '' || callee === '' || caller === callee) continue;
      const edge = this.#told(caller, callee, 'mesh', at);
      if (edge !== null) edge.reported = counts;
    }
    this.#view = null;
  }

  /**
   * Log lines: who wrote them is a service; lines of several under one id show who calls whom, and a line that says who
   * could not be reached names a callee. Services whose calls are seen in spans need no such guesses.
   */
  lines(logs: readonly LogRecord[], now: number): void {
    for (const { resource, timeMs, severity, text, traceId, correlationId, component } of logs) {
      const service = this.#heard(resource, timeMs);
      if (service < 0) continue;
      if (component !== null) this.#part(service, component, timeMs);
      this.#logged.line(traceId ?? correlationId, resource.service, timeMs);
      const host = severity > 0 && severity < spoken ? '' : unreachedHost(text);
      if (host !== '') this.#told(resource.service, `ext:${host}`, 'log', timeMs);
    }
    for (const { caller, callee, requests } of this.#logged.settle(now)) {
      const edge = this.#tracing.has(callee) ? null : this.#told(caller, callee, 'log', now);
      if (edge !== null && !edge.sources.includes('span')) edge.calls = Math.max(edge.calls, requests);
    }
    this.#view = null;
  }

  /** An edge by another's account than spans'. */
  #told(from: string, to: string, source: EdgeSource, at: number): EdgeState | null {
    const see = (name: string): number => this.#state.see(name, name.startsWith('ext:') ? 'external' : 'service', false, at);
    const [caller, callee] = [see(from), see(to)];
    return caller >= 0 && callee >= 0 ? this.#state.edge(caller, callee, source, at) : null;
  }

  map(directory: Directory = []): ServiceMap {
    this.#view ??= drawMap(this.#state, directory);
    return this.#view;
  }

  /** The directory has changed. */
  redraw(): void {
    this.#view = null;
  }

  /** JSON-able. Halves under way are not kept: a call that straddles a restart stays with its peer. */
  snapshot(): MapSnapshot {
    return this.#state.snapshot();
  }

  static restore(snapshot: MapSnapshot): MapInference {
    const map = new MapInference();
    map.#state.restore(snapshot);
    return map;
  }

  /** Forgets what has not been seen for a week. */
  age(now: number): void {
    if (!this.#state.age(now)) return;
    // Numbers of names have changed, and halves hold the old ones.
    this.#young.clear();
    this.#old.clear();
    this.#view = null;
  }

  #heard({ service, version, instance }: ResourceRecord, at: number): number {
    const number = this.#state.see(service, 'service', true, at);
    const seen = this.#state.services.get(number);
    if (seen !== undefined) {
      keepName(seen.versions, version, at);
      keepName(seen.instances, instance, at);
    }
    return number;
  }

  #part(service: number, name: string, at: number): void {
    const seen = this.#state.services.get(service);
    if (seen !== undefined) keepName(seen.components, partNamed(name), at);
  }

  #seeAgain(number: number, at: number): void {
    const seen = this.#state.services.get(number);
    if (seen !== undefined) this.#state.seeAgain(seen, at);
  }

  #peer(batch: SpanBatch, row: number, peers: Map<number, number>): number {
    const { peer, peerKind: kinds, startMs } = batch.columns;
    let number = peers.get(peer[row]!);
    if (number === undefined) {
      number = this.#state.see(batch.texts.text(peer[row]!), kindOfPeer[kinds[row]!] ?? 'external', false, startMs[row]!);
      peers.set(peer[row]!, number);
    }
    if (number >= 0) this.#seeAgain(number, startMs[row]!);
    return number;
  }

  /** Generations change places when the young one is full, or as old as a half has to wait. */
  #turn(now: number): void {
    if (!this.#young.isFull && now - this.#turnedAt < waitMs) return;
    const old = this.#old;
    this.#old = this.#young;
    this.#young = old;
    old.clear();
    this.#turnedAt = now;
  }

  #span(batch: SpanBatch, row: number, service: number, peer: number, now: number): void {
    this.#turn(now);
    const { ids, startMs, durationMs, status, kind, peerKind: peerKinds } = batch.columns;
    const young = this.#young;
    const key = this.#key;
    key[0] = this.#keys.trace[row]!;
    key[1] = ids[row * idWords + spanIdAt]!;
    key[2] = ids[row * idWords + spanIdAt + 1]!;
    const hash = this.#keys.own[row]!;
    if (young.findBy(hash, key, 0) >= 0) return;
    const half = young.add(key, hash);
    const { rows } = young;
    const isQueue = peerKinds[row] === peerKind.queue;
    const isFailed = status[row] === spanStatus.error;
    rows.service[half] = service;
    rows.peer[half] = isQueue || peer === service ? -1 : peer;
    rows.peerKind[half] = peerKinds[row]!;
    rows.durationMs[half] = durationMs[row]!;
    rows.atMs[half] = startMs[row]!;
    rows.isFailed[half] = isFailed ? 1 : 0;
    rows.isEntry[half] = kind[row] === spanKind.server || kind[row] === spanKind.consumer ? 1 : 0;
    rows.isAnswered[half] = rows.hasParent[half] = 0;
    if (rows.peer[half]! >= 0) this.#state.count(service, peer, isFailed, durationMs[row]!, startMs[row]!);
    if (isQueue && peer >= 0) this.#queue(batch, row, service, peer);
    this.#meet(this.#old, half, hash);
    this.#meet(young, half, hash);
    const at = row * idWords + parentIdAt;
    if (ids[at] !== 0 || ids[at + 1] !== 0) {
      rows.hasParent[half] = 1;
      this.#target[0] = key[0];
      this.#target[1] = ids[at]!;
      this.#target[2] = ids[at + 1]!;
      this.#join(half, this.#keys.parent[row]!, false);
      for (let word = 0; word < keyWords; word++) rows.parents[half * keyWords + word] = this.#target[word]!;
    }
    const link = batch.links.get(row);
    if (link !== undefined) this.#joinLinked(half, link);
  }

  #queue(batch: SpanBatch, row: number, service: number, queue: number): void {
    const { isReceiving, status, durationMs, startMs } = batch.columns;
    const [from, to] = isReceiving[row] === 1 ? [queue, service] : [service, queue];
    this.#state.count(from, to, status[row] === spanStatus.error, durationMs[row]!, startMs[row]!);
  }

  /** Children that waited for the new half. */
  #meet(generation: Generation, half: number, hash: number): void {
    for (let wait = generation.firstWaiting(this.#key, hash); wait >= 0; wait = generation.waits.next[wait]!)
      this.#pair(this.#young, half, generation, generation.waits.child[wait]!, generation.waits.isLink[wait] === 1);
  }

  /** A link to the parent says what the parent says, and is not a second call. */
  #joinLinked(half: number, link: Int32Array): void {
    const { hasParent, parents } = this.#young.rows;
    const target = this.#target;
    target[0] = traceWord(link, 0);
    target[1] = link[spanIdAt]!;
    target[2] = link[spanIdAt + 1]!;
    if (hasParent[half] === 1 && target.every((word, i) => parents[half * keyWords + i] === word)) return;
    this.#join(half, keyHash(target, 0), true);
  }

  /** Ties the new half to the one above it, `#target`, now or when that comes. */
  #join(half: number, hash: number, isLink: boolean): void {
    const target = this.#target;
    const young = this.#young.findBy(hash, target, 0);
    const old = young >= 0 ? -1 : this.#old.findBy(hash, target, 0);
    if (young >= 0) this.#pair(this.#young, young, this.#young, half, isLink);
    else if (old >= 0) this.#pair(this.#old, old, this.#young, half, isLink);
    else this.#young.wait(target, hash, half, isLink);
  }

  #pair(above: Generation, parent: number, below: Generation, child: number, isLink: boolean): void {
    const { service, isFailed, durationMs, atMs, isAnswered, isEntry } = below.rows;
    const caller = above.rows.service[parent]!;
    const callee = service[child]!;
    if (caller !== callee) this.#state.count(caller, callee, isFailed[child] === 1, durationMs[child]!, atMs[child]!);
    if (!isLink && (caller !== callee || isEntry[child] === 1 || isAnswered[child] === 1)) this.#answer(above, parent);
  }

  /** Its call was answered, and so was that of any span of its own service around it. */
  #answer(generation: Generation, half: number): void {
    const { rows } = generation;
    if (rows.isAnswered[half] === 1) return;
    rows.isAnswered[half] = 1;
    const peer = rows.peer[half]!;
    if (peer >= 0) this.#state.takeBack(rows.service[half]!, peer, rows.isFailed[half] === 1, rows.durationMs[half]!);
    // Above a service's way in there is the caller's call, which this answers by itself.
    if (rows.hasParent[half] === 1 && rows.isEntry[half] === 0) this.#tellAbove(generation, half);
  }

  #tellAbove(generation: Generation, half: number): void {
    this.#tellIn(this.#young, generation, half);
    this.#tellIn(this.#old, generation, half);
  }

  #tellIn(above: Generation, generation: Generation, half: number): void {
    const parent = above.find(generation.rows.parents, half * keyWords);
    if (parent >= 0 && above.rows.service[parent] === generation.rows.service[half]) this.#answer(above, parent);
  }
}
