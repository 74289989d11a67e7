/** Made-up OTLP bodies: traces of ten spans over eighteen services, plain or with a dozen HTTP attributes a span. */
const servicesPerRequest = 18;
export const spansPerRequest = 500;
const spansPerTrace = 10;

/** xorshift32: the same ids each run. */
function random(seed: number): () => number {
  let state = seed | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}

const hex = (value: number) => value.toString(16).padStart(8, '0');

/** `spans` spans, 500 a request. Spans of one trace are parents in a chain, each of the next service. */
export function requests(shape: 'plain' | 'rich', spans: number, seed: number, startMs: number): Uint8Array[] {
  const next = random(seed * 7_919 + 17);
  const bodies: Uint8Array[] = [];
  for (let sent = 0; sent < spans; sent += spansPerRequest) {
    const byService = Array.from({ length: servicesPerRequest }, (): unknown[] => []);
    let traceId = '';
    let parentSpanId = '';
    for (let i = 0; i < Math.min(spansPerRequest, spans - sent); i++) {
      if (i % spansPerTrace === 0) {
        traceId = hex(next()) + hex(next()) + hex(next()) + hex(next());
        parentSpanId = '';
      }
      const spanId = hex(next()) + hex(next());
      const service = (next() % 3) + ((i % spansPerTrace) * 17) / 10;
      const at = startMs + ((sent + i) % 30_000);
      byService[Math.floor(service) % servicesPerRequest]!.push({
        traceId,
        spanId,
        ...(parentSpanId === '' ? {} : { parentSpanId }),
        name: `GET /api/v1/resource${next() % 40}`,
        kind: 2,
        startTimeUnixNano: `${at}${String(next() % 1_000_000).padStart(6, '0')}`,
        endTimeUnixNano: `${at + 1 + (next() % 900)}000000`,
        ...(shape === 'rich' ? { attributes: attributes(next), status: {} } : {}),
      });
      parentSpanId = spanId;
    }
    const body = {
      resourceSpans: byService.map((list, s) => ({
        resource: { attributes: resource(shape, s) },
        scopeSpans: [{ scope: { name: 'io.opentelemetry.instrumentation.http' }, spans: list }],
      })),
    };
    bodies.push(new TextEncoder().encode(JSON.stringify(body)));
  }
  return bodies;
}

const text = (key: string, value: string) => ({ key, value: { stringValue: value } });

function resource(shape: 'plain' | 'rich', service: number) {
  const named = [text('service.name', `service-${service}`), text('service.instance.id', `service-${service}-7d9f-${service}`)];
  if (shape === 'plain') return named;
  return [
    ...named,
    text('service.version', `1.${service}.0`),
    text('service.namespace', 'shop'),
    text('deployment.environment.name', 'production'),
    text('host.name', `node-${service % 4}`),
    text('os.type', 'linux'),
    text('telemetry.sdk.language', 'java'),
    text('telemetry.sdk.name', 'opentelemetry'),
    text('telemetry.sdk.version', '1.44.0'),
    text('k8s.pod.name', `service-${service}-7d9f-${service}`),
    text('k8s.namespace.name', 'shop'),
  ];
}

function attributes(next: () => number) {
  return [
    text('http.request.method', 'GET'),
    text('http.route', '/api/v1/resource/{id}'),
    { key: 'http.response.status_code', value: { intValue: '200' } },
    text('url.path', `/api/v1/resource/${next() % 100_000}`),
    text('url.scheme', 'http'),
    text('url.query', `page=${next() % 100}`),
    text('server.address', 'resource.shop.svc.cluster.local'),
    { key: 'server.port', value: { intValue: '8080' } },
    text('client.address', `10.1.${next() % 250}.${next() % 250}`),
    text('network.protocol.version', '1.1'),
    text('user_agent.original', 'okhttp/4.12.0'),
    { key: 'thread.id', value: { intValue: String(next() % 200) } },
  ];
}
