/** A Jaeger (PROTOCOLS C5) of either kind: v3 with OTLP/JSON, or the older API, whose server gives its page for what it does not know. */
import { type Answering, type Question, startAnswering } from './answering.ts';
import type { Said } from './stand-in-server.ts';
import type { KeptSpan } from './tempo.ts';

export interface JaegerStandIn extends Answering {
  keep(...spans: KeptSpan[]): void;
  dependencies(...edges: { parent: string; child: string; callCount: number }[]): void;
}

export async function startJaeger(api: 'v3' | 'older'): Promise<JaegerStandIn> {
  const spans: KeptSpan[] = [];
  const edges: object[] = [];
  const services = () => [...new Set(spans.map(({ service }) => service))];
  const traces = () => [...Map.groupBy(spans, ({ traceId }) => traceId).values()];
  const found = (service: string | null, from: number, to: number, limit: string | null) =>
    traces()
      .filter((of) => of.some((span) => span.service === service && span.startMs >= from && span.startMs < to))
      .sort((a, b) => b[0]!.startMs - a[0]!.startMs)
      .slice(0, Number(limit));
  const newer = ({ path, parameters }: Question): Said | null => {
    if (path === '/api/v3/services') return { body: { services: services() } };
    const id = /^\/api\/v3\/traces\/([0-9a-f]+)$/.exec(path)?.[1];
    const isSearch = path === '/api/v3/traces';
    if (id === undefined && !isSearch) return null;
    const [from, to] = ['query.startTimeMin', 'query.startTimeMax'].map((key) => Date.parse(parameters.get(key) ?? ''));
    const list = isSearch
      ? found(parameters.get('query.serviceName'), from!, to!, parameters.get('query.searchDepth'))
      : traces().filter((of) => of[0]!.traceId === id);
    if (list.length === 0) return { status: 404, body: { error: { httpCode: 404, message: 'No traces found' } } };
    return { body: { result: { resourceSpans: list.flat().map(otlp) } } };
  };
  const older = ({ path, parameters }: Question): Said => {
    const say = (data: unknown) => ({ body: { data, total: 0, limit: 0, offset: 0, errors: null } });
    if (path === '/api/services') return say(services());
    const id = /^\/api\/traces\/([0-9a-f]+)$/.exec(path)?.[1];
    if (path === '/api/traces') {
      const [from, to] = ['start', 'end'].map((key) => Number(parameters.get(key)) / 1_000);
      return say(found(parameters.get('service'), from!, to!, parameters.get('limit')).map(ofTheUi));
    }
    const one = traces().filter((of) => of[0]!.traceId === id);
    if (id !== undefined && one.length === 0) return { status: 404, body: { data: null, errors: [{ code: 404, msg: 'trace not found' }] } };
    return id === undefined
      ? { body: '<!doctype html><title>Jaeger UI</title>', headers: { 'content-type': 'text/html' } }
      : say(one.map(ofTheUi));
  };
  const server = await startAnswering((asked) => {
    if (asked.path === '/api/dependencies') return { body: { data: edges, total: 0, limit: 0, offset: 0, errors: null } };
    return api === 'v3' ? newer(asked) : older(asked);
  });
  return { ...server, keep: (...more) => void spans.push(...more), dependencies: (...more) => void edges.push(...more) };
}

function otlp({ traceId, spanId, parentSpanId, service, name, startMs, durationMs, isFailed }: KeptSpan) {
  const span = {
    traceId,
    spanId,
    parentSpanId,
    name,
    kind: 2,
    startTimeUnixNano: `${startMs}000000`,
    endTimeUnixNano: `${startMs + durationMs}000000`,
    status: isFailed === true ? { code: 2, message: 'refused' } : {},
  };
  return {
    resource: { attributes: [{ key: 'service.name', value: { stringValue: service } }] },
    scopeSpans: [{ scope: {}, spans: [span] }],
  };
}

/** As its pages read them: microseconds, references, tags, processes. */
function ofTheUi(spans: readonly KeptSpan[]) {
  return {
    traceID: spans[0]!.traceId,
    spans: spans.map(({ traceId, spanId, parentSpanId, name, startMs, durationMs, isFailed }, i) => ({
      traceID: traceId,
      spanID: spanId,
      operationName: name,
      references: parentSpanId === undefined ? [] : [{ refType: 'CHILD_OF', traceID: traceId, spanID: parentSpanId }],
      startTime: startMs * 1_000,
      duration: durationMs * 1_000,
      tags: [
        { key: 'span.kind', type: 'string', value: 'server' },
        ...(isFailed === true
          ? [
              { key: 'error', type: 'bool', value: true },
              { key: 'otel.status_description', type: 'string', value: 'refused' },
            ]
          : []),
      ],
      logs: [],
      processID: `p${i + 1}`,
      warnings: null,
    })),
    processes: Object.fromEntries(spans.map(({ service }, i) => [`p${i + 1}`, { serviceName: service, tags: [] }])),
    warnings: null,
  };
}
