/** Who calls whom by another's account, e.g. a mesh. Durations in ms, null where not measured. */
export interface ReportedEdge {
  readonly caller: string;
  readonly callee: string;
  readonly calls: number;
  readonly errors: number;
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
}
