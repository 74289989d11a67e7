import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createDeadlines } from '../../../src/surfaces/http/deadlines.ts';

describe('deadlines that share a timer', () => {
  let at = 0;
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
  afterEach(() => void vi.useRealTimers());

  const pass = async (ms: number) => {
    at += ms;
    await vi.advanceTimersByTimeAsync(ms);
  };
  const never = () => new Promise<never>(() => {});
  /** What came of each so far, by its name. */
  function held(deadlines: ReturnType<typeof createDeadlines>) {
    const came: Record<string, unknown> = {};
    const hold = (name: string, promise: Promise<unknown>) =>
      void deadlines
        .hold(promise, () => `${name} is late`)
        .then(
          (value) => (came[name] = value),
          (error: unknown) => (came[name] = error),
        );
    return { came, hold };
  }

  it('end each wait at its own time', async () => {
    const { came, hold } = held(createDeadlines(100, () => at));
    hold('first', never());
    await pass(60);
    hold('second', never());
    await pass(39);
    expect(came).toEqual({});
    await pass(1);
    expect(came).toEqual({ first: 'first is late' });
    await pass(59);
    expect(came).toEqual({ first: 'first is late' });
    await pass(1);
    expect(came).toEqual({ first: 'first is late', second: 'second is late' });
  });

  it('hand on what came in time, and what went wrong', async () => {
    const { came, hold } = held(createDeadlines(100, () => at));
    hold('good', Promise.resolve('an answer'));
    hold('bad', Promise.reject('an error'));
    await pass(500);
    expect(came).toEqual({ good: 'an answer', bad: 'an error' });
  });

  it('take one timer for a hundred waits', async () => {
    const { hold } = held(createDeadlines(100, () => at));
    for (let i = 0; i < 100; i++) hold(`${i}`, i % 2 === 0 ? never() : Promise.resolve());
    await pass(1);
    expect(vi.getTimerCount()).toBe(1);
    await pass(99);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('begin anew after a rest', async () => {
    const { came, hold } = held(createDeadlines(100, () => at));
    hold('early', Promise.resolve('an answer'));
    await pass(90);
    hold('late', never());
    await pass(10);
    expect(came).toEqual({ early: 'an answer' });
    await pass(90);
    expect(came).toEqual({ early: 'an answer', late: 'late is late' });
  });
});
