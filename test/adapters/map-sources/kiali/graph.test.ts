import { describe, expect, it } from 'vitest';
import { kiali } from '../../../../src/adapters/map-sources/kiali/kiali.ts';
import { Graph, tallied } from '../../../../src/adapters/map-sources/kiali/graph.ts';
import { startKiali } from '../../../stand-ins/kiali.ts';

const node = (id: string, more: object) => ({ data: { id, cluster: 'east', namespace: 'bookinfo', ...more } });
const edge = (source: string, target: string, rates: Record<string, string>, more: object = {}) => ({
  data: { id: `${source}${target}`, source, target, traffic: { protocol: 'http', rates, responses: {} }, ...more },
});
const graph = (nodes: object[], edges: object[]) =>
  Graph.parse({ timestamp: 1, duration: 600, graphType: 'workload', elements: { nodes, edges } });

describe('tallied', () => {
  it('reads workloads as their apps, several versions and protocols as one, rates as counts', () => {
    const nodes = [
      node('a', { nodeType: 'workload', workload: 'reviews-v1', app: 'reviews' }),
      node('b', { nodeType: 'workload', workload: 'reviews-v2', app: 'reviews' }),
      node('c', { nodeType: 'workload', workload: 'ratings-v1' }),
      node('d', { nodeType: 'unknown', workload: 'unknown' }),
      node('e', { nodeType: 'service', service: 'api.pay.example' }),
    ];
    const edges = [
      edge('a', 'c', { http: '30.00', http5xx: '10.00', httpPercentErr: '33.3' }, { responseTime: '80.5' }),
      edge('b', 'c', { grpc: '2.00', grpcErr: '1.00' }, { responseTime: '120' }),
      edge('a', 'b', { http: '9.00' }),
      edge('d', 'a', { http: '9.00' }),
      edge('a', 'e', { tcp: '300.00' }),
    ];
    expect(tallied(graph(nodes, edges))).toEqual([
      { caller: 'reviews', callee: 'ratings', calls: 19_200, errors: 6_600, p50Ms: null, p95Ms: 120 },
      { caller: 'reviews', callee: 'ext:api.pay.example', calls: 0, errors: 0, p50Ms: null, p95Ms: null },
    ]);
  });

  it('takes a graph of nothing', () => {
    expect(tallied(Graph.parse({ duration: 60, elements: { nodes: null, edges: null } }))).toEqual([]);
  });
});

it('asks for the namespaces that are set, and for services where told to', async () => {
  const server = await startKiali();
  server.put({ caller: 'cart', callee: 'stock', rates: { http: '1' } });
  const never = () => {};
  const tools = { fetch: globalThis.fetch, now: () => 0, log: { debug: never, info: never, warn: never, error: never } };
  const settings = { KIALI_URL: `${server.url}/kiali`, KIALI_NAMESPACES: 'shop', KIALI_GRAPH: 'service' };
  const source = kiali.create(kiali.settings.parse(settings), tools);
  const signal = new AbortController().signal;
  const { edges } = await source.edges({ fromMs: 1e12, toMs: 1e12 + 600_000 }, signal);
  expect(edges.map(({ caller, callee, calls }) => [caller, callee, calls])).toEqual([['cart', 'stock', 600]]);
  expect(server.questions().map(({ path }) => path)).toEqual(['/kiali/api/namespaces/graph']);
  const elsewhere = kiali.create(kiali.settings.parse({ ...settings, KIALI_NAMESPACES: 'shop, depot' }), tools);
  await expect(elsewhere.probe!(signal)).rejects.toThrow('it does not show depot');
  server.stop();
});
