import { describe, expect, it } from 'vitest';
import { leftOf, pairKey } from '../../../src/domain/baseline/counts.ts';
import { Histogram } from '../../../src/domain/baseline/histogram.ts';
import { Lexicon } from '../../../src/domain/baseline/lexicon.ts';
import { emptyNormal } from '../../../src/domain/baseline/normal.ts';
import { makeRoom } from '../../../src/domain/baseline/room.ts';

const small = { paths: 8, items: 24, spoken: 4, calls: 4, steps: 4, failing: 4, sketches: 4 };

/** `paths` ways through as many operations, the n-th visited n + 1 times, with `items` items on each. */
function counted(paths: number, items: number) {
  const lexicon = new Lexicon();
  const normal = emptyNormal();
  for (let n = 0; n < paths; n++) {
    const path = lexicon.path(lexicon.id('U', 'shop', `GET /${n}`), 'a');
    normal.visited.add(path, 0, n + 1);
    normal.covered.add(path, 0, n + 1);
    for (let i = 0; i < items; i++) normal.items.add(pairKey(path, lexicon.id('I', `line ${i}`)), 0, n + 1);
  }
  return { lexicon, normal };
}

describe('room for the normal period', () => {
  it('is left alone while it suffices', () => {
    const { normal, lexicon } = counted(8, 3);
    makeRoom(normal, lexicon, small);
    expect([normal.visited.size, normal.items.size]).toEqual([8, 24]);
  });

  it('is made by forgetting the rarest paths, each with all its items', () => {
    const { normal, lexicon } = counted(10, 3);
    makeRoom(normal, lexicon, small);
    const paths = [...normal.visited.keys()];
    expect(paths.map((path) => normal.visited.sum(path))).toEqual([5, 6, 7, 8, 9, 10]);
    expect(new Set([...normal.items.keys()].map(leftOf))).toEqual(new Set(paths));
    expect(normal.items.size).toBe(18);
    expect([...normal.covered.keys()]).toEqual(paths);
  });

  it('is kept in every other table too', () => {
    const { normal, lexicon } = counted(1, 1);
    for (let n = 0; n < 10; n++) {
      for (const counts of [normal.spoken, normal.failing, normal.seen, normal.places, normal.within]) counts.add(pairKey(1, n), 0, 10 - n);
      const sketch = new Histogram();
      sketch.add(5, 10 - n);
      normal.delays.set(n, sketch);
      normal.metrics.set(n, sketch);
    }
    makeRoom(normal, lexicon, small);
    for (const table of [normal.spoken, normal.failing, normal.seen, normal.places, normal.within])
      expect([...table.keys()]).toEqual([0, 1, 2].map((n) => pairKey(1, n)));
    expect([...normal.delays.keys(), ...normal.metrics.keys()]).toEqual([0, 1, 2, 0, 1, 2]);
  });
});
