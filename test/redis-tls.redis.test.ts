/** Stores over TLS, as settings name them: whom they trust, who is trusted, and what people are told where it is not so. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectRedis, parseRedisAddress } from '../src/adapters/redis-connection.ts';
import { readCore } from '../src/config.ts';
import { openStores, storeProbe } from '../src/stores.ts';
import { makeTools } from '../src/tools.ts';
import { anIncident, someWork } from './adapters/ledgers/samples.ts';
import { type Certificates, hasOpenssl, makeCertificates } from './redis-certificates.ts';
import { hasRedis, type RedisServer, startRedis } from './redis-server.ts';
import { freePort } from './support/free-port.ts';

describe.skipIf(!hasRedis || !hasOpenssl)('a Redis over TLS', () => {
  let certificates: Certificates;
  let redis: RedisServer;
  let url: string;
  let folder: string;
  beforeAll(async () => {
    certificates = makeCertificates();
    folder = mkdtempSync(join(tmpdir(), 'tls-stores-'));
    const port = await freePort();
    url = `rediss://127.0.0.1:${port}`;
    const files = { cert: 'server.crt', key: 'server.key', 'ca-cert': 'ca.crt' };
    const named = Object.entries(files).flatMap(([name, file]) => [`--tls-${name}-file`, certificates.file(file)]);
    redis = await startRedis(['--appendonly', 'yes', '--tls-port', String(port), '--tls-auth-clients', 'optional', ...named]);
  });
  afterAll(async () => {
    await redis.stop();
    certificates.remove();
    rmSync(folder, { recursive: true });
  });
  /** `authority` and `own` as files of the certificates. */
  const settingsWith = (authority?: string, own?: string) => {
    const { settings, problems } = readCore({
      REDIS_URL: url,
      TRACEPULSE_DATA: folder,
      ...(authority === undefined ? {} : { TRACEPULSE_REDIS_CA: certificates.file(authority) }),
      ...(own === undefined
        ? {}
        : { TRACEPULSE_REDIS_CERT: certificates.file(`${own}.crt`), TRACEPULSE_REDIS_KEY: certificates.file(`${own}.key`) }),
    });
    if (settings === null) throw new Error(JSON.stringify(problems));
    return settings;
  };
  const tools = makeTools(null, () => {});
  const use = async (...of: Parameters<typeof settingsWith>) => {
    const stops: (() => Promise<void> | void)[] = [];
    try {
      const { ledger, problem, replicas } = await openStores(settingsWith(...of), tools, stops);
      let woken = 0;
      replicas?.wakeups.start(async () => void woken++);
      const id = `INC-${(await ledger.lastIncidentNumber()) + 1}`;
      await ledger.commit({ incidents: [anIncident(id)], work: [someWork(`w ${id}`, { dueAt: Date.now() })] });
      // The connections of wake-ups are their own.
      await expect.poll(() => woken).toBe(1);
      await replicas?.wakeups.stop();
      return [await ledger.incident(id), problem()];
    } finally {
      for (const stop of stops.reverse()) await stop();
    }
  };
  const probed = (...of: Parameters<typeof settingsWith>) => storeProbe(settingsWith(...of))?.probe?.(AbortSignal.timeout(5_000));
  const asked = async (how: 'yes' | 'optional') => {
    const client = connectRedis(parseRedisAddress(redis.url)!);
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
});
