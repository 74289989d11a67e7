/**
 * From the start of a process to an answer from /readyz, what it keeps resident while idle, and how large what is installed is:
 * the program through its launcher, the same on Bun without the launcher, and the executable of `npm run build:edge`, in turns.
 * Each start must answer as ready before its time counts. Run: bun test/bench/start.bench.ts [--rounds N] [--idle SECONDS]
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { median, table, writeSection } from './page.ts';

const root = join(import.meta.dirname, '..', '..');
const { values } = parseArgs({ options: { rounds: { type: 'string', default: '7' }, idle: { type: 'string', default: '10' } } });
const folder = mkdtempSync(join(tmpdir(), 'tracepulse-start-'));
const lookEveryMs = 5;
const deadlineMs = 30_000;

interface Start {
  readonly readyMs: number;
  /** Of the processor, until then: what no other load changes much. */
  readonly processorMs: number;
  readonly residentMiB: number;
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

/** The launcher starts a child; what is resident is that one's. */
function programOf(pid: number): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return children === '' ? pid : Number(children.split(' ')[0]);
}

/** User and system time, in Linux's ticks of 10 ms; its name, which may hold blanks, ends at the last parenthesis. */
function processorMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

function residentMiB(pid: number): number {
  const status = readFileSync(`/proc/${programOf(pid)}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? Number.NaN) / 1024;
}

async function ready(url: string): Promise<void> {
  for (const end = performance.now() + deadlineMs; performance.now() < end; await wait(lookEveryMs)) {
    const answer = await fetch(url).catch(() => null);
    if (answer === null) continue;
    const { ready: isReady } = (await answer.json()) as { ready?: boolean };
    if (answer.status === 200 && isReady === true) return;
  }
  throw new Error(`${url} did not become ready`);
}

async function started(command: readonly string[], idleMs: number): Promise<Start> {
  const [file = '', ...args] = command;
  const port = await freePort();
  const { PATH = '', HOME = '' } = process.env;
  const env = {
    PATH,
    HOME,
    TRACEPULSE_WORKSPACE: 'on',
    TRACEPULSE_DATA: mkdtempSync(join(folder, 'data-')),
    PORT: String(port),
    LOG_LEVEL: 'warn',
  };
  const begun = performance.now();
  const child: ChildProcess = spawn(file, [...args, 'start'], { cwd: folder, env, stdio: 'ignore' });
  const ended = new Promise((resolve) => child.once('close', resolve));
  try {
    await ready(`http://127.0.0.1:${port}/readyz`);
    const readyMs = performance.now() - begun;
    const pid = child.pid ?? 0;
    const spentMs = [...new Set([pid, programOf(pid)])].reduce((sum, each) => sum + processorMs(each), 0);
    await wait(idleMs);
    return { readyMs, processorMs: spentMs, residentMiB: residentMiB(pid) };
  } finally {
    child.kill('SIGTERM');
    await ended;
  }
}

/** All files below, hard links once. */
function bytesBelow(path: string): number {
  const inodes = new Map<number, number>();
  for (const entry of readdirSync(path, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const { ino, size } = statSync(join(entry.parentPath, entry.name));
    inodes.set(ino, size);
  }
  return [...inodes.values()].reduce((sum, size) => sum + size, 0);
}

function installedBytes(): number {
  const home = join(folder, 'install');
  for (const file of ['package.json', 'package-lock.json']) cpSync(join(root, file), join(home, file));
  const { status, stderr } = spawnSync('npm', ['ci', '--omit=dev', '--no-audit', '--no-fund'], { cwd: home, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return bytesBelow(join(home, 'node_modules'));
}

const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(0)} MB`;

const built = spawnSync(process.execPath, [join(root, 'deploy/edge/build.ts'), '--out', folder], { encoding: 'utf8' });
if (built.status !== 0) throw new Error(built.stderr);
const edge = (arch: string) => join(folder, `tracepulse-linux-${arch}`);
const programs: Readonly<Record<string, readonly string[]>> = {
  'bin/tracepulse.mjs': ['node', join(root, 'bin/tracepulse.mjs')],
  'src/main.ts on Bun': [process.execPath, '--no-env-file', '--no-install', join(root, 'src/main.ts')],
  executable: [edge(process.arch)],
};
const starts = new Map<string, Start[]>(Object.keys(programs).map((name) => [name, []]));
try {
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const [name, command] of Object.entries(programs)) starts.get(name)!.push(await started(command, Number(values.idle) * 1_000));
  }
  const rows = [...starts].map(([name, all]) => [
    name,
    `${Math.round(median(all.map(({ readyMs }) => readyMs)))} ms`,
    `${Math.round(Math.max(...all.map(({ readyMs }) => readyMs)))} ms`,
    `${Math.round(median(all.map((start) => start.processorMs)))} ms`,
    `${Math.round(median(all.map(({ residentMiB: mib }) => mib)))} MiB`,
  ]);
  const text = `## Start and size

Median of ${values.rounds} starts, in turns; resident ${values.idle} s after being ready, before any alert. Of the processor: its time until then on all cores, which says more where others share them.

${table(['', 'ready after', 'slowest', 'of the processor', 'resident while idle'], rows)}

Installed for production (\`npm ci --omit=dev\`): ${megabytes(installedBytes())}, of which Bun ${megabytes(statSync(process.execPath).size)}; the
executable: ${megabytes(statSync(edge('x64')).size)} for x64, ${megabytes(statSync(edge('arm64')).size)} for arm64.`;
  process.stdout.write(`${text}\n`);
  writeSection('start', 'bun test/bench/start.bench.ts', text);
} finally {
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}
