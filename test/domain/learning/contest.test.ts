import { describe, expect, it } from 'vitest';
import type { Vote } from '../../../src/domain/feedback.ts';
import { contest, contestInSteps, type Scenario } from '../../../src/domain/learning/contest.ts';
import { basisOf, examplesOf } from '../../../src/domain/learning/example.ts';
import { weightedVoices } from '../../../src/domain/learning/people.ts';
import { prepare } from '../../../src/domain/learning/replay.ts';
import { signalWeights } from '../../../src/domain/ranking/suspicion.ts';

const tuned = { signals: {}, leanings: {} };

/** The one that stands out by `gone` is loud; the one that is guilty shows little and by `cpu`. */
const suspects = (loud: string, guilty: string) => [
  { service: loud, features: { gone: 2.2, 'nothing-wrong': 1.5 } },
  { service: guilty, features: { cpu: 2.2, 'nothing-wrong': 1.5 } },
];

function word(n: number, over: Partial<Vote> = {}): Vote {
  return {
    id: `v${n}`,
    incidentId: `INC-${n}`,
    hypothesisId: `h${n}`,
    service: `loud${n % 7}`,
    verdict: 'reject',
    person: `p${n % 5}`,
    at: n * 1_000,
    actualService: `quiet${n % 6}`,
    note: null,
    suspects: suspects(`loud${n % 7}`, `quiet${n % 6}`),
    ...over,
  };
}

const words = (count: number) => Array.from({ length: count }, (_, n) => word(n));
const agreeing: Scenario[] = [{ prepared: prepare(suspects('a', 'b')), right: 1 }];
const opposed: Scenario[] = [{ prepared: prepare(suspects('a', 'b')), right: 0 }];

describe('contest', () => {
  it('waits for enough verdicts', () => {
    const { version, contest: told } = contest({ votes: words(4), before: null, scenarios: agreeing, now: 1e6 });
    expect([version, told.outcome]).toEqual([0, 'too few verdicts']);
  });

  it('goes live with what people bear out, and prefers the signal that they found right', () => {
    const { version, weights, contest: told } = contest({ votes: words(30), before: null, scenarios: agreeing, now: 1e6 });
    expect([version, told.outcome]).toEqual([1, 'went live']);
    expect(weights.signals['cpu']! / weights.signals['gone']!).toBeGreaterThan(1.5);
    expect(told.lossLearned).toBeLessThan(told.lossInForce);
  });

  it('leaves a start that is far off: what nobody spoke of then weighs like the rest', () => {
    const far = { signals: { gone: 3, cpu: 0.2, slow: 0.05 }, leanings: {} };
    const learnedFrom = (start: typeof far | typeof tuned) =>
      contest({ votes: words(40), before: null, scenarios: agreeing, now: 1e6, start });
    expect(learnedFrom(far).contest.outcome).toBe('went live');
    expect(learnedFrom(far).weights.signals['slow']).toBeGreaterThan(0.3);
  });

  it('stays a shadow where it loses on the built-in scenarios', () => {
    const { version, weights, contest: told } = contest({ votes: words(30), before: null, scenarios: opposed, now: 1e6 });
    expect([version, weights, told.outcome]).toEqual([0, tuned, 'loses on scenarios']);
  });

  it('must be better on the built-in scenarios too: as many right is not enough, nor is a smaller loss with fewer right', () => {
    const told = (scenarios: Scenario[]) => contest({ votes: words(30), before: null, scenarios, now: 1e6 }).contest;
    // Nothing is known here that would tell two sets apart.
    const same = told([{ prepared: prepare([{ service: 'a', features: {} }]), right: 0 }]);
    expect([same.outcome, same.rightLearned]).toEqual(['loses on scenarios', same.rightInForce]);
    // Before, those that are loud are right, and afterwards the others are: the loss falls, one scenario is lost.
    const surer = (service: string, features: Record<string, number>) => ({ service, features: { ...features, 'nothing-wrong': 1.5 } });
    const won = { prepared: prepare([surer('a', { gone: 0.8 }), surer('b', { cpu: 1.8 })]), right: 1 };
    const mixed = told([...Array.from({ length: 9 }, () => won), ...opposed]);
    expect(mixed.scenarioLoss!.learned).toBeLessThan(mixed.scenarioLoss!.inForce);
    expect([mixed.outcome, mixed.rightInForce, mixed.rightLearned]).toEqual(['loses on scenarios', 10, 9]);
    expect(told(agreeing).outcome).toBe('went live');
  });

  it('goes in steps of one fit, so that others have their turn', () => {
    let steps = 0;
    for (const _ of contestInSteps({ votes: words(30), before: null, scenarios: agreeing, now: 1e6 })) steps++;
    expect(steps).toBeGreaterThan(15);
  });

  it('stays a shadow where people disagree as much as the evidence does', () => {
    const even = [
      { service: 'a', features: { gone: 1.4, 'nothing-wrong': -9 } },
      { service: 'b', features: { cpu: 2.2, 'nothing-wrong': -9 } },
    ];
    const votes = words(30).map((vote, n) => ({ ...vote, suspects: even, service: n % 2 ? 'a' : 'b', actualService: n % 2 ? 'b' : 'a' }));
    const { version, contest: told } = contest({ votes, before: null, scenarios: [], now: 1e6 });
    expect([version, told.outcome]).toEqual([0, 'loses on past incidents']);
  });

  it('stays a shadow where what it gains may be chance', () => {
    const live = contest({ votes: words(30), before: null, scenarios: agreeing, now: 1e6 });
    const other = [
      { service: 'a', features: { pressure: 3.4, 'nothing-wrong': 0 } },
      { service: 'b', features: { store: 3.4, 'nothing-wrong': 0 } },
    ];
    // Of ten that weigh alike, six were the first: it may be so, and it may be chance.
    const later = Array.from({ length: 10 }, (_, n) => {
      const [right, wrong] = n % 5 < 3 ? ['a', 'b'] : ['b', 'a'];
      return word(100 + n, { at: 2e6 + n, suspects: other, service: wrong, actualService: right });
    });
    const { version, contest: told } = contest({ votes: [...words(30), ...later], before: live, scenarios: agreeing, now: 3e6 });
    expect([version, told.outcome]).toEqual([1, 'loses on past incidents']);
    expect(told.gain?.mean).toBeLessThan(2 * (told.gain?.error ?? 0));
  });

  it('makes no report much surer because everybody agrees', () => {
    const agreed = words(100).map((vote) => ({ ...vote, verdict: 'confirm' as const, actualService: null }));
    const { version, weights } = contest({ votes: agreed, before: null, scenarios: opposed, now: 1e6 });
    expect(version).toBe(1);
    const logs = Object.keys(signalWeights).map((name) => Math.log(weights.signals[name]!));
    expect(Math.exp(logs.reduce((sum, log) => sum + log, 0) / logs.length)).toBeLessThan(1.8);
  });

  it('keeps what is in force while nothing new is said, and drops it when a word behind it is taken back', () => {
    const votes = words(30);
    const live = contest({ votes, before: null, scenarios: agreeing, now: 1e6 });
    const later = contest({ votes, before: live, scenarios: agreeing, now: 3e6 });
    expect([later.version, later.weights]).toEqual([1, live.weights]);
    const undone = votes.map((vote) => ({ ...vote, id: `${vote.id}w`, verdict: 'withdraw' as const, at: 2e6 + vote.at }));
    expect(contest({ votes: [...votes, ...undone], before: live, scenarios: agreeing, now: 3e6 })).toMatchObject({
      version: 0,
      weights: tuned,
    });
  });

  it('is what it would be without a word that was taken back', () => {
    const wrong = word(31, { verdict: 'confirm', actualService: null });
    const votes = [...words(30), wrong, { ...wrong, id: 'undo', verdict: 'withdraw' as const, at: 90_000 }];
    const { contest: _, basis: __, ...is } = contest({ votes, before: null, scenarios: agreeing, now: 1e6 });
    expect(contest({ votes: words(30), before: null, scenarios: agreeing, now: 1e6 })).toMatchObject(is);
  });
});

