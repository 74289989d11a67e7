/** Services as they listen: names, addresses and ports; and those that nobody stands behind. */
import type { Condition } from '../../../domain/condition.ts';
import type { Directory, DirectoryEntry } from '../../../domain/service.ts';
import type { Objects } from './lists.ts';
import type { Names } from './names.ts';
import type { EndpointSlice, Service } from './shapes.ts';

const sliceOf = 'kubernetes.io/service-name';
const changedAt = 'endpoints.kubernetes.io/last-change-trigger-time';

function slicesOf({ metadata }: Service, slices: readonly EndpointSlice[]): EndpointSlice[] {
  return slices.filter(({ metadata: of }) => of.namespace === metadata.namespace && of.labels[sliceOf] === metadata.name);
}

const isReady = ({ conditions }: EndpointSlice['endpoints'][number]): boolean => conditions?.ready !== false;

export function directoryOf({ services, endpointslices, deployments }: Objects, names: Names): Directory {
  const entries = new Map<string, { addresses: Set<string>; ports: Set<number> }>();
  const entry = (name: string) => {
    const known = entries.get(name) ?? { addresses: new Set<string>(), ports: new Set<number>() };
    entries.set(name, known);
    return known;
  };
  for (const service of services) {
    const { name, namespace } = service.metadata;
    const { addresses, ports } = entry(names.ofService(service));
    for (const ip of [service.spec.clusterIP ?? '', ...service.spec.clusterIPs]) if (ip !== '' && ip !== 'None') addresses.add(ip);
    for (const suffix of ['', '.svc', '.svc.cluster.local']) addresses.add(`${name}.${namespace}${suffix}`);
    // The short name holds within its namespace only.
    if (names.ofService(service) !== name && services.filter(({ metadata }) => metadata.name === name).length === 1) addresses.add(name);
    for (const { port, targetPort } of service.spec.ports) {
      ports.add(port);
      if (typeof targetPort === 'number') ports.add(targetPort);
    }
    for (const { endpoints } of slicesOf(service, endpointslices))
      for (const { addresses: of } of endpoints) for (const ip of of) addresses.add(ip);
  }
  // What takes no calls, e.g. a worker, is there too.
  for (const deployment of deployments) entry(names.ofWorkload(deployment));
  return [...entries].map(([name, { addresses, ports }]): DirectoryEntry => ({ name, addresses: [...addresses], ports: [...ports] }));
}

/** `hasSlices`: false where they may not be listed, which says nothing of endpoints. */
export function withoutEndpoints({ services, endpointslices }: Objects, names: Names, hasSlices: boolean, now: number): Condition[] {
  if (!hasSlices) return [];
  return services.flatMap((service): Condition[] => {
    if (Object.keys(service.spec.selector).length === 0) return [];
    const slices = slicesOf(service, endpointslices);
    if (slices.some(({ endpoints }) => endpoints.some(isReady))) return [];
    const since = slices.map(({ metadata }) => Date.parse(metadata.annotations[changedAt] ?? '')).filter(Number.isFinite);
    const waiting = slices.reduce((sum, { endpoints }) => sum + endpoints.length, 0);
    const { name, namespace } = service.metadata;
    const text = `Service ${name} in ${namespace} has no ready endpoint${waiting > 0 ? ` (${waiting} not ready)` : ''}.`;
    return [{ service: names.ofService(service), kind: 'no endpoints', at: since.length > 0 ? Math.max(...since) : now, text }];
  });
}
