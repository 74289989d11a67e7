import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { kubernetes } from '../../../../src/adapters/cluster-sources/kubernetes/kubernetes.ts';
import type { Failure } from '../../../../src/domain/failure.ts';
import { certificate } from '../../../stand-ins/certificate.ts';
import { cluster, kubeconfigOf, type KubernetesStandIn, startKubernetes } from '../../../stand-ins/kubernetes.ts';
import { inFrontOf } from '../fixtures.ts';

const now = Date.parse('2026-03-01T12:00:00Z');
const window = { fromMs: now - 600_000, toMs: now };
const never = () => {};
const tools = { fetch: globalThis.fetch, now: () => now, log: { debug: never, info: never, warn: never, error: never } };
const made = cluster(now);
const minutes = (at: number) => (now - at) / 60_000;
let standIn: KubernetesStandIn;
let folder: string;
beforeEach(async () => {
  standIn = await startKubernetes();
  folder = mkdtempSync(join(tmpdir(), 'kubeconfig-'));
});
afterEach(() => {
  standIn.stop();
  rmSync(folder, { recursive: true });
});

function source(text = kubeconfigOf(standIn.url, { token: standIn.token }), more: Record<string, string> = {}) {
  const path = join(folder, 'config');
  writeFileSync(path, text);
  return kubernetes.create(kubernetes.settings.parse({ KUBECONFIG: path, ...more }), tools);
}
const look = (of = source()) => of.look(window, new AbortController().signal);
const refusal = async (text: string) => (await look(source(text)).then(never, (thrown: unknown) => thrown)) as Failure;

describe('lists', () => {
  it('are read page by page, and begun again where the rest has expired', async () => {
    standIn.pagesOf(2);
    standIn.put('services', ...['a', 'b', 'c', 'd', 'e'].map((name) => made.service(name, { selector: {} })));
    standIn.expire();
    expect((await look()).directory.map(({ name }) => name)).toEqual(['a', 'b', 'c', 'd', 'e']);
    const pages = standIn.questions().filter(({ path }) => path.endsWith('services'));
    expect(pages.map(({ parameters }) => parameters.get('continue'))).toEqual([null, '2', null, '2', '4']);
  });

  it('are read in the own namespace where only that may be read', async () => {
    standIn.forbid('services', 'but in a namespace');
    standIn.put('services', made.service('cart'), { ...made.service('theirs'), metadata: { name: 'theirs', namespace: 'other' } });
    const { directory, gaps } = await look();
    expect([directory.map(({ name }) => name), gaps]).toEqual([['cart'], []]);
  });

  it('are of the namespaces that are set, and else not of the cluster itself', async () => {
    const dns = { ...made.service('kube-dns', { selector: {} }), metadata: { name: 'kube-dns', namespace: 'kube-system' } };
    standIn.put('services', made.service('cart', { selector: {} }), dns);
    expect((await look()).directory.map(({ name }) => name)).toEqual(['cart']);
    expect((await look(source(undefined, { KUBERNETES_NAMESPACES: 'kube-system' }))).directory.map(({ name }) => name)).toEqual([
      'kube-dns',
    ]);
  });
});

describe('a kubeconfig', () => {
  it.each([
    [
      'runs a program',
      { exec: { command: 'aws' } },
      {},
      'kubernetes: read how to reach the cluster (bad_config): the kubeconfig logs in by running a program (exec), which is refused; give a token or a client certificate',
    ],
    [
      'trusts anybody',
      { token: 'x' },
      { 'insecure-skip-tls-verify': true },
      'kubernetes: read how to reach the cluster (bad_config): the kubeconfig trusts any certificate (insecure-skip-tls-verify), which is refused; give its CA',
    ],
  ])('that %s is refused in plain words', async (_, user, more, message) => {
    expect((await refusal(kubeconfigOf('https://10.0.0.1', user, more))).message).toBe(message);
  });

  it('that is broken is said to be, without its text', async () => {
    expect((await refusal('users: [ {token: s3cret')).message).toBe(
      'kubernetes: read how to reach the cluster (bad_config): the kubeconfig is not valid YAML',
    );
    expect((await refusal('users: {token: s3cret}')).message).not.toContain('s3cret');
    expect((await refusal('clusters: []')).hint).toBe('the kubeconfig has no current context');
    const missing = kubernetes.create(kubernetes.settings.parse({ KUBECONFIG: join(folder, 'nowhere') }), tools);
    await expect(look(missing)).rejects.toMatchObject({ code: 'bad_config' });
  });

  it('with a client certificate is believed by both sides, and a stranger is not', async () => {
    const { cert, key } = certificate();
    const front = await inFrontOf(standIn.url, { requestCert: true, rejectUnauthorized: true, ca: cert });
    const data = (text: string) => Buffer.from(text).toString('base64');
    const user = { token: standIn.token, 'client-certificate-data': data(cert), 'client-key-data': data(key) };
    const trusted = { 'certificate-authority-data': data(cert) };
    standIn.put('services', made.service('cart', { selector: {} }));
    try {
      expect((await look(source(kubeconfigOf(front.url, user, trusted)))).directory).toHaveLength(1);
      expect((await refusal(kubeconfigOf(front.url, user))).code).toBe('bad_config');
    } finally {
      front.server.close();
      front.server.closeAllConnections();
    }
  });
});

