/** OTLP/JSON export requests from a few words, for tests of whatever takes them. */
type Value = string | number | boolean;

export const start = Date.parse('2026-03-01T12:00:00Z');
export const minute = 60_000;

export interface SpanWords {
  readonly trace?: number;
  readonly span?: number;
  readonly parent?: number;
  readonly name?: string;
  readonly kind?: number;
  /** ms after `start`. */
  readonly at?: number;
  readonly lasts?: number;
  readonly attributes?: Readonly<Record<string, Value>>;
  readonly more?: Readonly<Record<string, unknown>>;
}
export interface LogWords {
  readonly text?: string;
  readonly at?: number;
  readonly severity?: number;
  readonly trace?: number;
  readonly span?: number;
  readonly attributes?: Readonly<Record<string, Value>>;
  readonly more?: Readonly<Record<string, unknown>>;
}

export const traceId = (n: number) => n.toString(16).padStart(32, 'a');
export const spanId = (n: number) => n.toString(16).padStart(16, 'b');
/** ms, whole or not, after `start` → ns since the epoch as OTLP writes them. */
export const nanos = (ms: number) => `${start + Math.floor(ms)}${String(Math.round((ms - Math.floor(ms)) * 1e6)).padStart(6, '0')}`;

export function attributes(values: Readonly<Record<string, Value>>) {
  return Object.entries(values).map(([key, value]) => ({
    key,
    value:
      typeof value === 'string'
        ? { stringValue: value }
        : typeof value === 'boolean'
          ? { boolValue: value }
          : Number.isInteger(value)
            ? { intValue: String(value) }
            : { doubleValue: value },
  }));
}

export function spanJson({ trace = 1, span = 1, parent, name = 'GET /', kind = 2, at = 0, lasts = 10, attributes: of, more }: SpanWords) {
  return {
    traceId: traceId(trace),
    spanId: spanId(span),
    ...(parent === undefined ? {} : { parentSpanId: spanId(parent) }),
    name,
    kind,
    startTimeUnixNano: nanos(at),
    endTimeUnixNano: nanos(at + lasts),
    ...(of === undefined ? {} : { attributes: attributes(of) }),
    ...more,
  };
}

export function logJson({ text = 'a line', at = 0, severity = 9, trace, span, attributes: of, more }: LogWords) {
  return {
    timeUnixNano: nanos(at),
    severityNumber: severity,
    body: { stringValue: text },
    ...(trace === undefined ? {} : { traceId: traceId(trace) }),
    ...(span === undefined ? {} : { spanId: spanId(span) }),
    ...(of === undefined ? {} : { attributes: attributes(of) }),
    ...more,
  };
}

const resource = (service: string, more: Readonly<Record<string, Value>> = {}) => ({
  attributes: attributes({ 'service.name': service, ...more }),
});

export function tracesJson(byService: Readonly<Record<string, readonly SpanWords[]>>, of: Readonly<Record<string, Value>> = {}) {
  return {
    resourceSpans: Object.entries(byService).map(([service, spans]) => ({
      resource: resource(service, of),
      scopeSpans: [{ scope: { name: 'scope' }, spans: spans.map(spanJson) }],
    })),
  };
}

export function logsJson(byService: Readonly<Record<string, readonly LogWords[]>>, of: Readonly<Record<string, Value>> = {}) {
  return {
    resourceLogs: Object.entries(byService).map(([service, logs]) => ({
      resource: resource(service, of),
      scopeLogs: [{ scope: { name: 'scope' }, logRecords: logs.map(logJson) }],
    })),
  };
}

export function gaugeJson(
  service: string,
  name: string,
  points: readonly { at: number; value: number; labels?: Record<string, string> }[],
) {
  const dataPoints = points.map(({ at, value, labels = {} }) => ({
    timeUnixNano: nanos(at),
    asDouble: value,
    attributes: attributes(labels),
  }));
  return { resourceMetrics: [{ resource: resource(service), scopeMetrics: [{ metrics: [{ name, unit: 's', gauge: { dataPoints } }] }] }] };
}

export const bytesOf = (body: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(body));
export const traces = (...args: Parameters<typeof tracesJson>) => bytesOf(tracesJson(...args));
export const logs = (...args: Parameters<typeof logsJson>) => bytesOf(logsJson(...args));
export const gauge = (...args: Parameters<typeof gaugeJson>) => bytesOf(gaugeJson(...args));
