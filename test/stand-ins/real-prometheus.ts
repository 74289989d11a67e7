/** The real Prometheus over a past that a test has written down, so that nothing has to be waited for. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../support/free-port.ts';
import { until } from '../support/patience.ts';

export const hasPrometheus = ['prometheus', 'promtool'].every(
  (command) => spawnSync(command, ['--version'], { stdio: 'ignore' }).status === 0,
);

export interface Past {
  /** Without `_total`. */
  readonly name: string;
  readonly type: 'counter' | 'gauge';
  readonly series: readonly { readonly labels: Readonly<Record<string, string>>; readonly value: (secondsBefore: number) => number }[];
}

export interface RealPrometheus {
  readonly url: string;
  stop(): void;
}

const stepS = 15;

/** A point every quarter of a minute up to `at`, for so many seconds. */
export async function startRealPrometheus(at: number, seconds: number, past: readonly Past[]): Promise<RealPrometheus> {
  const folder = mkdtempSync(join(tmpdir(), 'real-prometheus-'));
  const end = Math.floor(at / 1_000);
  const lines = past.flatMap(({ name, type, series }) => [
    `# TYPE ${name} ${type}`,
    ...series.flatMap(({ labels, value }) => {
      const named = Object.entries(labels).map(([key, text]) => `${key}="${text}"`);
      const sample = `${name}${type === 'counter' ? '_total' : ''}{${named.join(',')}}`;
      return Array.from({ length: Math.floor(seconds / stepS) + 1 }, (_, i) => seconds - i * stepS).map(
        (before) => `${sample} ${value(before)} ${end - before}`,
      );
    }),
  ]);
  writeFileSync(join(folder, 'past.om'), `${lines.join('\n')}\n# EOF\n`);
  writeFileSync(join(folder, 'prometheus.yml'), 'global: {}\n');
  const data = join(folder, 'data');
  const made = spawnSync('promtool', ['tsdb', 'create-blocks-from', 'openmetrics', join(folder, 'past.om'), data], { encoding: 'utf8' });
  if (made.status !== 0) throw new Error(`promtool: ${made.stderr}`);
  const port = await freePort();
  const args = [
    `--config.file=${join(folder, 'prometheus.yml')}`,
    `--storage.tsdb.path=${data}`,
    `--web.listen-address=127.0.0.1:${port}`,
    '--storage.tsdb.retention.time=100y',
    '--log.level=error',
  ];
  const child: ChildProcess = spawn('prometheus', args, { stdio: 'ignore' });
  const url = `http://127.0.0.1:${port}`;
  const stop = () => {
    child.once('exit', () => rmSync(folder, { recursive: true, force: true }));
    child.kill();
  };
  try {
    await until('Prometheus to be ready', async () => (await fetch(`${url}/-/ready`).catch(() => null))?.ok || undefined);
    return { url, stop };
  } catch (error) {
    stop();
    throw error;
  }
}
