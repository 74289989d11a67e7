/**
 * Which service a workload is. Its telemetry's name counts, where the cluster shows it: OpenTelemetry's annotation or
 * environment; else a label that tells it from its neighbours; else a Service that selects it; else its own name.
 */
import type { Objects } from './lists.ts';
import type { Pod, Service, Workload } from './shapes.ts';

export interface Names {
  /** null: nobody's. */
  ofPod(pod: Pod): string | null;
  ofWorkload(workload: Workload): string;
  ofService(service: Service): string;
  /** By a pod's, replica set's or other workload's name, as events give it. */
  ofObject(namespace: string, name: string): string | null;
}

type Labels = Readonly<Record<string, string>>;
interface Owner {
  readonly namespace: string;
  readonly name: string;
  readonly labels: Labels;
  readonly plain: string;
}

const selects = (selector: Labels, labels: Labels): boolean => {
  const wanted = Object.entries(selector);
  return wanted.length > 0 && wanted.every(([key, value]) => labels[key] === value);
};

export function namesIn(objects: Objects): Names {
  const { deployments, statefulsets, daemonsets, replicasets, services, pods } = objects;
  const workloads = [...deployments, ...statefulsets, ...daemonsets];
  const owners = workloads.map((workload): Owner => {
    const { name, namespace } = workload.metadata;
    return { name, namespace, labels: labelsOf(workload), plain: plainName(workload, workloads, services) };
  });
  const places = Map.groupBy(owners, ({ plain }) => plain);
  // Where two namespaces have one of that name, it says which.
  const full = ({ namespace, plain }: Owner): string =>
    new Set((places.get(plain) ?? []).map((owner) => owner.namespace)).size > 1 ? `${namespace}/${plain}` : plain;
  const byName = new Map(owners.map((owner) => [`${owner.namespace}/${owner.name}`, full(owner)]));
  for (const { metadata } of replicasets) {
    const owner = metadata.ownerReferences[0];
    const known = owner === undefined ? undefined : byName.get(`${metadata.namespace}/${owner.name}`);
    if (known !== undefined) byName.set(`${metadata.namespace}/${metadata.name}`, known);
  }
  const ofPod = ({ metadata: { namespace, ownerReferences, labels } }: Pod): string | null => {
    const owner = ownerReferences[0];
    const known = owner === undefined ? undefined : byName.get(`${namespace}/${owner.name}`);
    // Without the right to see workloads there are still labels, and the name that a replica set's has before its hash.
    if (known !== undefined) return known;
    const labelled = owners.find((other) => other.namespace === namespace && selects(other.labels, labels));
    if (labelled !== undefined) return full(labelled);
    if (owner?.kind === 'Job') return null;
    return labels['app.kubernetes.io/name'] ?? labels['app'] ?? owner?.name.replace(/-[0-9a-f]{6,10}$/, '') ?? null;
  };
  const podNames = new Map(pods.map((pod) => [`${pod.metadata.namespace}/${pod.metadata.name}`, pod]));
  return {
    ofPod,
    ofWorkload: ({ metadata }) => byName.get(`${metadata.namespace}/${metadata.name}`) ?? metadata.name,
    ofService({ metadata, spec }) {
      const behind = owners.filter(({ namespace, labels }) => namespace === metadata.namespace && selects(spec.selector, labels));
      const same = behind.find(({ name }) => name === metadata.name) ?? (behind.length === 1 ? behind[0] : undefined);
      return same === undefined ? metadata.name : full(same);
    },
    ofObject(namespace, name) {
      const pod = podNames.get(`${namespace}/${name}`);
      return pod === undefined ? (byName.get(`${namespace}/${name}`) ?? null) : ofPod(pod);
    },
  };
}

/** Those that its pods carry. */
const labelsOf = ({ spec }: Workload): Labels => spec.template.metadata?.labels ?? spec.selector?.matchLabels ?? {};

function plainName(workload: Workload, all: readonly Workload[], services: readonly Service[]): string {
  const { name, namespace, annotations } = workload.metadata;
  const said = toldByTelemetry(workload, annotations);
  if (said !== null) return said;
  const labels = labelsOf(workload);
  for (const key of ['app.kubernetes.io/name', 'app', 'k8s-app']) {
    const value = labels[key];
    const isShared = all.filter((other) => other.metadata.namespace === namespace && labelsOf(other)[key] === value).length > 1;
    if (value !== undefined && value !== '' && !isShared) return value;
  }
  const before = services.filter(({ metadata, spec }) => metadata.namespace === namespace && selects(spec.selector, labels));
  return before.length === 1 ? before[0]!.metadata.name : name;
}

function toldByTelemetry({ spec }: Workload, annotations: Labels): string | null {
  const key = 'resource.opentelemetry.io/service.name';
  const annotated = spec.template.metadata?.annotations[key] ?? annotations[key];
  if (annotated) return annotated;
  for (const { env } of spec.template.spec.containers)
    for (const { name, value } of env) {
      if (name === 'OTEL_SERVICE_NAME' && value) return value;
      const listed = name === 'OTEL_RESOURCE_ATTRIBUTES' ? /(?:^|,)service\.name=([^,]+)/.exec(value ?? '')?.[1] : undefined;
      if (listed !== undefined) return listed.trim();
    }
  return null;
}
