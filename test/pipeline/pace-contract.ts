/** What every pace must do, whether one process keeps it or many. */
import { describe, expect, it } from 'vitest';
import type { Pace } from '../../src/ports/replicas.ts';

export function paceContract(name: string, make: () => Pace): void {
  describe(`${name} keeps the contract of pace`, () => {
    it('holds a place until it rests, and then for as long as was said', async () => {
      const pace = make();
      expect(await pace.take('slack:#debug', 1_000, 12_000)).toBe(0);
      expect(await pace.take('slack:#debug', 1_001, 12_000)).toBe(13_000);
      await pace.rest('slack:#debug', 1_100, 2_100);
      expect(await pace.take('slack:#debug', 2_099, 12_000)).toBe(2_100);
      expect(await pace.take('slack:#debug', 2_100, 12_000)).toBe(0);
    });

    it('has a pace for each place', async () => {
      const pace = make();
      await pace.take('slack:#debug', 1_000, 12_000);
      expect(await pace.take('slack:#ops', 1_000, 12_000)).toBe(0);
    });

    it('lets a place go by itself where its holder never comes back', async () => {
      const pace = make();
      await pace.take('slack:#debug', 1_000, 500);
      expect(await pace.take('slack:#debug', 1_500, 500)).toBe(0);
    });
  });
}
