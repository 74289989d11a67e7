/** A real Redis server of a test's own, on a spare port and without a trace on the disk afterwards. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { type Certificates, certificateOptions, clientTls } from './redis-certificates.ts';
import { freePort } from './support/free-port.ts';
import { until } from './support/patience.ts';

export interface RedisServer {
  readonly url: string;
  readonly port: number;
  /** Ends it at once, as a power cut would. */
  kill(): Promise<void>;
  /** It stands still with all its connections open, until `thaw`. */
  freeze(): void;
  thaw(): void;
  /** Starts it again on the same port with what it had written. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export const hasRedis = spawnSync('redis-server', ['--version']).status === 0;

/** `options` as on the command line, e.g. `--appendonly yes`. With certificates it speaks TLS alone, and wants one of everybody. */
export async function startRedis(options: readonly string[] = [], certificates?: Certificates): Promise<RedisServer> {
  const folder = mkdtempSync(join(tmpdir(), 'redis-'));
  const port = await freePort();
  let child = await launch({ port, folder, options, certificates });
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
  return {
    url: `redis${certificates === undefined ? '' : 's'}://127.0.0.1:${port}`,
    port,
    kill,
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
    async restart() {
      await kill();
      child = await launch({ port, folder, options, certificates });
    },
    async stop() {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export interface Sentinel extends Pick<RedisServer, 'port' | 'stop'> {
  /** From here on a master is missed after a second, and its successor named within seconds. */
  hurry(): Promise<void>;
}

/**
 * Watches the master at this port for the group `tracepulse`; patiently, since a busy machine stands still for a second or two.
 * With a `name` of this machine it tells that of its master and replicas, where it would tell their addresses; `options` as of a server.
 */
export async function startSentinel(
  master: number,
  certificates?: Certificates,
  { name, options = [] }: { readonly name?: string; readonly options?: readonly string[] } = {},
): Promise<Sentinel> {
  const folder = mkdtempSync(join(tmpdir(), 'sentinel-'));
  const file = join(folder, 'sentinel.conf');
  // It writes what it finds into its own file.
  const group = [
    ...(name === undefined ? [] : ['resolve-hostnames yes', 'announce-hostnames yes']),
    `monitor tracepulse ${name ?? '127.0.0.1'} ${master} 1`,
    'down-after-milliseconds tracepulse 60000',
    'failover-timeout tracepulse 5000',
  ];
  writeFileSync(file, group.map((line) => `sentinel ${line}\n`).join(''));
  const port = await freePort();
  const child = await launch({ port, folder, first: [file, '--sentinel'], options, certificates });
  return {
    port,
    async hurry() {
      const client = redisClient(port, certificates);
      // It asks the master for replicas every ten seconds, and a dead one no more.
      await until('Sentinel finds a replica', async () => [await client.call('SENTINEL', 'REPLICAS', 'tracepulse')].flat()[0]);
      await client.call('SENTINEL', 'SET', 'tracepulse', 'down-after-milliseconds', '1000');
      client.disconnect();
    },
    async stop() {
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

interface Launch {
  readonly port: number;
  readonly folder: string;
  readonly options?: readonly string[];
  /** What has to stand before all options. */
  readonly first?: readonly string[];
  readonly certificates?: Certificates | undefined;
}

async function launch({ port, folder, options = [], first = [], certificates }: Launch): Promise<ChildProcess> {
  const always = [...portOptions(port, certificates), '--bind', '127.0.0.1', '--dir', folder, '--loglevel', 'warning'];
  const stored = first.length === 0 ? ['--save', ''] : [];
  const child = spawn('redis-server', [...first, ...always, ...stored, ...options], { stdio: ['ignore', 'ignore', 'inherit'] });
  const client = redisClient(port, certificates);
  await client.ping();
  client.disconnect();
  return child;
}

function portOptions(port: number, certificates: Certificates | undefined): string[] {
  if (certificates === undefined) return ['--port', String(port)];
  // Towards its master and its cluster as well.
  const everywhere = ['--tls-replication', 'yes', '--tls-cluster', 'yes'];
  return ['--port', '0', '--tls-port', String(port), ...everywhere, ...certificateOptions(certificates)];
}

/** A client of a test's own, which waits until the server is there; whatever name its certificate is for. */
export function redisClient(port: number, certificates?: Certificates): Redis {
  const tls = certificates === undefined ? {} : { tls: { ...clientTls(certificates), checkServerIdentity: () => undefined } };
  const client = new Redis({
    port,
    host: '127.0.0.1',
    ...tls,
    retryStrategy: (times) => (times > 100 ? null : 50),
    maxRetriesPerRequest: null,
  });
  client.on('error', () => {});
  return client;
}
