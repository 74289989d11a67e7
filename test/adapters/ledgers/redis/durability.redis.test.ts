import { afterEach, describe, expect, it } from 'vitest';
import { createRedisLedger } from '../../../../src/adapters/ledgers/redis.ts';
import { createDurabilityCheck, type Durability } from '../../../../src/adapters/ledgers/redis/durability.ts';
import { connectRedis, parseRedisAddress, type RedisClient } from '../../../../src/adapters/redis-connection.ts';
import { hasRedis, type RedisServer, startRedis } from '../../../redis-server.ts';
import { anIncident, at } from '../samples.ts';

const always = ['--appendonly', 'yes', '--appendfsync', 'always'];
/** The server waits five seconds before it fills a replica, in case there are more. */
const atOnce = ['--repl-diskless-sync-delay', '0'];
const everySecond = ['--appendonly', 'yes', '--appendfsync', 'everysec'];

describe.skipIf(!hasRedis)('with a real Redis server', () => {
  let servers: RedisServer[] = [];
  let clients: RedisClient[] = [];
  const start = async (options: readonly string[]) => {
    const server = await startRedis(options);
    const client = connectRedis(parseRedisAddress(server.url)!);
    servers.push(server);
    clients.push(client);
    return { server, client };
  };
  afterEach(async () => {
    for (const client of clients) client.disconnect();
    for (const server of servers) await server.stop();
    [servers, clients] = [[], []];
  });
  const ledgerOn = (client: RedisClient, wanted: Durability, replicas = 0, waitMs = 100) => {
    const check = createDurabilityCheck({ client, wanted, replicas, waitMs });
    const ledger = createRedisLedger({ client, now: () => at, assure: check.assure, secure: check.secure });
    const receive = (key: string) => ledger.commit({ seen: [{ key, at, incidentId: null }] });
    return { check, ledger, receive };
  };

  it.each([
    { options: always, wanted: 'fsync', says: /survives a power cut \(appendfsync always\)$/ },
    { options: always, wanted: 'memory', says: /survives a power cut/ },
    { options: everySecond, wanted: 'everysec', says: /a power cut may take the last two seconds \(appendfsync everysec\)$/ },
    { options: [], wanted: 'memory', says: /in the memory of Redis alone and does not survive it$/ },
  ] as const)('promises what $options make of it where $wanted is asked for', async ({ options, wanted, says }) => {
    const { client } = await start(options);
    const { check, receive } = ledgerOn(client, wanted);
    await check.look();
    expect([check.problem(), check.statement()]).toEqual([null, expect.stringMatching(says)]);
    expect(await receive('k')).toBe('committed');
  });

  it.each([
    {
      options: [],
      wanted: 'everysec',
      says: /TRACEPULSE_REDIS_DURABILITY asks for everysec: set appendonly yes in Redis, or ask for memory/,
    },
    { options: everySecond, wanted: 'fsync', says: /asks for fsync: set appendonly yes and appendfsync always/ },
    { options: ['--appendonly', 'yes', '--appendfsync', 'no'], wanted: 'everysec', says: /asks for everysec/ },
    { options: [...always, '--maxmemory', '100mb', '--maxmemory-policy', 'allkeys-lru'], wanted: 'memory', says: /set it to noeviction/ },
  ] as const)('takes nothing where $options are less than $wanted', async ({ options, wanted, says }) => {
    const { client } = await start(options);
    const { check, ledger, receive } = ledgerOn(client, wanted);
    await check.look();
    expect(check.problem()).toMatch(says);
    expect(check.statement()).toMatch(/nothing is acknowledged now/);
    const refused = { code: 'unavailable', hint: expect.stringMatching(says), retryAfterMs: expect.any(Number) };
    await expect(receive('k')).rejects.toMatchObject(refused);
    // Nor is an older one acknowledged again.
    await expect(ledger.seen(['k'])).rejects.toMatchObject(refused);
    // What was accepted before is still worked on.
    expect(await ledger.commit({ incidents: [anIncident('INC-1')] })).toBe('committed');
  });

  it('takes nothing before it has looked, and notices a change of settings', async () => {
    const { client } = await start(always);
    const { check, receive } = ledgerOn(client, 'fsync');
    await expect(receive('early')).rejects.toMatchObject({ code: 'unavailable' });
    await check.look();
    expect(await receive('a')).toBe('committed');
    await client.config('SET', 'appendfsync', 'everysec');
    await check.look();
    await expect(receive('b')).rejects.toMatchObject({ code: 'unavailable' });
    await client.config('SET', 'appendfsync', 'always');
    await check.look();
    expect(await receive('b')).toBe('committed');
  });

  it('acknowledges what a replica has, and nothing once it is gone', async () => {
    const { server, client } = await start([...always, ...atOnce]);
    const replica = await start(['--replicaof', `127.0.0.1 ${server.port}`]);
    const { check, receive, ledger } = ledgerOn(client, 'fsync', 1);
    await expect.poll(() => check.look().then(check.problem), { timeout: 20_000, interval: 200 }).toBeNull();
    expect(check.statement()).toMatch(/is on 1 replica before it is acknowledged$/);
    expect(await receive('a')).toBe('committed');
    await replica.server.kill();
    await expect(receive('b')).rejects.toMatchObject({ code: 'unavailable', hint: expect.stringMatching(/^0 of the 1 replicas/) });
    // It is stored, but its sender, who was told otherwise, is not told so either when it tries again.
    await expect(ledger.seen(['b'])).rejects.toMatchObject({ code: 'unavailable' });
    await replica.server.restart();
    await expect.poll(() => check.look().then(check.problem), { timeout: 20_000, interval: 200 }).toBeNull();
    expect([...(await ledger.seen(['b'])).keys()]).toEqual(['b']);
  });

  const withStandby = async () => {
    const { server, client } = await start([...always, ...atOnce]);
    const standby = await start(['--replicaof', `127.0.0.1 ${server.port}`]);
    const whole = ledgerOn(client, 'fsync', 1, 2_500);
    await expect.poll(() => whole.check.look().then(whole.check.problem), { timeout: 20_000, interval: 200 }).toBeNull();
    return { server, client, standby, ...whole };
  };

  it('does not take the word of a new connection for what was stored on the one before', async () => {
    const { server, client, standby, receive, ledger, check } = await withStandby();
    const other = connectRedis(parseRedisAddress(server.url)!);
    clients.push(other);
    await other.ping();
    standby.server.freeze();
    const taken = receive('a').then(
      () => 'committed',
      (error: unknown) => error,
    );
    await expect.poll(async () => ((await other.client('LIST')) as string).includes('cmd=wait')).toBe(true);
    await other.client('KILL', 'ID', await idOfWaiting(other));
    expect(await taken).toMatchObject({ code: 'unavailable' });
    standby.server.thaw();
    await expect.poll(() => check.look().then(check.problem, String), { timeout: 20_000, interval: 100 }).toBeNull();
    expect([...(await ledger.seen(['a'])).keys()]).toEqual(['a']);
    expect(client.status).toBe('ready');
  });

  it('says that it is not available where Redis dies while its replicas are waited for', async () => {
    const { server, client, standby, receive } = await withStandby();
    const other = connectRedis(parseRedisAddress(server.url)!);
    clients.push(other);
    standby.server.freeze();
    const taken = receive('a').catch((error: unknown) => error);
    await expect.poll(async () => ((await other.client('LIST')) as string).includes('cmd=wait')).toBe(true);
    await server.kill();
    expect(await taken).toMatchObject({ name: 'Failure', isRetryable: true });
    expect(client.status).not.toBe('ready');
  });

  it('has every acknowledged change after Redis was killed', async () => {
    const { server, client } = await start(always);
    const { check, receive, ledger } = ledgerOn(client, 'fsync');
    await check.look();
    const keys = Array.from({ length: 300 }, (_, i) => `k${i}`);
    const acknowledged: string[] = [];
    const all = Promise.allSettled(
      keys.map(async (key, i) => {
        if (i === 150) void server.kill();
        await receive(key);
        acknowledged.push(key);
      }),
    );
    await all;
    await server.restart();
    const seen = await ledger.seen(acknowledged);
    expect(acknowledged.filter((key) => !seen.has(key))).toEqual([]);
  });
});

async function idOfWaiting(client: RedisClient): Promise<string> {
  const line = ((await client.client('LIST')) as string).split('\n').find((one) => one.includes('cmd=wait'));
  return /(?:^| )id=(\d+)/.exec(line ?? '')?.[1] ?? '';
}
