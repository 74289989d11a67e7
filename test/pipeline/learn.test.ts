import { describe, expect, it } from 'vitest';
import type { Vote } from '../../src/domain/feedback.ts';
import { weightsFor } from '../../src/pipeline/learn.ts';

const vote = (over: Partial<Vote>): Vote => ({
  id: 'v',
  incidentId: 'INC-1',
  hypothesisId: 'h1',
  service: 'cart',
  verdict: 'reject',
  person: 'ana',
  at: 1,
  actualService: null,
  note: null,
  ...over,
});

describe('weightsFor', () => {
  it('lowers a rejected service and raises a confirmed one', () => {
    const { services } = weightsFor('INC-1', [vote({}), vote({ hypothesisId: 'h2', service: 'payment', verdict: 'confirm' })]);
    expect(services['cart']).toBeLessThan(0);
    expect(services['payment']).toBeGreaterThan(0);
  });

  it('lets one person count once, latest first', () => {
    const thrice = [vote({ at: 1 }), vote({ at: 2 }), vote({ at: 3 })];
    expect(weightsFor('INC-1', thrice)).toEqual(weightsFor('INC-1', [vote({})]));
    expect(weightsFor('INC-1', [...thrice, vote({ at: 4, verdict: 'confirm' })]).services['cart']).toBeGreaterThan(0);
  });

  it('is what it would be without a vote that was withdrawn', () => {
    const others = [vote({ person: 'ben' })];
    expect(weightsFor('INC-1', [...others, vote({ at: 5 }), vote({ at: 6, verdict: 'withdraw' })])).toEqual(weightsFor('INC-1', others));
  });

  it('raises the service people named instead, while their rejection stands', () => {
    const named = vote({ actualService: 'redis' });
    expect(weightsFor('INC-1', [named]).services['redis']).toBeGreaterThan(0);
    expect(weightsFor('INC-1', [named, vote({ at: 9, verdict: 'withdraw' })]).services).toEqual({});
  });

  it('hears only the voters of this incident', () => {
    expect(weightsFor('INC-2', [vote({})]).services).toEqual({});
  });

  it('gives each further voice less', () => {
    const of = (people: number) =>
      weightsFor(
        'INC-1',
        Array.from({ length: people }, (_, i) => vote({ person: `p${i}` })),
      ).services['cart'] ?? 0;
    expect(of(2)).toBeLessThan(of(1));
    expect(of(1) - of(2)).toBeLessThan(-of(1));
    expect(of(1_000)).toBeGreaterThanOrEqual(-4);
  });
});
