/** The executables of `npm run build:edge`: both are made, ours is run through the smoke set and the demo with nothing else in reach. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, openSync, readSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Program, runOnce, smokeSet } from './smoke.ts';

const root = join(import.meta.dirname, '..', '..');
const buildDeadlineMs = 15 * 60_000;
/** Bun itself is 107 MB of it. */
const largestBytes = 130e6;
/** `e_machine` of the ELF header: 62 is x86-64, 183 is AArch64 (System V ABI). */
const machines = { 'linux-x64': 62, 'linux-arm64': 183 } as const;
const ours =
  process.platform === 'linux' && (process.arch === 'x64' || process.arch === 'arm64') ? (`linux-${process.arch}` as const) : null;

const folder = mkdtempSync(join(tmpdir(), 'tracepulse-edge-'));
const program = (): Program => ({
  command: [join(folder, `tracepulse-${ours}`)],
  // git is there for the demo's own history; Node and npm are not.
  environment: { HOME: folder, TMPDIR: folder, PATH: '/usr/bin:/bin' },
  cwd: join(folder, 'empty'),
});

beforeAll(() => {
  mkdirSync(join(folder, 'empty'));
  const built = spawnSync('npm', ['run', 'build:edge', '--', '--out', folder], { cwd: root, encoding: 'utf8', timeout: buildDeadlineMs });
  // Bun says there what it fetches where it has not built for that processor before; anything else is a warning.
  const said = built.stderr
    .split(/[\r\n]+/)
    .filter((line) => !/^\s*$|^(?:Downloading \[\d+\]|Decompressing\.\.\.|Extracting\.\.\.)\s*$/.test(line));
  expect([built.status, said]).toEqual([0, []]);
}, buildDeadlineMs);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The first 20 bytes say what a Linux executable is for. */
function header(file: string): Buffer {
  const bytes = Buffer.alloc(20);
  readSync(openSync(file, 'r'), bytes, 0, 20, 0);
  return bytes;
}

describe('the executables', () => {
  it.each(Object.entries(machines))('%s is one file for that processor', (target, machine) => {
    const file = join(folder, `tracepulse-${target}`);
    expect(header(file).subarray(0, 5).toString('latin1')).toBe('\x7fELF\x02');
    expect(header(file).readUInt16LE(18)).toBe(machine);
    expect(statSync(file).size).toBeLessThan(largestBytes);
  });
});

describe.skipIf(ours === null)('on this machine', () => {
  smokeSet(program);

  it('runs the demo', () => {
    const { code, out, errors } = runOnce(program(), ['demo', '--exit', '--fault', 'exception']);
    expect([code, errors, out.toString()]).toEqual([0, '', expect.stringContaining('The report names it.')]);
  });
});
