#!/usr/bin/env node
/**
 * Runs src/main.ts on the runtime it needs, with what is installed: the pinned Bun, else Node 24 or newer. Plain JavaScript
 * for Node 20, without a dependency, since it must be able to say what is missing before anything else can run.
 */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bunCandidates, bunVersion, leastNodeMajor, nodeCandidates } from './runtimes.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const main = join(root, 'src', 'main.ts');

/** Bun reads `.env` files and fetches missing packages by itself unless told not to; both would surprise here. */
const bunFlags = ['--no-orphans', '--no-env-file', '--no-install'];
const nodeFlags = ['--disable-warning=ExperimentalWarning'];
/**
 * Bun's engine lets its heap grow by what memory it believes the machine has: on a large one a storm took twice the memory it
 * needed (docs/reliability.md, Storms). Told that it has this much it collects earlier; large windows are looked into as fast. It is no limit.
 */
const bunEnvironment = { BUN_JSC_forceRAMSize: String(512 * 2 ** 20) };

/** What may run us, best first, looked for only as far as needed. TRACEPULSE_RUNTIME=bun|node leaves out the other one; anything else is a mistake worth a word. */
function* candidates() {
  const forced = process.env.TRACEPULSE_RUNTIME ?? '';
  if (!['', 'bun', 'node'].includes(forced)) refuse(`TRACEPULSE_RUNTIME is bun, node or not set, but not ${JSON.stringify(forced)}.`);
  if (forced !== 'node') for (const file of bunCandidates()) yield { file, flags: bunFlags, environment: bunEnvironment };
  if (forced !== 'bun') for (const file of nodeCandidates()) yield { file, flags: nodeFlags, environment: {} };
}

function refuse(sentence) {
  process.stderr.write(`tracepulse: ${sentence}\n`);
  process.exit(78);
}

/** Runs the first candidate that this machine can execute; a build for another C library or processor does not count as a run. */
function run(others) {
  const { value: candidate } = others.next();
  if (candidate === undefined) {
    refuse(
      `TracePulse needs Bun ${bunVersion} (npm ci installs it) or Node ${leastNodeMajor} or newer; found neither, this is Node ${process.versions.node}.`,
    );
  }
  const env = { ...candidate.environment, ...process.env };
  const child = spawn(candidate.file, [...candidate.flags, main, ...process.argv.slice(2)], { stdio: 'inherit', env });
  // Ctrl-C in a terminal reaches the whole group, the child included; sent on once more it would look like impatience.
  const isTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
  const forward = new Map(
    ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR2'].map((signal) => [
      signal,
      () => {
        if (!(isTerminal && (signal === 'SIGINT' || signal === 'SIGQUIT'))) child.kill(signal);
      },
    ]),
  );
  for (const [signal, handle] of forward) process.on(signal, handle);
  let isOver = false;
  const over = (finish) => {
    if (isOver) return;
    isOver = true;
    for (const [signal, handle] of forward) process.off(signal, handle);
    finish();
  };
  child.on('error', () => over(() => run(others)));
  child.on('exit', (code, signal) =>
    over(() => {
      if (signal === 'SIGILL') return run(others);
      if (signal === null) process.exit(code ?? 1);
      // Dies of the same signal, so that whoever started us sees the truth; the number is for where that is not possible.
      process.kill(process.pid, signal);
      setTimeout(() => process.exit(128 + (constants.signals[signal] ?? 0)), 1_000);
    }),
  );
}

run(candidates());
