import { afterEach, beforeEach, expect, it } from 'vitest';
import { istio } from '../../../../src/adapters/map-sources/istio/istio.ts';
import { linkerd } from '../../../../src/adapters/map-sources/linkerd/linkerd.ts';
import { type PrometheusStandIn, startPrometheus } from '../../../stand-ins/prometheus.ts';

const now = Date.parse('2026-03-01T12:00:00Z');
const window = { fromMs: now - 600_000, toMs: now };
const never = () => {};
const tools = { fetch: globalThis.fetch, now: () => now, log: { debug: never, info: never, warn: never, error: never } };
let server: PrometheusStandIn;
beforeEach(async () => {
  server = await startPrometheus();
});
afterEach(() => server.stop());
const edgesOf = async (mesh: typeof istio) =>
  mesh.create(mesh.settings.parse({ PROMETHEUS_URL: server.url }), tools).edges(window, new AbortController().signal);

const cart = { source_workload: 'cart-v2', source_workload_namespace: 'shop', source_canonical_service: 'unknown' };
const stock = {
  destination_workload: 'stock-v1',
  destination_workload_namespace: 'shop',
  destination_canonical_service: 'stock',
  destination_service_name: 'stock',
  destination_service_namespace: 'shop',
};
const lost = {
  destination_workload: 'unknown',
  destination_canonical_service: 'unknown',
  destination_service_name: 'stock',
  destination_service_namespace: 'shop',
};
const request = (labels: Record<string, string>, value: number) => server.give('istio_requests_total', { labels, value: String(value) });

it('adds to an edge what never arrived, which only the caller counts', async () => {
  request({ reporter: 'destination', ...cart, ...stock, response_code: '200' }, 90);
  request({ reporter: 'source', ...cart, ...stock, response_code: '200' }, 90);
  request({ reporter: 'source', ...cart, ...lost, response_code: '503' }, 30);
  const { edges } = await edgesOf(istio);
  expect(edges).toEqual([{ caller: 'cart', callee: 'stock', calls: 120, errors: 30, p50Ms: null, p95Ms: null }]);
});

it('counts failures of gRPC and calls without an answer, and takes the times of the side that has them', async () => {
  request({ reporter: 'waypoint', ...cart, ...stock, response_code: '200', grpc_response_status: '14' }, 5);
  request({ reporter: 'waypoint', ...cart, ...stock, response_code: '0' }, 3);
  request({ reporter: 'waypoint', ...cart, ...stock, response_code: '404' }, 2);
  server.give('histogram_quantile(0.95', { labels: { reporter: 'source', ...cart, ...stock }, value: '250.5' });
  const { edges } = await edgesOf(istio);
  expect(edges).toEqual([{ caller: 'cart', callee: 'stock', calls: 10, errors: 8, p50Ms: null, p95Ms: 250.5 }]);
});

it('calls hosts of the outside by their address, and leaves out who has no name', async () => {
  request(
    { reporter: 'source', ...cart, destination_workload: 'unknown', destination_service_name: 'api.pay.example', response_code: '200' },
    4,
  );
  request(
    { reporter: 'source', ...cart, destination_workload: 'unknown', destination_service_name: 'PassthroughCluster', response_code: '200' },
    4,
  );
  request({ reporter: 'destination', source_workload: 'unknown', ...stock, response_code: '200' }, 4);
  expect((await edgesOf(istio)).edges.map(({ caller, callee }) => `${caller} ${callee}`)).toEqual(['cart ext:api.pay.example']);
});

it('says the namespace where two have a service of one name', async () => {
  request({ reporter: 'destination', ...cart, ...stock, response_code: '200' }, 4);
  request({ reporter: 'destination', ...cart, ...stock, destination_workload_namespace: 'depot', response_code: '200' }, 4);
  const names = (await edgesOf(istio)).edges.map(({ callee }) => callee);
  expect(names.sort()).toEqual(['depot/stock', 'shop/stock']);
});

it('keeps the edges where the times cannot be read, and says so', async () => {
  request({ reporter: 'destination', ...cart, ...stock, response_code: '200' }, 4);
  const cut = {
    ...tools,
    fetch: ((url: string | URL, init?: RequestInit) =>
      fetch(url, init).then(async (response) =>
        String(init?.body).includes('histogram') ? new Response('', { status: 422 }) : response,
      )) as typeof fetch,
  };
  const source = istio.create(istio.settings.parse({ PROMETHEUS_URL: server.url }), cut);
  const { edges, gaps } = await source.edges(window, new AbortController().signal);
  expect([edges.length, gaps[0]?.reason]).toEqual([1, 'prometheus: read the times of istio (rejected): status 422']);
});

it("knows Linkerd's edges without a call, and its callees by the name that was asked for", async () => {
  const web = { namespace: 'emojivoto', statefulset: 'web' };
  server.give('tcp_open_connections', { labels: { ...web, dst_namespace: 'emojivoto', dst_deployment: 'voting' }, value: '2' });
  server.give('response_total', {
    labels: { ...web, authority: 'emoji-svc.emojivoto.svc.cluster.local:8080', classification: 'failure' },
    value: '3',
  });
  const { edges } = await edgesOf(linkerd);
  expect(edges.map(({ caller, callee, calls, errors }) => [caller, callee, calls, errors])).toEqual([
    ['web', 'emoji-svc', 3, 3],
    ['web', 'voting', 0, 0],
  ]);
});
