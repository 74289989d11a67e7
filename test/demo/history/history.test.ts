import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { bugs, edited, exceptionOf } from '../../../src/demo/history/bugs.ts';
import { type History, makeHistory } from '../../../src/demo/history/history.ts';
import { shopServices, newSwitches } from '../../../src/demo/shop/services.ts';
import { sources } from '../../../src/demo/history/sources.ts';

const path = process.env['PATH'] ?? '';
const hasGit = spawnSync('git', ['--version']).status === 0;
const now = Date.parse('2026-03-01T12:00:00Z');
const folders: string[] = [];
const newFolder = () => {
  const folder = mkdtempSync(join(tmpdir(), 'history-'));
  folders.push(folder);
  return folder;
};
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});
const git = ({ folder }: History, ...args: string[]) => execFileSync('git', args, { cwd: folder, encoding: 'utf8' }).trim();

describe.skipIf(!hasGit)('makeHistory (skipped without git)', () => {
  it.each(bugs.map((bug) => [bug.service, bug] as const))('holds the release of %s with its bug in the diff', async (service, bug) => {
    const history = await makeHistory(newFolder(), { now, bug, path });
    const diff = git(history, 'show', '--format=%s%n%an%n%cI', 'HEAD');
    expect(diff.split('\n').slice(0, 3)).toEqual([bug.title, 'Tomás Reyes', '2026-03-01T11:36:00+00:00']);
    expect(diff).toMatch(new RegExp(`^\\+.*${bug.expression.replace(/[.(){}?]/g, '\\$&')}`, 'm'));
    expect(diff).toContain(`+  "version": "${bug.version}",`);
    expect(git(history, 'rev-parse', `${service}-v${bug.version}^{commit}`)).toBe(git(history, 'rev-parse', 'HEAD'));
    expect(git(history, 'status', '--porcelain')).toBe('');
    expect(git(history, 'rev-list', '--count', 'main')).toBe(String(history.commits));
  });

  it('has an exception that points at the very line of the released code', async () => {
    for (const bug of bugs) {
      const history = await makeHistory(newFolder(), { now, bug, path });
      const [, file = '', line, column] = /\/srv\/shop\/(\S+):(\d+):(\d+)\)/.exec(exceptionOf(bug).stack ?? '') ?? [];
      const text = readFileSync(join(history.folder, file), 'utf8').split('\n')[Number(line) - 1] ?? '';
      expect(text.slice(Number(column) - 1).startsWith(bug.points)).toBe(true);
      expect(text).toContain(bug.expression);
      if (bug.error.name === 'TypeError') expect(exceptionOf(bug).message).toContain(`'${bug.points}'`);
    }
  });

  it('has a week of harmless commits by several people, oldest first, and no release where none breaks anything', async () => {
    const history = await makeHistory(newFolder(), { now, bug: null, path });
    const rows = git(history, 'log', '--reverse', '--format=%ct %ae')
      .split('\n')
      .map((row) => row.split(' '));
    const times = rows.map(([at]) => Number(at) * 1_000);
    expect(rows.length).toBeGreaterThanOrEqual(12);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(times.every((at) => at < now && at >= now - 8 * 86_400_000)).toBe(true);
    expect(new Set(rows.map(([, email]) => email)).size).toBeGreaterThanOrEqual(3);
    expect(git(history, 'tag')).toBe('');
  });
});

describe('makeHistory without git', () => {
  it('says so in a sentence', async () => {
    await expect(makeHistory(newFolder(), { now, bug: null, path: '/nowhere' })).rejects.toThrow('git is not installed');
  });
});

describe('the code of the shop', () => {
  it('is there for every service, in the version that runs', () => {
    const running = shopServices(newSwitches()).map(({ name, version }) => `${name} ${version}`);
    expect(sources.map(({ service, version }) => `${service} ${version}`).sort()).toEqual(running.sort());
  });

  it('cannot be changed where it does not say what is to be changed', () => {
    expect(() => edited('a', ['b', 'c'])).toThrow('the code has no "b" to change');
  });
});
