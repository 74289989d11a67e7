/** A Redis that goes away and comes back, with a real one. */
import { afterEach, describe, expect, it } from 'vitest';
import { connectRedis, parseRedisAddress, type RedisClient } from '../../src/adapters/redis-connection.ts';
import { hasRedis, type RedisServer, startRedis } from '../redis-server.ts';

describe.skipIf(!hasRedis)('a Redis that is away', () => {
  let server: RedisServer | null = null;
  let client: RedisClient | null = null;
  afterEach(async () => {
    client?.disconnect();
    await server?.stop();
  });

  it('does nothing afterwards that was given up meanwhile', async () => {
    server = await startRedis();
    const address = parseRedisAddress(server.url);
    if (address === null) throw new Error('a test server has an address');
    const redis = connectRedis(address);
    client = redis;
    await redis.ping();
    let tries = 0;
    const givenUp = new Promise<void>((resolve) => {
      redis.on('reconnecting', () => {
        tries++;
        if (tries > 7) resolve();
      });
    });
    await server.kill();
    await expect(redis.incr('counted')).rejects.toThrow(/timed out|max retries|closed/i);
    await givenUp;
    await server.restart();
    await redis.incr('counted');
    expect(await redis.get('counted')).toBe('1');
  });
});
