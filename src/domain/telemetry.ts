/**
 * Telemetry as the domain reads it: columns, one typed array a field, strings by number in one shared table. A window
 * over a million spans is then a few hundred megabytes less than as objects, and a pass over it costs nanoseconds a row.
 * Everything here is read-only to its users; who fills it is in `adapters/telemetry` and `adapters/telemetry-formats`.
 */

/** Every string once. `text(-1)` is `''`: columns use -1 for "not given". */
export class StringTable {
  readonly #index = new Map<string, number>();
  readonly #texts: string[] = [];
  readonly #base: StringTable | null;
  readonly #offset: number;

  /**
   * On top of `base`, a table sees what stood there when it was made and keeps what is new to itself: a window adds its
   * request ids without making the long-lived table grow.
   */
  constructor(base: StringTable | null = null) {
    this.#base = base;
    this.#offset = base?.size ?? 0;
  }

  /** The number of a text, giving it one if it is new. */
  id(text: string): number {
    let id = this.find(text);
    if (id < 0) {
      id = this.#offset + this.#texts.length;
      this.#texts.push(text);
      this.#index.set(text, id);
    }
    return id;
  }

  /** The number of a text, or -1 where it was never seen. */
  find(text: string): number {
    const below = this.#base === null ? -1 : this.#base.find(text);
    return below >= 0 && below < this.#offset ? below : (this.#index.get(text) ?? -1);
  }

  text(id: number): string {
    return id < this.#offset ? (this.#base?.text(id) ?? '') : (this.#texts[id - this.#offset] ?? '');
  }

  get size(): number {
    return this.#offset + this.#texts.length;
  }
}

/** OpenTelemetry span kinds by their wire numbers. */
export const spanKind = { unspecified: 0, internal: 1, server: 2, client: 3, producer: 4, consumer: 5 } as const;

/** What a span says of the far side of its call; see the service map for how the names are made. */
export const peerKind = { none: 0, service: 1, database: 2, queue: 3, host: 4 } as const;

/** OpenTelemetry status codes; `error` also where status is unset and the attributes say the call failed. */
export const spanStatus = { unset: 0, ok: 1, error: 2 } as const;

/** A log record's severity, coarse: 0 where the source gave none. Otherwise OTel's number (9 INFO, 13 WARN, 17 ERROR, 21 FATAL). */
export type SeverityNumber = number;

/** Spans of one window. Row numbers are valid for this view only. Strings are numbers into `strings`. */
export interface SpanView {
  readonly length: number;
  /** ms since the epoch with a fraction (0.2 µs resolution). */
  readonly startMs: Float64Array;
  readonly durationMs: Float32Array;
  readonly service: Int32Array;
  readonly operation: Int32Array;
  readonly kind: Uint8Array;
  readonly status: Uint8Array;
  /** HTTP status code, or the gRPC status code + 1000; 0 where the span has neither. */
  readonly statusCode: Uint16Array;
  /** Name of the peer: `checkout`, `db:orders`, `queue:kafka/payments`, `ext:api.example.com`; -1 where none is given. */
  readonly peer: Int32Array;
  readonly peerKind: Uint8Array;
  /** Pod or instance id, `service.version`, and the part of the service that made the span (scope or `code.*`); -1 where unknown. */
  readonly instance: Int32Array;
  readonly version: Int32Array;
  readonly component: Int32Array;
  /** Exception type and message, or status message, of a failed span; -1 where none. */
  readonly problem: Int32Array;
  /** Dense number of the trace within this window, shared with `LogView.trace`. */
  readonly trace: Int32Array;
  /** Row of the parent span; -1 for a root; -2 where the parent is not in the window. */
  readonly parent: Int32Array;
  /** Row of a span this one links to (a consumer's producer); -1 where none. */
  readonly link: Int32Array;
  traceId(row: number): string;
  spanId(row: number): string;
}

/** Log records of one window, in time order. */
export interface LogView {
  readonly length: number;
  readonly timeMs: Float64Array;
  readonly service: Int32Array;
  readonly severity: Uint8Array;
  /** Number of the line's template in the miner: stable for as long as the miner lives. */
  readonly template: Int32Array;
  /** A bit for each of the line's first masked places that hold a hollow value: zero, a negative number, `null` (see templates/hollow.ts). */
  readonly hollow: Uint8Array;
  /** Fields beside the line that do (see log-shape/hollow-fields.ts); -1 where none does. */
  readonly hollowFields: Int32Array;
  readonly instance: Int32Array;
  readonly version: Int32Array;
  /** Logger, scope or thread that wrote it; -1 where unknown. */
  readonly component: Int32Array;
  /** Dense trace number, shared with `SpanView.trace`; -1 where the line has no trace id. */
  readonly trace: Int32Array;
  /** Row in the span view of the span it was written in; -1 where unknown. */
  readonly span: Int32Array;
  /** Correlation or request id other than the trace id; -1 where none. */
  readonly correlation: Int32Array;
  /** The line as it came, unredacted. */
  text(row: number): string;
  traceId(row: number): string;
}

/** One measured series: who and what. Labels are what the point's attributes said, e.g. `{ client, server }` on an edge. */
export interface MetricSeries {
  readonly service: string;
  readonly instance: string | null;
  readonly version: string | null;
  readonly name: string;
  readonly unit: string | null;
  readonly labels: Readonly<Record<string, string>>;
  /** In time order, equally long. */
  readonly timeMs: Float64Array;
  readonly values: Float64Array;
}

/** A stretch of time and everything kept of it. `toMs` is exclusive. */
export interface TelemetryWindow {
  readonly fromMs: number;
  readonly toMs: number;
  readonly strings: StringTable;
  readonly spans: SpanView;
  readonly logs: LogView;
  readonly metrics: readonly MetricSeries[];
  /** Number of trace ids seen in spans or logs; `trace` columns run below it. */
  readonly traces: number;
  /** Text of a log template with `<*>` for what varies. */
  templateText(template: number): string;
  /** What was dropped for space inside this window, so that it can be said. */
  readonly dropped: { readonly spans: number; readonly logs: number; readonly points: number };
}

/** One span as a person or a context reads it. */
export interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | null;
  readonly service: string;
  readonly operation: string;
  readonly kind: number;
  readonly status: number;
  readonly statusCode: number;
  readonly startMs: number;
  readonly durationMs: number;
  readonly peer: string | null;
  readonly problem: string | null;
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
}

/** One log record as a person or a context reads it. */
export interface LogLine {
  readonly timeMs: number;
  readonly service: string;
  readonly severity: SeverityNumber;
  readonly text: string;
  readonly traceId: string | null;
  readonly correlationId: string | null;
}
