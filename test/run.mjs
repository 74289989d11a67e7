/**
 * `npm test`: installs what tests need and may be missing, runs every test on Bun, then those that do not hang on the
 * machine on Node 24, and ends with one line: `N passed, N failed`. Plain JavaScript for Node 20, which is all there is
 * at first.
 *
 * What a test file needs shows in its name: `*.browser.test.ts` (and what lies in a folder `browser`) needs Chromium,
 * `*.redis.test.ts` a Redis server; `*.slow.test.ts` is run once, on Bun. Arguments are handed on to vitest, so
 * `npm test -- test/domain` runs a part.
 */
import { spawn, spawnSync } from 'node:child_process';
import { accessSync, constants, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bunCandidates, bunVersion, leastNodeMajor, nodeCandidates } from '../bin/runtimes.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const args = process.argv.slice(2);
const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');

/** A whole leg takes a tenth of this on a free machine; what hangs must not hang for ever. */
const legDeadlineMs = 60 * 60_000;
const installDeadlineMs = 15 * 60_000;

const needs = [
  {
    what: 'Chromium',
    commands: ['chromium', 'chromium-browser', 'google-chrome'],
    debianPackage: 'chromium',
    files: /(\.browser\.test\.ts$|[\\/]browser[\\/].*\.test\.ts$)/,
  },
  { what: 'Prometheus', commands: ['prometheus'], debianPackage: 'prometheus', files: /\.prometheus\.test\.ts$/ },
  {
    what: 'Alertmanager',
    commands: ['prometheus-alertmanager'],
    debianPackage: 'prometheus-alertmanager',
    files: /\.prometheus\.test\.ts$/,
  },
  { what: 'kubectl', commands: ['kubectl'], debianPackage: 'kubernetes-client', files: /\.kubectl\.test\.ts$/ },
  { what: 'Redis', commands: ['redis-server'], debianPackage: 'redis-server', files: /\.redis\.test\.ts$/ },
];

function say(text) {
  process.stdout.write(`${text}\n`);
}

function isOnPath(command) {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, command), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** `apt-get`, as root or by a sudo that asks nothing; null where we may not. */
function aptGet() {
  if (!isOnPath('apt-get')) return null;
  if (process.getuid?.() === 0) return ['apt-get'];
  return isOnPath('sudo') && spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore', timeout: 10_000 }).status === 0
    ? ['sudo', '-n', 'apt-get']
    : null;
}

function runApt([command, ...prefix], args) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  return (
    spawnSync(command, [...prefix, '-qq', ...args], { stdio: ['ignore', 'ignore', 'inherit'], timeout: installDeadlineMs, env }).status ===
    0
  );
}

/** Nothing here fails the run: a test whose tool is missing says so and is skipped. */
function installWhatIsMissing() {
  const tests = readdirSync(join(root, 'test'), { recursive: true }).map(String);
  for (const { what, commands, debianPackage, files } of needs) {
    if (!tests.some((file) => files.test(file)) || commands.some(isOnPath)) continue;
    const apt = aptGet();
    if (apt !== null) {
      say(`Installing ${what} (apt-get install ${debianPackage})`);
      const install = ['install', '-y', '--no-install-recommends', debianPackage];
      if (runApt(apt, install) || (runApt(apt, ['update']) && runApt(apt, install))) continue;
    }
    say(`${what} is missing and could not be installed here (it needs apt-get as root); its tests are skipped.`);
  }
}

/** Runs vitest on one runtime and counts from its report. What ends without a report, or badly though no test failed, is a failure. */
async function leg(name, command, options = []) {
  // A part may have nothing for this runtime, the whole may not.
  const partOfThem = args.length > 0 ? ['--passWithNoTests', ...args] : [];
  say(`\n== ${name}`);
  const folder = mkdtempSync(join(tmpdir(), 'tracepulse-tests-'));
  const report = join(folder, 'report.json');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const child = spawn(command, [vitest, 'run', ...reporters, ...options, ...partOfThem], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let tail = '';
  for (const [from, to] of [
    [child.stdout, process.stdout],
    [child.stderr, process.stderr],
  ]) {
    from.setEncoding('utf8').on('data', (text) => {
      to.write(text);
      tail = (tail + text).slice(-6_000);
    });
  }
  const timer = setTimeout(() => child.kill('SIGKILL'), legDeadlineMs);
  const code = await new Promise((resolve) => {
    child.on('error', () => resolve(1));
    child.on('close', (status) => resolve(status ?? 1));
  });
  clearTimeout(timer);
  const counts = counted(report);
  rmSync(folder, { recursive: true, force: true });
  if (code !== 0 && counts.failed === 0) {
    counts.failed = 1;
    counts.failures = [`failed: no test, but it ended with ${code}\n${tail}`];
  }
  if (args.length === 0 && counts.passed + counts.failed === 0) {
    counts.failed = 1;
    counts.failures.push('failed: no test was run');
  }
  say(`${name}: ${counts.passed} passed, ${counts.failed} failed${counts.skipped > 0 ? `, ${counts.skipped} skipped` : ''}`);
  return { name, ...counts };
}

function counted(report) {
  try {
    const { numPassedTests, numFailedTests, numPendingTests, testResults } = JSON.parse(readFileSync(report, 'utf8'));
    // A file that cannot even be loaded has no test that could fail.
    // A file that breaks before its tests, or in what they all need, fails without a failed test: those it has count as skipped.
    const broken = testResults.filter(
      ({ status, assertionResults }) => status === 'failed' && !assertionResults.some((one) => one.status === 'failed'),
    );
    const failures = testResults.flatMap(({ name, status, message, assertionResults }) => {
      if (status !== 'failed') return [];
      const failed = assertionResults.filter((one) => one.status === 'failed');
      const told = failed.length > 0 ? failed : [{ fullName: 'breaks before its tests', failureMessages: [message] }];
      return told.map((one) => `failed: ${relative(root, name)} > ${one.fullName}\n${one.failureMessages.join('\n').slice(0, 2_000)}`);
    });
    return { passed: numPassedTests, failed: numFailedTests + broken.length, skipped: numPendingTests, failures };
  } catch (error) {
    return { passed: 0, failed: 1, skipped: 0, failures: [`failed: no report of this leg (${error.message})`] };
  }
}

/** Told again at the very end, where whoever sees only the tail of a long log still finds it. */
function sayFailures() {
  for (const { name, failures } of legs) for (const line of failures) say(`\n${name}, ${line}`);
}

/** A leg on the first of these; a runtime that is missing fails it. */
async function legOn(candidates, name, options) {
  if (candidates.length > 0) return leg(name, candidates[0], options);
  return { name, passed: 0, failed: 1, skipped: 0, failures: ['failed: it is missing; npm ci installs it'] };
}

installWhatIsMissing();
const legs = [
  await legOn(bunCandidates(), `Bun ${bunVersion}`),
  await legOn(
    nodeCandidates(),
    `Node ${leastNodeMajor}`,
    // Only what may differ between runtimes runs again.
    ['--project', 'alone', '--project', 'together'],
  ),
];
const passed = legs.reduce((sum, counts) => sum + counts.passed, 0);
const failed = legs.reduce((sum, counts) => sum + counts.failed, 0);
sayFailures();
process.exitCode = failed === 0 ? 0 : 1;
say(`\n${passed} passed, ${failed} failed`);
