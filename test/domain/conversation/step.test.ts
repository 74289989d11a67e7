import { expect, it } from 'vitest';
import { conversationText, conversationVersion } from '../../../src/domain/conversation/step.ts';

it('has a text that is a version of its own', () => {
  let sum = 0;
  for (const sign of conversationText) sum = (sum * 31 + sign.codePointAt(0)!) >>> 0;
  expect({ conversationVersion, sum }, 'the text has changed: count its version up').toEqual({ conversationVersion: '1', sum: 1947224908 });
});
