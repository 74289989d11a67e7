/** What is read elsewhere when an incident is looked at: logs, traces, metrics, changes, maps, what runs the services. Read-only, each. */
import { definer, type Probed } from '../adapter.ts';
import type { Change } from '../domain/change.ts';
import type { Condition } from '../domain/condition.ts';
import type { Gap, Window } from '../domain/evidence.ts';
import type { LogEntry } from '../domain/log-entry.ts';
import type { ReportedEdge } from '../domain/reported-edge.ts';
import type { Directory, RunningVersion } from '../domain/service.ts';

export type { Condition, ReportedEdge };

/** Where a log line is looked for. */
export interface LogQuery {
  readonly window: Window;
  readonly service?: string;
  readonly correlationId?: string;
  readonly traceId?: string;
  /** Case-insensitive text the line holds. */
  readonly contains?: string;
  readonly minSeverity?: number;
  readonly limit: number;
}

/**
 * Logs somewhere else: lines in time order, each with its time, at most `limit`, newest kept. `truncated` says that there were
 * more, or that part of what was asked did not answer.
 */
export interface LogSource extends Probed {
  search(query: LogQuery, signal: AbortSignal): Promise<{ lines: LogEntry[]; truncated: boolean }>;
  /**
   * Hands lines over as they are written, those since `fromMs` first, until the signal ends it; only there where a setting
   * asks for it. A Failure says that the connection is lost: to go on, it is called again. A line may come twice.
   */
  follow?(fromMs: number, take: (lines: LogEntry[]) => Promise<void>, signal: AbortSignal): Promise<void>;
}
export const logSource = definer<LogSource>();

/** One OTLP/JSON export request, as a decoder takes it: `{ resourceSpans }`, `{ resourceLogs }` or `{ resourceMetrics }`. */
export type OtlpRequest = Readonly<Record<string, readonly unknown[]>>;

/**
 * Traces somewhere else, as OTLP/JSON requests, so that they pass the same intake as pushed ones. `trace` answers null where
 * it is not kept. `search` answers whole traces that began in the window, newest kept; `service` null: of any.
 */
export interface TraceSource extends Probed {
  trace(traceId: string, signal: AbortSignal): Promise<OtlpRequest | null>;
  search(
    query: { readonly window: Window; readonly service: string | null; readonly limit: number },
    signal: AbortSignal,
  ): Promise<{ requests: OtlpRequest[]; truncated: boolean }>;
}
export const traceSource = definer<TraceSource>();

/** Measurements somewhere else, as OTLP/JSON requests. What could not be read of several queries is a gap each. */
export interface MetricSource extends Probed {
  points(
    query: { readonly window: Window; readonly services: readonly string[] },
    signal: AbortSignal,
  ): Promise<{ requests: OtlpRequest[]; gaps: Gap[] }>;
}
export const metricSource = definer<MetricSource>();

/** Who calls whom by another's account, e.g. a mesh. */
export interface MapSource extends Probed {
  edges(window: Window, signal: AbortSignal): Promise<{ edges: ReportedEdge[]; gaps: Gap[] }>;
}
export const mapSource = definer<MapSource>();

/**
 * What runs the services, read-only: which there are and where they listen, what was rolled out, what it says of their
 * replicas. What may not be read is a gap.
 */
export interface ClusterSource extends Probed {
  look(window: Window, signal: AbortSignal): Promise<{ directory: Directory; changes: Change[]; conditions: Condition[]; gaps: Gap[] }>;
}
export const clusterSource = definer<ClusterSource>();

/**
 * Read-only look at what was altered lately, oldest first. What could not be read of several places is a gap each; a Failure
 * is for when nothing could. `running` is what telemetry says of the versions that run.
 */
export interface ChangeSource extends Probed {
  changes(
    window: Window,
    services: readonly string[],
    signal: AbortSignal,
    running: readonly RunningVersion[],
  ): Promise<{ changes: Change[]; gaps: Gap[] }>;
}
export const changeSource = definer<ChangeSource>();

/** All that is read elsewhere, by id. A kind that is not given is not connected. */
export interface Sources {
  readonly logSources?: ReadonlyMap<string, LogSource>;
  readonly traceSources?: ReadonlyMap<string, TraceSource>;
  readonly metricSources?: ReadonlyMap<string, MetricSource>;
  readonly mapSources?: ReadonlyMap<string, MapSource>;
  readonly clusterSources?: ReadonlyMap<string, ClusterSource>;
  readonly changeSources: ReadonlyMap<string, ChangeSource>;
}
