import { expect, it } from 'vitest';
import { chunkRows, ChunkedTable, placeOf } from '../../../src/adapters/telemetry/chunks.ts';
import { spanHash } from '../../../src/adapters/telemetry/identifiers.ts';
import { SpanIndex } from '../../../src/adapters/telemetry/span-index.ts';
import { idWords, spanIdAt } from '../../../src/domain/span-batch.ts';

const makeColumns = (rows: number) => ({ ids: new Int32Array(rows * idWords), startMs: new Float64Array(rows) });

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

function indexed() {
  const table = new ChunkedTable(makeColumns, 60_000);
  const index = new SpanIndex(table);
  const idsOf = (i: number) => Int32Array.of(i >> 3, 7, 7, i, i * 3, ~i, 0, 0);
  return {
    table,
    index,
    add(from: number, to: number) {
      const ids = new Int32Array((to - from) * idWords);
      for (let i = from; i < to; i++) ids.set(idsOf(i), (i - from) * idWords);
      const hashes = index.ahead(ids, to - from);
      for (let i = from; i < to; i++) {
        const row = table.add(0, 0, 1);
        table.at(row).ids.set(idsOf(i), placeOf(row) * idWords);
        index.add(hashes[i - from]!, row);
      }
    },
    find(i: number) {
      const ids = idsOf(i);
      return index.find(spanHash(ids, 0, ids, spanIdAt), ids, 0, ids, spanIdAt);
    },
  };
}

it('finds every row by its ids, and none that is not there, however often it has grown', () => {
  const { add, find } = indexed();
  const sizes = [1, 2_047, 500, 20_000, 3];
  let length = 0;
  for (const size of sizes) {
    add(length, length + size);
    length += size;
    expect(range(0, length + 2_000).filter((i) => find(i) !== (i < length ? i : -1))).toEqual([]);
  }
});

it('finds the others after rows were taken out, and takes them in again in the same space', () => {
  const { table, index, add, find } = indexed();
  add(0, 3 * chunkRows);
  const { bytes } = index;
  for (let round = 1; round <= 5; round++) {
    for (let row = 0; row < chunkRows; row++) index.remove(table.chunks[0]!.number * chunkRows + row);
    table.dropOldest();
    const oldest = round * chunkRows;
    expect(range(oldest - chunkRows, oldest).filter((i) => find(i) >= 0)).toEqual([]);
    add(oldest + 2 * chunkRows, oldest + 3 * chunkRows);
    expect(range(oldest, oldest + 3 * chunkRows).filter((i) => find(i) < 0)).toEqual([]);
  }
  expect(index.bytes).toBe(bytes);
});

it('answers the row whose ids agree in every word', () => {
  const { index, add } = indexed();
  add(1, 2);
  const ids = Int32Array.of(0, 7, 7, 1, 3, ~1);
  const hash = spanHash(ids, 0, ids, spanIdAt);
  expect(index.find(hash, ids, 0, ids, spanIdAt)).toBe(0);
  for (let word = 0; word < 6; word++) {
    const other = ids.map((value, at) => (at === word ? value + 1 : value));
    expect(index.find(hash, other, 0, other, spanIdAt)).toBe(-1);
  }
});
