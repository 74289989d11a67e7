import { describe, expect, it } from 'vitest';
import { createBudget } from '../../../../src/adapters/sinks/slack/budget.ts';

function bucket() {
  let at = 0;
  const budget = createBudget(() => at);
  const takes = (method: string, times: number) => {
    let taken = 0;
    for (let i = 0; i < times; i++) {
      try {
        budget.take(method);
        taken++;
      } catch {}
    }
    return taken;
  };
  return {
    budget,
    takes,
    pass(ms: number) {
      at += ms;
    },
  };
}

describe('the budget of calls', () => {
  it('lets no more through in any minute than Slack does', () => {
    const { takes, pass } = bucket();
    let taken = 0;
    for (let second = 0; second <= 60; second++) {
      taken += takes('chat.update', 10);
      pass(1_000);
    }
    expect(taken).toBeLessThanOrEqual(50);
    expect(taken).toBeGreaterThanOrEqual(44);
    pass(3_600_000);
    expect(takes('chat.update', 200)).toBe(8);
  });

  it('says how long to wait', () => {
    const { budget, takes } = bucket();
    takes('conversations.list', 3);
    expect(() => budget.take('conversations.list')).toThrow(expect.objectContaining({ code: 'rate_limited', retryAfterMs: 3_000 }));
  });

  it('gives those it turns away one moment after another, at which they get through', () => {
    const { budget, takes, pass } = bucket();
    takes('conversations.list', 3);
    const waits = [1, 2, 3].map(() => {
      try {
        budget.take('conversations.list');
        return 0;
      } catch (error) {
        return (error as { retryAfterMs: number }).retryAfterMs;
      }
    });
    expect(waits).toEqual([3_000, 6_750, 10_500]);
    pass(3_000);
    expect(takes('conversations.list', 1)).toBe(1);
    pass(3_750);
    expect(takes('conversations.list', 1)).toBe(1);
  });

  it('counts each method by itself, and posting not at all: that has its pace by channel', () => {
    const { takes } = bucket();
    takes('chat.update', 8);
    expect(takes('conversations.history', 1)).toBe(1);
    expect(takes('chat.postMessage', 500)).toBe(500);
  });

  it('rests as long as Slack asks, a method that is counted or not', () => {
    const { budget, takes, pass } = bucket();
    budget.rest('auth.test', 5_000);
    expect(takes('auth.test', 1)).toBe(0);
    pass(5_000);
    expect(takes('auth.test', 1)).toBe(1);
    budget.rest('chat.postMessage', 5_000);
    expect(takes('chat.postMessage', 1)).toBe(1);
  });
});
