import { describe, expect, it } from 'vitest';
// @ts-expect-error the package has no types
import { compress } from 'snappyjs';
import { Failure } from '../../src/domain/failure.ts';
import { snappyLength, unsnappy } from '../../src/domain/snappy.ts';

const packed = (bytes: Uint8Array): Uint8Array => compress(bytes);

/** Repeatable noise. */
function noise(length: number): Uint8Array {
  let state = 7;
  return Uint8Array.from({ length }, () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state >> 16;
  });
}

describe('snappy', () => {
  it.each([
    { name: 'nothing', bytes: new Uint8Array() },
    { name: 'a word', bytes: new TextEncoder().encode('hello') },
    { name: 'a run', bytes: new Uint8Array(100_000).fill(7) },
    { name: 'noise', bytes: noise(200_000) },
    { name: 'lines', bytes: new TextEncoder().encode('ERROR no cart\n'.repeat(5_000)) },
    { name: 'a repeat far back', bytes: Buffer.concat([noise(50_000), noise(50_000)]) },
  ])('unpacks what another packed: $name', ({ bytes }) => {
    const block = packed(bytes);
    expect(snappyLength(block)).toBe(bytes.length);
    expect(Buffer.from(unsnappy(block, 1e6)).equals(Buffer.from(bytes))).toBe(true);
  });

  // Written by hand after format_description.txt; "abcd" and a copy of each kind.
  const abcd = [0x0c, 0x61, 0x62, 0x63, 0x64];
  it.each([
    { name: 'one byte of distance', block: [8, ...abcd, 0x01, 0x04], text: 'abcdabcd' },
    { name: 'two bytes of distance', block: [7, ...abcd, 0x0a, 0x04, 0x00], text: 'abcdabc' },
    { name: 'four bytes of distance', block: [7, ...abcd, 0x0b, 0x04, 0x00, 0x00, 0x00], text: 'abcdabc' },
    { name: 'an overlap', block: [9, ...abcd, 0x12, 0x01, 0x00], text: 'abcdddddd' },
  ])('copies with $name', ({ block, text }) => expect(new TextDecoder().decode(unsnappy(new Uint8Array(block), 100))).toBe(text));

  it.each([
    { name: 'nothing at all', block: [] },
    { name: 'a length without end', block: [0xff, 0xff, 0xff, 0xff, 0xff, 0xff] },
    { name: 'a bomb', block: [0xff, 0xff, 0xff, 0xff, 0x0f, 0x00] },
    { name: 'a copy from before the start', block: [8, ...abcd, 0x01, 0x05] },
    { name: 'a copy from nowhere', block: [8, ...abcd, 0x01, 0x00] },
    { name: 'more than it says', block: [3, ...abcd] },
    { name: 'less than it says', block: [9, ...abcd] },
    { name: 'a literal cut short', block: [4, 0x0c, 0x61] },
    { name: 'a copy cut short', block: [8, ...abcd, 0x02, 0x01] },
    { name: 'a long literal without its length', block: [8, 0xf4, 0x01] },
  ])('refuses $name', ({ block }) => expect(() => unsnappy(new Uint8Array(block), 1_000)).toThrow(Failure));
});
