/** The limits of a whole message, modal or Home tab: what Slack takes is taken, what it refuses is refused with the pointer to it. */
import { describe, expect, it } from 'vitest';
import { checkMessageBlocks, checkView } from '../../../src/workspace/blocks/surfaces.ts';
import type { JsonObject } from '../../../src/workspace/json.ts';
import { goodMessageBlocks } from './good-blocks.ts';
import { chart, expectRefused, input, many, mrkdwn, plain, refusalOf, type RefusedMessage, section, table } from './small-blocks.ts';

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
  const cases: readonly RefusedMessage[] = [
    ['51 blocks', many(51, () => ({ type: 'divider' })), 'invalid_blocks', 'no more than 50 items allowed [json-pointer:/blocks]'],
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
    ['two tables', [table, table], 'invalid_attachments', 'only_one_table_allowed'],
    [
      '13,201 characters',
      [...many(4, () => section('x'.repeat(3_000))), section('x'.repeat(1_201))],
      'msg_blocks_too_long',
      '13201 characters',
    ],
  ];
  it.each(cases)('%s', (_name, blocks, code, reason) => expectRefused(blocks, code, reason));
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
