/** A real Redis server of a test's own, on a spare port and without a trace on the disk afterwards. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { freePort } from './support/free-port.ts';

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
  const port = await freePort();
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

export interface Sentinel extends Pick<RedisServer, 'port' | 'stop'> {
  /** From here on a master is missed after a second, and its successor named within seconds. */
  hurry(): Promise<void>;
}

/** Watches the master at this port for the group `tracepulse`; patiently, since a busy machine stands still for a second or two. */
export async function startSentinel(master: number): Promise<Sentinel> {
  const folder = mkdtempSync(join(tmpdir(), 'sentinel-'));
  const file = join(folder, 'sentinel.conf');
  // It writes what it finds into its own file.
  const group = [
    `monitor tracepulse 127.0.0.1 ${master} 1`,
    'down-after-milliseconds tracepulse 60000',
    'failover-timeout tracepulse 5000',
  ];
  writeFileSync(file, group.map((line) => `sentinel ${line}\n`).join(''));
  const port = await freePort();
  const child = await launch(port, folder, [], [file, '--sentinel']);
  return {
    port,
    async hurry() {
      const client = new Redis({ port });
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
