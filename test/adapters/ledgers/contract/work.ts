/** Work is a lease: handed out when due, and again when it was not finished. */
import { describe, expect, it } from 'vitest';
import type { Ledger } from '../../../../src/ports.ts';
import { at, someWork } from '../samples.ts';

const lease = 30_000;

export function workContract(ledger: () => Ledger): void {
  describe('work', () => {
    const claim = (now: number, limit = 9) => ledger().claimWork(now, lease, limit);

    it('is handed out when due, earliest first, at most the limit', async () => {
      await ledger().commit({
        work: [someWork('c', { dueAt: at + 3 }), someWork('a', { dueAt: at + 1 }), someWork('b', { dueAt: at + 2 })],
      });
      expect(await claim(at)).toEqual([]);
      expect((await claim(at + 2, 1)).map(({ id }) => id)).toEqual(['a']);
      expect((await claim(at + 2)).map(({ id }) => id)).toEqual(['b']);
      expect(await ledger().nextDueAt()).toBe(at + 3);
    });

    it('goes to one of two who ask at the same time', async () => {
      await ledger().commit({ work: [someWork('a'), someWork('b')] });
      const claimed = (await Promise.all([claim(at), claim(at), claim(at)])).flat();
      expect(claimed.map(({ id }) => id).sort()).toEqual(['a', 'b']);
    });

    it('is handed out again when the lease has ended, with its attempts counted', async () => {
      await ledger().commit({ work: [someWork('a')] });
      expect((await claim(at))[0]?.attempts).toBe(1);
      expect(await ledger().nextDueAt()).toBe(at + lease);
      expect(await claim(at + lease - 1)).toEqual([]);
      expect(await claim(at + lease)).toEqual([someWork('a', { attempts: 2 })]);
    });

    it('is over when done', async () => {
      await ledger().commit({ work: [someWork('a')] });
      await ledger().commit({ workDone: await claim(at) });
      expect(await ledger().nextDueAt()).toBeNull();
    });

    it('is one entry however often it is asked for; the last asking counts', async () => {
      await ledger().commit({ work: [someWork('a', { dueAt: at + 5 })] });
      await ledger().commit({ work: [someWork('a', { dueAt: at + 1, subject: 'INC-2' })] });
      expect(await ledger().nextDueAt()).toBe(at + 1);
      expect(await claim(at + 9)).toEqual([someWork('a', { dueAt: at + 1, subject: 'INC-2', attempts: 1 })]);
    });

    it('stays when it was put again meanwhile for later', async () => {
      await ledger().commit({ work: [someWork('a')] });
      const claimed = await claim(at);
      await ledger().commit({ work: [someWork('a', { dueAt: at + 60 })] });
      await ledger().commit({ workDone: claimed });
      expect(await ledger().nextDueAt()).toBe(at + 60);
      expect(await claim(at + 60)).toEqual([someWork('a', { dueAt: at + 60, attempts: 1 })]);
    });

    it('may be finished and asked for anew in one change', async () => {
      await ledger().commit({ work: [someWork('a')] });
      const claimed = await claim(at);
      await ledger().commit({ workDone: claimed, work: [someWork('a', { dueAt: at + 60 })] });
      expect(await ledger().nextDueAt()).toBe(at + 60);
    });

    it('comes back at the time it was postponed to, with its attempts', async () => {
      await ledger().commit({ work: [someWork('a')] });
      const [claimed] = await claim(at);
      await ledger().postpone(claimed!, at + 100);
      expect(await ledger().nextDueAt()).toBe(at + 100);
      expect(await claim(at + 99)).toEqual([]);
      expect(await claim(at + 100)).toEqual([someWork('a', { dueAt: at + 100, attempts: 2 })]);
    });

    it('stays claimed for as long as its holder says, and no longer', async () => {
      await ledger().commit({ work: [someWork('a')] });
      const [claimed] = await claim(at);
      await ledger().prolong(claimed!, at + lease + 500);
      expect(await claim(at + lease)).toEqual([]);
      expect(await claim(at + lease + 500)).toEqual([someWork('a', { attempts: 2 })]);
      // The claim is another's by now, and so is an entry that was put again.
      await ledger().prolong(claimed!, at + 90 * lease);
      expect((await claim(at + 3 * lease)).map(({ attempts }) => attempts)).toEqual([3]);
      await ledger().commit({ work: [someWork('a', { dueAt: at + 10 })] });
      await ledger().prolong({ ...claimed!, attempts: 3 }, at + 90 * lease);
      expect(await ledger().nextDueAt()).toBe(at + 10);
    });

    it('is not postponed when it was put again meanwhile', async () => {
      await ledger().commit({ work: [someWork('a')] });
      const [claimed] = await claim(at);
      await ledger().commit({ work: [someWork('a', { dueAt: at + 10 })] });
      await ledger().postpone(claimed!, at + 5_000);
      expect(await ledger().nextDueAt()).toBe(at + 10);
    });
  });
}
