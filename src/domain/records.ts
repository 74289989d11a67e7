/**
 * Telemetry as a decoder hands it on: names resolved, times in ms. Log lines and points come one at a time and carry much
 * text; spans come a hundred times as often and are columns from the start (`span-batch.ts`).
 */
import type { ResourceRecord, SpanBatch } from './span-batch.ts';

export interface LogRecord {
  readonly resource: ResourceRecord;
  readonly timeMs: number;
  readonly severity: number;
  readonly text: string;
  readonly traceId: string | null;
  readonly spanId: string | null;
  readonly component: string | null;
  readonly correlationId: string | null;
  /** What fields beside the text say that nothing is there (see log-shape/hollow-fields.ts). */
  readonly hollowFields: string | null;
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
  readonly spans: SpanBatch;
  readonly logs: readonly LogRecord[];
  readonly points: readonly PointRecord[];
  readonly rejected: number;
  readonly problem: string | null;
}
