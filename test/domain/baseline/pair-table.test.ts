import { describe, expect, it } from 'vitest';
import { PairTable } from '../../../src/domain/baseline/pair-table.ts';

describe('PairTable', () => {
  it('numbers pairs in the order they come and knows them again', () => {
    const table = new PairTable(0);
    expect([table.number(7, 1), table.number(1, 7), table.number(7, 1), table.number(1, -1)]).toEqual([0, 1, 0, 2]);
    const { left, right } = table.columns();
    expect([[...left], [...right]]).toEqual([
      [7, 1, 1],
      [1, 7, -1],
    ]);
  });

  it('keeps every number while it grows far beyond what was expected', () => {
    const table = new PairTable(10);
    const numbers = new Map<string, number>();
    for (let i = 0; i < 5_000; i++) {
      const [left, right] = [i % 71, (i * i) % 173];
      const known = numbers.get(`${left} ${right}`);
      expect(table.number(left, right)).toBe(known ?? numbers.size);
      if (known === undefined) numbers.set(`${left} ${right}`, numbers.size);
    }
    expect(table.length).toBe(numbers.size);
    const { left, right } = table.columns();
    for (const [pair, number] of numbers) expect(`${left[number]} ${right[number]}`).toBe(pair);
  });
});
