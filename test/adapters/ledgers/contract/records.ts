/** Reports, votes, acts, inbox and receipts. */
import { describe, expect, it } from 'vitest';
import type { Ledger } from '../../../../src/ports.ts';
import { aLearning, anAct, aReceipt, aReport, at, aVote } from '../samples.ts';

export function recordsContract(ledger: () => Ledger): void {
  describe('reports, votes, inbox, receipts', () => {
    it('answers the latest round, also when an earlier one comes in after it', async () => {
      await ledger().commit({ reports: [aReport('INC-1', 1)] });
      await ledger().commit({ reports: [aReport('INC-1', 3)] });
      await ledger().commit({ reports: [aReport('INC-1', 2)] });
      expect(await ledger().report('INC-1')).toEqual(aReport('INC-1', 3));
    });

    it('lists acts since a time, oldest first, the newest of more than the limit, and each once', async () => {
      await ledger().commit({ acts: [anAct('a2', { at: at + 2 }), anAct('a1', { at: at + 1 })] });
      await ledger().commit({ acts: [anAct('a3', { at: at + 3 }), anAct('a2', { at: at + 9 })] });
      expect((await ledger().acts(at, 9)).map(({ id }) => id)).toEqual(['a1', 'a2', 'a3']);
      expect((await ledger().acts(at + 2, 9)).map(({ id }) => id)).toEqual(['a2', 'a3']);
      expect(await ledger().acts(at, 2)).toEqual([anAct('a2', { at: at + 2 }), anAct('a3', { at: at + 3 })]);
    });

    it('keeps what was learned last, and nothing at first', async () => {
      expect(await ledger().learning()).toBeNull();
      await ledger().commit({ learning: aLearning(1) });
      await ledger().commit({ learning: aLearning(2), votes: [aVote('v1')] });
      expect(await ledger().learning()).toEqual(aLearning(2));
    });

    it('lists votes in the order of their time, by incident or all, and each once', async () => {
      await ledger().commit({ votes: [aVote('v2', { at: at + 2 }), aVote('v1', { at: at + 1 })] });
      await ledger().commit({ votes: [aVote('v3', { at: at + 1, incidentId: 'INC-2' }), aVote('v2', { at: at + 9 })] });
      expect((await ledger().votes('INC-1')).map(({ id }) => id)).toEqual(['v1', 'v2']);
      expect((await ledger().votes()).map(({ id }) => id)).toEqual(['v1', 'v3', 'v2']);
    });

    it('keeps the first of two messages with one id', async () => {
      await ledger().commit({ inbox: [{ id: 'Ev1', kind: 'slack', body: 'first', at }] });
      await ledger().commit({ inbox: [{ id: 'Ev1', kind: 'slack', body: 'second', at }] });
      expect(await ledger().inbox('Ev1')).toMatchObject({ body: 'first' });
    });

    it('has one receipt per incident, sink and channel, and finds the incident by its message', async () => {
      await ledger().commit({ receipts: [aReceipt(), aReceipt({ channel: '#ops', messageId: '200.1' })] });
      await ledger().commit({ receipts: [aReceipt({ messageId: '100.2' })] });
      expect((await ledger().receipts('INC-1')).map((receipt) => receipt.messageId).sort()).toEqual(['100.2', '200.1']);
      expect(await ledger().incidentAt('slack', '#debug', '100.2')).toBe('INC-1');
      expect(await ledger().incidentAt('slack', '#debug', '100.1')).toBeNull();
      expect(await ledger().incidentAt('email', '#debug', '100.2')).toBeNull();
    });

    it('forgets a receipt whose message is gone, but not a newer one of the same place', async () => {
      await ledger().commit({ receipts: [aReceipt({ messageId: '100.2' })] });
      await ledger().commit({ receiptsGone: [aReceipt({ messageId: '100.1' })] });
      expect(await ledger().receipts('INC-1')).toHaveLength(1);
      await ledger().commit({ receiptsGone: [aReceipt({ messageId: '100.2' })] });
      expect(await ledger().receipts('INC-1')).toEqual([]);
      expect(await ledger().incidentAt('slack', '#debug', '100.2')).toBeNull();
    });
  });
}