describe('examplesOf', () => {
  it('takes the latest word of a person, and none that has no numbers with it', () => {
    const again = word(1, { id: 'later', at: 9_000, verdict: 'confirm', actualService: null });
    const { suspects: _, ...bare } = word(2);
    const [example, ...others] = examplesOf([word(1), again, bare]);
    expect(others).toEqual([]);
    expect(example?.voices).toEqual([{ person: 'p1', at: 9_000, right: new Set([0]), maybeNone: false }]);
  });

  it('knows only who it is not where nobody else was named', () => {
    const [example] = examplesOf([word(1, { actualService: 'unlisted' })]);
    expect(example?.voices[0]).toMatchObject({ right: new Set([1]), maybeNone: true });
  });
});

describe('weightedVoices', () => {
  const total = (votes: readonly Vote[], person: string, now = 1e6) =>
    weightedVoices(examplesOf(votes), tuned, now)
      .filter((voice) => voice.person === person)
      .reduce((sum, { weight }) => sum + weight, 0);

  it('lets nobody outweigh the others by saying more', () => {
    const busy = Array.from({ length: 200 }, (_, n) => word(1_000 + n, { person: 'busy' }));
    expect(total(busy, 'busy')).toBeCloseTo(3);
    expect(total([...words(40), ...busy], 'busy')).toBeLessThanOrEqual(10.01);
  });

  it('lets old words fade', () => {
    const year = 365 * 86_400_000;
    expect(total(words(20), 'p1', year)).toBeLessThan(total(words(20), 'p1') / 4);
  });

  it('hardly hears one who contradicts everybody else', () => {
    const liar = words(60).map((vote) => (vote.person === 'p0' ? { ...vote, verdict: 'confirm' as const, actualService: null } : vote));
    expect(total(liar, 'p0')).toBeLessThan(total(liar, 'p1') / 2);
  });
});

it('the basis stays while words are only added, and changes with any of its own', () => {
  const before = basisOf(words(5), 10_000);
  expect(basisOf([...words(5), word(9, { at: 20_000 })], 10_000)).toBe(before);
  expect(basisOf([...words(5), word(1, { id: 'again', at: 20_000 })], 10_000)).not.toBe(before);
});
