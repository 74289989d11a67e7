/**
 * Rollouts as changes: a new replica set under a deployment is one, and so is an old one that is taken up again. The version is
 * the image's tag; where the image is as before, it was the configuration that changed.
 */
import type { Change } from '../../../domain/change.ts';
import type { Objects } from './lists.ts';
import type { Names } from './names.ts';
import type { Workload } from './shapes.ts';

const lookbackMs = 24 * 3_600_000;

export function rolloutsOf({ deployments, replicasets, pods }: Objects, names: Names, toMs: number): Change[] {
  const ownedBy = Map.groupBy(replicasets, ({ metadata }) => `${metadata.namespace}/${metadata.ownerReferences[0]?.name ?? ''}`);
  return deployments
    .flatMap((deployment) => {
      const sets = [...(ownedBy.get(`${deployment.metadata.namespace}/${deployment.metadata.name}`) ?? [])].sort(
        (a, b) => revisionOf(a) - revisionOf(b),
      );
      return sets.flatMap((set, i): Change[] => {
        const replicas = pods
          .filter(
            ({ metadata }) => metadata.namespace === set.metadata.namespace && metadata.ownerReferences[0]?.name === set.metadata.name,
          )
          .flatMap(({ metadata }) => metadata.creationTimestamp ?? [])
          .sort((a, b) => a - b);
        const startedAt = startOf(set, sets.slice(0, i), replicas);
        if (startedAt === null || startedAt < toMs - lookbackMs || startedAt > toMs) return [];
        return [changeOf(names.ofWorkload(deployment), set, sets[i - 1], startedAt, replicas)];
      });
    })
    .sort((a, b) => a.startedAt - b.startedAt);
}

const revisionOf = ({ metadata }: Workload): number => Number(metadata.annotations['deployment.kubernetes.io/revision'] ?? 0);

/** A set with a higher revision than one that is younger was taken up again: its pods that are younger still tell when. */
function startOf(set: Workload, earlier: readonly Workload[], replicas: readonly number[]): number | null {
  const createdAt = set.metadata.creationTimestamp;
  const youngest = Math.max(...earlier.map(({ metadata }) => metadata.creationTimestamp ?? 0), 0);
  if (createdAt === null || youngest <= createdAt) return createdAt;
  return replicas.find((at) => at >= youngest) ?? null;
}

function changeOf(service: string, set: Workload, before: Workload | undefined, startedAt: number, replicas: readonly number[]): Change {
  const image = imageOf(set);
  const earlier = before === undefined ? null : imageOf(before);
  const isSameImage = image !== null && image === earlier;
  const version = image === null ? null : versionOf(image);
  const hasRestarted = set.spec.template.metadata?.annotations['kubectl.kubernetes.io/restartedAt'] !== undefined;
  const sha = version !== null && /^[0-9a-f]{7,40}$/.test(version) && /[a-f]/.test(version) ? version : null;
  return {
    kind: isSameImage ? 'configuration' : 'deployment',
    service,
    startedAt,
    steps: [startedAt, ...replicas.filter((at) => at > startedAt)],
    version,
    sha,
    url: null,
    title: isSameImage
      ? `pods made anew with the same image${hasRestarted ? ' (restarted by hand)' : ''}`
      : `image ${earlier === null ? '' : `${earlier} → `}${image ?? 'unknown'}`,
    files: [],
    deployedBy: 'deployment',
  };
}

/** Proxies that are put beside a service are not it. */
const sidecars = /^(?:istio-proxy|linkerd-proxy|envoy|otc-container|otel-agent|vault-agent|cloud-sql-proxy|fluent-bit|datadog-agent)$/;

function imageOf({ spec }: Workload): string | null {
  const { containers } = spec.template.spec;
  return (containers.find(({ name }) => !sidecars.test(name)) ?? containers[0])?.image || null;
}

/** `registry:5000/shop/cart:1.4.0@sha256:…` → `1.4.0` */
function versionOf(image: string): string | null {
  const [named = '', digest] = image.split('@');
  return /:([^:/]+)$/.exec(named)?.[1] ?? (digest === undefined ? null : digest.replace(/^sha256:/, '').slice(0, 12));
}
