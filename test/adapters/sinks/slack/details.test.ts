import type { KnownBlock } from '@slack/types';
import { describe, expect, it } from 'vitest';
import { characters, fits } from '../../../../src/adapters/sinks/slack/details.ts';

const section = (length: number): KnownBlock => ({ type: 'section', text: { type: 'mrkdwn', text: 'x'.repeat(length) } });
const context = (length: number, elements = 1): KnownBlock => ({
  type: 'context',
  elements: Array.from({ length: elements }, () => ({ type: 'mrkdwn', text: 'x'.repeat(length) })),
});
const times = (count: number, block: KnownBlock): KnownBlock[] => Array.from({ length: count }, () => block);

describe('fits', () => {
  it.each([
    ['50 blocks', times(50, section(1)), true],
    ['51 blocks', times(51, section(1)), false],
    ['12,000 characters in all', times(4, section(3_000)), true],
    ['12,001 characters in all', [...times(4, section(3_000)), section(1)], false],
    ['a section of 3,001', [section(3_001)], false],
    ['a context of 2,001', [context(2_001)], false],
    ['11 elements in a context', [context(1, 11)], false],
  ])('judges %s', (_, blocks, verdict) => {
    expect(fits(blocks)).toBe(verdict);
  });

  it('counts what people read, buttons included, and nothing else', () => {
    const button: KnownBlock = {
      type: 'actions',
      elements: [{ type: 'button', action_id: 'a'.repeat(99), text: { type: 'plain_text', text: 'Confirm' }, value: 'v'.repeat(99) }],
    };
    expect(characters([section(10), button])).toBe(17);
  });
});
