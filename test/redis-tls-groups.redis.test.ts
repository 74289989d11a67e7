/**
 * Sentinel and Cluster where every server speaks TLS alone and wants a certificate of everybody: what holds for one server, and
 * what only a group does. Nodes announce themselves as 127.0.0.1, so that is what their certificate is for.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keyPrefix } from '../src/adapters/redis-connection.ts';
import { anIncident, someWork } from './adapters/ledgers/samples.ts';
import { type Certificates, hasOpenssl, makeCertificates } from './redis-certificates.ts';
import { type RedisCluster, startRedisCluster } from './redis-cluster.ts';
import { hasRedis, type RedisServer, redisClient, type Sentinel, startRedis, startSentinel } from './redis-server.ts';
import { type TlsStores, tlsStores } from './redis-tls.ts';

const durable = ['--appendonly', 'yes'];
const trusted = ['ca.crt', 'client'] as const;

function itTrustsWhomItShould({ use, probed }: TlsStores): void {
  it('keeps what is stored', async () => {
    expect(await use(...trusted)).toEqual([expect.objectContaining({ revision: 1 }), null]);
    expect(await probed(...trusted)).toMatch(/survives the death of Redis/);
  });

  it.each([
    ['the authority is a stranger', ['stranger.crt', 'client'], 'TRACEPULSE_REDIS_CA'],
    ['no authority is named', [undefined, 'client'], 'TRACEPULSE_REDIS_CA'],
    ['it is shown no certificate', ['ca.crt'], 'TRACEPULSE_REDIS_CERT'],
    ['our key is of another certificate', ['ca.crt', 'mismatched'], 'TRACEPULSE_REDIS_KEY'],
  ] as const)('is refused at once where %s, and people are told what to set', async (_, shown, variable) => {
    const refusal = { code: 'bad_config', hint: expect.stringContaining(variable) };
    await expect(use(...shown)).rejects.toMatchObject(refusal);
    await expect(probed(...shown)).rejects.toMatchObject(refusal);
  });
}

describe.skipIf(!hasRedis || !hasOpenssl)('a Sentinel group over TLS', () => {
  let certificates: Certificates;
  let [master, replica]: RedisServer[] = [];
  let sentinel: Sentinel;
  const stores = tlsStores(
    () => `rediss+sentinel://127.0.0.1:${sentinel.port}/tracepulse`,
    () => certificates,
  );
  beforeAll(async () => {
    certificates = makeCertificates();
    master = await startRedis(durable, certificates);
    replica = await startRedis([...durable, '--replicaof', `127.0.0.1 ${master.port}`, '--repl-diskless-sync-delay', '0'], certificates);
    sentinel = await startSentinel(master.port, certificates);
  });
  afterAll(async () => {
    await sentinel?.stop();
    await replica?.stop();
    await master?.stop();
    certificates.remove();
    stores.remove();
  });

  itTrustsWhomItShould(stores);

  it('finds the successor of a master that dies, and there what was stored', async () => {
    await stores.opened(trusted, async ({ ledger, problem }) => {
      await ledger.commit({ incidents: [anIncident('INC-100')] });
      await copied('INC-100', replica!, certificates);
      await sentinel.hurry();
      await master!.kill();
      const found = async () => (await ledger.incident('INC-100').catch(() => null))?.id;
      await expect.poll(found).toBe('INC-100');
      await expect.poll(problem).toBeNull();
      expect(await ledger.commit({ incidents: [anIncident('INC-101')] })).toBe('committed');
    });
  });
});

describe.skipIf(!hasRedis || !hasOpenssl)('a Sentinel group whose certificates are for a name alone', () => {
  let certificates: Certificates;
  const servers: RedisServer[] = [];
  let sentinel: Sentinel;
  const under = (host: string) =>
    tlsStores(
      () => `rediss+sentinel://${host}:${sentinel.port}/tracepulse`,
      () => certificates,
    );
  const [byName, byAddress] = [under('localhost'), under('127.0.0.1')];
  beforeAll(async () => {
    certificates = makeCertificates();
    const name = 'localhost';
    const named = ['--tls-cert-file', certificates.file('named.crt'), '--tls-key-file', certificates.file('named.key')];
    const options = [...durable, ...named, '--replica-announce-ip', name, '--repl-diskless-sync-delay', '0'];
    const master = await startRedis(options, certificates);
    servers.push(master, await startRedis([...options, '--replicaof', `${name} ${master.port}`], certificates));
    sentinel = await startSentinel(master.port, certificates, { name, options: named });
  });
  afterAll(async () => {
    await sentinel?.stop();
    for (const server of servers) await server.stop();
    certificates.remove();
    for (const stores of [byName, byAddress]) stores.remove();
  });

  it('is reached by the name that Sentinel tells of its master, and by no address', async () => {
    expect(await byName.use(...trusted)).toEqual([expect.objectContaining({ revision: 1 }), null]);
    expect(await byName.probed(...trusted)).toMatch(/survives the death of Redis/);
    await expect(byAddress.use(...trusted)).rejects.toMatchObject({ code: 'bad_config', hint: expect.stringContaining('another name') });
  });

  it('finds the successor of a master that dies by its name', async () => {
    const [master, replica] = servers;
    await byName.opened(trusted, async ({ ledger }) => {
      await ledger.commit({ incidents: [anIncident('INC-100')] });
      await copied('INC-100', replica!, certificates);
      await sentinel.hurry();
      await master!.kill();
      await expect.poll(async () => (await ledger.incident('INC-100').catch(() => null))?.id).toBe('INC-100');
      expect(await ledger.commit({ incidents: [anIncident('INC-101')] })).toBe('committed');
    });
  });
});

describe.skipIf(!hasRedis || !hasOpenssl)('a Redis Cluster over TLS', () => {
  let certificates: Certificates;
  let cluster: RedisCluster;
  const stores = tlsStores(
    () => cluster.url,
    () => certificates,
  );
  const byName = tlsStores(
    () => cluster.url.replaceAll('127.0.0.1', 'localhost'),
    () => certificates,
  );
  beforeAll(async () => {
    certificates = makeCertificates();
    cluster = await startRedisCluster(keyPrefix, [...durable, '--cluster-announce-hostname', 'localhost'], certificates);
  });
  afterAll(async () => {
    await cluster?.stop();
    certificates.remove();
    stores.remove();
    byName.remove();
  });

  itTrustsWhomItShould(stores);

  it('wakes whoever is free, on connections that wait in Redis', async () => {
    await stores.opened(trusted, (asking) =>
      stores.opened(trusted, async (working) => {
        let woken = 0;
        working.replicas?.wakeups.start(async () => void woken++);
        const now = Date.now();
        await asking.ledger.commit({ incidents: [], work: [someWork('now', { dueAt: now }), someWork('soon', { dueAt: now + 50 })] });
        await expect.poll(() => woken).toBe(2);
        await working.replicas?.wakeups.stop();
        await asking.replicas?.wakeups.stop();
      }),
    );
  });

  it('is reached by its name where its certificate has nothing else', async () => {
    await announcing(cluster, certificates, 'named');
    try {
      expect(await byName.use(...trusted)).toEqual([expect.objectContaining({ revision: 1 }), null]);
      await expect(stores.use(...trusted)).rejects.toMatchObject({ code: 'bad_config', hint: expect.stringContaining('another name') });
    } finally {
      await announcing(cluster, certificates, 'server');
    }
  });

  it('goes on with the replica of a master that dies', async () => {
    await stores.opened(trusted, async ({ ledger }) => {
      await ledger.commit({ incidents: [anIncident('INC-100')] });
      const heir = redisClient(cluster.replica.port, certificates);
      await expect.poll(() => heir.keys('*')).toContain(`${keyPrefix}incident:INC-100`);
      heir.disconnect();
      await cluster.hurry();
      await cluster.holder.kill();
      const next = async () => ledger.commit({ incidents: [anIncident('INC-101')] }).catch((error: unknown) => error);
      await expect.poll(next).toMatch(/committed|conflict/);
      expect((await ledger.incident('INC-100'))?.id).toBe('INC-100');
    });
  });
});

/** Until a replica has what its master was given. */
async function copied(id: string, replica: RedisServer, certificates: Certificates): Promise<void> {
  const heir = redisClient(replica.port, certificates);
  await expect.poll(() => heir.exists(`${keyPrefix}incident:${id}`)).toBe(1);
  heir.disconnect();
}

/** Its nodes show this certificate from here on, and name themselves as it does. */
async function announcing({ masters, replica }: RedisCluster, certificates: Certificates, whose: 'server' | 'named'): Promise<void> {
  const pair = certificates.file(whose);
  const nodes = [...masters, replica].map(({ port }) => redisClient(port, certificates));
  for (const node of nodes) {
    await node.call('CONFIG', 'SET', 'tls-cert-file', `${pair}.crt`, 'tls-key-file', `${pair}.key`);
    await node.config('SET', 'cluster-preferred-endpoint-type', whose === 'named' ? 'hostname' : 'ip');
  }
  // Of the others' names they hear in passing.
  const named = async () => {
    const slots = await Promise.all(nodes.map((node) => node.cluster('SLOTS')));
    return new Set(slots.flat().flatMap(([, , ...places]) => places.map(([place]) => place)));
  };
  await expect.poll(named).toEqual(new Set([whose === 'named' ? 'localhost' : '127.0.0.1']));
  for (const node of nodes) node.disconnect();
}
