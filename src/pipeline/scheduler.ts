/**
 * Wakes worker and deliverer when something is due, and lets telemetry age. All timing is in one place; what is done is
 * elsewhere and can be called directly by tests.
 */
import type { Log } from '../adapter.ts';

export interface SchedulerOptions {
  /** Does everything due once; true when there may be more at once. */
  readonly runDue: () => Promise<boolean>;
  /** When something is due next; null when nothing is. */
  readonly nextDueAt: () => Promise<number | null>;
  readonly now: () => number;
  readonly log: Log;
}

export interface Scheduler {
  /** Something may be due now. */
  poke(): void;
  start(): void;
  /** Resolves when the run under way has ended. */
  stop(): Promise<void>;
}

/** Also looked at without being poked: another replica may have left work. */
const longestNapMs = 1_000;

export function createScheduler({ runDue, nextDueAt, now, log }: SchedulerOptions): Scheduler {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let running: Promise<void> | null = null;
  let isStopped = true;
  let isPokedMeanwhile = false;

  function wake(): void {
    clearTimeout(timer);
    if (isStopped) return;
    if (running !== null) {
      isPokedMeanwhile = true;
      return;
    }
    running = round().finally(() => {
      running = null;
      if (isPokedMeanwhile) {
        isPokedMeanwhile = false;
        wake();
      }
    });
  }

  async function round(): Promise<void> {
    let nap = longestNapMs;
    try {
      while (!isStopped && (await runDue()));
      const due = await nextDueAt();
      if (due !== null) nap = Math.min(longestNapMs, Math.max(5, due - now()));
    } catch (error) {
      log.error('a round of work broke', { error: String(error), stack: error instanceof Error ? error.stack : undefined });
    }
    if (!isStopped) timer = setTimeout(wake, nap);
  }

  return {
    poke: () => wake(),
    start() {
      isStopped = false;
      wake();
    },
    async stop() {
      isStopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}
