/** What `npm test` says at its end where nothing ran: a copy of it beside runtimes and a vitest of its own. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';

/** Writes the report it is asked for: so many passed and skipped. */
const vitest = (passed: number, skipped: number) => `import { writeFileSync } from 'node:fs';
const [, file] = process.argv.find((argument) => argument.startsWith('--outputFile.json=')).split('=');
writeFileSync(file, JSON.stringify({ numPassedTests: ${passed}, numFailedTests: 0, numPendingTests: ${skipped}, testResults: [] }));`;

function runWith({ passed, skipped, bun }: { passed: number; skipped: number; bun: boolean }) {
  const folder = mkdtempSync(join(tmpdir(), 'tracepulse-run-'));
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  try {
    write(
      'bin/runtimes.mjs',
      `export const [bunVersion, leastNodeMajor] = ['1', 24];
export const nodeCandidates = () => [process.execPath];
export const bunCandidates = () => ${bun ? '[process.execPath]' : '[]'};`,
    );
    write('node_modules/vitest/vitest.mjs', vitest(passed, skipped));
    mkdirSync(join(folder, 'test'));
    cpSync(join(import.meta.dirname, 'run.mjs'), join(folder, 'test/run.mjs'));
    const { status, stdout } = spawnSync(process.execPath, [join(folder, 'test/run.mjs')], { encoding: 'utf8' });
    return { status, end: stdout.trim().split('\n').filter(Boolean).slice(-3) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

it('says at the end which leg ran no test', () => {
  expect(runWith({ passed: 0, skipped: 3, bun: true })).toEqual({
    status: 1,
    end: ['Bun 1, failed: no test was run', 'Node 24, failed: no test was run', '0 passed, 2 failed'],
  });
});

it('says at the end which runtime is missing', () => {
  expect(runWith({ passed: 4, skipped: 0, bun: false })).toEqual({
    status: 1,
    end: ['Node 24: 4 passed, 0 failed', 'Bun 1, failed: it is missing; npm ci installs it', '4 passed, 1 failed'],
  });
});

it('says nothing more where all legs ran', () => {
  expect(runWith({ passed: 4, skipped: 1, bun: true })).toMatchObject({ status: 0, end: expect.arrayContaining(['8 passed, 0 failed']) });
});
