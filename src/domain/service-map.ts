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
}

export interface Edge {
  readonly caller: string;
  readonly callee: string;
  readonly calls: number;
  readonly errors: number;
  /** Callee-side duration where it was seen, else caller-side; ms; null where no call was timed. */
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly sources: readonly EdgeSource[];
  readonly lastSeenAt: number;
}

export interface ServiceMap {
  readonly services: readonly MappedService[];
  readonly edges: readonly Edge[];
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
