/** Commands that need no product and no store, as people type them. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import manifest from '../../manifest.json' with { type: 'json' };

const launcher = join(import.meta.dirname, '..', '..', 'bin', 'tracepulse.mjs');
const lines = ['charged 12 for order 7', 'charged 30 for order 8', 'charged 9 for order 11', 'cache is cold'].join('\n');
const typed = (args: readonly string[], input = '') =>
  spawnSync('node', [launcher, ...args], { input, encoding: 'utf8', timeout: 25_000 }).stdout.trim();

describe('tracepulse templates', () => {
  it('groups the lines it is given, one object a line where asked', () => {
    const rows = typed(['templates', '--json'], lines)
      .split('\n')
      .map((row) => JSON.parse(row) as { template: string; text: string });
    expect(rows.map(({ text }) => text)).toEqual([...Array<string>(3).fill('charged <*> for order <*>'), 'cache is cold']);
    expect(new Set(rows.map(({ template }) => template)).size).toBe(2);
  });
});

describe('a file of settings that cannot be read', () => {
  it.each(['check', 'start'])('is a bad configuration for `%s`', (command) => {
    const cwd = mkdtempSync(join(tmpdir(), 'tracepulse-settings-'));
    mkdirSync(join(cwd, 'tracepulse.config.yaml'));
    const { status, stderr } = spawnSync('node', [launcher, command], { cwd, encoding: 'utf8', timeout: 25_000 });
    rmSync(cwd, { recursive: true });
    expect([status, stderr.trim()]).toEqual([78, 'tracepulse.config.yaml cannot be read (EISDIR)']);
  });
});

describe('a data folder that cannot be made', () => {
  it('is said under the name of its setting', () => {
    const folder = join(launcher, 'data'); // below a file
    const env = { ...process.env, TRACEPULSE_WORKSPACE: 'on', TRACEPULSE_DATA: folder, PORT: '0' };
    const { status, stderr } = spawnSync('node', [launcher, 'start'], { cwd: tmpdir(), env, encoding: 'utf8', timeout: 25_000 });
    expect(status).toBe(78);
    expect(stderr).toContain('TRACEPULSE_DATA must be a folder that can be written');
  });
});

describe('tracepulse manifest', () => {
  it('prints what is pasted into api.slack.com', () => expect(JSON.parse(typed(['manifest']))).toEqual(manifest));
});
