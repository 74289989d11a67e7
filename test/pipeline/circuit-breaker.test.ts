import { describe, expect, it } from 'vitest';
import { Failure, type FailureDetails, type FailureCode } from '../../src/domain/failure.ts';
import { createBreaker } from '../../src/pipeline/circuit-breaker.ts';

function brokenSource() {
  let at = 1_000;
  let asked = 0;
  const breaker = createBreaker(() => at);
  const ask = (code: FailureCode | null, details: FailureDetails = {}) =>
    breaker
      .ask('forge', async () => {
        asked++;
        if (code !== null) throw new Failure(code, 'forge', 'list changes', details);
        return 'answer';
      })
      .catch((error: Failure) => error.message);
  return {
    ask,
    asked: () => asked,
    breaker,
    pass(ms: number) {
      at += ms;
    },
  };
}

describe('createBreaker', () => {
  it('asks no more after three failures in a row, says why, and lets one question through after a while', async () => {
    const { ask, asked, pass } = brokenSource();
    for (let i = 0; i < 3; i++) await ask('timeout');
    expect(await ask('timeout')).toContain('list changes (timeout)');
    expect(asked()).toBe(3);
    pass(30_001);
    await ask('timeout');
    await ask('timeout');
    expect(asked()).toBe(4);
    pass(30_001);
    expect(await ask(null)).toBe('answer');
    await ask('timeout');
    expect(await ask(null)).toBe('answer');
  });

  it('keeps the wait that a source asks for from its first word on', async () => {
    const { ask, asked, pass } = brokenSource();
    await ask('rate_limited', { retryAfterMs: 60_000 });
    expect(await ask(null)).toContain('asked again in 60 s');
    pass(59_000);
    await ask(null);
    expect(asked()).toBe(1);
    pass(1_001);
    expect(await ask(null)).toBe('answer');
  });

  it('spares one source and not its neighbour', async () => {
    const { ask, breaker } = brokenSource();
    for (let i = 0; i < 4; i++) await ask('unavailable');
    expect(await breaker.ask('other', async () => 'fine')).toBe('fine');
  });

  it('counts failures alone: a bug passes through each time', async () => {
    const { breaker } = brokenSource();
    for (let i = 0; i < 5; i++)
      await expect(breaker.ask('forge', () => Promise.reject(new RangeError('a bug')))).rejects.toThrow(RangeError);
  });
});

describe('what is named in readiness', () => {
  it('is a source that keeps failing, until it answers', async () => {
    let at = 0;
    const breaker = createBreaker(() => at);
    const fails = () => breaker.ask('loki', async () => Promise.reject(new Failure('timeout', 'loki', 'search'))).catch(() => {});
    await fails();
    await fails();
    expect([...breaker.spared()]).toEqual([]);
    await fails();
    expect([...breaker.spared().keys()]).toEqual(['loki']);
    at += 60_000;
    expect([...breaker.spared().keys()]).toEqual(['loki']);
    await breaker.ask('loki', async () => 'here again');
    expect([...breaker.spared()]).toEqual([]);
  });
});
