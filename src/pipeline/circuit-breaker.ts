/**
 * Spares a source that keeps failing, and ourselves the wait for it: after a few failures in a row it is not asked for a
 * while, then one question is let through; if that fails too, the while begins anew.
 */
import type { Log } from '../adapter.ts';
import { Failure } from '../domain/failure.ts';

export interface Breaker {
  /** Asks, or throws a Failure at once while the source is being spared. */
  ask<T>(id: string, question: () => Promise<T>): Promise<T>;
  /** Who failed when last asked as often as counts, and why: named in readiness until an answer comes. */
  spared(): ReadonlyMap<string, string>;
  /** What is thrown for an answer that its adapter did not foresee: the report does without it, the log keeps it to be mended. */
  broke(id: string, attempt: string, error: unknown): Failure;
}

const failuresInARow = 3;
const sparedMs = 30_000;

export function createBreaker(now: () => number, log?: Log): Breaker {
  const sources = new Map<string, { failures: number; sparedFrom: number; sparedUntil: number; reason: string }>();
  return {
    spared: () =>
      new Map([...sources].flatMap(([id, { failures, reason }]) => (failures >= failuresInARow ? [[id, reason] as const] : []))),
    broke(id, attempt, error) {
      log?.error('a source answered what nobody foresaw', {
        source: id,
        attempt,
        error: String(error),
        stack: error instanceof Error ? error.stack : undefined,
      });
      return new Failure('bad_response', id, attempt, { hint: 'its answer cannot be read; the log says why', cause: error });
    },
    async ask(id, question) {
      const state = sources.get(id) ?? { failures: 0, sparedFrom: 0, sparedUntil: 0, reason: '' };
      sources.set(id, state);
      // A clock that was put back must not spare it for longer.
      const waitMs = now() < state.sparedFrom ? 0 : state.sparedUntil - now();
      if (waitMs > 0)
        throw new Failure('unavailable', id, 'not asked', {
          hint: `${state.reason}; asked again in ${Math.ceil(waitMs / 1_000)} s`,
          retryAfterMs: waitMs,
        });
      try {
        const answer = await question();
        sources.delete(id);
        return answer;
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        state.failures++;
        state.reason = error.message;
        // A wait the source asked for is kept from its first word on.
        const asked = error.code === 'rate_limited' ? (error.retryAfterMs ?? 0) : 0;
        state.sparedFrom = now();
        if (asked > 0 || state.failures >= failuresInARow)
          state.sparedUntil = now() + Math.max(asked, state.failures >= failuresInARow ? sparedMs : 0);
        throw error;
      }
    },
  };
}
