/**
 * OTLP over HTTP (PROTOCOLS B1): `POST /v1/traces|logs|metrics`. Its answers are not ours to shape: success is an export
 * response, trouble a google.rpc.Status, each in the encoding of the request.
 */
import type { Context, Hono } from 'hono';
import type { App } from '../../app.ts';
import { inTime, type Refusal, refusalOf, refuse } from './answers.ts';
import { admitSender } from './credentials.ts';
import type { HttpParts } from './parts.ts';
import { isJson, withBody } from './request-body.ts';

type Signal = Parameters<App['ingest']>[0];
type Ingested = Awaited<ReturnType<App['ingest']>>;

const signals = ['traces', 'logs', 'metrics'] as const satisfies readonly Signal[];

const rejectedNames = { traces: 'rejectedSpans', logs: 'rejectedLogRecords', metrics: 'rejectedDataPoints' } as const satisfies Record<
  Signal,
  string
>;

export function telemetryRoutes(routes: Hono, app: App, parts: HttpParts): void {
  for (const signal of signals) {
    routes.post(`/v1/${signal}`, async (c) => {
      try {
        return await take(signal, c, app, parts);
      } catch (error) {
        return statusAnswer(refusalOf(error, parts.log), isProtobuf(c.req.raw));
      }
    });
  }
}

async function take(signal: Signal, c: Context, app: App, parts: HttpParts): Promise<Response> {
  const request = c.req.raw;
  const admit = admitSender(request, parts.settings.TRACEPULSE_WEBHOOK_TOKEN);
  if (!isJson(request)) throw refuse(415, 'Content-Type must be application/json');
  return withBody(request, { limits: parts.limits.telemetry, budget: parts.budgets.telemetry, admit }, async (body) => {
    return Response.json(exportResponse(signal, await inTime('store telemetry', app.ingest(signal, body, 'json'))));
  });
}

/** Empty when all was taken; 64-bit counts are text in OTLP's JSON. */
function exportResponse(signal: Signal, { rejected, problem }: Ingested): object {
  if (rejected === 0 && problem === null) return {};
  return { partialSuccess: { ...(rejected > 0 ? { [rejectedNames[signal]]: String(rejected) } : {}), errorMessage: problem ?? '' } };
}

function isProtobuf(request: Request): boolean {
  return /^application\/(x-)?protobuf\b/i.test(request.headers.get('content-type') ?? '');
}

/** HTTP status → google.rpc.Code (googleapis/google/rpc/code.proto). */
const rpcCodes: Readonly<Record<number, number>> = { 400: 3, 401: 16, 408: 4, 413: 8, 415: 12, 503: 14 };
const rpcInternal = 13;

function statusAnswer({ status, message, path, headers }: Refusal, asProtobuf: boolean): Response {
  const code = rpcCodes[status] ?? rpcInternal;
  const text = path === undefined ? message : `${path}: ${message}`;
  if (!asProtobuf) return Response.json({ code, message: text }, { status, headers });
  return new Response(protobufStatus(code, text), { status, headers: { ...headers, 'Content-Type': 'application/x-protobuf' } });
}

/** `google.rpc.Status`: field 1 the code as varint (below 128, so one byte), field 2 the message. */
function protobufStatus(code: number, message: string): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder().encode(message).slice(0, 16_383); // two bytes of varint hold its length
  const length = text.length < 0x80 ? [text.length] : [(text.length & 0x7f) | 0x80, text.length >> 7];
  return new Uint8Array([0x08, code, 0x12, ...length, ...text]);
}
