/**
 * Time as the workspace sees it, handed in so that a test can let five minutes pass in no time. Everything that expires
 * (triggers, response URLs, streams, acknowledgements) reads this clock and no other.
 */

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Runs `act` after `delayMs`; the returned function cancels it. */
  after(delayMs: number, act: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  after(delayMs, act) {
    const timer = setTimeout(act, delayMs);
    timer.unref?.();
    return () => clearTimeout(timer);
  },
};

export interface ManualClock extends Clock {
  /** Moves time forward and runs what became due, in order. */
  advance(ms: number): void;
}

export function manualClock(startsAt: number): ManualClock {
  let now = startsAt;
  let waiting: { at: number; act: () => void }[] = [];
  const nextDue = (until: number) =>
    waiting
      .filter((entry) => entry.at <= until)
      .reduce<{ at: number; act: () => void } | null>((best, entry) => (best === null || entry.at < best.at ? entry : best), null);
  return {
    now: () => now,
    after(delayMs, act) {
      const entry = { at: now + delayMs, act };
      waiting.push(entry);
      return () => {
        waiting = waiting.filter((other) => other !== entry);
      };
    },
    advance(ms) {
      const until = now + ms;
      for (let due = nextDue(until); due !== null; due = nextDue(until)) {
        const reached = due;
        waiting = waiting.filter((other) => other !== reached);
        now = Math.max(now, reached.at);
        reached.act();
      }
      now = until;
    },
  };
}
