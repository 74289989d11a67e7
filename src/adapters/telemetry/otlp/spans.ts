/** One OTLP span → a record: what it called, how it ended, and what it says of the far side (PROTOCOLS B2, B3). */
import type { ResourceRecord, SpanRecord } from '../../../domain/records.ts';
import { peerKind, spanKind, spanStatus } from '../../../domain/telemetry.ts';
import { type Attributes, attributesAt, isHex, type Json, listAt, named, objectAt, rejected, textAt, timeMs } from './attributes.ts';

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
export const grpcOffset = 1_000;

/** Null: the span's ids or times are no ids or times, and it alone is rejected. */
export function spanRecord(span: Json, resource: ResourceRecord, scope: string | null, ordinal: number): SpanRecord | null {
  const traceId = textAt(span, 'traceId', '').toLowerCase();
  const spanId = textAt(span, 'spanId', '').toLowerCase();
  const parentSpanId = textAt(span, 'parentSpanId', '').toLowerCase();
  const startMs = timeMs(span['startTimeUnixNano']);
  const endMs = timeMs(span['endTimeUnixNano']);
  if (!isHex(traceId, 32) || !isHex(spanId, 16) || !(startMs > 0) || !Number.isFinite(endMs)) return null;
  const attributes = attributesAt(span, '');
  const kind = enumOf(span['kind'], kindNames, 'kind');
  const peer = peerOf(attributes, kind);
  const statusCode = statusCodeOf(attributes);
  const given = objectAt(span, 'status', '');
  const status = statusOf(enumOf(given['code'], statusNames, 'status.code'), statusCode, kind, attributes);
  return {
    resource,
    traceId,
    spanId,
    parentSpanId: isHex(parentSpanId, 16) ? parentSpanId : null,
    operation: textAt(span, 'name', ''),
    kind,
    status,
    statusCode,
    startMs,
    durationMs: Math.max(0, endMs - startMs),
    peer: peer?.name ?? null,
    peerKind: peer?.kind ?? peerKind.none,
    component: named(attributes, 'code.function.name', 'code.namespace', 'code.function') ?? scope,
    problem: status === spanStatus.error ? problemOf(span, attributes, textAt(given, 'message', 'status.')) : null,
    link: linkOf(span),
    ordinal,
  };
}

function enumOf(value: unknown, names: Readonly<Record<string, number>>, path: string): number {
  if (value === undefined || value === null) return 0;
  const number = typeof value === 'string' ? names[value] : value;
  if (typeof number !== 'number' || !Number.isInteger(number)) throw rejected('must be an integer', path);
  return number >= 0 && number <= 5 ? number : 0;
}

function statusCodeOf(attributes: Attributes): number {
  const http = Number(named(attributes, 'http.response.status_code', 'http.status_code') ?? Number.NaN);
  if (http >= 100 && http < grpcOffset) return http;
  const grpc = Number(named(attributes, 'rpc.grpc.status_code', 'rpc.response.status_code', 'rpc.status_code') ?? Number.NaN);
  return grpc >= 0 && grpc <= 16 ? grpc + grpcOffset : 0;
}

/** A span is failed when it says so; where it says nothing, by 5xx, by 4xx seen from the caller, or by `error.type` (B2). */
function statusOf(given: number, statusCode: number, kind: number, attributes: Attributes): number {
  if (given !== spanStatus.unset) return given;
  const isCaller = kind === spanKind.client || kind === spanKind.producer;
  if (statusCode >= 500 && statusCode < grpcOffset) return spanStatus.error;
  if (isCaller && statusCode >= 400 && statusCode < grpcOffset) return spanStatus.error;
  const isFailed = attributes.has('error.type') || String(attributes.get('error')) === 'true';
  return isFailed ? spanStatus.error : spanStatus.unset;
}

function problemOf(span: Json, attributes: Attributes, message: string): string | null {
  const events = listAt(span, 'events', '');
  for (let i = 0; i < events.length; i++) {
    const event = events[i]!;
    if (event['name'] !== 'exception') continue;
    const exception = attributesAt(event, `events[${i}].`);
    const parts = [named(exception, 'exception.type'), named(exception, 'exception.message')].filter((part) => part !== null);
    if (parts.length > 0) return parts.join(': ').slice(0, maxProblem);
  }
  const text =
    message ||
    [named(attributes, 'exception.type'), named(attributes, 'exception.message')].filter((part) => part !== null).join(': ') ||
    named(attributes, 'error.type') ||
    '';
  return text === '' ? null : text.slice(0, maxProblem);
}

function linkOf(span: Json): SpanRecord['link'] {
  const link = listAt(span, 'links', '')[0];
  if (link === undefined) return null;
  const traceId = textAt(link, 'traceId', 'links[0].').toLowerCase();
  const spanId = textAt(link, 'spanId', 'links[0].').toLowerCase();
  return isHex(traceId, 32) && isHex(spanId, 16) ? { traceId, spanId } : null;
}

/** `checkout`, `db:orders`, `queue:kafka/payments`, `ext:api.example.com` */
export function peerOf(attributes: Attributes, kind: number): { name: string; kind: number } | null {
  if (attributes.size === 0) return null;
  const database = named(attributes, 'db.system.name', 'db.system');
  if (database !== null && kind !== spanKind.server)
    return {
      name: `db:${named(attributes, 'db.namespace', 'db.name', 'server.address', 'net.peer.name') ?? database}`,
      kind: peerKind.database,
    };
  const messaging = named(attributes, 'messaging.system');
  if (messaging !== null) {
    const destination = named(attributes, 'messaging.destination.name', 'messaging.destination');
    return { name: `queue:${messaging}${destination === null ? '' : `/${destination}`}`, kind: peerKind.queue };
  }
  if (kind === spanKind.server || kind === spanKind.consumer) return null;
  const service = named(attributes, 'service.peer.name', 'peer.service');
  if (service !== null) return { name: service, kind: peerKind.service };
  const host =
    named(attributes, 'server.address', 'net.peer.name', 'network.peer.address', 'net.sock.peer.addr', 'http.host') ??
    hostOf(named(attributes, 'url.full', 'http.url'));
  return host === null ? null : { name: `ext:${host}`, kind: peerKind.host };
}

function hostOf(url: string | null): string | null {
  return url === null ? null : (/^[a-z][a-z0-9+.-]*:\/\/(?:[^/?#@]*@)?([^/?#:]+)/i.exec(url)?.[1] ?? null);
}
