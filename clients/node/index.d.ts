export interface LogDetails {
  /** Defaults to the configured service. */
  service?: string;
  errorCode?: string;
  /** Defaults to what `run` said, else the active OpenTelemetry span's trace id. */
  correlationId?: string;
  details?: Record<string, string | number | boolean | null>;
}

export interface LogOptions {
  /** `high` is sent at once, with what led to it; `low`, the default, stays in memory until that happens. */
  priority?: 'high' | 'low';
}

export interface Options {
  /** Base URL of TracePulse or Loki. Without one nothing is sent. */
  url?: string;
  /** Sent as Bearer token. */
  token?: string;
  /** Further headers, e.g. Loki's `X-Scope-OrgID`. */
  headers?: Record<string, string>;
  target?: 'tracepulse' | 'loki';
  /** Name of this service where a call gives none. */
  service?: string;
  /** Lines kept in memory, and their characters. */
  maxLines?: number;
  maxLineChars?: number;
  /** Lines sent with one event. */
  maxLinesPerEvent?: number;
  /** Records waiting to be sent, and their characters. */
  maxQueued?: number;
  maxQueuedChars?: number;
  maxBatch?: number;
  maxBatchChars?: number;
  eventDelayMs?: number;
  lineDelayMs?: number;
  /** Of one request. */
  timeoutMs?: number;
  /** How long lines of an id are sent on after something of high priority happened in it. */
  followMs?: number;
  /** No complaints on stderr. */
  quiet?: boolean;
}

export interface Stats {
  sent: number;
  /** Did not fit into the queue. */
  dropped: number;
  /** Given up after retries. */
  failed: number;
  /** Refused by the receiver. */
  rejected: number;
  buffered: number;
  queued: number;
  /** Calls that could not be recorded. */
  problems: number;
}

/** Any logger with methods named after levels. */
export type Logger = object;

export interface DebugQueue {
  configure(options?: Options): DebugQueue;
  log(eventType: string, details?: LogDetails, options?: LogOptions): void;
  run<T>(correlationId: string, work: () => T): T;
  /** Records what the logger is told; answers a function that takes the wrap off. */
  wrap(logger: Logger, name?: string): () => void;
  wrapConsole(target?: Logger): () => void;
  /** A stream for `pino.multistream`. */
  pinoStream(): { write(line: string): void };
  /** A transport for winston. */
  winstonTransport(): import('node:stream').Writable;
  /** Resolves when what is queued was sent or given up, or after `timeoutMs` (2 s). Never rejects. */
  flush(timeoutMs?: number): Promise<void>;
  close(timeoutMs?: number): Promise<void>;
  stats(): Stats;
}

export function createDebugQueue(options?: Options): DebugQueue;
export const debugQueue: DebugQueue;
export function log(eventType: string, details?: LogDetails, options?: LogOptions): void;
