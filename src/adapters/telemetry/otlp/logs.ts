/** One OTLP log record → a record: severity, the ids people use to tie lines together, and the line itself. */
import { hollowAttribute } from '../../../domain/log-entry.ts';
import { givenHollow } from '../../../domain/log-shape/hollow-fields.ts';
import { filledIn } from '../../../domain/log-shape/log-body.ts';
import type { LogRecord } from '../../../domain/records.ts';
import type { ResourceRecord } from '../../../domain/span-batch.ts';
import { factsAt, isHex, type Json, plainValue, textAt, timeMs } from './attributes.ts';
import { Facts, type Value } from './facts.ts';
import type { Fields } from './fields.ts';
import { factAt, valueAt } from './wire-attributes.ts';

/** OTel severity numbers of the words that loggers write. */
const severityWords: readonly (readonly [RegExp, number])[] = [
  [/^(?:fatal|crit|critical|emerg|emergency|alert|panic)$/i, 21],
  [/^(?:err|error|severe)$/i, 17],
  [/^(?:warn|warning)$/i, 13],
  [/^(?:info|information|notice)$/i, 9],
  [/^debug$/i, 5],
  [/^trace$/i, 1],
];

const logFacts = new Facts();
const ask = {
  traceId: logFacts.group('trace_id', 'traceId', 'trace.id', 'dd.trace_id'),
  spanId: logFacts.group('span_id', 'spanId', 'span.id'),
  component: logFacts.group('logger.name', 'log.logger', 'logger', 'code.namespace', 'code.function.name', 'thread.name'),
  hollow: logFacts.group(hollowAttribute),
  exceptionType: logFacts.group('exception.type'),
  exceptionMessage: logFacts.group('exception.message'),
  correlationId: logFacts.group(
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
  ),
};

/** What a record says of itself, beside its attributes: those stand in `logFacts`. */
interface Said {
  /** ms; 0 or NaN: not given. */
  timeMs: number;
  observedMs: number;
  severityNumber: number;
  severityText: string;
  body: Value | null;
  traceId: string;
  spanId: string;
  eventName: string;
}

export function readLog(log: Json, resource: ResourceRecord, scope: string | null, arrivedAt: number): LogRecord {
  logFacts.clear();
  factsAt(log, '', logFacts);
  const said: Said = {
    timeMs: timeMs(log['timeUnixNano']),
    observedMs: timeMs(log['observedTimeUnixNano']),
    severityNumber: Number(log['severityNumber'] ?? 0),
    severityText: textAt(log, 'severityText', ''),
    body: plainValue(log['body']),
    traceId: textAt(log, 'traceId', ''),
    spanId: textAt(log, 'spanId', ''),
    eventName: typeof log['eventName'] === 'string' ? log['eventName'] : '',
  };
  return recordOf(said, resource, scope, arrivedAt);
}

/** The same of protobuf; `record` stands at the beginning of the message. */
export function readWireLog(record: Fields, resource: ResourceRecord, scope: string | null, arrivedAt: number): LogRecord {
  logFacts.clear();
  const said: Said = {
    timeMs: 0,
    observedMs: 0,
    severityNumber: 0,
    severityText: '',
    body: null,
    traceId: '',
    spanId: '',
    eventName: '',
  };
  while (record.next()) readWireField(record, said);
  return recordOf(said, resource, scope, arrivedAt);
}

function readWireField(record: Fields, said: Said): void {
  if (record.field === 1) said.timeMs = record.timeMs('timeUnixNano');
  else if (record.field === 2) said.severityNumber = record.integer('severityNumber');
  else if (record.field === 3) said.severityText = record.text('severityText');
  else if (record.field === 5) said.body = valueAt(record, 'body');
  else if (record.field === 6) factAt(record, logFacts);
  else if (record.field === 9) said.traceId = hex(record.slice('traceId'));
  else if (record.field === 10) said.spanId = hex(record.slice('spanId'));
  else if (record.field === 11) said.observedMs = record.timeMs('observedTimeUnixNano');
  else if (record.field === 12) said.eventName = record.text('eventName');
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex');
}

function recordOf(said: Said, resource: ResourceRecord, scope: string | null, arrivedAt: number): LogRecord {
  const traceId = (said.traceId || (logFacts.text(ask.traceId) ?? '')).toLowerCase();
  const spanId = (said.spanId || (logFacts.text(ask.spanId) ?? '')).toLowerCase();
  const record = {
    resource,
    timeMs: said.timeMs || said.observedMs || arrivedAt,
    severity: severityOf(said),
    text: textOf(said),
    traceId: isHex(traceId, 32) ? traceId : null,
    spanId: isHex(spanId, 16) ? spanId : null,
    component: logFacts.text(ask.component) ?? scope,
    correlationId: logFacts.text(ask.correlationId),
    hollowFields: givenHollow(logFacts.text(ask.hollow)),
  };
  // A collector that only passes lines on leaves what they say to be read here.
  return filledIn(record, arrivedAt);
}

function severityOf({ severityNumber, severityText }: Said): number {
  if (severityNumber >= 1 && severityNumber <= 24) return severityNumber;
  const word = severityText.trim();
  return word === '' ? 0 : (severityWords.find(([pattern]) => pattern.test(word))?.[1] ?? 0);
}

/** The body as text, with an exception that stands beside it in the attributes. */
function textOf({ body, eventName }: Said): string {
  const text = body === null ? eventName : String(body);
  const type = logFacts.text(ask.exceptionType);
  const message = logFacts.text(ask.exceptionMessage);
  if (type === null && message === null) return text;
  const exception = [type, message].filter((part) => part !== null).join(': ');
  return [text, exception].filter((part) => part !== '').join('\n');
}
