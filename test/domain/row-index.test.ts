import { describe, expect, it } from 'vitest';
import { hashWords, RowIndex } from '../../src/domain/row-index.ts';

const width = 3;
const rows = 10_000;

/** Keys that differ in one bit here and there, as ids of one sender may. */
const keys = Int32Array.from({ length: rows * width }, (_, i) => (i % width === 1 ? Math.floor(i / width) : 7));

describe('RowIndex', () => {
  it('finds each of many rows by its key, and none by another', () => {
    const index = new RowIndex(width);
    const all = Array.from({ length: rows }, (_, row) => row);
    const found = all.map((row) => {
      const before = index.find(keys, keys, row * width);
      index.add(keys, row);
      return before;
    });
    expect(new Set(found)).toEqual(new Set([-1]));
    expect(all.map((row) => index.find(keys, keys, row * width))).toEqual(all);
    expect(index.find(keys, Int32Array.of(7, rows, 7), 0)).toBe(-1);
    expect(index.find(keys, Int32Array.of(8, 1, 7), 0)).toBe(-1);
  });

  it('takes the hash from whoever has it', () => {
    const index = new RowIndex(width);
    index.addBy(hashWords(keys, 3 * width, width), keys, 3);
    expect(index.find(keys, keys, 3 * width)).toBe(3);
    expect(index.findBy(hashWords(keys, 3 * width, width), keys, keys, 3 * width)).toBe(3);
  });

  it('leads one key to ever later rows, though it holds few: their numbers run ahead of its slots', () => {
    const index = new RowIndex(width);
    const same = new Int32Array(rows * width);
    same[width] = 1;
    index.add(same, 0);
    index.add(same, 1);
    for (let row = 2; row < rows; row++) index.replace(same, row === 2 ? 0 : row - 1, row);
    expect(index.find(same, same, 0)).toBe(rows - 1);
    expect(index.find(same, same, width)).toBe(1);
  });

  it('is empty once cleared', () => {
    const index = new RowIndex(width);
    index.add(keys, 1);
    index.clear();
    expect(index.find(keys, keys, width)).toBe(-1);
    index.add(keys, 1);
    expect(index.find(keys, keys, width)).toBe(1);
  });

  it('is read ahead without being changed, wherever hashes lead', () => {
    const index = new RowIndex(width);
    for (let row = 0; row < 100; row++) index.add(keys, row);
    const hashes = Int32Array.from({ length: rows }, (_, row) => hashWords(keys, row * width, width));
    expect(index.readAhead(hashes, 0)).toBe(0);
    expect(index.readAhead(hashes, rows)).toBe(index.readAhead(hashes, rows));
    expect(Array.from({ length: rows }, (_, row) => index.find(keys, keys, row * width)).filter((row) => row >= 0)).toHaveLength(100);
  });
});
