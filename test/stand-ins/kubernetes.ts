/**
 * A Kubernetes API (PROTOCOLS B9) over objects that a test has put in: lists by namespace or of all, in pages with a continue
 * token that can expire, a right for each kind, and the errors as a `Status`.
 */
import { type Answering, startAnswering } from './answering.ts';

export type KubernetesObject = { readonly metadata: { readonly name: string; readonly namespace: string } } & Readonly<
  Record<string, unknown>
>;
export const kubernetesKinds = [
  'services',
  'endpointslices',
  'deployments',
  'replicasets',
  'statefulsets',
  'daemonsets',
  'pods',
  'events',
] as const;
export type KubernetesKind = (typeof kubernetesKinds)[number];

export interface KubernetesStandIn extends Answering {
  readonly token: string;
  put(kind: KubernetesKind, ...objects: KubernetesObject[]): void;
  /** May not be listed; `everywhere` unless within a namespace. */
  forbid(kind: KubernetesKind, where: 'everywhere' | 'but in a namespace'): void;
  /** Answers hold at most so many, whatever is asked for. */
  pagesOf(objects: number): void;
  /** The next page that is asked for has expired. */
  expire(): void;
}

const statusOf = (code: number, reason: string, message: string) => ({
  status: code,
  body: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code },
});

export async function startKubernetes(): Promise<KubernetesStandIn> {
  const token = 'eyJhbGciOiJSUzI1NiJ9.tokenOfAServiceAccountThatMustNeverBeSeen';
  const objects = new Map<string, KubernetesObject[]>();
  const forbidden = new Map<string, string>();
  let page = 500;
  let isExpired = false;
  const server = await startAnswering(({ path, parameters, headers }) => {
    if (headers.authorization !== `Bearer ${token}`) return statusOf(401, 'Unauthorized', 'Unauthorized');
    const [, group, namespace, kind = ''] = /^\/(api\/v1|apis\/[\w.]+\/v1)\/(?:namespaces\/([\w-]+)\/)?(\w+)$/.exec(path) ?? [];
    if (group === undefined || !(kubernetesKinds as readonly string[]).includes(kind)) return statusOf(404, 'NotFound', 'not found');
    const ban = forbidden.get(kind);
    if (ban === 'everywhere' || (ban !== undefined && namespace === undefined))
      return statusOf(403, 'Forbidden', `${kind} is forbidden: User "system:serviceaccount:shop:tracepulse" cannot list resource`);
    const begin = Number(parameters.get('continue') ?? 0);
    if (begin > 0 && isExpired) {
      isExpired = false;
      return statusOf(410, 'Expired', 'The provided continue parameter is too old');
    }
    const all = (objects.get(kind) ?? []).filter(({ metadata }) => namespace === undefined || metadata.namespace === namespace);
    const size = Math.min(page, Number(parameters.get('limit') ?? page));
    const items = all.slice(begin, begin + size);
    const more = begin + size < all.length ? { continue: String(begin + size), remainingItemCount: all.length - begin - size } : {};
    return { body: { kind: 'List', apiVersion: 'v1', metadata: { resourceVersion: '815', ...more }, items } };
  });
  return {
    ...server,
    token,
    put: (kind, ...more) => void objects.set(kind, [...(objects.get(kind) ?? []), ...more]),
    forbid: (kind, where) => void forbidden.set(kind, where),
    pagesOf(size) {
      page = size;
    },
    expire() {
      isExpired = true;
    },
  };
}

/** A namespace `shop` as a test describes it. */
export function cluster(at: number) {
  const time = (minutesBefore: number) => new Date(at - minutesBefore * 60_000).toISOString();
  const shop = (name: string, more: object = {}) => ({ name, namespace: 'shop', creationTimestamp: time(5_000), ...more });
  const template = (app: string, image: string, more: object = {}) => ({
    metadata: { labels: { app } },
    spec: {
      containers: [
        { name: 'istio-proxy', image: 'istio/proxyv2:1.22' },
        { name: app, image, ...more },
      ],
    },
  });
  return {
    time,
    shop,
    template,
    deployment: (name: string, image: string, more: object = {}) => ({
      metadata: shop(name),
      spec: { replicas: 2, selector: { matchLabels: { app: name } }, template: template(name, image) },
      status: { replicas: 2 },
      ...more,
    }),
    replicaSet: (of: string, revision: number, minutesBefore: number, image: string) => ({
      metadata: shop(`${of}-6c9f7d8b${revision}`, {
        creationTimestamp: time(minutesBefore),
        annotations: { 'deployment.kubernetes.io/revision': String(revision) },
        ownerReferences: [{ kind: 'Deployment', name: of }],
      }),
      spec: { replicas: 2, selector: { matchLabels: { app: of } }, template: template(of, image) },
    }),
    pod: (of: string, revision: number, suffix: string, minutesBefore: number, status: object = {}) => ({
      metadata: shop(`${of}-6c9f7d8b${revision}-${suffix}`, {
        creationTimestamp: time(minutesBefore),
        labels: { app: of },
        ownerReferences: [{ kind: 'ReplicaSet', name: `${of}-6c9f7d8b${revision}` }],
      }),
      status: { phase: 'Running', startTime: time(minutesBefore), conditions: [{ type: 'Ready', status: 'True' }], ...status },
    }),
    service: (name: string, more: object = {}) => ({
      metadata: shop(name),
      spec: {
        selector: { app: name },
        clusterIP: '10.96.0.7',
        clusterIPs: ['10.96.0.7'],
        ports: [{ port: 80, targetPort: 8080 }],
        ...more,
      },
    }),
    slice: (of: string, ready: boolean, minutesBefore = 60) => ({
      metadata: shop(`${of}-x2x9z`, {
        labels: { 'kubernetes.io/service-name': of },
        annotations: { 'endpoints.kubernetes.io/last-change-trigger-time': time(minutesBefore) },
      }),
      endpoints: [{ addresses: ['10.1.0.9'], conditions: { ready } }],
      ports: [{ port: 8080 }],
    }),
    event: (reason: string, about: string, message: string, minutesBefore: number, count = 5) => ({
      metadata: shop(`${about}.17f`),
      type: 'Warning',
      involvedObject: { kind: 'Pod', namespace: 'shop', name: about },
      reason,
      message,
      count,
      firstTimestamp: time(minutesBefore),
      lastTimestamp: time(0.5),
    }),
  };
}

export function kubeconfigOf(url: string, user: object, more: object = {}): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'here',
    contexts: [{ name: 'here', context: { cluster: 'made', user: 'reader', namespace: 'shop' } }],
    clusters: [{ name: 'made', cluster: { server: url, ...more } }],
    users: [{ name: 'reader', user }],
  });
}
