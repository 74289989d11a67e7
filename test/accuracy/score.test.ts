import { describe, expect, it } from 'vitest';
import type { Case } from './folder.ts';
import { type Answer, calibration, judge, wilson } from './score.ts';

function caseOf(services: readonly string[], changeService: string | null = null): Case {
  const read = () => {
    throw new Error('not read here');
  };
  return { set: 'x', half: 'open', affected: 12, truth: { services, fault: 'f', changeService }, read };
}

function answer(verdict: Answer['verdict'], ...named: readonly (readonly [string, number, string?])[]): Answer {
  return {
    verdict,
    elapsedMs: 1,
    hypotheses: named.map(([service, confidence, change]) => ({ service, kind: 'error', confidence, changeService: change ?? null })),
  };
}

describe('judge', () => {
  it.each([
    {
      name: 'right: first, alone, with a cause',
      one: caseOf(['a']),
      said: answer('cause', ['a', 0.9], ['b', 0.1]),
      right: true,
      sure: false,
    },
    {
      name: 'first without the verdict is only a guess',
      one: caseOf(['a']),
      said: answer('inconclusive', ['a', 0.4]),
      right: false,
      sure: false,
    },
    { name: 'a tie is a miss', one: caseOf(['a']), said: answer('cause', ['a', 0.6], ['b', 0.6]), right: false, sure: false },
    { name: 'wrong and sure', one: caseOf(['a']), said: answer('cause', ['b', 0.8], ['a', 0.2]), right: false, sure: true },
    { name: 'either of two at once is right', one: caseOf(['a', 'b']), said: answer('cause', ['b', 0.8]), right: true, sure: false },
    { name: 'a calm window wants nobody', one: caseOf([]), said: answer('healthy', ['a', 0.3]), right: true, sure: false },
    {
      name: 'a calm window with half an accusation is wrong',
      one: caseOf([]),
      said: answer('healthy', ['a', 0.5]),
      right: false,
      sure: false,
    },
    {
      name: 'a release is asked for by its change',
      one: caseOf(['a'], 'a'),
      said: answer('cause', ['a', 0.9, 'b']),
      right: false,
      sure: true,
    },
  ])('$name', ({ one, said, right, sure }) => {
    const scored = judge(one, 'n', said, { rule: 'a' });
    expect([scored.right, scored.confidentWrong]).toEqual([right, sure]);
  });

  it('scores the plain rules beside it', () => {
    expect(judge(caseOf(['a']), 'n', answer('cause'), { yes: 'a', no: 'b', none: null }).plain).toEqual({
      yes: true,
      no: false,
      none: false,
    });
  });
});

describe('two faults at once', () => {
  const pair = { ...caseOf(['a', 'b']), leastAffected: 3 };
  const both = (...order: readonly string[]) =>
    judge(pair, 'n', answer('cause', ...order.map((service, place) => [service, 0.9 - place / 10] as const)), {}).both;

  it('are both among the first two, the first three, or not', () => {
    expect(both('b', 'a')).toEqual({ inTwo: true, inThree: true });
    expect(both('a', 'c', 'b')).toEqual({ inTwo: false, inThree: true });
    expect(both('a', 'c', 'd', 'b')).toEqual({ inTwo: false, inThree: false });
  });

  it('are no pair where one of them touched no request', () => {
    expect(judge({ ...pair, leastAffected: 0 }, 'n', answer('cause', ['a', 0.9], ['b', 0.1]), {}).both).toBeNull();
    expect(judge(caseOf(['a']), 'n', answer('cause', ['a', 0.9]), {}).both).toBeNull();
  });
});

describe('wilson', () => {
  it('gives the published interval', () => {
    const [low, high] = wilson(8, 10);
    expect(low).toBeCloseTo(0.49, 2);
    expect(high).toBeCloseTo(0.943, 2);
  });

  it('is wide open without cases', () => expect(wilson(0, 0)).toEqual([0, 1]));
});

describe('calibration', () => {
  it('is the mean distance between said and held', () => {
    const scored = [
      answer('cause', ['a', 0.95]),
      answer('cause', ['a', 0.95]),
      answer('cause', ['b', 0.95]),
      answer('cause', ['b', 0.15]),
    ].map((said) => judge(caseOf(['a']), 'n', said, {}));
    expect(calibration(scored).error).toBeCloseTo((3 / 4) * (0.95 - 2 / 3) + (1 / 4) * 0.15, 5);
  });
});
