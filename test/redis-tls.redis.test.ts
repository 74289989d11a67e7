/** Stores over TLS, as settings name them: whom they trust, who is trusted, and what people are told where it is not so. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Certificates, hasOpenssl, makeCertificates } from './redis-certificates.ts';
import { hasRedis, type RedisServer, redisClient, startRedis } from './redis-server.ts';
import { tlsStores } from './redis-tls.ts';

describe.skipIf(!hasRedis || !hasOpenssl)('a Redis over TLS', () => {
  let certificates: Certificates;
  let redis: RedisServer;
  const { use, probed, remove } = tlsStores(
    () => redis.url,
    () => certificates,
  );
  beforeAll(async () => {
    certificates = makeCertificates();
    redis = await startRedis(['--appendonly', 'yes', '--tls-auth-clients', 'optional'], certificates);
  });
  afterAll(async () => {
    await redis.stop();
    certificates.remove();
    remove();
  });
  const asked = async (how: 'yes' | 'optional') => {
    const client = redisClient(redis.port, certificates);
    await client.config('SET', 'tls-auth-clients', how);
    client.disconnect();
  };

  it('keeps what is stored, where its authority is named', async () => {
    expect(await use('ca.crt')).toEqual([expect.objectContaining({ revision: 1 }), null]);
    expect(await probed('ca.crt')).toMatch(/survives the death of Redis/);
  });

  it.each([['stranger.crt'], [undefined]])(
    'is refused at once where the authority is %s, and people are told what to set',
    async (authority) => {
      const refusal = { code: 'bad_config', hint: expect.stringContaining('TRACEPULSE_REDIS_CA') };
      await expect(use(authority)).rejects.toMatchObject(refusal);
      await expect(probed(authority)).rejects.toMatchObject(refusal);
    },
  );

  it('takes a certificate where Redis wants one, and says that it does', async () => {
    await asked('yes');
    expect(await use('ca.crt', 'client')).toEqual([expect.objectContaining({ revision: 1 }), null]);
    await expect(use('ca.crt')).rejects.toMatchObject({ code: 'bad_config', hint: expect.stringContaining('TRACEPULSE_REDIS_CERT') });
    await asked('optional');
  });

  it('is not asked with a key that belongs to another certificate', async () => {
    const refusal = { code: 'bad_config', hint: expect.stringContaining('TRACEPULSE_REDIS_KEY') };
    await expect(use('ca.crt', 'mismatched')).rejects.toMatchObject(refusal);
    await expect(probed('ca.crt', 'mismatched')).rejects.toMatchObject(refusal);
  });
});
