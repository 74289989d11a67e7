/**
 * A log line as any shipper or store of logs tells it, before it is stored: what was found is filled in, what was not is
 * null. `logRequest` turns lines into one OTLP export request, so that every door and every source passes the one intake.
 */

/** A value as it stands beside a line. */
export type LogValue = string | number | boolean;

export interface LogEntry {
  /** ms since the epoch, with a fraction where the sender is finer; null: not said. */
  readonly timeMs: number | null;
  readonly service: string | null;
  readonly namespace?: string | null;
  readonly environment?: string | null;
  /** OTel severity number 1 to 24; 0: unknown. */
  readonly severity: number;
  readonly text: string;
  /** As the sender writes it; `logRequest` makes it 32 or 16 hex digits where it can. */
  readonly traceId: string | null;
  readonly spanId: string | null;
  readonly correlationId: string | null;
  /** Logger, module or thread. */
  readonly component: string | null;
  readonly instance: string | null;
  readonly version: string | null;
  readonly attributes: Readonly<Record<string, LogValue>>;
  /** Fields of the record that say that nothing is there (see log-shape/hollow-fields.ts). */
  readonly hollow?: string | null;
}

export const emptyEntry: LogEntry = {
  timeMs: null,
  service: null,
  severity: 0,
  text: '',
  traceId: null,
  spanId: null,
  correlationId: null,
  component: null,
  instance: null,
  version: null,
  attributes: {},
  hollow: null,
};

/** Under which `hollow` goes on: of other attributes the intake keeps none. */
export const hollowAttribute = 'tracepulse.hollow_fields';

type AnyValue = { readonly stringValue: string } | { readonly doubleValue: number } | { readonly boolValue: boolean };
interface KeyValue {
  readonly key: string;
  readonly value: AnyValue;
}

/** One OTLP/JSON logs export request. Lines of one resource stand together; their order within it is kept. */
export function logRequest(entries: readonly LogEntry[]): { readonly resourceLogs: readonly unknown[] } {
  const groups = new Map<string, { readonly first: LogEntry; readonly logRecords: object[] }>();
  for (const entry of entries) {
    const key = JSON.stringify([entry.service, entry.namespace, entry.environment, entry.instance, entry.version]);
    let group = groups.get(key);
    if (group === undefined) {
      group = { first: entry, logRecords: [] };
      groups.set(key, group);
    }
    group.logRecords.push(record(entry));
  }
  return {
    resourceLogs: [...groups.values()].map(({ first, logRecords }) => ({ resource: resource(first), scopeLogs: [{ logRecords }] })),
  };
}

function resource({ service, namespace, environment, instance, version }: LogEntry): { attributes: KeyValue[] } {
  const named = [
    ['service.name', service],
    ['service.namespace', namespace],
    ['deployment.environment.name', environment],
    ['service.instance.id', instance],
    ['service.version', version],
  ] as const;
  return { attributes: named.flatMap(([key, value]) => (value ? [{ key, value: { stringValue: value } }] : [])) };
}

function record(entry: LogEntry): object {
  const traceId = traceIdOf(entry.traceId);
  const spanId = spanIdOf(entry.spanId);
  // An id that no tracing system made still ties lines together.
  const correlationId = entry.correlationId ?? (traceId === null ? entry.traceId : null);
  const attributes: KeyValue[] = [];
  if (correlationId) attributes.push({ key: 'correlationId', value: { stringValue: correlationId } });
  if (entry.component) attributes.push({ key: 'logger.name', value: { stringValue: entry.component } });
  if (entry.hollow) attributes.push({ key: hollowAttribute, value: { stringValue: entry.hollow } });
  for (const [key, value] of Object.entries(entry.attributes))
    if (key !== 'correlationId' && key !== 'logger.name' && key !== hollowAttribute) attributes.push({ key, value: anyValue(value) });
  return {
    ...(entry.timeMs === null ? {} : { timeUnixNano: nanoseconds(entry.timeMs) }),
    ...(entry.severity > 0 ? { severityNumber: entry.severity } : {}),
    body: { stringValue: entry.text },
    ...(attributes.length > 0 ? { attributes } : {}),
    ...(traceId === null ? {} : { traceId }),
    ...(spanId === null ? {} : { spanId }),
  };
}

function anyValue(value: LogValue): AnyValue {
  if (typeof value === 'number') return { doubleValue: value };
  return typeof value === 'boolean' ? { boolValue: value } : { stringValue: value };
}

/** ms with a fraction → ns in decimal; a double cannot hold ns of today, so the two parts are written one after the other. */
export function nanoseconds(ms: number): string {
  const whole = Math.floor(ms);
  const rest = Math.min(999_999, Math.round((ms - whole) * 1e6));
  return whole <= 0 ? String(Math.max(0, rest)) : `${whole}${String(rest).padStart(6, '0')}`;
}

/**
 * W3C ids have 32 hex digits; B3 and Datadog write 16 (the lower half), Datadog also as a decimal number, some loggers as
 * a UUID with dashes. Anything else is no trace id.
 *
 *   "4bf92f3577b34da6"      →  "00000000000000004bf92f3577b34da6"
 *   "5474458728733560230"   →  "00000000000000004bf92f3577b34da6"
 */
export function traceIdOf(written: string | null): string | null {
  const text = written?.toLowerCase().replaceAll('-', '') ?? '';
  if (/^\d{17,20}$/.test(text)) return hexOf(text).padStart(32, '0');
  return /^(?:[0-9a-f]{16}|[0-9a-f]{32})$/.test(text) && /[^0]/.test(text) ? text.padStart(32, '0') : null;
}

export function spanIdOf(written: string | null): string | null {
  const text = written?.toLowerCase() ?? '';
  if (/^\d{17,20}$/.test(text)) return hexOf(text);
  return /^[0-9a-f]{16}$/.test(text) && /[^0]/.test(text) ? text : null;
}

/** The lower 64 bits of a decimal number. */
function hexOf(decimal: string): string {
  return BigInt.asUintN(64, BigInt(decimal)).toString(16).padStart(16, '0');
}

/** A clock of a sender's that runs ahead by more than this is not believed. */
const maxAheadMs = 10 * 60_000;

/** What says no time, or one that is not yet, has the time of its arrival. */
export function believedTime(timeMs: number | null, receivedAt: number): number {
  return timeMs === null || timeMs > receivedAt + maxAheadMs ? receivedAt : timeMs;
}
