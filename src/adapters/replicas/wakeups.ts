/**
 * Wake-ups by BullMQ: one job for each entry of work and time, with the id alone in it. Jobs say when to look, the ledger says
 * what is to be done: an entry is committed with the receipt it belongs to, a job is added after that and may be lost with the
 * process. Whichever replica is free takes the job and claims one entry that is due. A replica that dies with a job leaves it to
 * the others (`stalledInterval`), and the ledger's own lease does the same for the entry.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { Queue, Worker } from 'bullmq';
import type { Log } from '../../adapter.ts';
import type { Work } from '../../ports.ts';
import type { Wakeups } from '../../ports/replicas.ts';
import type { RedisClient } from '../redis-connection.ts';

export interface BullWakeupsOptions {
  readonly client: RedisClient;
  /** A connection that waits for as long as it takes. */
  readonly patient: () => RedisClient;
  readonly now: () => number;
  readonly log: Log;
}

const queueName = 'work';
/** BullMQ puts this before its keys; the braces keep them in one slot of a cluster. */
const prefix = '{tracepulse-wakeups}';
/** As many reports as one process makes side by side. */
const concurrency = 8;
/** A replica that died is noticed within the sum of these two. */
const lockMs = 8_000;
const stalledEveryMs = 4_000;
/** A report that was begun is finished within this; SIGTERM leaves 25 s in all. */
const stopWithinMs = 10_000;
/** A burst asks for no more than this at once; the rest is found in the ledger. */
const mostWaiting = 1_000;

export function bullWakeups({ client, patient, now, log }: BullWakeupsOptions): Wakeups {
  // The types of BullMQ and ioredis differ in optional fields only.
  const queue = new Queue(queueName, { connection: client as never, prefix, skipMetasUpdate: true });
  queue.on('error', () => {});
  let worker: Worker | null = null;
  let connection: RedisClient | null = null;
  let waiting = 0;

  async function add(work: readonly Work[]): Promise<void> {
    waiting += work.length;
    try {
      await queue.addBulk(
        work.map(({ id, kind, dueAt }) => ({
          name: kind,
          data: { id },
          // Asked for again at the same time it is one job; a colon would have a meaning.
          opts: {
            jobId: `${id}@${dueAt}`.replaceAll(':', '.'),
            delay: Math.max(0, dueAt - now()),
            removeOnComplete: true,
            removeOnFail: true,
          },
        })),
      );
    } catch (error) {
      log.warn('nobody was woken; the work is found by looking', { error: String(error) });
    } finally {
      waiting -= work.length;
    }
  }

  return {
    announce(work) {
      if (waiting + work.length <= mostWaiting) void add(work);
    },
    start(run) {
      connection = patient();
      worker = new Worker(queueName, async () => run(), {
        connection: connection as never,
        prefix,
        concurrency,
        lockDuration: lockMs,
        stalledInterval: stalledEveryMs,
        // However often it stalls: the ledger decides when an entry has failed too often.
        maxStalledCount: 1_000,
      });
      worker.on('error', (error) => log.debug('waking waits for Redis', { error: String(error) }));
    },
    async stop() {
      // Without Redis there is nobody to say goodbye to: jobs that were begun are the others' once their locks end.
      await Promise.race([Promise.allSettled([worker?.close(), queue.close()]), wait(stopWithinMs, undefined, { ref: false })]);
      connection?.disconnect();
    },
  };
}
