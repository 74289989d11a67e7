import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { structured } from '../../src/domain/structured-setting.ts';

const places = structured(z.array(z.object({ channel: z.string() })).max(2), 'a list of places');

describe('a structured setting', () => {
  it('is read from JSON', () => expect(places.parse('[{"channel":"#debug"}]')).toEqual([{ channel: '#debug' }]));
  it.each([
    { text: '#debug', says: 'must be a list of places' },
    { text: '', says: 'must be a list of places' },
    {
      text: '[{"channel":"#debug"},{"channel":1}]',
      says: 'must be a list of places; at 1.channel: must be a string',
    },
    { text: '[{"channel":"a"},{"channel":"b"},{"channel":"c"}]', says: 'must be a list of places; must be at most 2 entries' },
    { text: '3', says: 'must be a list of places' },
  ])('says what is wrong with "$text"', ({ text, says }) =>
    expect(places.safeParse(text).error?.issues.map(({ message }) => message)).toEqual([says]),
  );
});
