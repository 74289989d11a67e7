/** Looking single things up in the tables: log lines by what they say, a trace by its id. */
import type { LogLine, Span, StringTable } from '../../domain/telemetry.ts';
import type { LogQuery } from '../../ports.ts';
import type { LogTable } from './log-table.ts';
import { writeHex } from './identifiers.ts';
import type { SpanTable } from './span-table.ts';

/** Newest `limit` lines that fit, in time order. */
export function searchLogs(logs: LogTable, strings: StringTable, query: LogQuery): LogLine[] {
  const { columns } = logs;
  const service = query.service === undefined ? null : strings.find(query.service);
  const contains = query.contains?.toLowerCase();
  const traceId = query.traceId?.toLowerCase();
  const found: number[] = [];
  for (let row = 0; row < logs.length; row++) {
    const at = columns.timeMs[row]!;
    if (at < query.window.fromMs || at >= query.window.toMs) continue;
    if (service !== null && columns.service[row] !== service) continue;
    if (columns.severity[row]! < (query.minSeverity ?? 0)) continue;
    if (traceId !== undefined && logs.traceId(row) !== traceId) continue;
    // A correlation id that no field names is often in the line itself.
    if (query.correlationId !== undefined && logs.correlation(row) !== query.correlationId && !logs.text(row).includes(query.correlationId))
      continue;
    if (contains !== undefined && !logs.text(row).toLowerCase().includes(contains)) continue;
    found.push(row);
  }
  found.sort((a, b) => columns.timeMs[a]! - columns.timeMs[b]! || a - b);
  return found.slice(-query.limit).map((row) => ({
    timeMs: columns.timeMs[row]!,
    service: strings.text(columns.service[row]!),
    severity: columns.severity[row]!,
    text: logs.text(row),
    traceId: logs.traceId(row),
    correlationId: logs.correlation(row),
  }));
}

type AttributesIn = (segment: number, ordinals: ReadonlySet<number>) => ReadonlyMap<number, Record<string, string | number | boolean>>;

/** Spans of a trace in start order, attributes read from the bodies they came in. A prefix of the id is enough where it is unique. */
export function spansOfTrace(spans: SpanTable, strings: StringTable, traceId: string, attributesIn: AttributesIn): Span[] {
  const rows = rowsOfTrace(spans, traceId.toLowerCase());
  const { columns } = spans;
  const bySegment = new Map<number, Set<number>>();
  for (const row of rows)
    bySegment.set(columns.segment[row]!, (bySegment.get(columns.segment[row]!) ?? new Set()).add(columns.ordinal[row]!));
  const attributes = new Map([...bySegment].map(([segment, ordinals]) => [segment, attributesIn(segment, ordinals)]));
  return rows
    .sort((a, b) => columns.startMs[a]! - columns.startMs[b]!)
    .map((row) => ({
      traceId: spans.traceId(row),
      spanId: spans.spanId(row),
      parentSpanId: spans.parentSpanId(row),
      service: strings.text(columns.service[row]!),
      operation: strings.text(columns.operation[row]!),
      kind: columns.kind[row]!,
      status: columns.status[row]!,
      statusCode: columns.statusCode[row]!,
      startMs: columns.startMs[row]!,
      durationMs: columns.durationMs[row]!,
      peer: textOrNull(strings, columns.peer[row]!),
      problem: textOrNull(strings, columns.problem[row]!),
      attributes: attributes.get(columns.segment[row]!)?.get(columns.ordinal[row]!) ?? {},
    }));
}

function rowsOfTrace(spans: SpanTable, traceId: string): number[] {
  if (!/^[0-9a-f]{8,32}$/.test(traceId)) return [];
  const { traceId: ids } = spans.columns;
  const wanted = new Int32Array(4);
  const words = Math.floor(traceId.length / 8);
  writeHex(traceId.slice(0, words * 8), wanted, 0);
  const rows: number[] = [];
  for (let row = 0; row < spans.length; row++) {
    let isSame = true;
    for (let word = 0; word < words && isSame; word++) isSame = ids[row * 4 + word] === wanted[word];
    if (isSame) rows.push(row);
  }
  const exact = rows.filter((row) => spans.traceId(row).startsWith(traceId));
  return new Set(exact.map((row) => spans.traceId(row))).size > 1 ? [] : exact;
}

function textOrNull(strings: StringTable, id: number): string | null {
  return id < 0 ? null : strings.text(id);
}
