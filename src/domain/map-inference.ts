/**
 * Infers who calls whom from spans as they arrive. A call has two halves in different processes: the caller's span and the
 * span it caused, whose parent it is. They come in any order, from different senders, minutes apart:
 *
 *   trace=9f span=a1            checkout   kept as a possible parent under 9f/a1
 *   trace=9f span=b7 parent=a1  payments   finds it: edge checkout → payments, timed by the callee
 *   trace=9f span=c2 parent=b7  payments   its parent is of the same service: no edge
 *
 * A child whose parent has not come waits for it. A caller's span that names a peer and gets no child is a call to what
 * sends no telemetry: databases at once, hosts once `waitMs` have passed without a child. Span kinds help to name peers but
 * are not needed: instrumentation that sets none works by parents alone. Halves are bounded in number and age; the oldest
 * go first. A consumer's link to its producer is an edge as well.
 */
import { LatencySketch } from './latency-sketch.ts';
import type { PointRecord, SpanRecord } from './records.ts';
import type { Directory } from './service.ts';
import {
  type Edge,
  type EdgeSource,
  edgeSources,
  type MappedService,
  type ServiceKind,
  type ServiceMap,
  serviceKinds,
} from './service-map.ts';
import { peerKind, spanKind, spanStatus } from './telemetry.ts';

/** SDKs deliver up to 5 s late and collectors batch on top; three times that. */
const waitMs = 15_000;
const maxHalves = 200_000;
const maxServices = 2_000;
const maxEdges = 20_000;
const maxNamesKept = 8;
/** Services and edges not seen for so long are forgotten. */
const forgetMs = 7 * 86_400_000;

interface Half {
  readonly service: string;
  readonly at: number;
  /** A call to a peer that no child has confirmed yet. */
  lone: { readonly peer: string; readonly kind: number; readonly isFailed: boolean; readonly durationMs: number } | null;
}

/** A child whose parent has not arrived. */
interface Orphan {
  readonly service: string;
  readonly isFailed: boolean;
  readonly durationMs: number;
  readonly at: number;
}

interface EdgeState {
  calls: number;
  errors: number;
  readonly latency: LatencySketch;
  readonly sources: Set<EdgeSource>;
  lastSeenAt: number;
}

interface ServiceState {
  kind: ServiceKind;
  firstSeenAt: number;
  lastSeenAt: number;
  versions: string[];
  instances: string[];
}

export class MapInference {
  readonly #services = new Map<string, ServiceState>();
  readonly #edges = new Map<string, EdgeState>();
  readonly #halves = new Map<string, Half>();
  readonly #orphans = new Map<string, Orphan[]>();
  #orphanCount = 0;
  #view: ServiceMap | null = null;

  /** `now` is when they arrived; the spans' own times may be anything. */
  spans(spans: readonly SpanRecord[], now: number): void {
    for (const span of spans) this.#span(span, now);
    this.#expire(now);
    this.#view = null;
  }

  /** Edges that a mesh or a service graph reports as metrics: points with a client and a server. */
  points(points: readonly PointRecord[]): void {
    for (const { labels, timeMs, resource } of points) {
      this.#see(resource.service, 'service', timeMs, resource.version, resource.instance);
      const { client, server } = labels;
      if (client === undefined || server === undefined || client === server) continue;
      this.#see(client, 'service', timeMs, null, null);
      this.#see(server, 'service', timeMs, null, null);
      this.#edge(client, server, 'metric', timeMs);
    }
    if (points.length > 0) this.#view = null;
  }

  /** A service that was heard of, e.g. because it wrote a log line. */
  heard(service: string, at: number, version: string | null, instance: string | null): void {
    this.#see(service, 'service', at, version, instance);
    this.#view = null;
  }

  /** Lone calls count as calls to their peers here, though a child may still come. Hosts that are services are named so. */
  map(directory: Directory = []): ServiceMap {
    this.#view ??= this.#draw(directory);
    return this.#view;
  }

  /** The directory has changed. */
  redraw(): void {
    this.#view = null;
  }

