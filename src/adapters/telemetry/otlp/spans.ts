/** One OTLP span → a row: what it called, how it ended, and what it says of the far side (PROTOCOLS B2, B3). */
import { idWords, parentIdAt, type SpanBatch, spanIdAt } from '../../../domain/span-batch.ts';
import { peerKind, spanKind, spanStatus } from '../../../domain/telemetry.ts';
import { hexInto } from '../identifiers.ts';
import { factsAt, type Json, listAt, objectAt, rejected, textAt, timeMs } from './attributes.ts';
import { Facts } from './facts.ts';

const kindNames: Readonly<Record<string, number>> = {
  SPAN_KIND_UNSPECIFIED: 0,
  SPAN_KIND_INTERNAL: 1,
  SPAN_KIND_SERVER: 2,
  SPAN_KIND_CLIENT: 3,
  SPAN_KIND_PRODUCER: 4,
  SPAN_KIND_CONSUMER: 5,
};
const statusNames: Readonly<Record<string, number>> = { STATUS_CODE_UNSET: 0, STATUS_CODE_OK: 1, STATUS_CODE_ERROR: 2 };
const maxProblem = 300;
/** Above HTTP's codes, so that both fit one column. */
const grpcOffset = 1_000;

/** What spans, and exceptions in their events, are asked for: new names before old. */
export const spanFacts = new Facts();
const ask = {
  http: spanFacts.group('http.response.status_code', 'http.status_code'),
  grpc: spanFacts.group('rpc.grpc.status_code', 'rpc.response.status_code', 'rpc.status_code'),
  errorType: spanFacts.group('error.type'),
  error: spanFacts.group('error'),
  exceptionType: spanFacts.group('exception.type'),
  exceptionMessage: spanFacts.group('exception.message'),
  component: spanFacts.group('code.function.name', 'code.namespace', 'code.function'),
  database: spanFacts.group('db.system.name', 'db.system'),
  databaseName: spanFacts.group('db.namespace', 'db.name', 'server.address', 'net.peer.name'),
  databaseHost: spanFacts.group('server.address', 'net.peer.name'),
  messaging: spanFacts.group('messaging.system'),
  destination: spanFacts.group('messaging.destination.name', 'messaging.destination'),
  messagingOperation: spanFacts.group('messaging.operation.type', 'messaging.operation'),
  service: spanFacts.group('service.peer.name', 'peer.service'),
  host: spanFacts.group('server.address', 'net.peer.name', 'network.peer.address', 'net.sock.peer.addr', 'http.host'),
  url: spanFacts.group('url.full', 'http.url'),
};

const noStatus: Json = {};

/** False: the span's ids or times are no ids or times, and it alone is left out. `resource` and `scope` are numbers of the batch. */
export function readSpan(span: Json, batch: SpanBatch, resource: number, scope: number, ordinal: number): boolean {
  const row = batch.length;
  const columns = batch.room();
  const { ids } = columns;
  const at = row * idWords;
  const startMs = timeMs(span['startTimeUnixNano']);
  const endMs = timeMs(span['endTimeUnixNano']);
  if (!hexInto(textAt(span, 'traceId', ''), ids, at, 4) || !hexInto(textAt(span, 'spanId', ''), ids, at + spanIdAt, 2)) return false;
  if (!(startMs > 0) || !(endMs > 0)) return false;
  if (!hexInto(textAt(span, 'parentSpanId', ''), ids, at + parentIdAt, 2)) ids[at + parentIdAt] = ids[at + parentIdAt + 1] = 0;
  spanFacts.clear();
  factsAt(span, '', spanFacts);
  const kind = enumOf(span['kind'], kindNames, 'kind');
  const given = span['status'] === undefined ? noStatus : objectAt(span, 'status', '');
  columns.startMs[row] = startMs;
  columns.durationMs[row] = Math.max(0, endMs - startMs);
  columns.resource[row] = resource;
  columns.operation[row] = batch.texts.id(textAt(span, 'name', ''));
  columns.kind[row] = kind;
  columns.ordinal[row] = ordinal;
  columns.component[row] = scope;
  finishRow(batch, row, kind, given === noStatus ? 0 : enumOf(given['code'], statusNames, 'status.code'));
  if (columns.status[row] === spanStatus.error) {
    const problem = eventProblem(span) ?? problemOf(given === noStatus ? '' : textAt(given, 'message', 'status.'));
    if (problem !== null) columns.problem[row] = batch.texts.id(problem);
  }
  readLink(span, batch, row);
  batch.length++;
  return true;
}

/** The cells that follow from attributes; `spanFacts` holds them. */
export function finishRow(batch: SpanBatch, row: number, kind: number, givenStatus: number): void {
  const { columns } = batch;
  columns.isKnown[row] = 0;
  columns.problem[row] = -1;
  columns.peer[row] = -1;
  columns.peerKind[row] = peerKind.none;
  columns.isReceiving[row] = 0;
  columns.statusCode[row] = 0;
  columns.status[row] = givenStatus;
  if (spanFacts.isEmpty) return;
  const code = statusCode();
  columns.statusCode[row] = code;
  if (givenStatus === spanStatus.unset && isFailed(code, kind)) columns.status[row] = spanStatus.error;
  const component = spanFacts.text(ask.component);
  if (component !== null) columns.component[row] = batch.texts.id(component);
  const peer = peerOf(kind);
  if (peer === null) return;
  columns.peer[row] = batch.texts.id(peer.name);
  columns.peerKind[row] = peer.kind;
  if (peer.kind === peerKind.queue) columns.isReceiving[row] = isReceiving(kind) ? 1 : 0;
}

