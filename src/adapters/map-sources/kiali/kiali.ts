/**
 * Kiali's graph (PROTOCOLS D2), of workloads or of services. Rates are texts, node ids hold within one answer only, and a graph
 * is of namespaces: those that are set, or all it may show.
 */
import { z } from 'zod';
import { Failure } from '../../../domain/failure.ts';
import { mapSource } from '../../../ports/sources.ts';
import { createJsonApi, httpAddress, type JsonApi } from '../../json-api.ts';
import { Graph, tallied } from './graph.ts';

const KialiSettings = z.object({
  KIALI_URL: httpAddress().describe(
    "Address of Kiali, whose graph is read for the map; with its path, if that is not Kiali's usual `/kiali`",
  ),
  KIALI_TOKEN: z.string().optional().describe('Token of a service account that may read through Kiali'),
  KIALI_NAMESPACES: z
    .string()
    .regex(/^[a-z0-9-]+(?:\s*,\s*[a-z0-9-]+)*$/, 'must be names of namespaces, comma-separated')
    .optional()
    .describe('Namespaces whose graph is read, comma-separated; without it, all that Kiali shows'),
  KIALI_GRAPH: z.enum(['workload', 'service']).default('workload').describe("`workload` or `service`: what Kiali's nodes are"),
});

/** Kiali computes a graph of many namespaces slowly. */
const mostNamespaces = 40;

export const kiali = mapSource({
  id: 'kiali',
  settings: KialiSettings,
  create(settings, tools) {
    const { KIALI_URL, KIALI_TOKEN: token, KIALI_NAMESPACES, KIALI_GRAPH } = settings;
    const hasPath = new URL(KIALI_URL).pathname !== '/';
    const url = hasPath ? KIALI_URL : `${KIALI_URL.replace(/\/$/, '')}/kiali`;
    const api = createJsonApi({ system: 'kiali', url, token }, tools);
    const set = KIALI_NAMESPACES?.split(',').map((name) => name.trim());
    return {
      async edges(window, signal) {
        const names = set ?? (await namespaces(api, signal));
        if (names.length === 0) return { edges: [], gaps: [{ source: 'kiali', reason: 'kiali shows no namespace to this token' }] };
        const parameters = {
          namespaces: names.slice(0, mostNamespaces).join(','),
          duration: `${Math.max(60, Math.round((window.toMs - window.fromMs) / 1_000))}s`,
          graphType: KIALI_GRAPH,
          appenders: 'responseTime,serviceEntry',
          responseTime: '95',
          queryTime: String(Math.floor(window.toMs / 1_000)),
        };
        const graph = await api.ask({ attempt: 'read the graph', path: 'api/namespaces/graph', parameters, shape: Graph, signal });
        const left = names.length - mostNamespaces;
        const gaps =
          left > 0 ? [{ source: 'kiali', reason: `${left} of ${names.length} namespaces were not read; set KIALI_NAMESPACES` }] : [];
        return { edges: tallied(graph), gaps };
      },
      async probe(signal) {
        const names = await namespaces(api, signal);
        const missing = set?.filter((name) => !names.includes(name)) ?? [];
        if (missing.length > 0)
          throw new Failure('rejected', 'kiali', 'list namespaces', { hint: `it does not show ${missing.join(', ')}` });
        return `${names.length} namespaces`;
      },
    };
  },
});

const Namespaces = z.array(z.object({ name: z.string() }));

/** What runs the mesh and the cluster calls nobody's services. */
const ofTheSystem = /^(?:kube-|istio-system$|istio-operator$)/;

async function namespaces(api: JsonApi, signal: AbortSignal): Promise<string[]> {
  const list = await api.ask({ attempt: 'list namespaces', path: 'api/namespaces', shape: Namespaces, signal });
  return list.map(({ name }) => name).filter((name) => !ofTheSystem.test(name));
}
