/** Pace and turns of a process that is the only one. */
import type { Pace, Turns } from '../ports/replicas.ts';

export function ownPace(): Pace {
  const rests = new Map<string, { readonly fromAt: number; readonly untilAt: number }>();
  return {
    async take(place, now, holdMs) {
      const rest = rests.get(place);
      // A clock that was put back: what was to rest for a second must not rest for an hour.
      if (rest !== undefined && rest.untilAt > now && rest.fromAt <= now) return rest.untilAt;
      rests.set(place, { fromAt: now, untilAt: now + holdMs });
      return 0;
    },
    async rest(place, now, untilAt) {
      rests.set(place, { fromAt: now, untilAt });
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
