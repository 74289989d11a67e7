/** A real Redis server of a test's own, on a spare port and without a trace on the disk afterwards. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';

export interface RedisServer {
  readonly url: string;
  readonly port: number;
  /** Ends it at once, as a power cut would. */
  kill(): Promise<void>;
  /** Starts it again on the same port with what it had written. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export const hasRedis = spawnSync('redis-server', ['--version']).status === 0;

/** `options` as on the command line, e.g. `--appendonly yes`. */
export async function startRedis(options: readonly string[] = []): Promise<RedisServer> {
  const folder = mkdtempSync(join(tmpdir(), 'redis-'));
  const port = await sparePort();
  let child = await launch(port, folder, options);
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    kill,
    async restart() {
      await kill();
      child = await launch(port, folder, options);
    },
    async stop() {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Watches the master at this port for the group `tracepulse`, and names its successor within seconds. */
export async function startSentinel(master: number): Promise<Pick<RedisServer, 'port' | 'stop'>> {
  const folder = mkdtempSync(join(tmpdir(), 'sentinel-'));
  const file = join(folder, 'sentinel.conf');
  // It writes what it finds into its own file.
  const group = [`monitor tracepulse 127.0.0.1 ${master} 1`, 'down-after-milliseconds tracepulse 1000', 'failover-timeout tracepulse 5000'];
  writeFileSync(file, group.map((line) => `sentinel ${line}\n`).join(''));
  const port = await sparePort();
  const child = await launch(port, folder, [], [file, '--sentinel']);
  return {
    port,
    async stop() {
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function launch(port: number, folder: string, options: readonly string[], first: readonly string[] = []): Promise<ChildProcess> {
  const always = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--loglevel', 'warning'];
  const stored = first.length === 0 ? ['--save', ''] : [];
  const child = spawn('redis-server', [...first, ...always, ...stored, ...options], { stdio: ['ignore', 'ignore', 'inherit'] });
  const client = new Redis({ port, retryStrategy: (times) => (times > 100 ? null : 50), maxRetriesPerRequest: null });
  client.on('error', () => {});
  await client.ping();
  client.disconnect();
  return child;
}

export async function sparePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('a server has a port');
  return address.port;
}
