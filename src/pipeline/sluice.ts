/**
 * Pushed telemetry comes in a little at a time, and stays out while alerts wait: telemetry that is sent again later is as good
 * as before, an alert is not.
 *
 *   one round of the event loop   alerts, cards, people …  │ bodies for 10 ms │  the next body waits for the next round
 *   alerts answered too late      bodies are refused at once, with a time to come back
 */
import { Failure } from '../domain/failure.ts';

export interface Sluice {
  /** Whether telemetry is to stay out: who knows before it has read a body need not read it. */
  isShut(): boolean;
  /** Takes a body in when its turn has come. Failure `unavailable` where it is to be sent again later. */
  through<T>(take: () => Promise<T>): Promise<T>;
  /** Takes an alert; telemetry stays out while that takes too long. */
  alert<T>(take: () => Promise<T>): Promise<T>;
}

export interface SluiceOptions {
  /** Elapsed ms of unspecified origin. */
  readonly clock?: () => number;
}

/** Of one round of the event loop: bodies of a few kilobytes take a tenth of a millisecond, one of a megabyte some ten. */
const roundMs = 10;
/** Senders of alerts give up after a second at the earliest (PROTOCOLS 0). */
const alertsWithinMs = 400;
/** A body that waits longer is answered too late to be worth its memory. */
const bodiesWithinMs = 2_000;
const retryAfterMs = 2_000;

export function createSluice({ clock = () => performance.now() }: SluiceOptions = {}): Sluice {
  /** Since when each waits; in the order in which they came. */
  const alerts = new Set<{ readonly since: number }>();
  const waiting: { readonly since: number; readonly go: () => void }[] = [];
  let spentMs = 0;
  let isRoundUnderWay = false;

  const isOlder = (since: number | undefined, ms: number) => since !== undefined && clock() - since > ms;
  const isShut = () => isOlder(alerts.values().next().value?.since, alertsWithinMs) || isOlder(waiting[0]?.since, bodiesWithinMs);

  function nextRound(): void {
    if (isRoundUnderWay) return;
    isRoundUnderWay = true;
    setImmediate(() => {
      isRoundUnderWay = false;
      spentMs = 0;
      // What they take is added up as they go; each begins at once, so that the loop here sees it.
      while (spentMs < roundMs) {
        const first = waiting.shift();
        if (first === undefined) return;
        first.go();
      }
      if (waiting.length > 0) nextRound();
    });
  }

  /** Decoding and storing keep the event loop until they are done: what is awaited after that costs it nothing. */
  function timed<T>(take: () => Promise<T>): Promise<T> {
    const begun = clock();
    nextRound();
    try {
      return take();
    } finally {
      spentMs += clock() - begun;
    }
  }

  return {
    isShut,
    async through(take) {
      if (isShut()) throw new Failure('unavailable', 'telemetry', 'take more in', { hint: 'alerts go first', retryAfterMs });
      if (waiting.length === 0 && spentMs < roundMs) return timed(take);
      return new Promise((resolve, reject) => {
        waiting.push({ since: clock(), go: () => void timed(async () => take()).then(resolve, reject) });
        nextRound();
      });
    },
    async alert(take) {
      const one = { since: clock() };
      alerts.add(one);
      try {
        return await take();
      } finally {
        alerts.delete(one);
      }
    },
  };
}
