/** Pace and turns of a process that is the only one. */
import type { Pace, Turns } from '../ports/replicas.ts';

export function ownPace(): Pace {
  const freeAt = new Map<string, number>();
  return {
    async take(place, now, holdMs) {
      const until = freeAt.get(place) ?? 0;
      if (until > now) return until;
      freeAt.set(place, now + holdMs);
      return 0;
    },
    async rest(place, _now, untilAt) {
      freeAt.set(place, untilAt);
    },
  };
}

export function alwaysOurs(): Turns {
  const ended = new AbortController();
  const acts: ((signal: AbortSignal) => Promise<void>)[] = [];
  let running: Promise<void>[] = [];
  return {
    isOurs: () => true,
    token: () => 1,
    during: (act) => void acts.push(act),
    start() {
      running = acts.map((act) => act(ended.signal));
    },
    async stop() {
      ended.abort();
      await Promise.all(running);
    },
  };
}
