import { describe, expect, it } from 'vitest';
import type { Condition } from '../../../src/domain/condition.ts';
import { rank, type Ranking } from '../../../src/domain/ranking/rank.ts';
import { about, alertAt, inputOf, series } from './made-metrics.ts';

const minute = 60_000;
/** Two services that are as ever: nothing but what is added decides. */
const calm = ['web', 'cart', 'stock'].map((service) =>
  series({ service, pod: `${service}-0`, name: 'k8s.pod.cpu_limit_utilization', unit: '1', value: (before) => about(0.2, before) }),
);
const crash: Condition = { service: 'stock', kind: 'crash loop', at: alertAt - 3 * minute, text: 'stock: CrashLoopBackOff, 4 restarts.' };

function ranked(conditions: readonly Condition[], focus: string | null = null, calls: readonly [string, string][] = []): Ranking {
  const input = inputOf(calm);
  const edges = calls.map(([caller, callee]) => ({
    caller,
    callee,
    calls: 9,
    errors: 0,
    p50Ms: 1,
    p95Ms: 2,
    sources: ['mesh' as const],
    lastSeenAt: alertAt,
  }));
  return rank({ ...input, map: { ...input.map, edges }, focus: { service: focus, correlationIds: [] }, conditions });
}
const worthOf = (ranking: Ranking, service = 'stock') =>
  ranking.hypotheses.find((one) => one.service === service)?.features['condition'] ?? 0;

describe('what an orchestrator says of replicas', () => {
  it('decides where nothing else does', () => {
    expect(ranked([]).verdict).not.toBe('cause');
    const { verdict, hypotheses, evidence } = ranked([crash]);
    expect(verdict).toBe('cause');
    expect(hypotheses[0]).toMatchObject({ service: 'stock', kind: 'unavailable', summary: crash.text });
    expect(evidence.find(({ id }) => id === hypotheses[0]!.evidence[0])).toMatchObject({
      kind: 'kubernetes',
      at: crash.at,
      text: crash.text,
    });
  });

  it('is weak where it was so before, and is nothing where it came after the alert', () => {
    expect(ranked([{ ...crash, at: alertAt - 600 * minute }]).verdict).not.toBe('cause');
    expect(worthOf(ranked([{ ...crash, at: alertAt - 90 * minute }]))).toBeLessThan(0.1);
    expect(worthOf(ranked([{ ...crash, at: alertAt + minute }]))).toBe(0);
  });

  it('weighs by how many replicas it holds for', () => {
    const [one, all] = [0.1, 1].map((share) => worthOf(ranked([{ ...crash, share }])));
    expect(one).toBeLessThan(all! / 2);
    expect(one).toBeGreaterThan(0);
  });

  it('says the same again only once', () => {
    const twice = worthOf(ranked([crash, { ...crash, kind: 'no endpoints', text: 'Service stock has no ready endpoint.' }]));
    expect(twice).toBeLessThan(1.5 * worthOf(ranked([crash])));
  });

  it('counts less for what the alerted service does not call', () => {
    const calls: [string, string][] = [['web', 'cart']];
    const near = worthOf(ranked([crash], 'web', [...calls, ['cart', 'stock']]));
    expect(worthOf(ranked([crash], 'web', calls))).toBeCloseTo(near / 2, 2);
  });

  it('is of the service that speaks under a longer name', () => {
    const spoken = ['shop/stock', 'shop/web'].map((service) =>
      series({ service, name: 'x.cpu.utilization', unit: '1', value: (before) => about(0.2, before) }),
    );
    const directory = [{ name: 'stock', addresses: ['10.0.0.7'], ports: [] }];
    const { hypotheses } = rank({ ...inputOf(spoken), directory, conditions: [crash] });
    expect(hypotheses.map(({ service }) => service)).toEqual(['shop/stock']);
  });

  it.each<[Condition['kind'], string]>([
    ['bad configuration', 'configuration'],
    ['not schedulable', 'saturation'],
    ['out of memory', 'saturation'],
    ['no endpoints', 'unavailable'],
  ])('%s is a fault of %s', (kind, fault) => {
    expect(ranked([{ ...crash, kind }]).hypotheses[0]?.kind).toBe(fault);
  });
});
