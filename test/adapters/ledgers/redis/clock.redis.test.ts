/** The clock of replicas is put back: what waits waits no longer than before. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createRedisLedger } from '../../../../src/adapters/ledgers/redis.ts';
import { connectRedis, parseRedisAddress, type RedisClient } from '../../../../src/adapters/redis-connection.ts';
import type { Ledger } from '../../../../src/ports.ts';
import { hasRedis, type RedisServer, startRedis } from '../../../redis-server.ts';
import { anEntry, at, someWork } from '../samples.ts';

const hour = 3_600_000;
const lease = 10_000;

describe.skipIf(!hasRedis)('a clock that is put back', () => {
  let server: RedisServer;
  let client: RedisClient;
  beforeAll(async () => {
    server = await startRedis();
    client = connectRedis(parseRedisAddress(server.url)!);
  });
  afterAll(async () => {
    client.disconnect();
    await server.stop();
  });
  beforeEach(async () => void (await client.flushdb()));

  const replica = () => {
    let now = at;
    const ledger = createRedisLedger({ client, now: () => now });
    return {
      ledger,
      pass(ms: number) {
        now += ms;
      },
      work: async () => (await ledger.claimWork(now, lease, 9)).map(({ id }) => id).sort(),
      outbox: async () => (await ledger.claimOutbox('slack', now, lease, 9)).map(({ id }) => id).sort(),
    };
  };
  const line = (ledger: Ledger) =>
    ledger.commit({
      work: [
        someWork('held'),
        someWork('soon', { dueAt: at + 5_000 }),
        someWork('ends by itself', { kind: 'expire', dueAt: at + 2 * hour }),
      ],
      outbox: [anEntry('held'), anEntry('soon', { dueAt: at + 5_000, priority: 0 })],
    });

  it('moves all that waits, once for all whose clock it was, and no alarm that ends at a time of its sender', async () => {
    const [a, b] = [replica(), replica()];
    await line(a.ledger);
    expect([await a.work(), await a.outbox()]).toEqual([['held'], ['held']]);
    a.pass(1_000 - hour);
    b.pass(2_500 - hour);
    expect([await a.work(), await a.outbox()]).toEqual([[], []]);
    expect([await b.work(), await b.outbox()]).toEqual([[], []]);
    a.pass(5_000);
    expect([await a.work(), await a.outbox()]).toEqual([['soon'], ['soon']]);
    b.pass(8_500);
    expect([await b.work(), await b.outbox()]).toEqual([['held'], ['held']]);
    a.pass(2 * hour);
    expect(await a.work()).toEqual(['held', 'soon']);
    a.pass(hour);
    expect(await a.work()).toContain('ends by itself');
  });

  it('leaves what others put in line by clocks that were right', async () => {
    const [wrong, right] = [replica(), replica()];
    wrong.pass(hour);
    expect(await wrong.work()).toEqual([]);
    await wrong.ledger.commit({ work: [someWork('by a clock ahead', { dueAt: at + hour + 5_000 })] });
    await right.ledger.commit({ work: [someWork('in a minute', { dueAt: at + 60_000 })] });
    wrong.pass(-hour);
    expect(await wrong.work()).toEqual([]);
    wrong.pass(6_000);
    expect(await wrong.work()).toEqual(['by a clock ahead']);
    right.pass(59_000);
    expect(await right.work()).not.toContain('in a minute');
    right.pass(1_000);
    expect(await right.work()).toContain('in a minute');
  });
});
