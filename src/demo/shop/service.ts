/** A small HTTP service: routes in, calls out, spans and log lines for both. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { context, defaultTextMapGetter, defaultTextMapSetter, type Span, trace } from '@opentelemetry/api';
import { createDebugQueue, type DebugQueue } from '../../../clients/node/index.cjs';
import { createRequestMetrics, type RequestMetrics } from './metrics.ts';
import { type Context, fail, type Instrumentation, instrument, type Level, levels, propagator, SpanKind } from './telemetry.ts';

/** A request that a service refuses or cannot serve; `status` goes to the caller. */
export class Refusal extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.name = 'Refusal';
    this.status = status;
  }
}

/** What a handler may do. Every verb shows in the trace. */
export interface Call {
  readonly query: URLSearchParams;
  /** Calls a route of another service and answers its JSON body. */
  call(service: string, route: string, query?: Record<string, string>): Promise<Record<string, unknown>>;
  /** Talks to a database or a third party that sends no telemetry of its own. */
  store(system: string, operation: string, typicalMs: number): Promise<void>;
  /** Spends time in the service itself. */
  work(typicalMs: number): Promise<void>;
  log(level: Level, text: string): void;
  /** Tells debug-queue of something in the life of this request; of high priority is what somebody must look at. */
  tell(eventType: string, said: { readonly errorCode?: string; readonly details: Record<string, string> }, priority: 'high' | 'low'): void;
}

export type Handler = (call: Call) => Promise<Record<string, unknown>>;

export interface ServiceSpec {
  readonly name: string;
  readonly version: string;
  readonly routes: Readonly<Record<string, Handler>>;
}

/** Where each service listens; filled as they start. */
export type Addresses = Map<string, string>;

export interface RunningService {
  readonly name: string;
  /** Puts a new version in place of the old one, as a deployment does. */
  release(version: string): Promise<void>;
  stop(): Promise<void>;
}

const callTimeoutMs = 5_000;
const lastEventsMs = 1_000;

/** Real times scatter: mostly near the typical value, now and then twice as long. */
function around(typicalMs: number): number {
  return typicalMs * (0.7 + 0.6 * Math.random() + (Math.random() < 0.05 ? 1 : 0));
}

