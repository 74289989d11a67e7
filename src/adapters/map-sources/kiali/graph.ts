/** Kiali's graph as edges. What is not a place of calls (boxes, what is outside and unknown) has none. */
import { z } from 'zod';
import type { ReportedEdge } from '../../../domain/reported-edge.ts';
import { hostName, type Place, Tallies, withoutVersion } from '../tallies.ts';

const text = z.string().optional();
const Node = z.object({
  id: z.string(),
  nodeType: z.string(),
  namespace: z.string().default(''),
  workload: text,
  app: text,
  service: text,
});
type Node = z.infer<typeof Node>;
const Edge = z.object({
  source: z.string(),
  target: z.string(),
  responseTime: text,
  traffic: z.object({ protocol: text, rates: z.record(z.string(), z.string()).nullish() }).optional(),
});
type Edge = z.infer<typeof Edge>;

export const Graph = z.object({
  duration: z.number(),
  elements: z.object({
    nodes: z.array(z.object({ data: Node })).nullable(),
    edges: z.array(z.object({ data: Edge })).nullable(),
  }),
});

export function tallied({ duration, elements }: z.infer<typeof Graph>): ReportedEdge[] {
  const places = new Map((elements.nodes ?? []).map(({ data }) => [data.id, placeOf(data)]));
  const tallies = new Tallies();
  for (const { data } of elements.edges ?? []) {
    const [caller, callee] = [places.get(data.source), places.get(data.target)];
    if (!caller || !callee || (caller.name === callee.name && caller.namespace === callee.namespace)) continue;
    const { calls, errors } = countsOf(data, duration);
    tallies.add(caller, callee, calls, errors);
    const p95Ms = Number(data.responseTime ?? Number.NaN);
    if (Number.isFinite(p95Ms)) tallies.time(caller, callee, { p95Ms });
  }
  return tallies.edges();
}

const isNamed = (name: string | undefined): name is string => name !== undefined && name !== '' && name !== 'unknown';

function placeOf({ nodeType, namespace, workload, app, service }: Node): Place | null {
  const inside = { namespace: namespace === 'unknown' ? '' : namespace };
  if (nodeType === 'service') return isNamed(service) ? { ...inside, name: hostName(service) } : null;
  if (nodeType !== 'workload' && nodeType !== 'app') return null;
  if (isNamed(app)) return { ...inside, name: app };
  return isNamed(workload) ? { ...inside, name: withoutVersion(workload) } : null;
}

/** Requests a second over the stretch; bytes of plain TCP are no calls. */
function countsOf({ traffic }: Edge, seconds: number): { calls: number; errors: number } {
  const rate = (key: string): number => Number(traffic?.rates?.[key] ?? 0) || 0;
  const failed = rate('http5xx') + rate('httpNoResponse') + rate('grpcErr') + rate('grpcNoResponse');
  return { calls: (rate('http') + rate('grpc')) * seconds, errors: failed * seconds };
}
