/** One OTLP log record → a record: severity, the ids people use to tie lines together, and the line itself. */
import type { LogRecord } from '../../../domain/records.ts';
import type { ResourceRecord } from '../../../domain/span-batch.ts';
import { type Attributes, attributesAt, isHex, type Json, named, plainValue, textAt, timeMs } from './attributes.ts';

/** OTel severity numbers of the words that loggers write. */
const severityWords: readonly (readonly [RegExp, number])[] = [
  [/^(?:fatal|crit|critical|emerg|emergency|alert|panic)$/i, 21],
  [/^(?:err|error|severe)$/i, 17],
  [/^(?:warn|warning)$/i, 13],
  [/^(?:info|information|notice)$/i, 9],
  [/^debug$/i, 5],
  [/^trace$/i, 1],
];

const correlationNames = [
  'correlationId',
  'correlation_id',
  'correlation.id',
  'x-correlation-id',
  'requestId',
  'request_id',
  'request.id',
  'x-request-id',
  'http.request.header.x-request-id',
  'transactionId',
  'transaction_id',
  'txn_id',
  'session.id',
];

export function logRecord(log: Json, resource: ResourceRecord, scope: string | null, arrivedAt: number): LogRecord {
  const attributes = attributesAt(log, '');
  const at = timeMs(log['timeUnixNano']) || timeMs(log['observedTimeUnixNano']) || arrivedAt;
  const traceId = (textAt(log, 'traceId', '') || (named(attributes, 'trace_id', 'traceId', 'trace.id', 'dd.trace_id') ?? '')).toLowerCase();
  const spanId = (textAt(log, 'spanId', '') || (named(attributes, 'span_id', 'spanId', 'span.id') ?? '')).toLowerCase();
  return {
    resource,
    timeMs: at,
    severity: severityOf(log),
    text: textOf(log, attributes),
    traceId: isHex(traceId, 32) ? traceId : null,
    spanId: isHex(spanId, 16) ? spanId : null,
    component: named(attributes, 'logger.name', 'log.logger', 'logger', 'code.namespace', 'code.function.name', 'thread.name') ?? scope,
    correlationId: named(attributes, ...correlationNames),
  };
}

function severityOf(log: Json): number {
  const number = Number(log['severityNumber'] ?? 0);
  if (number >= 1 && number <= 24) return number;
  const word = textAt(log, 'severityText', '').trim();
  return word === '' ? 0 : (severityWords.find(([pattern]) => pattern.test(word))?.[1] ?? 0);
}

/** The body as text, with an exception that stands beside it in the attributes. */
function textOf(log: Json, attributes: Attributes): string {
  const body = plainValue(log['body']);
  const event = typeof log['eventName'] === 'string' ? log['eventName'] : '';
  const exception = [named(attributes, 'exception.type'), named(attributes, 'exception.message')]
    .filter((part) => part !== null)
    .join(': ');
  return [body === null ? event : String(body), exception].filter((part) => part !== '').join('\n');
}
