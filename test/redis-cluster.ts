/** A real Redis Cluster of a test's own: three masters on spare ports, and a replica of the one that holds a given key. */
import type { Redis } from 'ioredis';
import type { Certificates } from './redis-certificates.ts';
import { type RedisServer, redisClient, startRedis } from './redis-server.ts';
import { freePort } from './support/free-port.ts';

export interface RedisCluster {
  /** As REDIS_URL has it. */
  readonly url: string;
  readonly masters: readonly RedisServer[];
  /** The master that holds the key, and its replica. */
  readonly holder: RedisServer;
  readonly replica: RedisServer;
  /** From here on a master is missed after a second. */
  hurry(): Promise<void>;
  stop(): Promise<void>;
}

const slots = 16_384;
/** A master that does not answer for so long is down: a busy machine stands still for a second or two. */
const nodeTimeoutMs = 5_000;
const hurriedTimeoutMs = 1_000;

export async function startRedisCluster(key: string, options: readonly string[] = [], certificates?: Certificates): Promise<RedisCluster> {
  const started = await Promise.all(Array.from({ length: 4 }, () => startNode(options, certificates)));
  const clients = started.map(({ server }) => redisClient(server.port, certificates));
  try {
    const [first, ...others] = clients;
    const masters = started.slice(0, 3);
    if (first === undefined) throw new Error('a cluster has nodes');
    const ranges = masters.map((_, i) => [Math.floor((i * slots) / 3), Math.floor(((i + 1) * slots) / 3) - 1] as const);
    await Promise.all(ranges.map(([from, to], i) => clients[i]?.call('CLUSTER', 'ADDSLOTSRANGE', from, to)));
    await Promise.all(others.map((client, i) => client.call('CLUSTER', 'SET-CONFIG-EPOCH', i + 2)));
    for (const { server, bus } of started.slice(1)) await first.call('CLUSTER', 'MEET', '127.0.0.1', server.port, bus);
    const slot = Number(await first.call('CLUSTER', 'KEYSLOT', key));
    const at = ranges.findIndex(([from, to]) => slot >= from && slot <= to);
    const [holder, replica] = [masters[at]?.server, started[3]?.server];
    if (holder === undefined || replica === undefined) throw new Error('every slot is some master’s');
    const id = String(await clients[at]?.call('CLUSTER', 'MYID'));
    await until(async () => String(await clients[3]?.call('CLUSTER', 'NODES')).includes(id));
    await clients[3]?.call('CLUSTER', 'REPLICATE', id);
    await until(async () => (await Promise.all(clients.map(isWhole))).every(Boolean));
    await until(async () => String(await clients[3]?.info('replication')).includes('master_link_status:up'));
    return {
      url: `redis${certificates === undefined ? '' : 's'}+cluster://${masters.map(({ server }) => `127.0.0.1:${server.port}`).join(',')}`,
      masters: masters.map(({ server }) => server),
      holder,
      replica,
      async hurry() {
        await Promise.all(
          started.map(async ({ server }) => {
            const client = redisClient(server.port, certificates);
            await client.config('SET', 'cluster-node-timeout', hurriedTimeoutMs);
            client.disconnect();
          }),
        );
      },
      async stop() {
        await Promise.all(started.map(({ server }) => server.stop()));
      },
    };
  } catch (error) {
    await Promise.all(started.map(({ server }) => server.stop()));
    throw error;
  } finally {
    for (const client of clients) client.disconnect();
  }
}

async function startNode(options: readonly string[], certificates: Certificates | undefined) {
  const bus = await freePort();
  const cluster = ['--cluster-enabled', 'yes', '--cluster-port', String(bus), '--cluster-node-timeout', String(nodeTimeoutMs)];
  return { bus, server: await startRedis([...cluster, '--repl-diskless-sync-delay', '0', ...options], certificates) };
}

/** It knows all four, and of every slot whose it is. */
async function isWhole(client: Redis): Promise<boolean> {
  const info = String(await client.call('CLUSTER', 'INFO'));
  return info.includes('cluster_state:ok') && info.includes('cluster_known_nodes:4') && info.includes('cluster_size:3');
}

/** The whole test has a deadline; this asks as long as that allows. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 50));
}
