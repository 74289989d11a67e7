import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const launcher = join(import.meta.dirname, '..', '..', 'bin', 'tracepulse.mjs');
const lines = ['charged 12 for order 7', 'charged 30 for order 8', 'charged 9 for order 11', 'cache is cold'].join('\n');

describe('tracepulse templates', () => {
  it('groups the lines it is given, one object a line where asked', { timeout: 30_000 }, () => {
    const told = spawnSync('node', [launcher, 'templates', '--json'], { input: lines, encoding: 'utf8', timeout: 25_000 });
    const rows = told.stdout
      .trim()
      .split('\n')
      .map((row) => JSON.parse(row) as { template: string; text: string });
    expect(rows.map(({ text }) => text)).toEqual([...Array<string>(3).fill('charged <*> for order <*>'), 'cache is cold']);
    expect(new Set(rows.map(({ template }) => template)).size).toBe(2);
  });
});
