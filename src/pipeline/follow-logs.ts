/**
 * Follows the sources of logs that can be followed, so that lines are there before any alert asks for them: patterns are
 * mined and normal is learned as with lines that are pushed. A lost connection is taken up again where it ended, after a
 * while that grows; meanwhile a service that says nothing has not fallen silent.
 */
import { setTimeout as wait } from 'node:timers/promises';
import type { Log } from '../adapter.ts';
import { Failure } from '../domain/failure.ts';
import type { LogEntry } from '../domain/log-entry.ts';
import type { Ingested } from '../ports.ts';
import type { LogSource } from '../ports/sources.ts';
import type { Intake } from './intake.ts';

const firstWaitMs = 1_000;
const longestWaitMs = 30_000;
/** Stores take lines a little out of order: what is taken up begins this long before the last line. */
const overlapMs = 10_000;
/** As long as the minutes are looked at in which something was missing. */
const interruptedMs = 180_000;
/** After a longer time without a connection only this much is caught up with; older lines are read with an incident. */
const maxCatchUpMs = 15 * 60_000;

/** May be started again after it was stopped: the turn comes and goes. */
export interface LogFollower {
  start(): void;
  stop(): Promise<void>;
  /** Lines of the last minutes may be missing. */
  isInterrupted(): boolean;
  /** For readiness: which connection is lost. */
  problem(): string | null;
}

export interface FollowOptions {
  readonly logSources: ReadonlyMap<string, LogSource>;
  readonly intake: Intake;
  readonly now: () => number;
  readonly log: Log;
  /** Told of what has come, like of anything pushed. */
  readonly arrived: (ingested: Ingested) => Promise<void>;
  readonly firstWaitMs?: number;
}

interface Following {
  readonly id: string;
  readonly follow: NonNullable<LogSource['follow']>;
  lostAt: number | null;
  problem: string | null;
}

export function createLogFollower(options: FollowOptions): LogFollower {
  const { now } = options;
  let stopping = new AbortController();
  const all = [...options.logSources].flatMap(([id, { follow }]): Following[] =>
    follow === undefined ? [] : [{ id, follow, lostAt: null, problem: null }],
  );
  let loops: Promise<void>[] = [];
  return {
    start() {
      stopping = new AbortController();
      loops = all.map((one) => keepFollowing(one, options, stopping.signal));
    },
    async stop() {
      stopping.abort();
      await Promise.all(loops);
    },
    isInterrupted: () => all.some(({ lostAt }) => lostAt !== null && now() - lostAt < interruptedMs),
    problem: () => all.find(({ problem }) => problem !== null)?.problem ?? null,
  };
}

async function keepFollowing(one: Following, options: FollowOptions, signal: AbortSignal): Promise<void> {
  const { intake, now, log, arrived } = options;
  const first = options.firstWaitMs ?? firstWaitMs;
  let fromMs = now();
  let waitMs = first;
  const take = async (lines: LogEntry[]): Promise<void> => {
    const ingested = await intake.lines(lines);
    one.problem = null;
    waitMs = first;
    for (const { timeMs } of lines) fromMs = Math.max(fromMs, Math.min(timeMs ?? 0, now()) - overlapMs);
    if (ingested !== null) await arrived(ingested);
  };
  while (!signal.aborted) {
    try {
      await one.follow(Math.max(fromMs, now() - maxCatchUpMs), take, signal);
    } catch (error) {
      if (signal.aborted) return;
      one.lostAt = now();
      // A bug ends no other connection, and is tried again as well: the stream may have held something odd.
      one.problem = error instanceof Failure ? error.message : `${one.id}: following failed`;
      log.warn('a followed source of logs is lost', { source: one.id, error: String(error), waitMs });
    }
    await wait(waitMs, undefined, { signal }).catch(() => {});
    waitMs = Math.min(longestWaitMs, waitMs * 2);
  }
}
