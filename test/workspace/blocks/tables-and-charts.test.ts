/** The limits of tables, data tables and charts: what Slack refuses is refused with the pointer to it. */
import { describe, it } from 'vitest';
import { cell, chart, expectRefused, many, type RefusedMessage, series } from './small-blocks.ts';

describe('message blocks that Slack refuses', () => {
  const cases: readonly RefusedMessage[] = [
    ['13 series', [chart({ series: series(13) })], 'invalid_blocks', 'no more than 12 items allowed [json-pointer:/blocks/0/chart/series]'],
    [
      'a label of 21 characters',
      [chart({ series: [{ name: 's', data: [{ label: 'l'.repeat(21), value: 1 }] }] })],
      'invalid_blocks',
      'must be less than 21 characters [json-pointer:/blocks/0/chart/series/0/data/0/label]',
    ],
    [
      'points that miss a category',
      [chart({ axis_config: { categories: ['a', 'b'] } })],
      'invalid_blocks',
      'must have one point per category [json-pointer:/blocks/0/chart/series/0/data]',
    ],
    [
      'series of one name',
      [chart({ series: [...series(1), ...series(1)] })],
      'invalid_blocks',
      'series names must be unique [json-pointer:/blocks/0/chart/series]',
    ],
    [
      'a pie with an empty slice',
      [chart({ type: 'pie', series: undefined, segments: [{ label: 'a', value: 0 }] })],
      'invalid_blocks',
      '[json-pointer:/blocks/0/chart/segments/0/value]',
    ],
    [
      '101 table rows',
      [{ type: 'table', rows: many(101, () => [cell('a')]) }],
      'invalid_blocks',
      'no more than 100 items allowed [json-pointer:/blocks/0/rows]',
    ],
    [
      '21 cells',
      [{ type: 'table', rows: [many(21, () => cell('a'))] }],
      'invalid_blocks',
      'no more than 20 items allowed [json-pointer:/blocks/0/rows/0]',
    ],
    [
      'an empty cell',
      [{ type: 'table', rows: [[cell('')]] }],
      'invalid_blocks',
      'must be more than 0 characters [json-pointer:/blocks/0/rows/0/0/text]',
    ],
    [
      '10,001 characters in a table',
      [{ type: 'table', rows: many(4, () => [cell('x'.repeat(2_501))]) }],
      'invalid_blocks',
      'must be less than 10001 characters over all cells [json-pointer:/blocks/0/rows]',
    ],
    [
      'a data table with a header alone',
      [{ type: 'data_table', caption: 'c', rows: [[cell('a')]] }],
      'invalid_blocks',
      'must have at least 2 items [json-pointer:/blocks/0/rows]',
    ],
    [
      'a data table without caption',
      [{ type: 'data_table', rows: [[cell('a')], [cell('b')]] }],
      'invalid_blocks',
      'missing required field: caption [json-pointer:/blocks/0]',
    ],
    [
      'rows of different width',
      [{ type: 'data_table', caption: 'c', rows: [[cell('a')], [cell('b'), cell('c')]] }],
      'invalid_blocks',
      'all rows must have the same number of cells [json-pointer:/blocks/0/rows/1]',
    ],
  ];
  it.each(cases)('%s', (_name, blocks, code, reason) => expectRefused(blocks, code, reason));
});