/** `onAlarm` is told what a service says with high priority. */
export async function startService(
  spec: ServiceSpec,
  addresses: Addresses,
  otlpUrl: string,
  onAlarm: (eventType: string, service: string) => void = () => {},
): Promise<RunningService> {
  const queue = createDebugQueue({ url: otlpUrl, service: spec.name });
  let version = spec.version;
  let serial = 0;
  const instanceName = () => `${spec.name}-${version.replaceAll('.', '')}-${serial}`;
  let tools = instrument(spec.name, version, instanceName(), otlpUrl);
  const metrics = createRequestMetrics(spec.name);
  const server = createServer((request, response) => {
    if (request.url === '/metrics') response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' }).end(metrics.text());
    else void serveOne(request, response, { spec, addresses, tools, metrics, queue, onAlarm });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  addresses.set(spec.name, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  return {
    name: spec.name,
    async release(next) {
      const old = tools;
      version = next;
      serial++;
      tools = instrument(spec.name, version, instanceName(), otlpUrl);
      await old.stop();
    },
    async stop() {
      await close(server);
      await Promise.all([tools.stop(), queue.close(lastEventsMs)]);
    },
  };
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

interface Serving {
  readonly spec: ServiceSpec;
  readonly addresses: Addresses;
  readonly tools: Instrumentation;
  readonly metrics: RequestMetrics;
  readonly queue: DebugQueue;
  readonly onAlarm: (eventType: string, service: string) => void;
}

async function serveOne(request: IncomingMessage, response: ServerResponse, serving: Serving): Promise<void> {
  const { spec, tools, metrics } = serving;
  const begun = performance.now();
  const url = new URL(request.url ?? '/', 'http://shop');
  const handler = spec.routes[url.pathname];
  const from = callerContext(request);
  const span = tools.tracer.startSpan(
    `${request.method} ${url.pathname}`,
    {
      kind: SpanKind.SERVER,
      attributes: { 'http.request.method': request.method ?? 'GET', 'http.route': url.pathname, 'url.path': url.pathname },
    },
    from,
  );
  const inside = trace.setSpan(from, span);
  const { status, body } = await answer(handler, url.searchParams, inside, span, serving);
  span.setAttribute('http.response.status_code', status);
  span.end();
  metrics.count(handler === undefined ? 'unknown' : url.pathname, status, performance.now() - begun);
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function callerContext(request: IncomingMessage): Context {
  return propagator.extract(context.active(), request.headers, defaultTextMapGetter);
}

async function answer(handler: Handler | undefined, query: URLSearchParams, inside: Context, span: Span, serving: Serving) {
  if (handler === undefined) return { status: 404, body: { error: 'no such route' } };
  try {
    return { status: 200, body: await handler(callFor(query, inside, span, serving)) };
  } catch (error) {
    const status = error instanceof Refusal ? error.status : 500;
    const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    // A refused request is the caller's business; anything else is logged by whoever broke.
    if (status >= 500) {
      fail(span, error);
      emit(serving.tools, inside, 'error', `request failed: ${text}`);
    }
    return { status, body: { error: error instanceof Error ? error.message : String(error) } };
  }
}

function emit(tools: Instrumentation, inside: Context, level: Level, body: string): void {
  tools.logger.emit({ body, severityNumber: levels[level], severityText: level.toUpperCase(), context: inside });
}

function callFor(query: URLSearchParams, inside: Context, span: Span, { spec, addresses, tools, queue, onAlarm }: Serving): Call {
  const service = spec.name;
  return {
    query,
    tell(eventType, { errorCode, details }, priority) {
      const { traceId: correlationId } = span.spanContext();
      queue.log(eventType, { service, correlationId, details, ...(errorCode === undefined ? {} : { errorCode }) }, { priority });
      if (priority === 'high') onAlarm(eventType, service);
    },
    log: (level, text) => emit(tools, inside, level, text),
    work: (typicalMs) => wait(around(typicalMs)),
    async store(system, operation, typicalMs) {
      const attributes = { 'db.system.name': system, 'db.namespace': service, 'db.operation.name': operation.split(' ')[0] ?? operation };
      const span = tools.tracer.startSpan(operation, { kind: SpanKind.CLIENT, attributes }, inside);
      await wait(around(typicalMs));
      span.end();
    },
    async call(peer, route, asked = {}) {
      const address = addresses.get(peer);
      if (address === undefined) throw new Error(`nobody listens as ${peer}`);
      const span = tools.tracer.startSpan(
        `GET ${route}`,
        { kind: SpanKind.CLIENT, attributes: { 'http.request.method': 'GET', 'server.address': peer, 'url.path': route } },
        inside,
      );
      try {
        return await fetchJson(`${address}${route}?${new URLSearchParams(asked)}`, trace.setSpan(inside, span), span, peer);
      } catch (error) {
        fail(span, error);
        throw error;
      } finally {
        span.end();
      }
    },
  };
}

async function fetchJson(url: string, inside: Context, span: Span, peer: string): Promise<Record<string, unknown>> {
  const headers: Record<string, string> = {};
  propagator.inject(inside, headers, defaultTextMapSetter);
  const response = await fetch(url, { headers, signal: AbortSignal.timeout(callTimeoutMs) });
  span.setAttribute('http.response.status_code', response.status);
  const body = (await response.json()) as Record<string, unknown>;
  if (response.ok) return body;
  throw new Refusal(response.status >= 500 ? 502 : response.status, `${peer} answered ${response.status}: ${String(body['error'] ?? '')}`);
}
