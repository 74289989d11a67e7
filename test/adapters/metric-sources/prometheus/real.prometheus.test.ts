/** The built-in queries and those of the meshes, evaluated by the real Prometheus over a past with known figures. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { istio } from '../../../../src/adapters/map-sources/istio/istio.ts';
import { linkerd } from '../../../../src/adapters/map-sources/linkerd/linkerd.ts';
import { prometheus } from '../../../../src/adapters/metric-sources/prometheus/prometheus.ts';
import { builtIn } from '../../../../src/adapters/metric-sources/prometheus/queries.ts';
import { hasPrometheus, type Past, type RealPrometheus, startRealPrometheus } from '../../../stand-ins/real-prometheus.ts';

const at = Date.parse('2026-03-01T12:00:00Z');
const window = { fromMs: at - 600_000, toMs: at };
const never = () => {};
const tools = { fetch: globalThis.fetch, now: () => at, log: { debug: never, info: never, warn: never, error: never } };
const signal = () => new AbortController().signal;

/** Rises by so much a second. */
const rising = (name: string, perSecond: number, labels: Record<string, string>): [string, Past['series'][number]] => [
  name,
  { labels, value: (before) => Math.round((1_000 - before) * perSecond * 1_000) / 1_000 },
];
const flat = (name: string, value: number, labels: Record<string, string>): [string, Past['series'][number]] => [
  name,
  { labels, value: () => value },
];

const pod = { namespace: 'shop', pod: 'cart-6c9f7d8b54-x2x9z', container: 'cart' };
const job = { job: 'shop/cart', instance: '10.1.0.9:9090' };
const istioEnds = {
  source_workload: 'front-v1',
  source_workload_namespace: 'shop',
  source_canonical_service: 'front',
  destination_workload: 'cart-v2',
  destination_workload_namespace: 'shop',
  destination_canonical_service: 'cart',
  destination_service_name: 'cart',
  destination_service_namespace: 'shop',
};
const linkerdEnds = { namespace: 'shop', deployment: 'front', dst_namespace: 'shop', dst_deployment: 'cart', direction: 'outbound' };
/** All in 100 ms, nine tenths in 50: the 95th is halfway between. */
const buckets = (name: string, labels: Record<string, string>, unit: number) =>
  [
    [0.05 * unit, 9],
    [0.1 * unit, 10],
    [Number.POSITIVE_INFINITY, 10],
  ].map(([le, rate]) => rising(name, rate!, { ...labels, le: le === Number.POSITIVE_INFINITY ? '+Inf' : String(le) }));

const counters = [
  rising('container_cpu_usage_seconds', 0.75, pod),
  rising('container_cpu_cfs_periods', 10, pod),
  rising('container_cpu_cfs_throttled_periods', 4, pod),
  rising('process_cpu_seconds', 0.25, job),
  rising('http_requests', 18, { ...job, status: '200' }),
  rising('http_requests', 2, { ...job, status: '503' }),
  rising('kube_pod_container_status_restarts', 1 / 60, pod),
  ...['source', 'destination'].flatMap((reporter) => [
    rising('istio_requests', 9, { ...istioEnds, reporter, response_code: '200', request_protocol: 'http' }),
    rising('istio_requests', 1, { ...istioEnds, reporter, response_code: '503', request_protocol: 'http' }),
  ]),
  rising('response', 4, { ...linkerdEnds, classification: 'success' }),
  rising('response', 1, { ...linkerdEnds, classification: 'failure' }),
  rising('response', 3, { namespace: 'shop', deployment: 'cart', direction: 'inbound', classification: 'success' }),
  rising('response', 1, { namespace: 'shop', deployment: 'cart', direction: 'inbound', classification: 'failure' }),
];
const gauges = [
  flat('container_memory_working_set_bytes', 900, pod),
  flat('container_spec_memory_limit_bytes', 1_000, pod),
  flat('process_resident_memory_bytes', 400, job),
  flat('tcp_open_connections', 2, { ...linkerdEnds, dst_deployment: 'mail' }),
  // The parts of histograms have the names of counters without `_total`; to the queries that is the same.
  ...buckets('http_server_request_duration_seconds_bucket', job, 1),
  rising('http_server_request_duration_seconds_count', 8, { ...job, http_response_status_code: '200' }),
  rising('http_server_request_duration_seconds_count', 2, { ...job, http_response_status_code: '500' }),
  ...buckets('http_request_duration_seconds_bucket', job, 1),
  ...['source', 'destination'].flatMap((reporter) =>
    buckets('istio_request_duration_milliseconds_bucket', { ...istioEnds, reporter }, 1_000),
  ),
  ...buckets('response_latency_ms_bucket', linkerdEnds, 1_000),
  ...buckets('response_latency_ms_bucket', { namespace: 'shop', deployment: 'cart', direction: 'inbound' }, 1_000),
];
const past = (type: Past['type'], list: readonly (readonly [string, Past['series'][number]])[]): Past[] =>
  [...Map.groupBy(list, ([name]) => name)].map(([name, of]) => ({ name, type, series: of.map(([, series]) => series) }));

