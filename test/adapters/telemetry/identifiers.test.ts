import { expect, it } from 'vitest';
import { spanHash } from '../../../src/adapters/telemetry/identifiers.ts';

const places = 1_024;
const ids = 20_000;

/** How many of these fall to the fullest of the places. */
function fullest(idsOf: (i: number) => readonly number[]): number {
  const counts = new Int32Array(places);
  for (let i = 0; i < ids; i++) counts[spanHash(Int32Array.from(idsOf(i)), 0, Int32Array.from(idsOf(i)), 4) & (places - 1)]!++;
  return Math.max(...counts);
}

it.each<{ what: string; idsOf: (i: number) => readonly number[] }>([
  { what: 'ids that count up together', idsOf: (i) => [0, 0, 0, i, 0, i + 1] },
  { what: 'span ids that repeat the trace id', idsOf: (i) => [i, 0, 0, i * 7, i, i * 7] },
  { what: 'trace ids that differ in the middle alone', idsOf: (i) => [7, i, 0, 7, 1, 1] },
  { what: 'one trace with counted spans', idsOf: (i) => [1, 2, 3, 4, 0, i] },
  { what: 'numbers in high digits alone', idsOf: (i) => [i << 16, 0, 0, 0, i << 16, 0] },
])('spreads $what over all places', ({ idsOf }) => {
  // 20 a place on average; by chance hardly ever more than twice as many.
  expect(fullest(idsOf)).toBeLessThan(60);
});
