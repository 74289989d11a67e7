/**
 * The runtimes that can run TracePulse, as far as they are installed: the pinned Bun, and Node 24 or newer.
 *
 * The Bun package brings its binary in two ways: `node_modules/bun/bin/bun.exe` is a placeholder until an install script
 * puts the binary there, while `node_modules/@oven/bun-<platform>/bin/bun` is the binary itself, and all there is after
 * `npm ci --ignore-scripts`. Versions are read from the packages' package.json: starting a binary to ask costs 10 times more.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

export const bunVersion = '1.4.5';
export const leastNodeMajor = 24;
/** The placeholder has a few hundred bytes, the binary about 100 MB. */
const leastBinaryBytes = 1_000_000;

const { resolve } = createRequire(import.meta.url);

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

/** Files, best first; whether this machine can execute one shows when it is run. */
export function bunCandidates() {
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

export function nodeCandidates() {
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
