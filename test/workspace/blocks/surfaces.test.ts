/** Block Kit's limits: what Slack takes is taken, what it refuses is refused with the pointer to it. */
import { describe, expect, it } from 'vitest';
import { checkMessageBlocks, checkView } from '../../../src/workspace/blocks/surfaces.ts';
import type { JsonObject } from '../../../src/workspace/json.ts';
import { Refused } from '../../../src/workspace/refused.ts';
import { goodMessageBlocks } from './good-blocks.ts';

const plain = (text: string) => ({ type: 'plain_text', text });
const mrkdwn = (text: string) => ({ type: 'mrkdwn', text });
const section = (text: string) => ({ type: 'section', text: mrkdwn(text) });
const button = (over: JsonObject = {}) => ({ type: 'button', text: plain('Go'), action_id: 'go', ...over });
const option = (value: string) => ({ text: plain('o'), value });
const many = <Value>(count: number, make: (index: number) => Value): Value[] => Array.from({ length: count }, (_, index) => make(index));
const cell = (text: string) => ({ type: 'raw_text', text });
const table = { type: 'table', rows: [[cell('a')]] };
const chart = (over: JsonObject = {}) => ({
  type: 'data_visualization',
  title: 't',
  chart: { type: 'line', series: [{ name: 's', data: [{ label: 'a', value: 1 }] }], ...over },
});
const series = (count: number) => many(count, (index) => ({ name: `s${index}`, data: [{ label: 'a', value: index }] }));
const input = (over: JsonObject = {}) => ({
  type: 'input',
  block_id: 'i',
  label: plain('L'),
  element: { type: 'plain_text_input', action_id: 'a' },
  ...over,
});

function refusalOf(act: () => void): { code: string; reasons: readonly string[] } {
  try {
    act();
  } catch (error) {
    if (error instanceof Refused) return { code: error.code, reasons: error.reasons };
    throw error;
  }
  return { code: 'accepted', reasons: [] };
}

describe('message blocks that Slack takes', () => {
  it.each(Object.entries(goodMessageBlocks))('%s', (_name, block) => {
    expect(refusalOf(() => checkMessageBlocks([block as JsonObject], '/blocks'))).toEqual({ code: 'accepted', reasons: [] });
  });
  it('fifty blocks, two charts and one table', () => {
    const blocks = [...many(47, () => section('x')), chart(), chart(), table];
    expect(refusalOf(() => checkMessageBlocks(blocks, '/blocks')).code).toBe('accepted');
  });
  it('13,200 characters', () => {
    const blocks = [...many(4, () => section('x'.repeat(3_000))), section('x'.repeat(1_200))];
    expect(refusalOf(() => checkMessageBlocks(blocks, '/blocks')).code).toBe('accepted');
  });
});

