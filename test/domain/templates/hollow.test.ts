import { describe, expect, it } from 'vitest';
import { hollowKind, maskedValue } from '../../../src/domain/templates/hollow.ts';
import { Tokens } from '../../../src/domain/templates/masker.ts';
import { createMiner } from '../../../src/domain/templates/miner.ts';

/** Numbers of the masked places with a hollow value, the first being 0. */
function hollowIn(body: string): number[] {
  const miner = createMiner();
  miner.add(body);
  const bits = miner.hollow();
  return [0, 1, 2, 3, 4, 5, 6, 7].filter((place) => (bits & (1 << place)) !== 0);
}

describe('the masked places that hold zero, less or nothing', () => {
  it.each([
    ['convert pair=EURUSD rate=-1 in 12 ms', [0]],
    ['convert pair=EURUSD rate=1.08 in 12 ms', []],
    ['candidates=0 city=5', [0]],
    ['city=5 candidates=0.00', [1]],
    ['session valid=false for u-1', [0]],
    ['session valid=true for u-1', []],
    ['{"plans": null, "n": 0, "cached": true}', [0, 1]],
    ['wrote 0 bytes to disk', [0]],
    ['load 0% of cpu', [0]],
    ['value NaN at undefined place', [0, 1]],
    ['nothing varies here', []],
    ['', []],
  ])('%s', (body, places) => expect(hollowIn(body)).toEqual(places));

  it.each([
    'at 00:12:07 all was well',
    'key 0a3f went',
    'build -2024-01 of it',
    'range -5..7 asked',
    'list [0, 0, 0] came',
    'flag -x9 set',
  ])('no time, id, date, range or list: %s', (body) => expect(hollowIn(body)).toEqual([]));

  it('are looked at up to the eighth', () => {
    expect(hollowIn(Array.from({ length: 20 }, (_, i) => `name${'abcdefghijklmnopqrst'[i]} is 0`).join(' and '))).toHaveLength(8);
  });

  it('change nothing about the template', () => {
    const miner = createMiner();
    const numbers = ['rate is 3 now', 'rate is -3 now', 'rate is null now', 'rate is 0 now'].map((body) => miner.add(body));
    expect(new Set(numbers).size).toBe(1);
    expect(miner.text(numbers[0]!)).toBe('rate is <*> now');
  });
});

describe('a masked value', () => {
  it('is found again with the word before it', () => {
    const tokens = new Tokens();
    tokens.scan('{"hotels": 3, "plans": null}');
    expect(maskedValue(tokens, 0)).toEqual({ value: '3', name: 'hotels' });
    expect(maskedValue(tokens, 1)).toEqual({ value: 'null', name: 'plans' });
    expect(maskedValue(tokens, 2)).toBeNull();
  });
});

it('zero, less than zero and nothing are told apart', () => {
  expect(['0', '-2.5', 'nil', '7', '-', ''].map((text) => hollowKind(text, 0, text.length))).toEqual([
    '0',
    'negative',
    'none',
    null,
    null,
    null,
  ]);
});
