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
  readonly late: () => unknown;
  /** Null once it is over. */
  reject: ((error: unknown) => void) | null;
}

/** Waits that are over, below which their list is left as it is. */
const fewOver = 512;

/** `clock`: elapsed ms of unspecified origin. */
export function createDeadlines(ms: number, clock: () => number = () => performance.now()): Deadlines {
  // In the order in which they end. One that is over is left standing until half of them are: a Set that each is put into and
  // taken from again costs as much as the promise.
  let waits: Wait[] = [];
  let over = 0;
  let isSet = false;

  function ring(): void {
    isSet = false;
    const at = clock();
    for (const wait of waits) {
      if (wait.reject === null) continue;
      if (wait.endsAt > at) {
        set(wait.endsAt - at);
        break;
      }
      wait.reject(wait.late());
      finish(wait);
    }
    tidy();
  }

  function finish(wait: Wait): void {
    if (wait.reject !== null) over++;
    wait.reject = null;
  }

  function tidy(): void {
    if (over * 2 < waits.length) return;
    waits = waits.filter(({ reject }) => reject !== null);
    over = 0;
  }

  // Left alone when nothing waits any more: set and taken back for each it would cost what it is to save. It keeps no process alive.
  function set(inMs: number): void {
    isSet = true;
    setTimeout(ring, inMs).unref();
  }

  return {
    hold: (promise, late) =>
      new Promise((resolve, reject) => {
        const wait: Wait = { endsAt: clock() + ms, late, reject };
        waits.push(wait);
        if (!isSet) set(ms);
        if (over >= fewOver) tidy();
        promise.then(
          (value) => {
            finish(wait);
            resolve(value);
          },
          (error: unknown) => {
            finish(wait);
            reject(error);
          },
        );
      }),
  };
}

const bySpan = new Map<number, Deadlines>();

/** Those of this process that take so long; there are as many as the surface has limits. */
export function deadlinesOf(ms: number): Deadlines {
  const known = bySpan.get(ms);
  if (known !== undefined) return known;
  const made = createDeadlines(ms);
  bySpan.set(ms, made);
  return made;
}
