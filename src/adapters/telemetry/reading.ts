/** Looking single things up in the tables: log lines by what they say, a trace by its id. */
import type { LogLine, Span, StringTable } from '../../domain/telemetry.ts';
import type { LogQuery } from '../../ports/sources.ts';
import { writeHex } from './identifiers.ts';
import type { LogTable } from './log-table.ts';
import type { Resources } from './resources.ts';
import type { SpanTable } from './span-table.ts';

/** Newest `limit` lines that fit, in time order. */
export function searchLogs(logs: LogTable, strings: StringTable, query: LogQuery): LogLine[] {
  const service = query.service === undefined ? null : strings.find(query.service);
  const contains = query.contains?.toLowerCase();
  const traceId = query.traceId?.toLowerCase();
  const { rows, order } = logs.rows(query.window.fromMs, query.window.toMs);
  const found: number[] = [];
  // From the newest back: what the limit leaves out is not even looked at.
  for (let i = order.length - 1; i >= 0 && found.length < query.limit; i--) {
    const row = rows[order[i]!]!;
    if (service !== null && logs.service(row) !== service) continue;
    if (logs.severity(row) < (query.minSeverity ?? 0)) continue;
    if (traceId !== undefined && logs.traceId(row) !== traceId) continue;
    // A correlation id that no field names is often in the line itself.
    if (query.correlationId !== undefined && logs.correlation(row) !== query.correlationId && !logs.text(row).includes(query.correlationId))
      continue;
    if (contains !== undefined && !logs.text(row).toLowerCase().includes(contains)) continue;
    found.push(row);
  }
  return found.reverse().map((row) => ({
    timeMs: logs.timeMs(row),
    service: strings.text(logs.service(row)),
    severity: logs.severity(row),
    text: logs.text(row),
    traceId: logs.traceId(row),
    correlationId: logs.correlation(row),
  }));
}

type AttributesIn = (segment: number, ordinals: ReadonlySet<number>) => ReadonlyMap<number, Record<string, string | number | boolean>>;

/** Spans of a trace in start order, attributes read from the bodies they came in. A prefix of the id is enough where it is unique. */
export function spansOfTrace(
  spans: SpanTable,
  resources: Resources,
  strings: StringTable,
  traceId: string,
  attributesIn: AttributesIn,
): Span[] {
  const rows = rowsOfTrace(spans, traceId.toLowerCase());
  const found = rows.map((row) => ({ row, ...spans.at(row) })).sort((a, b) => a.startMs - b.startMs);
  const bySegment = new Map<number, Set<number>>();
  for (const { segment, ordinal } of found) bySegment.set(segment, (bySegment.get(segment) ?? new Set()).add(ordinal));
  const attributes = new Map([...bySegment].map(([segment, ordinals]) => [segment, attributesIn(segment, ordinals)]));
  return found.map(({ row, segment, ordinal, resource, operation, peer, problem, kind, status, statusCode, startMs, durationMs }) => ({
    traceId: spans.traceId(row),
    spanId: spans.spanId(row),
    parentSpanId: spans.parentSpanId(row),
    service: strings.text(resources.service(resource)),
    operation: strings.text(operation),
    kind,
    status,
    statusCode,
    startMs,
    durationMs,
    peer: textOrNull(strings, peer),
    problem: textOrNull(strings, problem),
    attributes: attributes.get(segment)?.get(ordinal) ?? {},
  }));
}

function rowsOfTrace(spans: SpanTable, traceId: string): number[] {
  if (!/^[0-9a-f]{8,32}$/.test(traceId)) return [];
  const wanted = new Int32Array(4);
  const words = Math.floor(traceId.length / 8);
  writeHex(traceId.slice(0, words * 8), wanted, 0);
  const rows = spans.rowsOfTrace(wanted, words);
  if (words === 4) return rows;
  const exact = rows.filter((row) => spans.traceId(row).startsWith(traceId));
  return new Set(exact.map((row) => spans.traceId(row))).size > 1 ? [] : exact;
}

function textOrNull(strings: StringTable, id: number): string | null {
  return id < 0 ? null : strings.text(id);
}
