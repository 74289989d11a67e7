/**
 * Sends what is seen of this product to an OpenTelemetry endpoint. The SDK is loaded and started only when one is configured;
 * else its API does nothing, and nobody is contacted.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { type Context, type ContextManager, context, DiagLogLevel, diag, metrics, ROOT_CONTEXT, trace } from '@opentelemetry/api';

export interface OwnTelemetry {
  /** Sends what is left, for as long as it takes but no longer than the deadline, and turns everything off. */
  stop(): Promise<void>;
}

type Warn = (text: string, fields: Readonly<Record<string, unknown>>) => void;

const exportEveryMs = 15_000;
const stopDeadlineMs = 3_000;
/** An endpoint that is away fails every few seconds. */
const tellEveryMs = 600_000;

/** `endpoint`: the base address, as OTEL_EXPORTER_OTLP_ENDPOINT names it. */
export async function startOwnTelemetry(endpoint: string, version: string, warn: Warn, now: () => number): Promise<OwnTelemetry> {
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
    spanProcessors: [new traces.BatchSpanProcessor(new OTLPTraceExporter({ url: `${base}/v1/traces`, timeoutMillis: stopDeadlineMs }))],
  });
  const metering = new metered.MeterProvider({
    resource,
    readers: [
      new metered.PeriodicExportingMetricReader({
        exporter: new OTLPMetricExporter({ url: `${base}/v1/metrics`, timeoutMillis: stopDeadlineMs }),
        exportIntervalMillis: exportEveryMs,
        exportTimeoutMillis: stopDeadlineMs,
      }),
    ],
  });
  diag.setLogger(told(warn, now), { logLevel: DiagLogLevel.ERROR, suppressOverrideMessage: true });
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
      for (const api of [trace, metrics, context, diag]) api.disable();
    },
  };
}

/** What the SDK says of itself: that nothing arrives is said once in a while, and is nobody's trouble but its reader's. */
function told(warn: Warn, now: () => number) {
  let saidAt = Number.NEGATIVE_INFINITY;
  const error = (message: string) => {
    if (now() - saidAt < tellEveryMs) return;
    saidAt = now();
    // It is JSON with a stack in it.
    const [, why = message] = /"message":"([^"]*)"/.exec(message) ?? [];
    warn('own telemetry cannot be sent', { setting: 'OTEL_EXPORTER_OTLP_ENDPOINT', error: why.slice(0, 300) });
  };
  const nothing = () => {};
  return { error, warn: nothing, info: nothing, debug: nothing, verbose: nothing };
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
