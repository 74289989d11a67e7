import { afterAll, beforeAll, describe } from 'vitest';
import { createRedisLedger } from '../../../src/adapters/ledgers/redis.ts';
import { connectRedis, parseRedisAddress, type RedisClient } from '../../../src/adapters/redis-connection.ts';
import { hasRedis, type RedisServer, startRedis } from '../../redis-server.ts';
import { ledgerContract } from './contract.ts';
import { at } from './samples.ts';

describe.skipIf(!hasRedis)('with a real Redis server', () => {
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

  ledgerContract('redis', async () => {
    await client.flushdb();
    return { open: async () => createRedisLedger({ client, now: () => at }), remove: async () => {} };
  });
});