describe.skipIf(!hasPrometheus)('Prometheus itself', () => {
  let server: RealPrometheus;
  beforeAll(async () => {
    server = await startRealPrometheus(at, 900, [...past('counter', counters), ...past('gauge', gauges)]);
  });
  afterAll(() => server?.stop());
  const settings = () => ({ PROMETHEUS_URL: server.url });

  it('evaluates every built-in query to what it means', async () => {
    const source = prometheus.create(prometheus.settings.parse(settings()), tools);
    const { requests, gaps } = await source.points({ window, services: ['shop/cart', 'front'] }, signal());
    expect(gaps).toEqual([]);
    interface Metric {
      readonly name: string;
      readonly gauge: { readonly dataPoints: readonly { readonly asDouble: number }[] };
    }
    const metrics = requests.flatMap(
      ({ resourceMetrics }) => (resourceMetrics as { scopeMetrics: { metrics: Metric[] }[] }[])[0]!.scopeMetrics[0]!.metrics,
    );
    const figures = Object.fromEntries(
      metrics.map(({ name, gauge: { dataPoints } }) => [name, Math.round(dataPoints.at(-1)!.asDouble * 1_000) / 1_000]),
    );
    expect(figures).toEqual({
      'container.cpu.usage': 0.75,
      'container.memory.working_set': 900,
      'container.memory.limit_utilization': 0.9,
      'container.cpu.throttled_ratio': 0.4,
      'k8s.container.restarts': 2,
      'process.cpu.utilization': 0.25,
      'process.memory.usage': 400,
      'http.server.request.rate': 10,
      'http.server.error_ratio': 0.2,
      'http.server.request.duration': 0.075,
      'http.request.rate': 20,
      'http.error_ratio': 0.1,
      'http.request.duration': 0.075,
      'istio.error_ratio': 0.1,
      'istio.request.duration': 75,
      'linkerd.error_ratio': 0.25,
      'linkerd.response.latency': 75,
    });
    expect(Object.keys(figures)).toHaveLength(builtIn.length);
  });

  it('keeps a name that is no name apart', async () => {
    const source = prometheus.create(prometheus.settings.parse(settings()), tools);
    const { requests, gaps } = await source.points({ window, services: ['x"} or vector(1) #', '.*', 'a\\'] }, signal());
    expect([requests, gaps]).toEqual([[], []]);
  });

  it('tells the edges of both meshes', async () => {
    const [ofIstio, ofLinkerd] = await Promise.all(
      [istio, linkerd].map((mesh) => mesh.create(mesh.settings.parse(settings()), tools).edges(window, signal())),
    );
    expect(ofIstio).toEqual({
      edges: [{ caller: 'front', callee: 'cart', calls: 6_000, errors: 600, p50Ms: expect.closeTo(27.8, 1), p95Ms: 75 }],
      gaps: [],
    });
    expect(ofLinkerd).toEqual({
      edges: [
        { caller: 'front', callee: 'cart', calls: 3_000, errors: 600, p50Ms: expect.closeTo(27.8, 1), p95Ms: expect.closeTo(75, 3) },
        { caller: 'front', callee: 'mail', calls: 0, errors: 0, p50Ms: null, p95Ms: null },
      ],
      gaps: [],
    });
  });

  it('says what it is when it is tried', async () => {
    const [ofMetrics, ofMesh] = [prometheus, istio].map((adapter) => adapter.create(adapter.settings.parse(settings()), tools));
    expect(await ofMetrics!.probe!(signal())).toBe('it answers, and has no targets');
    expect(await ofMesh!.probe!(signal())).toBe('4 series of Istio');
  });
});
