/**
 * Sends what is seen of this product to an OpenTelemetry endpoint. The SDK is loaded and started only when one is configured;
 * else its API does nothing, and nobody is contacted.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { type Context, type ContextManager, context, metrics, ROOT_CONTEXT, trace } from '@opentelemetry/api';

export interface OwnTelemetry {
  /** Sends what is left, for as long as it takes but no longer than the deadline, and turns everything off. */
  stop(): Promise<void>;
}

const exportEveryMs = 15_000;
const stopDeadlineMs = 3_000;

/** `endpoint`: the base address, as OTEL_EXPORTER_OTLP_ENDPOINT names it. */
export async function startOwnTelemetry(endpoint: string, version: string): Promise<OwnTelemetry> {
  const [{ resourceFromAttributes }, traces, { OTLPTraceExporter }, metered, { OTLPMetricExporter }] = await Promise.all([
    import('@opentelemetry/resources'),
    import('@opentelemetry/sdk-trace-base'),
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('@opentelemetry/sdk-metrics'),
    import('@opentelemetry/exporter-metrics-otlp-http'),
  ]);
  const base = endpoint.replace(/\/+$/, '');
  const resource = resourceFromAttributes({ 'service.name': 'tracepulse', 'service.version': version });
  const tracing = new traces.BasicTracerProvider({
    resource,
    spanProcessors: [new traces.BatchSpanProcessor(new OTLPTraceExporter({ url: `${base}/v1/traces` }))],
  });
  const metering = new metered.MeterProvider({
    resource,
    readers: [
      new metered.PeriodicExportingMetricReader({
        exporter: new OTLPMetricExporter({ url: `${base}/v1/metrics` }),
        exportIntervalMillis: exportEveryMs,
        exportTimeoutMillis: stopDeadlineMs,
      }),
    ],
  });
  context.setGlobalContextManager(asyncContexts());
  trace.setGlobalTracerProvider(tracing);
  metrics.setGlobalMeterProvider(metering);
  return {
    async stop() {
      let timer: ReturnType<typeof setTimeout> | undefined;
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, stopDeadlineMs);
      });
      // An endpoint that is away keeps nobody from stopping.
      await Promise.race([Promise.allSettled([tracing.shutdown(), metering.shutdown()]), late]);
      clearTimeout(timer);
      for (const api of [trace, metrics, context]) api.disable();
    },
  };
}

/** Which span is under way follows a request through its promises. */
function asyncContexts(): ContextManager {
  const storage = new AsyncLocalStorage<Context>();
  const manager: ContextManager = {
    active: () => storage.getStore() ?? ROOT_CONTEXT,
    with: (inner, act, self, ...args) => storage.run(inner, () => act.apply(self, args)),
    bind: (inner, target) =>
      typeof target === 'function' ? (((...args: unknown[]) => storage.run(inner, () => target(...args))) as typeof target) : target,
    enable: () => manager,
    disable: () => manager,
  };
  return manager;
}
