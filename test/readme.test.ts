import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { settingsTable } from './settings-table.ts';

const file = new URL('../README.md', import.meta.url);
const begin = '<!-- settings: made by UPDATE_GOLDEN=1 npm test -->';
const end = '<!-- /settings -->';

describe('README', () => {
  it('lists the settings that the code reads', () => {
    const text = readFileSync(file, 'utf8');
    const table = settingsTable();
    const [before, rest] = text.split(begin);
    const after = rest?.split(end)[1];
    expect(after, 'README has lost the marks around its settings').toBeDefined();
    if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(file, `${before}${begin}\n${table}\n${end}${after}`);
    else expect(text).toContain(`${begin}\n${table}\n${end}`);
  });

  it('explains every setting', () => {
    expect(
      settingsTable()
        .split('\n')
        .filter((row) => row.endsWith('|  |')),
    ).toEqual([]);
  });
});
