/** The tables of `npm run chaos`: a line of the page stands for its tests, and what was not run does not count as passed. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { engineSuites, faultSuites, outcomesIn, root, stormSuites, stormTable, suiteTable } from './suites.ts';

const page = readFileSync(join(root, 'docs/reliability.md'), 'utf8');

it('takes each line of what breaks with the tests it names, all of which are there', () => {
  const suites = faultSuites(page);
  const broken = page.split(/^## /m).find((part) => part.startsWith('Broken')) ?? '';
  const lines = broken.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| what '));
  expect(lines.length).toBeGreaterThan(20);
  expect(suites.map(({ what }) => what)).toEqual(lines.map((line) => line.split('|')[1]?.trim()));
  for (const { files } of [...suites, ...engineSuites, ...stormSuites])
    for (const file of files) expect(existsSync(join(root, file)), file).toBe(true);
});

it('counts a file that broke, was not run or was not there as failed', () => {
  const outcomes = outcomesIn({
    testResults: [
      { name: join(root, 'test/a.test.ts'), status: 'passed', assertionResults: [{ status: 'passed' }, { status: 'skipped' }] },
      { name: join(root, 'test/b.test.ts'), status: 'failed', assertionResults: [] },
      { name: join(root, 'test/c.test.ts'), status: 'failed', assertionResults: [{ status: 'passed' }, { status: 'failed' }] },
    ],
  });
  const suites = ['a', 'b', 'c', 'gone'].map((name) => ({ what: name, files: [`test/${name}.test.ts`] }));
  const { table, faults } = suiteTable(suites, outcomes);
  expect(table.split('\n').slice(2)).toEqual(['| a | 1 | 0 | 1 |', '| b | 0 | 1 |  |', '| c | 1 | 1 |  |', '| gone | 0 | 1 |  |']);
  expect(faults.map((fault) => fault.split(':')[0])).toEqual(['b', 'c', 'gone']);
});

it('says of each storm what the page says', () => {
  const rows = stormTable(['1', '2']).split('\n').slice(2);
  const said = rows.map((row) =>
    row
      .split(' | ')
      .filter((_, i) => i !== 1)
      .join(' | '),
  );
  for (const row of said) expect(page).toContain(row);
});
