/**
 * The launcher in small installations of its own: a copy of it, a `src/main.ts` that says how it was run, and a
 * node_modules that holds what the case needs, as links to the real binaries.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..', '..');
const modules = join(root, 'node_modules');
const node = join(modules, `node-${process.platform}-${process.arch}`, 'bin', 'node');
const oven = `bun-${process.platform}-${process.arch === 'arm64' ? 'aarch64' : process.arch}`;
/** The install script moves the binary from the platform's package into the other one. */
const bun = [join(modules, 'bun', 'bin', 'bun.exe'), join(modules, '@oven', oven, 'bin', 'bun')].find(
  (file) => existsSync(file) && statSync(file).size > 1_000_000,
);
const hasRuntimes = existsSync(node) && bun !== undefined;

const main = `
const say = (text: string): boolean => process.stdout.write(text + '\\n');
const [command] = process.argv.slice(2);
if (command === 'wait') {
  process.on('SIGTERM', () => { say('stopping'); process.exitCode = 7; clearInterval(alive); });
  const alive = setInterval(() => {}, 1_000);
  say('ready');
} else if (command === 'die') process.kill(process.pid, 'SIGKILL');
else if (command === 'fail') process.exit(3);
else say(JSON.stringify({ bun: process.versions['bun'] ?? null, node: process.versions.node, args: process.argv.slice(2), fromFile: process.env['FROM_ENV_FILE'] ?? null, memory: process.env['BUN_JSC_forceRAMSize'] ?? null }));
`;

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

interface Installation {
  /** Version and binary of node_modules/bun. */
  readonly bun?: { readonly version: string; readonly binary: string };
  /** Version and binary of the package that npm installs for this platform. */
  readonly sibling?: { readonly version: string; readonly binary: string };
  readonly node?: boolean;
  /** As if the launcher asked for more than this machine has. */
  readonly edit?: (source: string) => string;
}

function install({ bun: own, sibling, node: hasNode, edit = (source) => source }: Installation): string {
  const folder = mkdtempSync(join(tmpdir(), 'launcher-'));
  folders.push(folder);
  const put = (path: string, text: string, mode = 0o644) => {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), text, { mode });
  };
  const link = (path: string, target: string) => {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    symlinkSync(target, join(folder, path));
  };
  for (const file of ['tracepulse.mjs', 'runtimes.mjs']) put(`bin/${file}`, edit(readFileSync(join(root, 'bin', file), 'utf8')));
  put('src/main.ts', main);
  put('package.json', '{ "type": "module" }');
  put('.env', 'FROM_ENV_FILE=yes');
  put('placeholder', 'this is not a binary', 0o755);
  put('locked', 'x'.repeat(2_000_000), 0o644);
  mkdirSync(join(folder, 'node_modules'));
  const target = (binary: string) => (binary === 'placeholder' || binary === 'locked' ? join(folder, binary) : binary);
  if (own) {
    put('node_modules/bun/package.json', JSON.stringify({ version: own.version }));
    link('node_modules/bun/bin/bun.exe', target(own.binary));
  }
  if (sibling) {
    put(`node_modules/@oven/${oven}/package.json`, JSON.stringify({ version: sibling.version }));
    link(`node_modules/@oven/${oven}/bin/bun`, target(sibling.binary));
  }
  if (hasNode) link(`node_modules/node-${process.platform}-${process.arch}`, join(modules, `node-${process.platform}-${process.arch}`));
  return folder;
}

