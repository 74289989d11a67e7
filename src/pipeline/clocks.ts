/** A clock for each kind of work: a report that takes long delays no card, a channel that hangs no report, and both no learning. */
import type { Log } from '../adapter.ts';
import type { Ledger, Sink } from '../ports.ts';
import type { Aging } from './aging.ts';
import type { Deliverer } from './deliver.ts';
import { createScheduler, type Scheduler } from './scheduler.ts';
import type { Worker } from './work.ts';

export interface ClocksOptions {
  readonly ledger: Pick<Ledger, 'nextDueAt'>;
  readonly sinks: ReadonlyMap<string, Sink>;
  readonly now: () => number;
  readonly log: Log;
  readonly worker: Worker;
  readonly deliverer: Deliverer;
  readonly aging: Aging;
}

export interface Clocks {
  readonly work: Pick<Scheduler, 'poke'>;
  /** Of one sink, or of all. */
  readonly cards: { poke(sink?: string): void };
  /** What went wrong in the last round of work, of delivery or of learning; null when nothing did. */
  trouble(): string | null;
  start(): void;
  /** Resolves when the rounds under way have ended. */
  stop(): Promise<void>;
}

/** A look at the outbox costs a read; every new card is told of besides. */
const idleNapMs = 20;
const busyNapMs = 250;

export function createClocks({ ledger, sinks, now, log, worker, deliverer, aging }: ClocksOptions): Clocks {
  const troubles = new Map<string, string>();
  const clock = (name: string, runDue: () => Promise<boolean>, nextDueAt: () => Promise<number | null>): Scheduler =>
    createScheduler({ runDue: watched(name, runDue, troubles), nextDueAt, now, log });
  const cards = new Map<string, Scheduler>();
  const poke = (sink?: string) => {
    if (sink !== undefined) cards.get(sink)?.poke();
    else for (const of of cards.values()) of.poke();
  };
  const runWork = async () => {
    const hasMore = await worker.runDue();
    if (hasMore) poke();
    return hasMore;
  };
  const runAging = async () => {
    if (aging.nextAt() <= now()) await aging.age();
    return false;
  };
  // What is due still is another's, or waits for a channel at work, which says when it is free.
  const deliveryDueAt = async (sink: string) => {
    const due = await ledger.nextDueAt();
    return due === null ? null : Math.max(due, now() + (deliverer.isBusy(sink) ? busyNapMs : idleNapMs));
  };
  const work = clock('work', runWork, () => ledger.nextDueAt());
  const learning = clock('learning', runAging, async () => aging.nextAt());
  for (const sink of sinks.keys())
    cards.set(
      sink,
      clock(
        `delivery to ${sink}`,
        () => deliverer.begin(sink),
        () => deliveryDueAt(sink),
      ),
    );
  const all = [work, ...cards.values(), learning];
  return {
    work,
    cards: { poke },
    trouble: () => [...troubles].map(([name, trouble]) => `${name}: ${trouble}`)[0] ?? null,
    start() {
      for (const one of all) one.start();
    },
    async stop() {
      await Promise.all(all.map((one) => one.stop()));
    },
  };
}

/** Remembers what broke a round until one goes well. */
function watched(name: string, run: () => Promise<boolean>, troubles: Map<string, string>): () => Promise<boolean> {
  return async () => {
    try {
      const hasMore = await run();
      troubles.delete(name);
      return hasMore;
    } catch (error) {
      troubles.set(name, String(error));
      throw error;
    }
  };
}
