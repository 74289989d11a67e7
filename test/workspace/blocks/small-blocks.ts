/** Blocks in few words, which hold no more than a case needs, and what the rules say of them. */
import { expect } from 'vitest';
import { checkMessageBlocks } from '../../../src/workspace/blocks/surfaces.ts';
import type { JsonObject } from '../../../src/workspace/json.ts';
import { Refused } from '../../../src/workspace/refused.ts';

export const plain = (text: string) => ({ type: 'plain_text', text });
export const mrkdwn = (text: string) => ({ type: 'mrkdwn', text });
export const section = (text: string) => ({ type: 'section', text: mrkdwn(text) });
export const button = (over: JsonObject = {}) => ({ type: 'button', text: plain('Go'), action_id: 'go', ...over });
export const option = (value: string) => ({ text: plain('o'), value });
export const many = <Value>(count: number, make: (index: number) => Value): Value[] =>
  Array.from({ length: count }, (_, index) => make(index));
export const cell = (text: string) => ({ type: 'raw_text', text });
export const table = { type: 'table', rows: [[cell('a')]] };
export const chart = (over: JsonObject = {}) => ({
  type: 'data_visualization',
  title: 't',
  chart: { type: 'line', series: [{ name: 's', data: [{ label: 'a', value: 1 }] }], ...over },
});
export const series = (count: number) => many(count, (index) => ({ name: `s${index}`, data: [{ label: 'a', value: index }] }));
export const input = (over: JsonObject = {}) => ({
  type: 'input',
  block_id: 'i',
  label: plain('L'),
  element: { type: 'plain_text_input', action_id: 'a' },
  ...over,
});

/** What the rules answer: `accepted`, or the code and reasons of their refusal. */
export function refusalOf(act: () => void): { code: string; reasons: readonly string[] } {
  try {
    act();
  } catch (error) {
    if (error instanceof Refused) return { code: error.code, reasons: error.reasons };
    throw error;
  }
  return { code: 'accepted', reasons: [] };
}

/** What a message holds, and the code and the reason with which it is refused. */
export type RefusedMessage = readonly [name: string, blocks: readonly JsonObject[], code: string, reason: string];

export function expectRefused(blocks: readonly JsonObject[], code: string, reason: string): void {
  const refusal = refusalOf(() => checkMessageBlocks(blocks, '/blocks'));
  expect(refusal.code).toBe(code);
  expect(refusal.reasons.join('\n')).toContain(reason);
}