describe('conditions', () => {
  const status = (reason: string, message = '') => ({
    phase: 'Pending',
    conditions: [],
    containerStatuses: [{ name: 'cart', restartCount: 0, state: { waiting: { reason, message } } }],
  });
  async function said(...pods: Parameters<KubernetesStandIn['put']>[1][]) {
    standIn.put('deployments', made.deployment('cart', 'cart:1'));
    standIn.put('replicasets', made.replicaSet('cart', 1, 5_000, 'cart:1'));
    standIn.put('pods', ...pods);
    return (await look()).conditions;
  }

  it.each([
    ['ImagePullBackOff', 'image not pulled'],
    ['ErrImagePull', 'image not pulled'],
    ['CreateContainerConfigError', 'bad configuration'],
    ['CreateContainerError', 'bad configuration'],
  ])('%s is %s, in the words of the cluster', async (reason, kind) => {
    const conditions = await said(made.pod('cart', 1, 'aaaaa', 9, status(reason, 'secret "db" not found')));
    expect(conditions).toEqual([
      { service: 'cart', kind, at: now - 9 * 60_000, share: 1, text: `cart: ${reason}: secret "db" not found.` },
    ]);
  });

  it('a loop of crashes began as long ago as its restarts take', async () => {
    const loop = (restartCount: number) => ({
      containerStatuses: [
        {
          name: 'cart',
          restartCount,
          state: { waiting: { reason: 'CrashLoopBackOff' } },
          lastState: { terminated: { reason: 'OOMKilled', exitCode: 137, finishedAt: made.time(1) } },
        },
      ],
    });
    const [young, old] = [
      await said(made.pod('cart', 1, 'aaaaa', 5_000, loop(3))),
      await said(made.pod('cart', 1, 'bbbbb', 5_000, loop(300))),
    ];
    expect(minutes(young.find(({ kind }) => kind === 'crash loop')!.at)).toBeCloseTo(2.2, 1);
    expect(minutes(old.find(({ kind }) => kind === 'crash loop')!.at)).toBeGreaterThan(1_000);
    expect(young.find(({ kind }) => kind === 'out of memory')).toMatchObject({ at: now - 60_000, text: 'cart: OOMKilled, 3 restarts.' });
  });

  it('pods that cannot be placed, are not ready, or are going', async () => {
    const unplaced = {
      phase: 'Pending',
      conditions: [
        {
          type: 'PodScheduled',
          status: 'False',
          reason: 'Unschedulable',
          message: '0/3 nodes are available: 3 Insufficient memory',
          lastTransitionTime: made.time(6),
        },
      ],
    };
    const unready = {
      conditions: [
        {
          type: 'Ready',
          status: 'False',
          reason: 'ContainersNotReady',
          message: 'containers with unready status: [cart]',
          lastTransitionTime: made.time(4),
        },
      ],
    };
    const going = made.pod('cart', 1, 'ddddd', 60, unready);
    const conditions = await said(
      made.pod('cart', 1, 'aaaaa', 7, unplaced),
      made.pod('cart', 1, 'bbbbb', 90, unready),
      made.pod('cart', 1, 'ccccc', 0.5, unready),
      { ...going, metadata: { ...going.metadata, deletionTimestamp: made.time(1) } as typeof going.metadata },
    );
    expect(conditions.map(({ kind, at, share }) => [kind, minutes(at), share])).toEqual([
      ['not schedulable', 6, 1 / 3],
      ['not ready', 4, 1 / 3],
    ]);
    expect(conditions[0]!.text).toBe('1 of 3 replicas of cart: Unschedulable: 0/3 nodes are available: 3 Insufficient memory.');
  });

  it('events say when and why, as long as they are said again', async () => {
    standIn.put(
      'events',
      made.event('Unhealthy', 'cart-6c9f7d8b1-aaaaa', 'Readiness probe failed: 503', 5),
      made.event('Unhealthy', 'cart-6c9f7d8b1-aaaaa', 'Liveness probe failed once', 5, 1),
      made.event('FailedMount', 'cart-6c9f7d8b1-aaaaa', 'configmap "cart" not found', 3),
      { ...made.event('FailedMount', 'cart-6c9f7d8b1-aaaaa', 'long ago', 90), lastTimestamp: made.time(80) },
      made.event('BackOff', 'nobody-knows', 'Back-off restarting failed container', 3),
    );
    const conditions = await said(made.pod('cart', 1, 'aaaaa', 90));
    expect(conditions.map(({ kind, text }) => [kind, text])).toEqual([
      ['not ready', 'cart: Unhealthy: Readiness probe failed: 503.'],
      ['bad configuration', 'cart: FailedMount: configmap "cart" not found.'],
    ]);
  });

  it('a service with nobody behind it is one, unless nobody is meant to be or it cannot be seen', async () => {
    standIn.put('services', made.service('cart'), made.service('outside', { selector: {} }));
    standIn.put('endpointslices', made.slice('cart', false, 2));
    expect((await look()).conditions).toEqual([
      { service: 'cart', kind: 'no endpoints', at: now - 120_000, text: 'Service cart in shop has no ready endpoint (1 not ready).' },
    ]);
    standIn.forbid('endpointslices', 'everywhere');
    expect((await look()).conditions).toEqual([]);
  });
});

