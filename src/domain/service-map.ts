/**
 * Who calls whom, as telemetry shows it. The shape people, the ranking and the exports read; how it is inferred is in
 * `map-inference.ts`.
 */
export const serviceKinds = ['service', 'database', 'queue', 'external'] as const;
export type ServiceKind = (typeof serviceKinds)[number];

/** Where an edge was learned from. */
export const edgeSources = ['span', 'log', 'metric', 'mesh', 'configured'] as const;
export type EdgeSource = (typeof edgeSources)[number];

export interface MappedService {
  readonly name: string;
  readonly kind: ServiceKind;
  readonly firstSeenAt: number;
  readonly lastSeenAt: number;
  /** Versions and instances seen lately, newest first, bounded. */
  readonly versions: readonly string[];
  readonly instances: readonly string[];
  /** Its parts seen lately, where it has several: scopes, namespaces, loggers. */
  readonly components?: readonly string[];
}

/** A host that is no service, as people call it: `ext:api.example.com` → `api.example.com`. */
export const plainPeer = (peer: string): string => peer.replace(/^ext:/, '');

export interface Edge {
  readonly caller: string;
  readonly callee: string;
  readonly calls: number;
  readonly errors: number;
  /** Callee-side duration where it was seen, else caller-side; ms; null where no call was timed. */
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly sources: readonly EdgeSource[];
  /** That the edge is there, 0 to 1: `edgeConfidence`. */
  readonly confidence?: number;
  readonly lastSeenAt: number;
}

export interface ServiceMap {
  readonly services: readonly MappedService[];
  readonly edges: readonly Edge[];
}

/** What each kind of witness is worth alone: a proxy sees both ends, a line only names somebody. */
const trust: Readonly<Record<EdgeSource, number>> = { span: 0.7, log: 0.6, metric: 0.85, mesh: 0.95, configured: 0.9 };

/** Witnesses are independent ways to be wrong; of calls seen in spans, each further ten halve the doubt, up to 1 in 1,000. */
export function edgeConfidence(sources: readonly EdgeSource[], calls: number): number {
  let doubt = 1;
  for (const source of sources) doubt *= 1 - trust[source];
  if (sources.includes('span')) doubt *= Math.max(0.001, 0.5 ** (calls / 10));
  return Math.round((1 - doubt) * 1_000) / 1_000;
}

export const emptyMap: ServiceMap = { services: [], edges: [] };

/** Everything that calls `service`, directly or through others, nearest first: who suffers when it fails. */
export function blastRadius(map: ServiceMap, service: string): string[] {
  const callers = new Map<string, string[]>();
  for (const { caller, callee } of map.edges) {
    const known = callers.get(callee);
    if (known) known.push(caller);
    else callers.set(callee, [caller]);
  }
  const found = new Set<string>([service]);
  // A Set is walked in insertion order and may grow meanwhile: breadth first without a second queue.
  for (const hit of found) for (const caller of callers.get(hit) ?? []) found.add(caller);
  found.delete(service);
  return [...found];
}

/** Who calls a service or is called by it; for many questions about one map. */
export function neighboursIn(map: ServiceMap): (service: string) => readonly string[] {
  const near = new Map<string, string[]>();
  const put = (from: string, to: string) => {
    const known = near.get(from);
    if (known) known.push(to);
    else near.set(from, [to]);
  };
  for (const { caller, callee } of map.edges) {
    put(caller, callee);
    put(callee, caller);
  }
  return (service) => near.get(service) ?? [];
}
