import { describe, expect, it } from 'vitest';
import { Failure } from '../../src/domain/failure.ts';
import { eachField, type WireValue, wireBytes, wireNumber, wireText } from '../../src/domain/wire.ts';

function fields(bytes: readonly number[]): [number, WireValue][] {
  const found: [number, WireValue][] = [];
  eachField(new Uint8Array(bytes), (field, value) => found.push([field, value]));
  return found;
}

describe('protobuf on the wire', () => {
  // The first two are the examples of protobuf.dev/programming-guides/encoding.
  it.each([
    { name: 'a number', bytes: [0x08, 0x96, 0x01], read: [[1, 150]] },
    { name: 'a text', bytes: [0x12, 0x07, 0x74, 0x65, 0x73, 0x74, 0x69, 0x6e, 0x67], read: [[2, new TextEncoder().encode('testing')]] },
    {
      name: 'fixed32 and fixed64',
      bytes: [0x0d, 1, 2, 3, 4, 0x11, 1, 2, 3, 4, 5, 6, 7, 8],
      read: [
        [1, new Uint8Array([1, 2, 3, 4])],
        [2, new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8])],
      ],
    },
    { name: 'nothing', bytes: [], read: [] },
    { name: 'a large field number', bytes: [0xf8, 0xff, 0xff, 0xff, 0x0f, 0x01], read: [[536_870_911, 1]] },
    { name: 'an empty text', bytes: [0x12, 0x00], read: [[2, new Uint8Array()]] },
  ])('reads $name', ({ bytes, read }) => expect(fields(bytes)).toEqual(read));

  it.each([
    { name: 'a key without a value', bytes: [0x08] },
    { name: 'a number that never ends', bytes: [0x08, ...Array(11).fill(0x80)] },
    { name: 'a text cut short', bytes: [0x12, 0x07, 0x74] },
    { name: 'a length beyond reason', bytes: [0x12, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f] },
    { name: 'field number 0', bytes: [0x00, 0x01] },
    { name: 'a group', bytes: [0x0b] },
    { name: 'fixed64 cut short', bytes: [0x11, 1, 2] },
  ])('refuses $name', ({ bytes }) => expect(() => fields(bytes)).toThrow(Failure));

  it('refuses a field of another kind', () => {
    expect(() => wireBytes(1)).toThrow(Failure);
    expect(() => wireNumber(new Uint8Array())).toThrow(Failure);
    expect(() => wireText(new Uint8Array([0xff]))).toThrow(Failure);
    expect(wireText(new TextEncoder().encode('ä'))).toBe('ä');
  });
});