describe('message blocks that Slack refuses', () => {
  const cases: readonly (readonly [string, readonly JsonObject[], string, string])[] = [
    ['51 blocks', many(51, () => ({ type: 'divider' })), 'invalid_blocks', 'no more than 50 items allowed [json-pointer:/blocks]'],
    [
      'a section of 3,001 characters',
      [section('ok'), section('x'.repeat(3_001))],
      'invalid_blocks',
      'must be less than 3001 characters [json-pointer:/blocks/1/text/text]',
    ],
    ['an empty section', [section('')], 'invalid_blocks', 'must be more than 0 characters [json-pointer:/blocks/0/text/text]'],
    [
      'a section without text and fields',
      [{ type: 'section' }],
      'invalid_blocks',
      'missing required field: text or fields [json-pointer:/blocks/0]',
    ],
    [
      'eleven fields',
      [{ type: 'section', fields: many(11, () => mrkdwn('f')) }],
      'invalid_blocks',
      'no more than 10 items allowed [json-pointer:/blocks/0/fields]',
    ],
    [
      'a field of 2,001 characters',
      [{ type: 'section', fields: [mrkdwn('f'.repeat(2_001))] }],
      'invalid_blocks',
      'must be less than 2001 characters [json-pointer:/blocks/0/fields/0/text]',
    ],
    [
      'a header of 151 characters',
      [{ type: 'header', text: plain('h'.repeat(151)) }],
      'invalid_blocks',
      'must be less than 151 characters [json-pointer:/blocks/0/text/text]',
    ],
    [
      'a header in mrkdwn',
      [{ type: 'header', text: mrkdwn('*h*') }],
      'invalid_blocks',
      'unsupported type: mrkdwn [json-pointer:/blocks/0/text/type]',
    ],
    [
      'eleven context elements',
      [{ type: 'context', elements: many(11, () => mrkdwn('c')) }],
      'invalid_blocks',
      'no more than 10 items allowed [json-pointer:/blocks/0/elements]',
    ],
    [
      'a button in a context',
      [{ type: 'context', elements: [button()] }],
      'invalid_blocks',
      'unsupported type: button [json-pointer:/blocks/0/elements/0/type]',
    ],
    [
      '26 actions',
      [{ type: 'actions', elements: many(26, (index) => button({ action_id: `a${index}` })) }],
      'invalid_blocks',
      'no more than 25 items allowed [json-pointer:/blocks/0/elements]',
    ],
    [
      'a button text of 76',
      [{ type: 'actions', elements: [button({ text: plain('b'.repeat(76)) })] }],
      'invalid_blocks',
      'must be less than 76 characters [json-pointer:/blocks/0/elements/0/text/text]',
    ],
    [
      'a button value of 2,001',
      [{ type: 'actions', elements: [button({ value: 'b'.repeat(2_001) })] }],
      'invalid_blocks',
      'must be less than 2001 characters [json-pointer:/blocks/0/elements/0/value]',
    ],
    [
      'an unknown style',
      [{ type: 'actions', elements: [button({ style: 'warning' })] }],
      'invalid_blocks',
      'must be a valid enum value: primary, danger [json-pointer:/blocks/0/elements/0/style]',
    ],
    [
      'an unknown field',
      [{ type: 'divider', colour: 'red' }],
      'invalid_blocks',
      'invalid additional property: colour [json-pointer:/blocks/0]',
    ],
    ['an unknown block', [{ type: 'headline' }], 'invalid_blocks', 'unsupported type: headline [json-pointer:/blocks/0/type]'],
    ['a block without type', [{ text: 'x' }], 'invalid_blocks', 'missing required field: type [json-pointer:/blocks/0]'],
    [
      'the same action_id twice in a block',
      [{ type: 'actions', elements: [button(), button()] }],
      'invalid_blocks',
      'action_id already exists: go [json-pointer:/blocks/0/elements]',
    ],
    [
      'the same block_id twice',
      [
        { type: 'divider', block_id: 'b' },
        { type: 'divider', block_id: 'b' },
      ],
      'invalid_blocks',
      'block_id already exists: b [json-pointer:/blocks/1/block_id]',
    ],
    [
      'six overflow options',
      [{ type: 'section', text: mrkdwn('x'), accessory: { type: 'overflow', options: many(6, (index) => option(`${index}`)) } }],
      'invalid_blocks',
      'no more than 5 items allowed [json-pointer:/blocks/0/accessory/options]',
    ],
    [
      'an option value of 76',
      [{ type: 'actions', elements: [{ type: 'static_select', options: [option('v'.repeat(76))] }] }],
      'invalid_blocks',
      'must be less than 76 characters [json-pointer:/blocks/0/elements/0/options/0/value]',
    ],
    [
      'a menu with neither options nor groups',
      [{ type: 'actions', elements: [{ type: 'static_select' }] }],
      'invalid_blocks',
      'must have exactly one of options and option_groups [json-pointer:/blocks/0/elements/0]',
    ],
    [
      'an initial option that is not offered',
      [{ type: 'actions', elements: [{ type: 'static_select', options: [option('a')], initial_option: option('b') }] }],
      'invalid_blocks',
      'initial option must be one of the options [json-pointer:/blocks/0/elements/0]',
    ],
    [
      'an image without alt text',
      [{ type: 'image', image_url: 'https://example.com/x.png' }],
      'invalid_blocks',
      'missing required field: alt_text [json-pointer:/blocks/0]',
    ],
    [
      'an alert in a message',
      [{ type: 'alert', text: mrkdwn('x') }],
      'invalid_blocks',
      'unsupported type: alert [json-pointer:/blocks/0/type]',
    ],
    [
      '12,001 characters of markdown in two blocks',
      [
        { type: 'markdown', text: 'm'.repeat(6_001) },
        { type: 'markdown', text: 'm'.repeat(6_000) },
      ],
      'invalid_blocks',
      'markdown must be less than 12001 characters in all [json-pointer:/blocks]',
    ],
    [
      'three charts',
      [chart(), chart(), chart()],
      'invalid_blocks',
      'no more than 2 data_visualization blocks allowed [json-pointer:/blocks]',
    ],
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
    [
      'a container of eleven',
      [{ type: 'container', title: plain('t'), child_blocks: many(11, () => ({ type: 'divider' })) }],
      'invalid_blocks',
      'no more than 10 items allowed [json-pointer:/blocks/0/child_blocks]',
    ],
    ['an empty card', [{ type: 'card' }], 'invalid_blocks', 'must have one of hero_image, title, actions, body [json-pointer:/blocks/0]'],
    [
      'an unknown task status',
      [{ type: 'task_card', task_id: 't', title: 't', status: 'done' }],
      'invalid_blocks',
      'must be a valid enum value: pending, in_progress, complete, error [json-pointer:/blocks/0/status]',
    ],
    [
      'six context actions',
      [
        {
          type: 'context_actions',
          elements: many(6, (index) => ({ type: 'icon_button', icon: 'trash', text: plain('d'), action_id: `${index}` })),
        },
      ],
      'invalid_blocks',
      'no more than 5 items allowed [json-pointer:/blocks/0/elements]',
    ],
    ['two tables', [table, table], 'invalid_attachments', 'only_one_table_allowed'],
    [
      '13,201 characters',
      [...many(4, () => section('x'.repeat(3_000))), section('x'.repeat(1_201))],
      'msg_blocks_too_long',
      '13201 characters',
    ],
  ];
  it.each(cases)('%s', (_name, blocks, code, reason) => {
    const refusal = refusalOf(() => checkMessageBlocks(blocks, '/blocks'));
    expect(refusal.code).toBe(code);
    expect(refusal.reasons.join('\n')).toContain(reason);
  });
});

