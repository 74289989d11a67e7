/**
 * Deadlines of waits that may all take equally long. A server has hundreds of them a second and hardly any comes to its end, so
 * they share one timer: they end in the order in which they began, and it is set for the first of them.
 */

export interface Deadlines {
  /** The promise, or what `late` makes once it has taken too long. */
  hold<T>(promise: Promise<T>, late: () => unknown): Promise<T>;
}

interface Wait {
  readonly endsAt: number;
  readonly end: () => void;
}

/** `clock`: elapsed ms of unspecified origin. */
export function createDeadlines(ms: number, clock: () => number = () => performance.now()): Deadlines {
  const waits = new Set<Wait>();
  let isSet = false;

  function ring(): void {
    isSet = false;
    const at = clock();
    for (const wait of waits) {
      if (wait.endsAt > at) {
        set(wait.endsAt - at);
        return;
      }
      waits.delete(wait);
      wait.end();
    }
  }

  // Left alone when nothing waits any more: set and taken back for each it would cost what it is to save. It keeps no process alive.
  function set(inMs: number): void {
    isSet = true;
    setTimeout(ring, inMs).unref();
  }

  return {
    hold: (promise, late) =>
      new Promise((resolve, reject) => {
        const wait: Wait = { endsAt: clock() + ms, end: () => reject(late()) };
        waits.add(wait);
        if (!isSet) set(ms);
        promise.then(
          (value) => {
            waits.delete(wait);
            resolve(value);
          },
          (error: unknown) => {
            waits.delete(wait);
            reject(error);
          },
        );
      }),
  };
}

const bySpan = new Map<number, Deadlines>();

/** Those of this process that take so long; there are as many as the surface has limits. */
export function deadlinesOf(ms: number): Deadlines {
  const known = bySpan.get(ms) ?? createDeadlines(ms);
  bySpan.set(ms, known);
  return known;
}
