/** A Kiali (PROTOCOLS D2) over edges that a test has put in: rates are texts, ids hold for one answer. */
import { type Answering, startAnswering } from './answering.ts';

export interface GraphEdge {
  readonly caller: string;
  readonly callee: string;
  readonly rates: Readonly<Record<string, string>>;
  readonly responseTime?: string;
}

export interface KialiStandIn extends Answering {
  put(...edges: GraphEdge[]): void;
}

export async function startKiali(namespace = 'shop'): Promise<KialiStandIn> {
  const edges: GraphEdge[] = [];
  let answers = 0;
  const server = await startAnswering(({ path, parameters }) => {
    if (path === '/kiali/api/namespaces') return { body: [{ name: namespace }, { name: 'kube-system' }, { name: 'istio-system' }] };
    if (path !== '/kiali/api/namespaces/graph') return null;
    if (parameters.get('namespaces') !== namespace) return { status: 400, body: { error: 'namespace is not accessible' } };
    answers++;
    const id = (name: string) => Buffer.from(`${answers} ${name}`).toString('hex');
    const names = [...new Set(edges.flatMap(({ caller, callee }) => [caller, callee]))];
    const isService = parameters.get('graphType') === 'service';
    const nodeOf = (name: string) => ({
      id: id(name),
      nodeType: isService ? 'service' : 'workload',
      cluster: 'east',
      namespace,
      ...(isService ? { service: name } : { workload: `${name}-v1`, app: name, version: 'v1' }),
      traffic: [],
      healthData: null,
    });
    const seconds = Number.parseInt(parameters.get('duration') ?? '600', 10);
    return {
      body: {
        timestamp: Number(parameters.get('queryTime')),
        duration: seconds,
        graphType: parameters.get('graphType'),
        elements: {
          nodes: names.map((name) => ({ data: nodeOf(name) })),
          edges: edges.map(({ caller, callee, rates, responseTime }) => ({
            data: {
              id: id(`${caller} ${callee}`),
              source: id(caller),
              target: id(callee),
              responseTime,
              traffic: { protocol: 'http', rates },
            },
          })),
        },
      },
    };
  });
  return { ...server, put: (...more) => void edges.push(...more) };
}
