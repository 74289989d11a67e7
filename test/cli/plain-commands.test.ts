/** Commands that need no product and no store, as people type them. */
import { spawnSync } from 'node:child_process';
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

describe('tracepulse manifest', () => {
  it('prints what is pasted into api.slack.com', () => expect(JSON.parse(typed(['manifest']))).toEqual(manifest));
});
