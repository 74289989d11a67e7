/** What failed too often is laid aside, and may come back. */
import { describe, expect, it } from 'vitest';
import type { Ledger, Outgoing, Work } from '../../../../src/ports.ts';
import { anEntry, at, aText, someWork } from '../samples.ts';

const lease = 30_000;

export function deadLetterContract(ledger: () => Ledger): void {
  describe('dead letters', () => {
    const claim = () => ledger().claimWork(at, lease, 9);
    const letter = (entry: Work | Outgoing, diedAt = at) => ({ id: entry.id, at: diedAt, reason: `«${entry.id}» broke`, entry });
    const buryWork = async (id: string, diedAt = at) => {
      await ledger().commit({ work: [someWork(id)] });
      const [work] = await claim();
      await ledger().commit({ buried: [letter(work!, diedAt)] });
      return letter(work!, diedAt);
    };

    it('leave the line and are listed newest first, at most so many', async () => {
      const first = await buryWork('a', at + 1);
      const second = await buryWork('b', at + 2);
      expect(await ledger().nextDueAt()).toBeNull();
      expect(await ledger().deadLetters(9)).toEqual([second, first]);
      expect(await ledger().deadLetters(1)).toEqual([second]);
    });

    it('come back as never tried, and once', async () => {
      await buryWork('a');
      await ledger().commit({
        revived: [
          { id: 'a', dueAt: at + 5 },
          { id: 'unknown', dueAt: at },
        ],
      });
      expect([await ledger().deadLetters(9), await ledger().nextDueAt()]).toEqual([[], at + 5]);
      await ledger().commit({ revived: [{ id: 'a', dueAt: at }] });
      expect(await ledger().claimWork(at + 5, lease, 9)).toEqual([someWork('a', { dueAt: at + 5, attempts: 1 })]);
    });

    it('are over when the same is asked for anew and done', async () => {
      await buryWork('a');
      await ledger().commit({ work: [someWork('a')] });
      await ledger().commit({ workDone: await claim() });
      expect(await ledger().deadLetters(9)).toEqual([]);
    });

    it('of the outbox come back too, a text as one that was never said', async () => {
      await ledger().commit({ outbox: [anEntry('t', { content: aText('because') })] });
      const [entry] = await ledger().claimOutbox('slack', at, lease, 9);
      await ledger().commit({ buried: [letter(entry!)] });
      expect(await ledger().claimOutbox('slack', at + lease, lease, 9)).toEqual([]);
      await ledger().commit({ revived: [{ id: 't', dueAt: at }] });
      expect(await ledger().claimOutbox('slack', at + lease, lease, 9)).toMatchObject([
        { id: 't', content: aText('because'), attempts: 1 },
      ]);
    });

    it('leave in line what was put again meanwhile', async () => {
      await ledger().commit({ outbox: [anEntry('a')], work: [someWork('w')] });
      const [entry] = await ledger().claimOutbox('slack', at, lease, 9);
      const [work] = await claim();
      await ledger().commit({ outbox: [anEntry('a')], work: [someWork('w', { dueAt: at + 7 })] });
      await ledger().commit({ buried: [letter(entry!), letter(work!)] });
      expect((await ledger().claimOutbox('slack', at + lease, lease, 9)).map(({ id }) => id)).toEqual(['a']);
      expect((await ledger().claimWork(at + 7, lease, 9)).map(({ id }) => id)).toEqual(['w']);
    });
  });
}
