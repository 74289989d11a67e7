/** Everything that lies in Redis, on a real Cluster; last its ways to die. */
import { Cluster } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRedisLedger } from '../../src/adapters/ledgers/redis.ts';
import { createDurabilityCheck } from '../../src/adapters/ledgers/redis/durability.ts';
import { connectRedis, keyPrefix, parseRedisAddress, type RedisClient } from '../../src/adapters/redis-connection.ts';
import { redisPace } from '../../src/adapters/replicas/pace.ts';
import { redisTurns } from '../../src/adapters/replicas/turns.ts';
import { bullWakeups } from '../../src/adapters/replicas/wakeups.ts';
import { openReplicatedTelemetry } from '../../src/telemetry.ts';
import { hasRedis } from '../redis-server.ts';
import { type RedisCluster, startRedisCluster } from '../redis-cluster.ts';
import { silentLog } from '../silent-log.ts';
import { ledgerContract } from './ledgers/contract.ts';
import { anIncident, at, someWork } from './ledgers/samples.ts';
import { minute, start, traces } from './telemetry/bodies.ts';

describe.skipIf(!hasRedis)('on a real Redis Cluster', () => {
  let cluster: RedisCluster;
  let client: RedisClient;
  const clients: RedisClient[] = [];
  const connect = (patience: 'impatient' | 'patient' = 'impatient') => {
    const connected = connectRedis(parseRedisAddress(cluster.url)!, {}, patience);
    clients.push(connected);
    return connected;
  };
  beforeAll(async () => {
    cluster = await startRedisCluster(keyPrefix, ['--appendonly', 'yes']);
    client = connect();
    await client.ping();
  });
  afterAll(async () => {
    for (const connected of clients) connected.disconnect();
    await cluster.stop();
  });
  const empty = async () => {
    if (client instanceof Cluster) await Promise.all(client.nodes('master').map((node) => node.flushall()));
  };

  ledgerContract('redis', async () => {
    await empty();
    return { open: async () => createRedisLedger({ client, now: () => at }), remove: async () => {} };
  });

  it('says what all of its masters keep, and refuses where one keeps less', async () => {
    const check = createDurabilityCheck({ client, wanted: 'everysec', replicas: 0 });
    await check.look();
    expect(check.problem()).toBeNull();
    const other = connectRedis(parseRedisAddress(cluster.masters.find((master) => master !== cluster.holder)!.url)!);
    await other.config('SET', 'appendonly', 'no');
    await check.look();
    expect(check.problem()).toMatch(/in the memory of Redis alone/);
    await other.config('SET', 'appendonly', 'yes');
    other.disconnect();
  });

  it('keeps one pace, one turn, and wakes whoever is free', async () => {
    const [mine, theirs] = [connect(), connect()];
    expect(await redisPace(mine).take('slack:#debug', 1_000, 500)).toBe(0);
    expect(await redisPace(theirs).take('slack:#debug', 1_000, 500)).toBe(1_500);
    const turns = redisTurns({ client: mine, log: silentLog, clock: () => performance.now(), holdMs: 2_000 });
    turns.start();
    await expect.poll(turns.isOurs).toBe(true);
    await turns.stop();
    const options = { patient: () => connect('patient'), now: Date.now, log: silentLog };
    const [asking, working] = [bullWakeups({ client: mine, ...options }), bullWakeups({ client: theirs, ...options })];
    let woken = 0;
    working.start(async () => void woken++);
    asking.announce([someWork('now', { dueAt: Date.now() }), someWork('soon', { dueAt: Date.now() + 50 })]);
    await expect.poll(() => woken).toBe(2);
    await asking.stop();
    await working.stop();
  });

  it('shares telemetry between replicas', async () => {
    const now = () => start + minute;
    const setting = { now, windowMinutes: 60, maxBytes: 2 ** 20, log: silentLog, turns: { isOurs: () => true, token: () => 1 } };
    const [a, b] = [
      await openReplicatedTelemetry({ client, ...setting }),
      await openReplicatedTelemetry({ client: connect(), ...setting }),
    ];
    await a.ingest('traces', traces({ shop: [{ span: 1, kind: 3 }], cart: [{ span: 2, parent: 1 }] }), 'json');
    expect((await b.window({ fromMs: 0, toMs: Number.MAX_SAFE_INTEGER })).spans).toHaveLength(2);
    await a.flush();
    const later = await openReplicatedTelemetry({ client, ...setting });
    expect((await later.knowledge()).map.edges).toMatchObject([{ caller: 'shop', callee: 'cart' }]);
    for (const telemetry of [a, b, later]) await telemetry.close();
  });

  it('goes on with the replica of a master that dies, and then with nothing in time where all do', async () => {
    await empty();
    const ledger = createRedisLedger({ client, now: () => at });
    await ledger.commit({ incidents: [anIncident('INC-1')] });
    await expect.poll(async () => (await replicaOf(cluster)).includes('{tracepulse}:incident:INC-1')).toBe(true);
    await cluster.hurry();
    await cluster.holder.kill();
    const next = async () => ledger.commit({ incidents: [anIncident('INC-2')] }).catch((error: unknown) => error);
    await expect.poll(next).toMatch(/committed|conflict/);
    expect((await ledger.incident('INC-1'))?.id).toBe('INC-1');
    for (const server of [...cluster.masters, cluster.replica]) await server.kill();
    // Some while the client has not noticed, the others while it looks for nodes.
    const give = () => client.incr(`${keyPrefix}counted`);
    const given = Array.from({ length: 20 }, give);
    await expect.poll(() => client.status).not.toBe('ready');
    const outcomes = await Promise.allSettled([...given, ...Array.from({ length: 20 }, give)]);
    expect(new Set(outcomes.map(({ status }) => status))).toEqual(new Set(['rejected']));
    await expect(ledger.incident('INC-1')).rejects.toMatchObject({ name: 'Failure', isRetryable: true });
    // What was given up is not done when it is back.
    for (const server of [...cluster.masters, cluster.replica]) await server.restart();
    const isBack = () => client.set(`${keyPrefix}back`, '1').catch(() => null);
    await expect.poll(isBack).toBe('OK');
    expect(await client.get(`${keyPrefix}counted`)).toBeNull();
  });
});

async function replicaOf({ replica }: RedisCluster): Promise<string[]> {
  const client = connectRedis(parseRedisAddress(replica.url)!);
  try {
    return await client.keys('*');
  } finally {
    client.disconnect();
  }
}
