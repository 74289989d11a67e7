/**
 * Lets long arithmetic through one at a time, and the event loop in between: eight rankings in a row held up every alert and
 * every card for two seconds under load (measured with `npm run chaos -- --soak`).
 */

export interface Turnstile {
  /** Resolves when it is the caller's turn, after all who came before have gone through and whatever waited was seen to. */
  pass(): Promise<void>;
}

export function createTurnstile(): Turnstile {
  let last = Promise.resolve();
  return {
    pass() {
      last = last.then(() => new Promise<void>((resolve) => setImmediate(resolve)));
      return last;
    },
  };
}
