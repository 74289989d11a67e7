/** The limits of single blocks and their elements: what Slack refuses is refused with the pointer to it. */
import { describe, it } from 'vitest';
import { button, expectRefused, many, mrkdwn, option, plain, type RefusedMessage, section } from './small-blocks.ts';

describe('message blocks that Slack refuses', () => {
  const cases: readonly RefusedMessage[] = [
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
  ];
  it.each(cases)('%s', (_name, blocks, code, reason) => expectRefused(blocks, code, reason));
});
