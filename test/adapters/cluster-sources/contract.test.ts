/** What every source of what runs the services promises, checked for each that is registered. A fixture starts its stand-in. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { clusterSources } from '../../../src/adapters/cluster-sources/index.ts';
import { Failure } from '../../../src/domain/failure.ts';
import type { ClusterSource } from '../../../src/ports/sources.ts';
import { faultTable } from '../../stand-ins/faults.ts';
import { cluster } from '../../stand-ins/kubernetes.ts';
import { type ClusterSourceFixture, fixtures } from './fixtures.ts';

const alertAt = Date.parse('2026-03-01T12:00:00Z');
const window = { fromMs: alertAt - 600_000, toMs: alertAt };
const never = () => {};
const log = { debug: never, info: never, warn: never, error: never };
const made = cluster(alertAt);

describe('sources of what runs the services', () => {
  it('are registered once each', () => {
    const ids = clusterSources.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toContain('kubernetes');
  });
});

describe.each(clusterSources)('cluster source $id', (adapter) => {
  let fixture: ClusterSourceFixture;
  let source: ClusterSource;
  const unlimited = () => new AbortController().signal;
  const look = (signal = unlimited()) => source.look(window, signal);

  beforeEach(async () => {
    const start = fixtures[adapter.id];
    if (start === undefined) throw new Error(`${adapter.id} has no fixture`);
    fixture = await start();
    source = adapter.create(adapter.settings.parse(fixture.settings), { fetch: globalThis.fetch, now: () => alertAt, log });
  });
  afterEach(() => fixture.stop());

  it('tells of services, rollouts and replicas that cannot serve', async () => {
    const { standIn } = fixture;
    standIn.put('deployments', made.deployment('cart', 'registry:5000/shop/cart:1.5.0'));
    standIn.put(
      'replicasets',
      made.replicaSet('cart', 1, 4_000, 'registry:5000/shop/cart:1.4.0'),
      made.replicaSet('cart', 2, 12, 'registry:5000/shop/cart:1.5.0'),
    );
    const crashing = {
      name: 'cart',
      restartCount: 4,
      state: { waiting: { reason: 'CrashLoopBackOff' } },
      lastState: { terminated: { reason: 'Error', exitCode: 1, finishedAt: made.time(1) } },
    };
    standIn.put('pods', made.pod('cart', 2, 'aaaaa', 12, { containerStatuses: [crashing] }), made.pod('cart', 2, 'bbbbb', 11));
    standIn.put('services', made.service('cart'));
    standIn.put('endpointslices', made.slice('cart', true));
    const { directory, changes, conditions, gaps } = await look();
    expect(gaps).toEqual([]);
    expect(directory.map(({ name }) => name)).toEqual(['cart']);
    expect(directory[0]!.addresses).toEqual(expect.arrayContaining(['10.96.0.7', 'cart.shop.svc.cluster.local', '10.1.0.9']));
    expect(directory[0]!.ports).toEqual([80, 8080]);
    expect(changes).toMatchObject([{ service: 'cart', kind: 'deployment', version: '1.5.0', startedAt: alertAt - 12 * 60_000 }]);
    expect(conditions).toMatchObject([{ service: 'cart', kind: 'crash loop', share: 0.5 }]);
  });

  it('finds nothing where there is nothing', async () => {
    expect(await look()).toEqual({ directory: [], changes: [], conditions: [], gaps: [] });
  });

  it('tells of what it may see, and what it may not', async () => {
    fixture.standIn.put('services', made.service('cart'));
    fixture.standIn.forbid('pods', 'everywhere');
    const { directory, gaps } = await look();
    expect(directory).toHaveLength(1);
    expect(gaps).toEqual([{ source: 'kubernetes', reason: 'kubernetes may not list pods' }]);
    expect(await source.probe!(unlimited())).toBe('1 services, 0 deployments, 0 pods; kubernetes may not list pods');
  });

  it.each(faultTable)('turns %s into the right Failure and keeps its secrets', async (_, fault, code, retryAfterMs) => {
    fixture.standIn.fail(fault);
    for (const question of [look, () => source.probe!(unlimited())]) {
      const failure = (await question().then(never, (thrown: unknown) => thrown)) as Failure;
      expect(failure).toBeInstanceOf(Failure);
      expect([failure.code, failure.retryAfterMs, failure.system]).toEqual([code, retryAfterMs, fixture.system]);
      const said = [failure.message, failure.hint, failure.attempt, failure.stack, String(failure.cause)].join('\n');
      expect(said).not.toContain(fixture.standIn.token);
    }
  });

  it('ends with the deadline of whoever asks, and says that nobody is there', async () => {
    fixture.standIn.hang();
    const controller = new AbortController();
    const asked = look(controller.signal).then(never, (thrown: unknown) => thrown);
    setImmediate(() => controller.abort());
    expect(await asked).toMatchObject({ code: 'timeout', system: fixture.system });
    const settings = Object.entries(fixture.settings).find(([, value]) => value.startsWith('/'))!;
    fixture.stop();
    expect(settings).toBeDefined();
    expect(await look().then(never, (thrown: unknown) => thrown)).toBeInstanceOf(Failure);
  });
});
