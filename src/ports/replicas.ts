/** What replicas of one installation share besides the ledger. With one process each port is a few lines; see `src/pipeline/alone.ts`. */
import type { Work } from '../ports.ts';

/**
 * When a place (a channel of a sink) may be written to again, for all replicas together. `take` answers 0 and holds the place
 * for `holdMs`, or the time until which another has it; `rest` says when whoever held it lets it go.
 */
export interface Pace {
  take(place: string, now: number, holdMs: number): Promise<number>;
  rest(place: string, now: number, untilAt: number): Promise<void>;
}

/**
 * What only one replica may do at a time: following logs, watching the stream, tidying up. `during` registers an act that runs
 * each time the turn comes here; its signal ends when the turn is lost, before another replica can have it. Whatever such an
 * act stores for all carries `token`, which grows with every turn, so that a holder that slept overwrites nothing.
 */
export interface Turns {
  isOurs(): boolean;
  token(): number;
  during(act: (signal: AbortSignal) => Promise<void>): void;
  start(): void;
  stop(): Promise<void>;
}

/**
 * Has some replica look at the ledger when work is due. Only a wake-up: a lost one costs the time until the ledger is looked
 * at anyway, one too many finds nothing to do.
 */
export interface Wakeups {
  announce(work: readonly Work[]): void;
  /** `run` does one entry that is due. */
  start(run: () => Promise<void>): void;
  stop(): Promise<void>;
}
