/**
 * What a sender of OTLP is told (PROTOCOLS B1), in the encoding of its request: success is an export response, trouble a
 * google.rpc.Status. Their shapes are OTLP's, not ours.
 */
import type { App } from '../../app.ts';
import type { Refusal } from './answers.ts';

type Signal = Parameters<App['ingest']>[0];
type Ingested = Awaited<ReturnType<App['ingest']>>;

export type Encoding = 'json' | 'protobuf';

const protobufType = 'application/x-protobuf';
const rejectedNames = { traces: 'rejectedSpans', logs: 'rejectedLogRecords', metrics: 'rejectedDataPoints' } as const satisfies Record<
  Signal,
  string
>;

export function isProtobuf(request: Request): boolean {
  return /^application\/(?:x-)?protobuf\s*(?:;|$)/i.test(request.headers.get('content-type') ?? '');
}

/** Empty when all was taken; what was rejected must not be sent again, and is said with its reason. */
export function exportAnswer(signal: Signal, { rejected, problem }: Ingested, encoding: Encoding): Response {
  const isWhole = rejected === 0 && problem === null;
  if (encoding === 'json') {
    // 64-bit counts are text in OTLP's JSON.
    const count = rejected > 0 ? { [rejectedNames[signal]]: String(rejected) } : {};
    return Response.json(isWhole ? {} : { partialSuccess: { ...count, errorMessage: problem ?? '' } });
  }
  const partial = [...numberField(1, rejected), ...textField(2, problem ?? '')];
  return protobufAnswer(isWhole ? [] : bytesField(1, partial), 200, {});
}

/** HTTP status → google.rpc.Code (googleapis/google/rpc/code.proto). */
const rpcCodes: Readonly<Record<number, number>> = { 400: 3, 401: 16, 413: 8, 415: 12, 503: 14 };
const rpcInternal = 13;

export function statusAnswer({ status, message, path, headers }: Refusal, encoding: Encoding): Response {
  const code = rpcCodes[status] ?? rpcInternal;
  const text = path === undefined || path === '' ? message : `${path}: ${message}`;
  if (encoding === 'json') return Response.json({ code, message: text }, { status, headers });
  return protobufAnswer([...numberField(1, code), ...textField(2, text)], status, headers);
}

function protobufAnswer(bytes: readonly number[], status: number, headers: Readonly<Record<string, string>>): Response {
  return new Response(Uint8Array.from(bytes), { status, headers: { ...headers, 'Content-Type': protobufType } });
}

// Fields as protobuf writes them: number and kind in one varint, then the value; what is zero or empty is left out.

function numberField(field: number, value: number): number[] {
  return value === 0 ? [] : [...varint(field * 8), ...varint(value)];
}

function textField(field: number, text: string): number[] {
  return text === '' ? [] : bytesField(field, [...new TextEncoder().encode(text)]);
}

function bytesField(field: number, bytes: readonly number[]): number[] {
  return [...varint(field * 8 + 2), ...varint(bytes.length), ...bytes];
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest & 0x7f) | 0x80);
  return [...bytes, rest];
}
