/**
 * What is known of services and edges: counted, bounded, written down and read back. How calls are found in spans is in
 * `map-inference.ts`, how the state is shown in `map-drawing.ts`. Names are numbers here: a million calls then cost no text.
 */
import { LatencySketch } from './latency-sketch.ts';
import type { ReportedEdge } from './reported-edge.ts';
import { type EdgeSource, edgeSources, type ServiceKind } from './service-map.ts';
import { StringTable } from './telemetry.ts';

/** Services that speak for themselves, and as many peers: neither can crowd the other out. */
const maxServices = 2_000;
const maxEdges = 20_000;
const maxNamesKept = 8;
/** Services and edges not seen for so long are forgotten. */
const forgetMs = 7 * 86_400_000;
/** With one number a pair of ends: 2^20 squared is still an exact double. */
const pairBase = 2 ** 20;

/** When each was last seen. */
type NamesSeen = Map<string, number>;

export interface ServiceState {
  kind: ServiceKind;
  /** It sends telemetry of its own; others are known only by who calls them. */
  isHeard: boolean;
  firstSeenAt: number;
  lastSeenAt: number;
  readonly versions: NamesSeen;
  readonly instances: NamesSeen;
  readonly components: NamesSeen;
}

export interface EdgeState {
  readonly caller: number;
  readonly callee: number;
  calls: number;
  errors: number;
  readonly latency: LatencySketch;
  sources: EdgeSource[];
  lastSeenAt: number;
  /** By a mesh's account; shown where no span has told of the edge. */
  reported?: Omit<ReportedEdge, 'caller' | 'callee'>;
}

type Pairs = readonly (readonly [string, number])[];

export interface MapSnapshot {
  readonly version: typeof snapshotVersion;
  readonly services: readonly (Omit<ServiceState, 'versions' | 'instances' | 'components'> & {
    name: string;
    versions: Pairs;
    instances: Pairs;
    components?: Pairs;
  })[];
  readonly edges: readonly (Omit<EdgeState, 'caller' | 'callee' | 'latency'> & {
    caller: string;
    callee: string;
    latency: readonly (readonly [number, number])[];
  })[];
}

export const snapshotVersion = 2;

export class MapState {
  names = new StringTable();
  readonly services = new Map<number, ServiceState>();
  readonly edges = new Map<number, EdgeState>();
  #heard = 0;

  /** The number of a service, peer or queue seen at some time; -1 where there is no room for another. */
  see(name: string, kind: ServiceKind, isHeard: boolean, at: number): number {
    let number = this.names.find(name);
    let state = this.services.get(number);
    if (state === undefined) {
      const others = isHeard ? this.#heard : this.services.size - this.#heard;
      if (others >= maxServices || this.names.size >= pairBase) return -1;
      number = this.names.id(name);
      state = { kind, isHeard: false, firstSeenAt: at, lastSeenAt: at, versions: new Map(), instances: new Map(), components: new Map() };
      this.services.set(number, state);
    }
    // What sends telemetry of its own is a service, whatever others call it.
    if (isHeard && !state.isHeard) {
      state.isHeard = true;
      state.kind = 'service';
      this.#heard++;
    }
    this.seeAgain(state, at);
    return number;
  }

  seeAgain(state: ServiceState, at: number): void {
    if (at > state.lastSeenAt) state.lastSeenAt = at;
    if (at < state.firstSeenAt) state.firstSeenAt = at;
  }

  edge(caller: number, callee: number, source: EdgeSource, at: number): EdgeState | null {
    const key = caller * pairBase + callee;
    let edge = this.edges.get(key);
    if (edge === undefined) {
      if (this.edges.size >= maxEdges) return null;
      edge = { caller, callee, calls: 0, errors: 0, latency: new LatencySketch(), sources: [source], lastSeenAt: at };
      this.edges.set(key, edge);
    }
    const { sources } = edge;
    if (!sources.includes(source)) edge.sources = edgeSources.filter((known) => known === source || sources.includes(known));
    if (at > edge.lastSeenAt) edge.lastSeenAt = at;
    return edge;
  }

  count(caller: number, callee: number, isFailed: boolean, durationMs: number, at: number): void {
    const edge = this.edge(caller, callee, 'span', at);
    if (edge === null) return;
    edge.calls++;
    if (isFailed) edge.errors++;
    edge.latency.add(durationMs);
  }

  /** It has turned out that a call counted before was one of another edge. */
  takeBack(caller: number, callee: number, isFailed: boolean, durationMs: number): void {
    const edge = this.edges.get(caller * pairBase + callee);
    if (edge === undefined || edge.calls === 0) return;
    edge.calls--;
    if (isFailed) edge.errors--;
    edge.latency.remove(durationMs);
  }

  /** Forgets what has not been seen for a week. True: numbers have changed, those held elsewhere are void. */
  age(now: number): boolean {
    const before = this.services.size;
    for (const [key, edge] of this.edges) if (now - edge.lastSeenAt > forgetMs) this.edges.delete(key);
    for (const [name, service] of this.services) if (now - service.lastSeenAt > forgetMs) this.services.delete(name);
    if (this.services.size === before) return false;
    const snapshot = this.snapshot();
    this.names = new StringTable();
    this.services.clear();
    this.edges.clear();
    this.#heard = 0;
    this.restore(snapshot);
    return true;
  }

  snapshot(): MapSnapshot {
    return {
      version: snapshotVersion,
      services: [...this.services].map(([number, { versions, instances, components, ...rest }]) => ({
        name: this.names.text(number),
        ...rest,
        versions: [...versions],
        instances: [...instances],
        components: [...components],
      })),
      edges: [...this.edges.values()].map(({ caller, callee, latency, ...rest }) => ({
        caller: this.names.text(caller),
        callee: this.names.text(callee),
        ...rest,
        latency: latency.counts(),
      })),
    };
  }

  restore(snapshot: MapSnapshot): void {
    for (const { name, versions, instances, components = [], ...rest } of snapshot.services) {
      this.services.set(this.names.id(name), {
        ...rest,
        versions: new Map(versions),
        instances: new Map(instances),
        components: new Map(components),
      });
      if (rest.isHeard) this.#heard++;
    }
    for (const { caller, callee, latency, sources, ...rest } of snapshot.edges) {
      const ends = { caller: this.names.id(caller), callee: this.names.id(callee) };
      this.edges.set(ends.caller * pairBase + ends.callee, {
        ...ends,
        ...rest,
        latency: new LatencySketch(latency),
        sources: [...sources],
      });
    }
  }
}

/** The few seen last are kept, whatever order they are told in. */
export function keepName(names: NamesSeen, name: string | null, at: number): void {
  if (name === null || (names.get(name) ?? Number.NEGATIVE_INFINITY) >= at) return;
  names.set(name, at);
  if (names.size > maxNamesKept) names.delete(newestFirst(names).at(-1)!);
}

export function newestFirst(names: NamesSeen): string[] {
  return [...names].sort(([a, atA], [b, atB]) => atB - atA || (a < b ? -1 : 1)).map(([name]) => name);
}