  #span(span: SpanRecord, now: number): void {
    const { service, version, instance } = span.resource;
    this.#see(service, 'service', span.startMs, version, instance);
    const isFailed = span.status === spanStatus.error;
    const key = span.traceId + span.spanId;
    const half: Half = { service, at: now, lone: loneCall(span) };
    const waiting = this.#orphans.get(key);
    if (waiting !== undefined) {
      for (const child of waiting) this.#call(half, child.service, child.isFailed, child.durationMs, span.startMs);
      this.#orphans.delete(key);
      this.#orphanCount -= waiting.length;
    }
    this.#halves.set(key, half);
    if (span.peerKind === peerKind.queue && span.peer !== null) this.#queue(span, span.peer, isFailed);
    if (span.link !== null) this.#linked(span, isFailed);
    if (span.parentSpanId === null) return;
    const parentKey = span.traceId + span.parentSpanId;
    const parent = this.#halves.get(parentKey);
    if (parent !== undefined) this.#call(parent, service, isFailed, span.durationMs, span.startMs);
    else this.#orphan(parentKey, { service, isFailed, durationMs: span.durationMs, at: now });
  }

  #call(parent: Half, callee: string, isFailed: boolean, durationMs: number, at: number): void {
    if (parent.service === callee) return;
    parent.lone = null;
    this.#count(parent.service, callee, isFailed, durationMs, at);
  }

  #queue(span: SpanRecord, queue: string, isFailed: boolean): void {
    this.#see(queue, 'queue', span.startMs, null, null);
    const isConsumer = span.kind === spanKind.consumer;
    const [from, to] = isConsumer ? [queue, span.resource.service] : [span.resource.service, queue];
    this.#count(from, to, isFailed, span.durationMs, span.startMs);
  }

  #linked(span: SpanRecord, isFailed: boolean): void {
    if (span.link === null || span.peerKind === peerKind.queue) return;
    const producer = this.#halves.get(span.link.traceId + span.link.spanId);
    if (producer !== undefined && producer.service !== span.resource.service)
      this.#count(producer.service, span.resource.service, isFailed, span.durationMs, span.startMs);
  }

  #orphan(parentKey: string, orphan: Orphan): void {
    if (this.#orphanCount >= maxHalves) return;
    const others = this.#orphans.get(parentKey);
    if (others === undefined) this.#orphans.set(parentKey, [orphan]);
    else others.push(orphan);
    this.#orphanCount++;
  }

  /** Maps are in order of arrival, so the old stand in front. */
  #expire(now: number): void {
    for (const [key, half] of this.#halves) {
      if (this.#halves.size <= maxHalves && now - half.at < waitMs) break;
      this.#halves.delete(key);
      if (half.lone !== null) this.#peer(half.service, half.lone, half.at);
    }
    for (const [key, orphans] of this.#orphans) {
      if (now - (orphans[0]?.at ?? 0) < waitMs) break;
      this.#orphans.delete(key);
      this.#orphanCount -= orphans.length;
    }
  }

  #peer(caller: string, lone: NonNullable<Half['lone']>, at: number): void {
    if (lone.peer === caller) return;
    this.#see(lone.peer, kindOfPeer(lone.kind), at, null, null);
    this.#count(caller, lone.peer, lone.isFailed, lone.durationMs, at);
  }

  #see(name: string, kind: ServiceKind, at: number, version: string | null, instance: string | null): void {
    let state = this.#services.get(name);
    if (state === undefined) {
      if (this.#services.size >= maxServices) return;
      state = { kind, firstSeenAt: at, lastSeenAt: at, versions: [], instances: [] };
      this.#services.set(name, state);
    }
    // What sends telemetry of its own is a service, whatever others call it.
    if (kind === 'service' && state.kind === 'external') state.kind = 'service';
    if (at > state.lastSeenAt) state.lastSeenAt = at;
    if (at < state.firstSeenAt) state.firstSeenAt = at;
    if (version !== null) keep(state.versions, version);
    if (instance !== null) keep(state.instances, instance);
  }

  #edge(caller: string, callee: string, source: EdgeSource, at: number): EdgeState | null {
    const key = `${caller}\n${callee}`;
    let edge = this.#edges.get(key);
    if (edge === undefined) {
      if (this.#edges.size >= maxEdges) return null;
      edge = { calls: 0, errors: 0, latency: new LatencySketch(), sources: new Set(), lastSeenAt: at };
      this.#edges.set(key, edge);
    }
    edge.sources.add(source);
    if (at > edge.lastSeenAt) edge.lastSeenAt = at;
    return edge;
  }

  #count(caller: string, callee: string, isFailed: boolean, durationMs: number, at: number): void {
    const edge = this.#edge(caller, callee, 'span', at);
    if (edge === null) return;
    edge.calls++;
    if (isFailed) edge.errors++;
    edge.latency.add(durationMs);
  }

  #draw(directory: Directory): ServiceMap {
    const drawn = new MapInference();
    drawn.#restore(this.snapshot());
    for (const half of this.#halves.values()) if (half.lone !== null) drawn.#peer(half.service, half.lone, half.at);
    const nameOf = hostNames(directory, drawn.#services);
    const services = new Map<string, MappedService>();
    for (const [name, state] of drawn.#services) if (nameOf(name) === name) services.set(name, { name, ...state });
    for (const { name } of directory)
      if (!services.has(name)) services.set(name, { name, kind: 'service', firstSeenAt: 0, lastSeenAt: 0, versions: [], instances: [] });
    const edges: Edge[] = [];
    for (const [key, edge] of drawn.#edges) {
      const [caller = '', callee = ''] = key.split('\n').map(nameOf);
      if (caller === callee) continue;
      const { calls, errors, lastSeenAt } = edge;
      edges.push({
        caller,
        callee,
        calls,
        errors,
        p50Ms: edge.latency.quantile(0.5),
        p95Ms: edge.latency.quantile(0.95),
        sources: edgeSources.filter((s) => edge.sources.has(s)),
        lastSeenAt,
      });
    }
    const byName = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
    return {
      services: [...services.values()].sort((a, b) => byName(a.name, b.name)),
      edges: merged(edges).sort((a, b) => byName(a.caller, b.caller) || byName(a.callee, b.callee)),
    };
  }

  /** JSON-able. Halves under way are not kept: a call that straddles a restart is missed. */
  snapshot(): MapSnapshot {
    return {
      services: [...this.#services].map(([name, s]) => ({ name, ...s })),
      edges: [...this.#edges].map(([key, { calls, errors, latency, sources, lastSeenAt }]) => ({
        key,
        calls,
        errors,
        latency: latency.counts(),
        sources: [...sources],
        lastSeenAt,
      })),
    };
  }

  /** Forgets what has not been seen for a week. */
  age(now: number): void {
    for (const [key, edge] of this.#edges) if (now - edge.lastSeenAt > forgetMs) this.#edges.delete(key);
    for (const [name, service] of this.#services) if (now - service.lastSeenAt > forgetMs) this.#services.delete(name);
  }

  #restore(snapshot: MapSnapshot): void {
    for (const { name, kind, firstSeenAt, lastSeenAt, versions, instances } of snapshot.services)
      this.#services.set(name, { kind, firstSeenAt, lastSeenAt, versions: [...versions], instances: [...instances] });
    for (const { key, calls, errors, latency, sources, lastSeenAt } of snapshot.edges)
      this.#edges.set(key, { calls, errors, latency: new LatencySketch(latency), sources: new Set(sources), lastSeenAt });
  }

  static restore(snapshot: MapSnapshot): MapInference {
    const map = new MapInference();
    map.#restore(snapshot);
    return map;
  }
}

export interface MapSnapshot {
  readonly services: readonly {
    name: string;
    kind: ServiceKind;
    firstSeenAt: number;
    lastSeenAt: number;
    versions: readonly string[];
    instances: readonly string[];
  }[];
  readonly edges: readonly {
    key: string;
    calls: number;
    errors: number;
    latency: readonly (readonly [number, number])[];
    sources: readonly EdgeSource[];
    lastSeenAt: number;
  }[];
}

/** A call that names its peer and may turn out to have no child. */
function loneCall(span: SpanRecord): Half['lone'] {
  if (span.peer === null || span.peerKind === peerKind.queue || span.peerKind === peerKind.none) return null;
  return { peer: span.peer, kind: span.peerKind, isFailed: span.status === spanStatus.error, durationMs: span.durationMs };
}

function kindOfPeer(kind: number): ServiceKind {
  if (kind === peerKind.database) return 'database';
  return kind === peerKind.host ? 'external' : serviceKinds[0];
}

/** Newest first, a few. */
function keep(names: string[], name: string): void {
  if (names[0] === name) return;
  const at = names.indexOf(name);
  if (at >= 0) names.splice(at, 1);
  names.unshift(name);
  if (names.length > maxNamesKept) names.pop();
}

/** `ext:10.0.0.7` or `ext:cart.shop.svc` → the service it is, where the directory or a service's own name says so. */
function hostNames(directory: Directory, services: ReadonlyMap<string, unknown>): (name: string) => string {
  const owners = new Map<string, string>();
  for (const { name, addresses } of directory) for (const address of addresses) owners.set(address, name);
  return (name) => {
    if (!name.startsWith('ext:')) return name;
    const host = name.slice(4);
    const owner = owners.get(host);
    if (owner !== undefined) return owner;
    const first = host.split('.')[0] ?? host;
    return [host, first].find((candidate) => services.has(candidate) || directory.some((entry) => entry.name === candidate)) ?? name;
  };
}

/** Edges that became one when their ends were named. */
function merged(edges: readonly Edge[]): Edge[] {
  const byEnds = new Map<string, Edge>();
  for (const edge of edges) {
    const key = `${edge.caller}\n${edge.callee}`;
    const other = byEnds.get(key);
    byEnds.set(
      key,
      other === undefined
        ? edge
        : {
            ...(edge.calls > other.calls ? edge : other),
            calls: edge.calls + other.calls,
            errors: edge.errors + other.errors,
            sources: edgeSources.filter((s) => edge.sources.includes(s) || other.sources.includes(s)),
            lastSeenAt: Math.max(edge.lastSeenAt, other.lastSeenAt),
          },
    );
  }
  return [...byEnds.values()];
}
