/** How long a replica with nothing to do takes until it works on what another has committed: woken by jobs of BullMQ. */
import { createRedisLedger } from '../../src/adapters/ledgers/redis.ts';
import { connectRedis, parseRedisAddress } from '../../src/adapters/redis-connection.ts';
import { bullWakeups } from '../../src/adapters/replicas/wakeups.ts';
import { someWork } from '../adapters/ledgers/samples.ts';
import type { RedisServer } from '../redis-server.ts';
import { silentLog } from '../silent-log.ts';
import { quantile } from './page.ts';

export const clientOf = (url: string, patience: 'impatient' | 'patient' = 'impatient') =>
  connectRedis(parseRedisAddress(url)!, {}, patience);

/** From the commit on one replica to the start of work on another that had nothing to do. */
export async function waking(server: RedisServer): Promise<string[][]> {
  const [asking, working] = [clientOf(server.url), clientOf(server.url)];
  await asking.flushdb();
  const options = { patient: () => clientOf(server.url, 'patient'), now: Date.now, log: silentLog };
  const [ours, theirs] = [bullWakeups({ client: asking, ...options }), bullWakeups({ client: working, ...options })];
  const ledger = createRedisLedger({ client: asking, now: Date.now, onWork: ours.announce });
  const other = createRedisLedger({ client: working, now: Date.now });
  let begun = 0;
  let woken: (() => void) | null = null;
  theirs.start(async () => {
    const claimed = await other.claimWork(Date.now(), 10_000, 1);
    if (claimed.length === 0) return;
    await other.commit({ workDone: claimed });
    woken?.();
  });
  const once = async (i: number) => {
    const done = new Promise<void>((resolve) => {
      woken = resolve;
    });
    begun = performance.now();
    await ledger.commit({ work: [someWork(`investigate:INC-${i}`, { subject: `INC-${i}`, dueAt: Date.now() })] });
    await done;
    return performance.now() - begun;
  };
  for (let i = 0; i < 50; i++) await once(i);
  const waits: number[] = [];
  for (let i = 100; i < 600; i++) waits.push(await once(i));
  const jobs = 2_000;
  const work = Array.from({ length: jobs }, (_, i) => someWork(`w${i}`, { dueAt: Date.now() }));
  const addedFrom = performance.now();
  let done = 0;
  const all = new Promise<void>((resolve) => {
    woken = () => void (++done === jobs && resolve());
  });
  for (const one of work) await ledger.commit({ work: [one] });
  await all;
  const each = (performance.now() - addedFrom) / jobs;
  await theirs.stop();
  await ours.stop();
  asking.disconnect();
  working.disconnect();
  return [
    ['from commit to claim on another replica, median', `${quantile(waits, 0.5).toFixed(2)} ms`],
    ['the same, 99th percentile', `${quantile(waits, 0.99).toFixed(2)} ms`],
    ['by looking once a second instead', '500 ms at the median, by arithmetic'],
    ['an entry committed, announced, woken, claimed and done, one after the other', `${each.toFixed(2)} ms`],
  ];
}
