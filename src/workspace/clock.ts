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
  // Sorted by time, then by order of asking, so that thousands of pending deadlines stay cheap.
  const waiting: { readonly at: number; act: (() => void) | null }[] = [];
  return {
    now: () => now,
    after(delayMs, act) {
      const entry: { readonly at: number; act: (() => void) | null } = { at: now + delayMs, act };
      let low = 0;
      for (let high = waiting.length; low < high; ) {
        const middle = (low + high) >> 1;
        if ((waiting[middle]?.at ?? 0) <= entry.at) low = middle + 1;
        else high = middle;
      }
      waiting.splice(low, 0, entry);
      return () => {
        entry.act = null;
      };
    },
    advance(ms) {
      const until = now + ms;
      for (let due = waiting[0]; due !== undefined && due.at <= until; due = waiting[0]) {
        waiting.shift();
        now = Math.max(now, due.at);
        due.act?.();
      }
      now = until;
    },
  };
}
