/**
 * Kubernetes, read-only (PROTOCOLS B9): a few lists, from inside the cluster or by a kubeconfig. The official client would bring
 * sixteen packages and a TLS stack that Bun does not heed for eight GETs.
 */
import { z } from 'zod';
import type { Tools } from '../../../adapter.ts';
import { type ClusterSource, clusterSource } from '../../../ports/sources.ts';
import { createJsonApi } from '../../json-api.ts';
import { type Access, fromKubeconfig, inCluster, serviceAccountFolder, system } from './access.ts';
import { conditionsOf } from './conditions.ts';
import { directoryOf, withoutEndpoints } from './directory.ts';
import { listAll, type Objects } from './lists.ts';
import { namesIn } from './names.ts';
import { rolloutsOf } from './rollouts.ts';
import { createTlsFetch } from './tls-fetch.ts';

const Namespaces = z
  .string()
  .regex(/^[a-z0-9-]+(?:\s*,\s*[a-z0-9-]+)*$/, 'must be names of namespaces, comma-separated')
  .optional()
  .describe('Namespaces that are looked at in Kubernetes, comma-separated; without it, all but those of the cluster itself');

export const kubernetes = clusterSource({
  id: system,
  settings: z.object({
    KUBECONFIG: z.string().min(1).describe('Path of a kubeconfig, to look at a cluster from outside; read-only rights are enough'),
    KUBERNETES_NAMESPACES: Namespaces,
  }),
  create: ({ KUBECONFIG, KUBERNETES_NAMESPACES }, tools) => readerOf(() => fromKubeconfig(KUBECONFIG), KUBERNETES_NAMESPACES, tools),
});

/** Kubernetes itself sets the address in every pod. A kubeconfig that is given has precedence. */
export const kubernetesInCluster = clusterSource({
  id: 'kubernetes-in-cluster',
  settings: z.object({
    KUBERNETES_SERVICE_HOST: z.string().min(1).describe('Set by Kubernetes in every pod: the cluster that TracePulse runs in is looked at'),
    KUBERNETES_SERVICE_PORT: z.string().regex(/^\d+$/, 'must be a port').default('443').describe('Set by Kubernetes as well'),
    KUBERNETES_SERVICE_ACCOUNT: z.string().default(serviceAccountFolder).describe("Folder of the service account's files"),
    KUBECONFIG: z.string().optional(),
    KUBERNETES_NAMESPACES: Namespaces,
  }),
  create(settings, tools) {
    const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port, KUBERNETES_SERVICE_ACCOUNT: folder } = settings;
    if (settings.KUBECONFIG !== undefined) return spared;
    return readerOf(() => inCluster(host, port, folder), settings.KUBERNETES_NAMESPACES, tools);
  },
});

const spared: ClusterSource = {
  look: async () => ({ directory: [], changes: [], conditions: [], gaps: [] }),
  probe: async () => 'not asked: KUBECONFIG is given',
};

/** What keeps the cluster itself running. */
const ofTheCluster = /^kube-(?:system|public|node-lease)$/;

function readerOf(reach: () => Promise<Access>, setting: string | undefined, tools: Tools): ClusterSource {
  const set = setting?.split(',').map((name) => name.trim()) ?? null;
  const list = async (signal: AbortSignal) => {
    const { url, token, user, tls, namespace } = await reach();
    const fetch = url.startsWith('https:') ? createTlsFetch(tls) : tools.fetch;
    const api = createJsonApi({ system, url, token, user }, { fetch, now: tools.now });
    const { objects, gaps } = await listAll({ api, namespaces: set, own: namespace, signal });
    return { objects: set === null ? ofTheirs(objects) : objects, gaps };
  };
  return {
    async look({ toMs }, signal) {
      const { objects, gaps } = await list(signal);
      const names = namesIn(objects);
      const hasSlices = !gaps.some(({ reason }) => reason.includes('endpointslices'));
      return {
        directory: directoryOf(objects, names),
        changes: rolloutsOf(objects, names, toMs),
        conditions: [...conditionsOf(objects, names, toMs), ...withoutEndpoints(objects, names, hasSlices, toMs)],
        gaps,
      };
    },
    async probe(signal) {
      const { objects, gaps } = await list(signal);
      const counts = `${objects.services.length} services, ${objects.deployments.length} deployments, ${objects.pods.length} pods`;
      return [counts, ...gaps.map(({ reason }) => reason)].join('; ');
    },
  };
}

function ofTheirs(objects: Objects): Objects {
  const keep = ({ metadata }: { readonly metadata: { readonly namespace: string } }) => !ofTheCluster.test(metadata.namespace);
  return Object.fromEntries(
    Object.entries(objects).map(([kind, of]) => [kind, (of as readonly Objects['pods'][number][]).filter(keep)]),
  ) as unknown as Objects;
}
