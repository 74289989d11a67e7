/** The OpenTelemetry SDK with its own exporters, in both encodings and packed, against the running product. */
import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { OTLPLogExporter as JsonLogs } from '@opentelemetry/exporter-logs-otlp-http';
import { OTLPLogExporter as ProtobufLogs } from '@opentelemetry/exporter-logs-otlp-proto';
import { OTLPMetricExporter as JsonMetrics } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPMetricExporter as ProtobufMetrics } from '@opentelemetry/exporter-metrics-otlp-proto';
import { OTLPTraceExporter as JsonTraces } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtobufTraces } from '@opentelemetry/exporter-trace-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchLogRecordProcessor, LoggerProvider, type LogRecordExporter } from '@opentelemetry/sdk-logs';
import { MeterProvider, PeriodicExportingMetricReader, type PushMetricExporter } from '@opentelemetry/sdk-metrics';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { afterEach, describe, expect, it } from 'vitest';
import { redactDeep } from '../../../src/domain/redact.ts';
import { createHttp } from '../../../src/surfaces/http/http.ts';
import { type HttpServer, serve } from '../../../src/surfaces/http/serve.ts';
import { testProduct } from '../../support/app.ts';

const token = 'a-secret-of-some-length';
const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function running() {
  const product = testProduct({}, Date.now());
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  const http = createHttp(product.app, { TRACEPULSE_WEBHOOK_TOKEN: token }, { log, now: Date.now, redact: redactDeep });
  const types = new Set<string>();
  const seen = {
    fetch: (request: Request) => {
      types.add(`${request.headers.get('content-type')} ${request.headers.get('content-encoding')}`);
      return http.fetch(request);
    },
  };
  const server: HttpServer = serve(seen, { host: '127.0.0.1', port: 0 });
  const { port } = await server.start();
  closing.push(product.close, () => server.stop());
  const settings = (signal: string, compression: 'gzip' | 'none') =>
    ({
      url: `http://127.0.0.1:${port}/v1/${signal}`,
      headers: { authorization: `Bearer ${token}` },
      compression,
      timeoutMillis: 5_000,
    }) as never;
  const everything = { fromMs: Date.now() - 60_000, toMs: Date.now() + 60_000 };
  return { telemetry: product.telemetry, settings, types, everything };
}

const resource = (name: string) => resourceFromAttributes({ 'service.name': name, 'service.version': '1.4', 'host.name': 'node-1' });

describe.each([
  { encoding: 'protobuf', type: 'application/x-protobuf', Traces: ProtobufTraces, Logs: ProtobufLogs, Metrics: ProtobufMetrics },
  { encoding: 'json', type: 'application/json', Traces: JsonTraces, Logs: JsonLogs, Metrics: JsonMetrics },
])("the SDK's exporters in $encoding", ({ type, Traces, Logs, Metrics }) => {
  it.each(['gzip', 'none'] as const)('deliver spans, lines and points, packed: %s', async (compression) => {
    const { telemetry, settings, types, everything } = await running();
    const traceId = await sendTrace(new Traces(settings('traces', compression)));
    await sendLine(new Logs(settings('logs', compression)), traceId);
    await sendPoints(new Metrics(settings('metrics', compression)) as PushMetricExporter);
    expect([...types]).toEqual([`${type} ${compression === 'gzip' ? 'gzip' : null}`]);

    const spans = await telemetry.trace(traceId);
    expect(spans).toMatchObject([
      { service: 'shop', operation: 'POST /buy', kind: 3, status: 2, problem: 'Error: no stock', peer: 'cart', parentSpanId: null },
      { service: 'cart', operation: 'take', kind: 2, status: 0, statusCode: 200 },
    ]);
    expect(spans[1]?.parentSpanId).toBe(spans[0]?.spanId);
    expect(spans[0]?.attributes).toMatchObject({
      'service.name': 'shop',
      'service.version': '1.4',
      'host.name': 'node-1',
      'peer.service': 'cart',
      'user.id': 'ümit ☕',
      retries: 3,
      share: 0.25,
      cached: false,
      tags: '["a","b"]',
    });
    const { map } = await telemetry.knowledge();
    expect(map.edges).toMatchObject([{ caller: 'shop', callee: 'cart', calls: 1 }]);

    expect(await telemetry.logs({ window: everything, limit: 9 })).toMatchObject([
      { service: 'shop', severity: 17, text: 'payment refused', traceId, correlationId: 'req-7' },
    ]);

    const { metrics } = await telemetry.window(everything);
    const value = (name: string) => metrics.find((series) => series.name === name)?.values[0];
    expect([value('orders'), value('latency.count'), value('latency.mean'), value('load')]).toEqual([5, 2, 30, 0.75]);
    expect(metrics.find(({ name }) => name === 'orders')).toMatchObject({ service: 'shop', labels: { kind: 'web' }, unit: '1' });
  });
});

async function sendTrace(exporter: ConstructorParameters<typeof BatchSpanProcessor>[0]): Promise<string> {
  const provider = (name: string) =>
    new BasicTracerProvider({ resource: resource(name), spanProcessors: [new BatchSpanProcessor(exporter)] });
  const [shop, cart] = [provider('shop'), provider('cart')];
  const root = shop.getTracer('till').startSpan('POST /buy', {
    kind: SpanKind.CLIENT,
    attributes: { 'peer.service': 'cart', 'user.id': 'ümit ☕', retries: 3, share: 0.25, cached: false, tags: ['a', 'b'] },
  });
  const under = trace.setSpan(context.active(), root);
  const child = cart
    .getTracer('basket')
    .startSpan('take', { kind: SpanKind.SERVER, attributes: { 'http.response.status_code': 200 } }, under);
  child.end();
  root.recordException(new Error('no stock'));
  root.setStatus({ code: SpanStatusCode.ERROR });
  root.end();
  await shop.forceFlush();
  await cart.forceFlush();
  await Promise.all([shop.shutdown(), cart.shutdown()]);
  return root.spanContext().traceId;
}

async function sendLine(exporter: LogRecordExporter, traceId: string): Promise<void> {
  const provider = new LoggerProvider({ resource: resource('shop'), processors: [new BatchLogRecordProcessor({ exporter })] });
  provider.getLogger('till').emit({
    severityNumber: 17,
    body: 'payment refused',
    attributes: { 'request.id': 'req-7' },
    context: trace.setSpanContext(context.active(), { traceId, spanId: 'b'.repeat(16), traceFlags: 1 }),
  });
  await provider.forceFlush();
  await provider.shutdown();
}

async function sendPoints(exporter: PushMetricExporter): Promise<void> {
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
  const provider = new MeterProvider({ resource: resource('shop'), readers: [reader] });
  const meter = provider.getMeter('till');
  meter.createCounter('orders', { unit: '1' }).add(5, { kind: 'web' });
  const latency = meter.createHistogram('latency', { unit: 'ms' });
  latency.record(20);
  latency.record(40);
  meter.createObservableGauge('load').addCallback((result) => result.observe(0.75));
  await provider.forceFlush();
  await provider.shutdown();
}