export function enumOf(value: unknown, names: Readonly<Record<string, number>>, path: string): number {
  if (value === undefined || value === null) return 0;
  const number = typeof value === 'string' ? names[value] : value;
  if (typeof number !== 'number' || !Number.isInteger(number)) throw rejected('must be an integer', path);
  return number >= 0 && number <= 5 ? number : 0;
}

function statusCode(): number {
  const http = spanFacts.number(ask.http);
  if (http >= 100 && http < grpcOffset) return http;
  const grpc = spanFacts.number(ask.grpc);
  return grpc >= 0 && grpc <= 16 ? grpc + grpcOffset : 0;
}

/** Where a span does not say how it ended: 5xx, 4xx seen from the caller, or `error.type` (B2). */
function isFailed(code: number, kind: number): boolean {
  const isCaller = kind === spanKind.client || kind === spanKind.producer;
  if (code >= (isCaller ? 400 : 500) && code < grpcOffset) return true;
  return spanFacts.has(ask.errorType) || spanFacts.text(ask.error) === 'true';
}

function eventProblem(span: Json): string | null {
  const events = listAt(span, 'events', '');
  for (let i = 0; i < events.length; i++) {
    if (events[i]!['name'] !== 'exception') continue;
    exceptionFacts.clear();
    factsAt(events[i]!, `events[${i}].`, exceptionFacts);
    const problem = exceptionText(exceptionFacts.text(asked.type), exceptionFacts.text(asked.message));
    if (problem !== '') return problem.slice(0, maxProblem);
  }
  return null;
}

export const exceptionFacts = new Facts();
const asked = { type: exceptionFacts.group('exception.type'), message: exceptionFacts.group('exception.message') };

export function exceptionProblem(): string | null {
  return exceptionText(exceptionFacts.text(asked.type), exceptionFacts.text(asked.message)).slice(0, maxProblem) || null;
}

function exceptionText(type: string | null, message: string | null): string {
  return [type, message].filter((part) => part !== null).join(': ');
}

/** Without an exception in its events. */
export function problemOf(message: string): string | null {
  const text =
    message ||
    exceptionText(spanFacts.text(ask.exceptionType), spanFacts.text(ask.exceptionMessage)) ||
    spanFacts.text(ask.errorType) ||
    '';
  return text === '' ? null : text.slice(0, maxProblem);
}

function readLink(span: Json, batch: SpanBatch, row: number): void {
  if (span['links'] === undefined) return;
  const link = listAt(span, 'links', '')[0];
  if (link === undefined) return;
  const ids = new Int32Array(6);
  const isWhole = hexInto(textAt(link, 'traceId', 'links[0].'), ids, 0, 4);
  if (hexInto(textAt(link, 'spanId', 'links[0].'), ids, spanIdAt, 2) && isWhole) batch.links.set(row, ids);
}

/** `checkout`, `db:orders`, `queue:kafka/payments`, `ext:api.example.com` */
function peerOf(kind: number): { name: string; kind: number } | null {
  const database = spanFacts.text(ask.database);
  if (database !== null && kind !== spanKind.server) return { name: `db:${databaseName() ?? database}`, kind: peerKind.database };
  const messaging = spanFacts.text(ask.messaging);
  if (messaging !== null) {
    const destination = spanFacts.text(ask.destination);
    return { name: `queue:${messaging}${destination === null ? '' : `/${destination}`}`, kind: peerKind.queue };
  }
  if (kind === spanKind.server || kind === spanKind.consumer) return null;
  const service = spanFacts.text(ask.service);
  if (service !== null) return { name: service, kind: peerKind.service };
  const host = spanFacts.text(ask.host) ?? hostOf(spanFacts.text(ask.url));
  return host === null ? null : { name: `ext:${host}`, kind: peerKind.host };
}

/** Redis numbers its databases: every one has a `0`, and only its host tells which it is. */
function databaseName(): string | null {
  const name = spanFacts.text(ask.databaseName);
  return name !== null && /^\d+$/.test(name) ? (spanFacts.text(ask.databaseHost) ?? null) : name;
}

/** Receiving and settling are CLIENT spans by the conventions, processing is a CONSUMER. */
function isReceiving(kind: number): boolean {
  return kind === spanKind.consumer || /^(?:receive|process|settle)$/.test(spanFacts.text(ask.messagingOperation) ?? '');
}

function hostOf(url: string | null): string | null {
  return url === null ? null : (/^[a-z][a-z0-9+.-]*:\/\/(?:[^/?#@]*@)?([^/?#:]+)/i.exec(url)?.[1] ?? null);
}