describe('views', () => {
  const modal = { type: 'modal', title: plain('T'), blocks: [section('x')] };
  it('takes a modal with an alert, and a Home tab', () => {
    expect(refusalOf(() => checkView({ ...modal, blocks: [{ type: 'alert', level: 'warning', text: mrkdwn('x') }] }, 'modal')).code).toBe(
      'accepted',
    );
    expect(refusalOf(() => checkView({ type: 'home', blocks: many(100, () => ({ type: 'divider' })) }, 'home')).code).toBe('accepted');
    expect(refusalOf(() => checkView({ ...modal, submit: plain('Send'), blocks: [input()] }, 'modal')).code).toBe('accepted');
  });
  const cases: readonly (readonly [string, JsonObject, 'modal' | 'home', string])[] = [
    [
      'a title of 25 characters',
      { ...modal, title: plain('t'.repeat(25)) },
      'modal',
      'must be less than 25 characters [json-pointer:/view/title/text]',
    ],
    [
      'an input without submit',
      { ...modal, blocks: [input()] },
      'modal',
      'submit is required when an input block is within blocks [json-pointer:/view]',
    ],
    [
      'an input without submit, in a container',
      { ...modal, blocks: [{ type: 'container', title: plain('t'), child_blocks: [input()] }] },
      'modal',
      'submit is required',
    ],
    ['no title', { type: 'modal', blocks: [] }, 'modal', 'missing required field: title [json-pointer:/view]'],
    [
      '101 blocks',
      { ...modal, blocks: many(101, () => ({ type: 'divider' })) },
      'modal',
      'no more than 100 items allowed [json-pointer:/view/blocks]',
    ],
    [
      '3,001 characters of private metadata',
      { ...modal, private_metadata: 'p'.repeat(3_001) },
      'modal',
      'must be less than 3001 characters [json-pointer:/view/private_metadata]',
    ],
    ['a callback_id of 256', { ...modal, callback_id: 'c'.repeat(256) }, 'modal', '[json-pointer:/view/callback_id]'],
    [
      'a chart in a modal',
      { ...modal, blocks: [chart()] },
      'modal',
      'unsupported type: data_visualization [json-pointer:/view/blocks/0/type]',
    ],
    ['a home opened as a modal', { type: 'home', blocks: [] }, 'modal', 'must be a valid enum value: modal [json-pointer:/view/type]'],
    [
      'a title on a Home tab',
      { type: 'home', title: plain('t'), blocks: [] },
      'home',
      'invalid additional property: title [json-pointer:/view]',
    ],
  ];
  it.each(cases)('refuses %s', (_name, view, surface, reason) => {
    const refusal = refusalOf(() => checkView(view, surface));
    expect(refusal.code).toBe('invalid_arguments');
    expect(refusal.reasons.join('\n')).toContain(reason);
  });
  it('refuses 250 kB', () => {
    const blocks = many(90, () => section('x'.repeat(2_900)));
    expect(refusalOf(() => checkView({ ...modal, blocks }, 'modal')).code).toBe('view_too_large');
  });
});