function launch(folder: string, args: readonly string[], env: Record<string, string> = {}): ChildProcess & { output: () => string } {
  const child = spawn(node, [join(folder, 'bin', 'tracepulse.mjs'), ...args], {
    cwd: folder,
    env: { PATH: '/usr/bin:/bin', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (output += String(chunk)));
  return Object.assign(child, { output: () => output });
}

function ended(child: ChildProcess & { output: () => string }) {
  return new Promise<{ code: number | null; signal: string | null; output: string }>((resolve) =>
    child.on('close', (code, signal) => resolve({ code, signal, output: child.output() })),
  );
}

const run = (installation: Installation, args: readonly string[] = [], env: Record<string, string> = {}) =>
  ended(launch(install(installation), args, env));

const pinned = { version: '1.4.5', binary: bun ?? '' };
const wantsNewerNode = (source: string) => source.replace('leastNodeMajor = 24', 'leastNodeMajor = 99');

describe.skipIf(!hasRuntimes)('bin/tracepulse.mjs', () => {
  it('runs src/main.ts on the pinned Bun with all arguments', async () => {
    const { code, output } = await run({ bun: pinned }, ['replay', 'a b', '--json']);
    expect(JSON.parse(output)).toMatchObject({ bun: '1.4.5', args: ['replay', 'a b', '--json'] });
    expect(code).toBe(0);
  });

  it('finds the binary after npm ci --ignore-scripts left a placeholder', async () => {
    const { output } = await run({ bun: { version: '1.4.5', binary: 'placeholder' }, sibling: pinned });
    expect(JSON.parse(output)).toMatchObject({ bun: '1.4.5' });
  });

  it('goes on to the next when one cannot be executed', async () => {
    const { output } = await run({ bun: { version: '1.4.5', binary: 'locked' }, sibling: pinned });
    expect(JSON.parse(output)).toMatchObject({ bun: '1.4.5' });
  });

  it.each([
    { name: 'no Bun is there', installation: {} },
    { name: 'Bun has another version', installation: { bun: { ...pinned, version: '1.4.3' } } },
    { name: 'only a placeholder is there', installation: { bun: { version: '1.4.5', binary: 'placeholder' } } },
    { name: 'no Bun can be executed', installation: { bun: { version: '1.4.5', binary: 'locked' } } },
  ])('falls back to Node when $name', async ({ installation }) => {
    const { output } = await run(installation);
    expect(JSON.parse(output)).toMatchObject({ bun: null, node: expect.stringMatching(/^(2[4-9]|[3-9]\d)\./) });
  });

  it('takes the Node that is installed beside it when its own is too old', async () => {
    // The copy believes that it runs on Node 20.
    const edit = (source: string) => source.replace('major(process.versions.node) >= leastNodeMajor', 'false');
    expect(JSON.parse((await run({ node: true, edit })).output)).toMatchObject({ bun: null });
  });

  it('refuses in one sentence when there is neither', async () => {
    const { code, output } = await run({ edit: wantsNewerNode });
    expect(code).toBe(78);
    expect(output).toMatch(
      /^tracepulse: TracePulse needs Bun 1\.4\.5 .* or Node 99 or newer; found neither, this is Node \d+\.\d+\.\d+\.\n$/,
    );
  });

  it.each([
    { runtime: 'node', bun: null },
    { runtime: 'bun', bun: '1.4.5' },
  ])('runs on $runtime when told to', async ({ runtime, bun: version }) => {
    expect(JSON.parse((await run({ bun: pinned, node: true }, [], { TRACEPULSE_RUNTIME: runtime })).output)).toMatchObject({
      bun: version,
    });
  });

  it('refuses a runtime that is not there or has no meaning', async () => {
    expect(await run({ node: true }, [], { TRACEPULSE_RUNTIME: 'bun' })).toMatchObject({ code: 78 });
    expect(await run({ node: true }, [], { TRACEPULSE_RUNTIME: 'deno' })).toMatchObject({
      code: 78,
      output: expect.stringContaining('"deno"'),
    });
  });

  it('takes its settings from the environment alone, not from a .env file', async () => {
    expect(JSON.parse((await run({ bun: pinned })).output)).toMatchObject({ fromFile: null });
  });

  it('tells Bun of less memory than the machine has, and no more than whoever starts it tells', async () => {
    expect(JSON.parse((await run({ bun: pinned })).output)).toMatchObject({ memory: '536870912' });
    const own = { BUN_JSC_forceRAMSize: '1073741824' };
    expect(JSON.parse((await run({ bun: pinned }, [], own)).output)).toMatchObject({ memory: '1073741824' });
    expect(JSON.parse((await run({ node: true }, [], { TRACEPULSE_RUNTIME: 'node' })).output)).toMatchObject({ memory: null });
  });

  it('ends with the exit code of what it ran', async () => {
    expect(await run({ bun: pinned }, ['fail'])).toMatchObject({ code: 3 });
  });

  it('dies of the signal that killed what it ran', async () => {
    expect(await run({ bun: pinned }, ['die'])).toMatchObject({ code: null, signal: 'SIGKILL' });
  });

  it.each(['bun', 'node'])('hands SIGTERM on to %s and waits for it', async (runtime) => {
    const child = launch(install({ bun: pinned, node: true }), ['wait'], { TRACEPULSE_RUNTIME: runtime });
    child.stdout?.once('data', () => child.kill('SIGTERM'));
    expect(await ended(child)).toMatchObject({ code: 7, output: 'ready\nstopping\n' });
  });
});
