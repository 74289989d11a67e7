/**
 * What stands as tests, told as tables: each line of the page on reliability that says what breaks, with what became of the tests it
 * names; the one contract on both engines; and what becomes of storms whose truth is known.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { stormFigures } from '../pipeline/labelled-storm.ts';

export interface Suite {
  readonly what: string;
  readonly files: readonly string[];
}

export interface Outcome {
  readonly passed: number;
  readonly failed: number;
  /** As where a Redis server is missing. */
  readonly skipped: number;
}

export const root = join(import.meta.dirname, '../..');

/** Both engines under one contract, and what is of one alone. */
export const engineSuites: readonly Suite[] = [
  { what: 'the contract, embedded store', files: ['test/adapters/ledgers/sqlite.test.ts'] },
  { what: 'the contract, Redis', files: ['test/adapters/ledgers/redis.redis.test.ts'] },
  { what: 'the contract, a Redis Cluster', files: ['test/adapters/redis-cluster.redis.test.ts'] },
];

export const stormSuites: readonly Suite[] = [
  { what: 'ten thousand identical alarms', files: ['test/pipeline/identical-alerts.test.ts'] },
  { what: 'two faults at once, and what joins what', files: ['test/domain/storm.test.ts'] },
  { what: 'critical cards go first', files: ['test/pipeline/rounds.test.ts', 'test/pipeline/urgency.test.ts'] },
  { what: 'more than can be taken', files: ['test/surfaces/http/too-many.test.ts'] },
];

/** The rows of the table under `## Broken` whose last cell names test files. */
export function faultSuites(page: string): Suite[] {
  const section = page.split(/^## /m).find((part) => part.startsWith('Broken')) ?? '';
  return section.split('\n').flatMap((line) => {
    const cells = line.split('|').map((cell) => cell.trim());
    const files = [...(cells[3] ?? '').matchAll(/`(test\/[^`]+\.test\.ts)`/g)].map(([, file]) => file ?? '');
    return files.length === 0 ? [] : [{ what: cells[1] ?? '', files }];
  });
}

interface JsonReport {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly assertionResults: readonly { readonly status: string }[];
  }[];
}

/** By file. One that could not be run at all counts as failed. */
export function outcomesIn({ testResults }: JsonReport): Map<string, Outcome> {
  return new Map(
    testResults.map(({ name, status, assertionResults }) => {
      const count = (...kinds: string[]) => assertionResults.filter((one) => kinds.includes(one.status)).length;
      const failed = count('failed');
      const outcome = { passed: count('passed'), failed: status === 'failed' ? Math.max(1, failed) : failed };
      return [relative(root, name), { ...outcome, skipped: count('skipped', 'pending', 'todo') }];
    }),
  );
}

/** Runs the files of all suites in one go, with the longer times that a run by hand has room for. */
export async function runSuites(suites: readonly Suite[]): Promise<Map<string, Outcome>> {
  const folder = mkdtempSync(join(tmpdir(), 'tracepulse-suites-'));
  const report = join(folder, 'report.json');
  const files = [...new Set(suites.flatMap((suite) => suite.files))];
  const vitest = [join(root, 'node_modules/vitest/vitest.mjs'), 'run', ...files, '--reporter=json', `--outputFile=${report}`];
  try {
    const child = spawn(process.execPath, vitest, {
      cwd: root,
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { REDIS_GONE_SECONDS: '60', ...process.env },
    });
    await once(child, 'exit');
    return existsSync(report) ? outcomesIn(JSON.parse(readFileSync(report, 'utf8')) as JsonReport) : new Map();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A file that was not run has failed: a page that names one which is gone says what nobody looks at. */
export function suiteTable(suites: readonly Suite[], outcomes: ReadonlyMap<string, Outcome>): { table: string; faults: string[] } {
  const faults: string[] = [];
  const rows = suites.map(({ what, files }) => {
    const found = files.map((file) => outcomes.get(file) ?? { passed: 0, failed: 1, skipped: 0 });
    const sum = (of: keyof Outcome) => found.reduce((total, outcome) => total + outcome[of], 0);
    const [passed, failed, skipped] = [sum('passed'), sum('failed'), sum('skipped')];
    if (failed > 0) faults.push(`${what}: ${failed} failed in ${files.join(', ')}`);
    return `| ${what} | ${passed} | ${failed} | ${skipped === 0 ? '' : skipped} |`;
  });
  return { table: ['| what | passed | failed | not run |', '|---|---|---|---|', ...rows].join('\n'), faults };
}

export function stormTable(seeds: readonly string[]): string {
  const rows = seeds.map((seed) => {
    const { alarms, services, cards, noiseReduction, precision, recall } = stormFigures(seed);
    const told = [precision, recall].map((share) => share.toFixed(3)).join(' | ');
    return `| ${seed} | ${alarms} of ${services} services | ${cards} | ${(100 * noiseReduction).toFixed(2)} % | ${told} |`;
  });
  return ['| storm | alarms | cards | noise reduction | grouping precision | recall |', '|---|---|---|---|---|---|', ...rows].join('\n');
}
