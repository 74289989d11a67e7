/**
 * Telemetry as a decoder hands it on, one record at a time: names resolved, times in ms, nothing interned yet. Stores turn
 * records into columns; the map reads them as they come.
 */
export interface ResourceRecord {
  /** `serviceKey()` of the resource. */
  readonly service: string;
  readonly instance: string | null;
  readonly version: string | null;
}

export interface SpanRecord {
  readonly resource: ResourceRecord;
  /** Lower-case hex, 32 and 16 characters. */
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | null;
  readonly operation: string;
  readonly kind: number;
  readonly status: number;
  readonly statusCode: number;
  readonly startMs: number;
  readonly durationMs: number;
  readonly peer: string | null;
  readonly peerKind: number;
  readonly component: string | null;
  readonly problem: string | null;
  /** First span this one links to. */
  readonly link: { readonly traceId: string; readonly spanId: string } | null;
  /** Place among the entries of its body, for reading its attributes again. */
  readonly ordinal: number;
}

export interface LogRecord {
  readonly resource: ResourceRecord;
  readonly timeMs: number;
  readonly severity: number;
  readonly text: string;
  readonly traceId: string | null;
  readonly spanId: string | null;
  readonly component: string | null;
  readonly correlationId: string | null;
}

export interface PointRecord {
  readonly resource: ResourceRecord;
  readonly name: string;
  readonly unit: string | null;
  readonly labels: Readonly<Record<string, string>>;
  readonly timeMs: number;
  readonly value: number;
}

/** What one body held. `rejected` entries were bad in themselves and left out; the rest is good. */
export interface Decoded {
  readonly spans: readonly SpanRecord[];
  readonly logs: readonly LogRecord[];
  readonly points: readonly PointRecord[];
  readonly rejected: number;
  readonly problem: string | null;
}
