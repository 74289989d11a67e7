/**
 * The ledger in Redis, for any number of replicas. A change is one script and one round trip; reads are scripts as well where
 * a plain command would not do. What is durable when it answers is what Redis's own settings make of it: see
 * `redis/durability.ts`, which is asked before anything is acknowledged.
 */
import { maxMuteMs } from '../../domain/act.ts';
import type { Ledger, Outgoing, Work } from '../../ports.ts';
import { priorities } from '../../ports/delivery.ts';
import { type RedisClient, redisFailure, runScript } from '../redis-connection.ts';
import { createCommitter, type RunScript } from './redis/committer.ts';
import { createDecision } from './redis/deciding.ts';
import type { DurabilityCheck } from './redis/durability.ts';
import { forgetIncidentScript, forgetScript } from './redis/forget-script.ts';
import {
  claimOutboxScript,
  claimWorkScript,
  followClockScript,
  nextDueScript,
  postponeOutboxScript,
  postponeWorkScript,
  prolongWorkScript,
} from './redis/lease-scripts.ts';
import { createIncidentReader } from './redis/incident-reader.ts';
import { createPictures } from './redis/picture.ts';
import { createRedisRecords } from './redis/records.ts';

export interface RedisLedgerOptions {
  readonly client: RedisClient;
  readonly now: () => number;
  /** How long deliveries and platform messages are remembered. Senders repeat for hours, not for weeks. */
  readonly rememberMs?: number;
  /** Resolves once what was written before is as safe as was promised, else throws a Failure; absent: Redis's word is enough. */
  readonly secure?: DurabilityCheck['secure'];
  /** Throws a Failure while what a 202 promises does not hold. */
  readonly assure?: () => void;
  /** Told what a change has put in line, for whoever wakes others. */
  readonly onWork?: (work: readonly Work[]) => void;
}

const rememberMs = 30 * 24 * 3_600_000;
/** Clocks are nudged all the time; only what somebody would notice is a jump. */
const clockSlackMs = 2_000;
/** A script holds all of Redis; a report has some hundred kilobytes at most. */
const forgottenAtOnce = 50;

export function createRedisLedger(options: RedisLedgerOptions): Ledger {
  const { client, now } = options;
  const remember = options.rememberMs ?? rememberMs;
  const records = createRedisRecords(client);
  const incidents = createIncidentReader(client);
  const pictures = createPictures(client, incidents, now);
  const nextStamp = stamps();
  const run: RunScript = (attempt, script, args) =>
    runScript(client, script, args).catch((error: unknown) => {
      throw redisFailure(error, 'ledger', attempt);
    });
  const commit = createCommitter({ ...options, rememberMs: remember, run, nextStamp, records, incidents, pictures });
  const followClock = clockFollower(now, run);
  const ledger: Ledger = {
    ...records.readers,
    incident: incidents.incident,
    incidents: incidents.incidents,
    deciding: () => createDecision({ ledger, pictures, commit, assure: () => options.assure?.() }),
    async seen(keys) {
      // Asked for to acknowledge what came before: no more can be said of it than of what is new.
      options.assure?.();
      const found = await records.readers.seen(keys);
      if (found.size > 0) await options.secure?.('met');
      return found;
    },
    commit: async (change) => ((await commit(change)).isStored ? 'committed' : 'conflict'),
    async claimWork(at, leaseMs, limit) {
      await followClock();
      const rows = (await run('claim work', claimWorkScript, [at, at + leaseMs, limit])) as string[][];
      return rows.map(workIn);
    },
    async claimOutbox(sink, at, leaseMs, limit, only) {
      await followClock();
      const limits = only === undefined ? [0, 3] : [...priorities[only.line], ...only.busy];
      const rows = (await run('claim messages', claimOutboxScript, [sink, at, at + leaseMs, limit, ...limits])) as string[][];
      return rows.map((row) => outgoingIn(sink, row));
    },
    async postpone(entry, dueAt, claim = 'tried') {
      const uncounted = claim === 'untried' ? 1 : 0;
      if ('sink' in entry) await run('postpone a message', postponeOutboxScript, [entry.id, entry.attempts, dueAt, uncounted]);
      else await run('postpone work', postponeWorkScript, [entry.id, entry.dueAt, entry.attempts, dueAt, uncounted]);
    },
    async prolong(work, untilAt) {
      await run('keep work', prolongWorkScript, [work.id, work.dueAt, work.attempts, untilAt]);
    },
    async nextDueAt() {
      const times = ((await run('look for work', nextDueScript, [])) as string[]).filter((time) => time !== '').map(Number);
      return times.length === 0 ? null : Math.min(...times);
    },
    async forgetBefore(at) {
      return (await run('forget what is over', forgetScript, [at, at - maxMuteMs, forgottenAtOnce, nextStamp()])) === 1;
    },
    async forgetIncident(id, marks) {
      await run('forget an incident', forgetIncidentScript, [id, nextStamp(), ...marks]);
    },
    // The connection is its maker's, who closes it last.
    async close() {},
  };
  return ledger;
}

/** What waits for a time that has moved away waits no longer than before. */
function clockFollower(now: () => number, run: RunScript): () => Promise<void> {
  let lastNow = now();
  return async () => {
    const [before, at] = [lastNow, now()];
    if (before - at > clockSlackMs) await run('follow the clock', followClockScript, [before, at, clockSlackMs]);
    lastNow = at;
  };
}

/** Names of commits, for this process and no other. */
function stamps(): () => string {
  const origin = crypto.randomUUID().slice(0, 13);
  let count = 0;
  return () => `${origin}.${(++count).toString(36)}`;
}

function workIn([id = '', kind, subject = '', dueAt, attempts]: readonly string[]): Work {
  return { id, kind: kind as Work['kind'], subject, dueAt: Number(dueAt), attempts: Number(attempts) };
}

function outgoingIn(sink: string, row: readonly string[]): Outgoing {
  const [id = '', channel = '', incident = '', content = '', priority, dueAt, attempts, revision] = row;
  return {
    id,
    sink,
    channel,
    incidentId: incident === '' ? null : incident,
    content: JSON.parse(content) as Outgoing['content'],
    priority: Number(priority) as Outgoing['priority'],
    dueAt: Number(dueAt),
    attempts: Number(attempts),
    revision: Number(revision),
  };
}
