/**
 * One service's instrumentation: the real OpenTelemetry SDK, spans by hand because auto-instrumentation hooks into Node's
 * module loader, which Bun does not have. Nothing here knows of TracePulse: it exports OTLP to whatever address it is given.
 */
import { type Context, type Span, SpanKind, SpanStatusCode, type Tracer } from '@opentelemetry/api';
import { SeverityNumber, type Logger } from '@opentelemetry/api-logs';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-http';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';

export const propagator = new W3CTraceContextPropagator();

/** SDK defaults wait 5 s; a demo that must show a report within a minute cannot. */
const exportDelayMs = 1_000;

export interface Instrumentation {
  readonly tracer: Tracer;
  readonly logger: Logger;
  stop(): Promise<void>;
}

export function instrument(service: string, version: string, instance: string, otlpUrl: string): Instrumentation {
  const resource = resourceFromAttributes({
    'service.name': service,
    'service.version': version,
    'service.instance.id': instance,
    'deployment.environment.name': 'production',
  });
  const traces = new BasicTracerProvider({
    resource,
    spanProcessors: [
      new BatchSpanProcessor(new OTLPTraceExporter({ url: `${otlpUrl}/v1/traces` }), { scheduledDelayMillis: exportDelayMs }),
    ],
  });
  const logs = new LoggerProvider({
    resource,
    processors: [
      new BatchLogRecordProcessor({ exporter: new OTLPLogExporter({ url: `${otlpUrl}/v1/logs` }), scheduledDelayMillis: exportDelayMs }),
    ],
  });
  return {
    tracer: traces.getTracer('shop.http'),
    logger: logs.getLogger('shop'),
    async stop() {
      await Promise.allSettled([traces.shutdown(), logs.shutdown()]);
    },
  };
}

export const levels = { info: SeverityNumber.INFO, warn: SeverityNumber.WARN, error: SeverityNumber.ERROR } as const;
export type Level = keyof typeof levels;

export function fail(span: Span, error: unknown): void {
  const problem = error instanceof Error ? error : new Error(String(error));
  span.recordException(problem);
  span.setStatus({ code: SpanStatusCode.ERROR, message: problem.message });
}

export { type Context, SpanKind };
