#!/usr/bin/env node
/**
 * Runs src/main.ts on the runtime it needs, with what is installed: the pinned Bun, else Node 24 or newer. Plain JavaScript
 * for Node 20, without a dependency, since it must be able to say what is missing before anything else can run.
 *
 * The Bun package brings its binary in two ways: `node_modules/bun/bin/bun.exe` is a placeholder until an install script
 * puts the binary there, while `node_modules/@oven/bun-<platform>/bin/bun` is the binary itself, and all there is after
 * `npm ci --ignore-scripts`. Versions are read from the packages' package.json: starting a binary to ask costs 10 times more.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const bunVersion = '1.4.5';
const leastNodeMajor = 24;
/** The placeholder has a few hundred bytes, the binary about 100 MB. */
const leastBinaryBytes = 1_000_000;

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const main = join(root, 'src', 'main.ts');
const { resolve } = createRequire(import.meta.url);

/** Bun reads `.env` files and fetches missing packages by itself unless told not to; both would surprise here. */
const bunFlags = ['--no-orphans', '--no-env-file', '--no-install'];
const nodeFlags = ['--disable-warning=ExperimentalWarning'];

function versionIn(folder) {
  try {
    return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).version;
  } catch {
    return undefined;
  }
}

function isBinary(file) {
  try {
    return statSync(file).size > leastBinaryBytes;
  } catch {
    return false;
  }
}

/** Folders in which a package of ours may be installed: beside the launcher, or hoisted above it. */
function moduleFolders() {
  return (resolve.paths('bun') ?? []).filter((folder) => existsSync(folder));
}

function bunCandidates() {
  const arch = process.arch === 'arm64' ? 'aarch64' : process.arch;
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const isMusl = existsSync(`/lib/ld-musl-${arch === 'x64' ? 'x86_64' : arch}.so.1`);
  const found = process.versions.bun === bunVersion ? [process.execPath] : [];
  for (const folder of moduleFolders()) {
    const own = join(folder, 'bun');
    const siblings = existsSync(join(folder, '@oven')) ? readdirSync(join(folder, '@oven')) : [];
    const fitting = siblings
      .filter((name) => name.startsWith(`bun-${platform}-${arch}`))
      // The right C library first, then builds for older processors after the plain one.
      .sort((a, b) => Number(b.includes('musl') === isMusl) - Number(a.includes('musl') === isMusl) || a.length - b.length);
    const installed = [
      [own, join(own, 'bin', 'bun.exe')],
      ...fitting.map((name) => [
        join(folder, '@oven', name),
        join(folder, '@oven', name, 'bin', platform === 'windows' ? 'bun.exe' : 'bun'),
      ]),
    ];
    for (const [home, file] of installed) if (versionIn(home) === bunVersion && isBinary(file)) found.push(file);
  }
  return found;
}

function nodeCandidates() {
  const found = [];
  if (process.versions.bun === undefined && major(process.versions.node) >= leastNodeMajor) found.push(process.execPath);
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  for (const folder of moduleFolders()) {
    const home = join(folder, `node-${platform}-${process.arch}`);
    const file = platform === 'win' ? join(home, 'bin', 'node.exe') : join(home, 'bin', 'node');
    if (major(versionIn(home)) >= leastNodeMajor && isBinary(file)) found.push(file);
  }
  if (found.length === 0) {
    const asked = spawnSync('node', ['--version'], { encoding: 'utf8', timeout: 5_000 });
    if (asked.status === 0 && major(asked.stdout.trim().replace(/^v/, '')) >= leastNodeMajor) found.push('node');
  }
  return found;
}

function major(version) {
  return Number.parseInt(version ?? '0', 10);
}

/** What may run us, best first, looked for only as far as needed. TRACEPULSE_RUNTIME=bun|node leaves out the other one; anything else is a mistake worth a word. */
function* candidates() {
  const forced = process.env.TRACEPULSE_RUNTIME ?? '';
  if (!['', 'bun', 'node'].includes(forced)) refuse(`TRACEPULSE_RUNTIME is bun, node or not set, but not ${JSON.stringify(forced)}.`);
  if (forced !== 'node') for (const file of bunCandidates()) yield { file, flags: bunFlags };
  if (forced !== 'bun') for (const file of nodeCandidates()) yield { file, flags: nodeFlags };
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
  const child = spawn(candidate.file, [...candidate.flags, main, ...process.argv.slice(2)], { stdio: 'inherit' });
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