describe('rollouts', () => {
  const images = async (...sets: ReturnType<typeof made.replicaSet>[]) => {
    standIn.put('deployments', made.deployment('cart', 'cart:1'));
    standIn.put('replicasets', ...sets);
    return (await look()).changes;
  };

  it('with the image as before are changes of configuration, and older ones than a day are none', async () => {
    const changes = await images(
      made.replicaSet('cart', 1, 3_000, 'cart:1'),
      made.replicaSet('cart', 2, 300, 'cart:2'),
      made.replicaSet('cart', 3, 20, 'cart:2'),
    );
    expect(changes.map(({ kind, version, title }) => [kind, version, title])).toEqual([
      ['deployment', '2', 'image cart:1 → cart:2'],
      ['configuration', '2', 'pods made anew with the same image'],
    ]);
  });

  it('back to an old version begin with its new pods', async () => {
    standIn.put('pods', made.pod('cart', 9, 'old', 400), made.pod('cart', 9, 'new', 8));
    const changes = await images(made.replicaSet('cart', 2, 30, 'cart:2'), made.replicaSet('cart', 9, 3_000, 'cart:1'));
    expect(changes.map(({ version, startedAt }) => [version, minutes(startedAt)])).toEqual([
      ['2', 30],
      ['1', 8],
    ]);
  });

  it('name a commit where the tag is one', async () => {
    const changes = await images(made.replicaSet('cart', 1, 9, 'ghcr.io/acme/cart:3f2a9c1@sha256:00ff'));
    expect(changes[0]).toMatchObject({ version: '3f2a9c1', sha: '3f2a9c1', service: 'cart', deployedBy: 'deployment' });
  });
});

describe('whose it is', () => {
  const directoryOf = async (template: object, labels = {}) => {
    const { spec, ...rest } = made.deployment('cart-deployment', 'cart:1');
    const deployed = { ...spec, template: { ...made.template('x', 'x:1'), ...template } };
    standIn.put('deployments', { ...rest, spec: deployed });
    standIn.put('services', made.service('cart-svc', { selector: { tier: 'cart' }, ...labels }));
    return (await look()).directory;
  };
  const container = (env: object[]) => ({ spec: { containers: [{ name: 'a', image: 'a:1', env }] } });

  it.each([
    [
      'the name in its telemetry',
      { metadata: { labels: { app: 'a' } }, ...container([{ name: 'OTEL_SERVICE_NAME', value: 'cart' }]) },
      'cart',
    ],
    ['the same among attributes', container([{ name: 'OTEL_RESOURCE_ATTRIBUTES', value: 'a=b,service.name=basket' }]), 'basket'],
    ['a label', { metadata: { labels: { 'app.kubernetes.io/name': 'cart', app: 'a' } } }, 'cart'],
    ['the service before it', { metadata: { labels: { tier: 'cart' } } }, 'cart-svc'],
  ])('follows from %s', async (_, template, name) => {
    expect((await directoryOf(template)).map((entry) => entry.name)).toContain(name);
  });

  it('is the name of the workload where a label tells nothing', async () => {
    standIn.put('deployments', made.deployment('a', 'a:1'), made.deployment('b', 'b:1'));
    const shared = (name: string) => ({ ...made.deployment(name, 'x:1'), spec: { template: made.template('chart', 'x:1') } });
    standIn.put('deployments', shared('api'), shared('worker'));
    expect((await look()).directory.map(({ name }) => name)).toEqual(['a', 'b', 'api', 'worker']);
  });
});
