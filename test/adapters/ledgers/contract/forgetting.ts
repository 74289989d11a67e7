/** What a ledger forgets: one incident at somebody's word, and what is long over. */
import { describe, expect, it } from 'vitest';
import type { Ledger } from '../../../../src/ports.ts';
import { anAct, anEntry, anIncident, aReceipt, aReport, at, aVote, someWork } from '../samples.ts';

const lease = 30_000;

export function forgettingContract(ledger: () => Ledger, reopen: () => Promise<void>): void {
  describe('forgetIncident', () => {
    it('takes one with everything that hangs on it, and leaves the others and that it was asked for', async () => {
      const asked = anAct('asked', { kind: 'forget', incidentId: 'INC-2' });
      const said = (id: string, ts: string) => ({ id, kind: 'slack', body: { event: { thread_ts: ts, text: 'a name' } }, at });
      await ledger().commit({
        seen: [{ key: 'k', at, incidentId: 'INC-2' }],
        incidents: [anIncident('INC-1'), anIncident('INC-2')],
        reports: [aReport('INC-1', 1), aReport('INC-2', 1)],
        votes: [aVote('v1'), aVote('v2', { incidentId: 'INC-2' })],
        acts: [anAct('a1', { incidentId: 'INC-1' }), anAct('a2', { incidentId: 'INC-2' }), asked],
        inbox: [said('m1', '100.1'), said('m2', '100.2')],
        receipts: [aReceipt(), aReceipt({ incidentId: 'INC-2', messageId: 'C1/100.2' })],
        work: [someWork('round:INC-1'), someWork('round:INC-2', { subject: 'INC-2' })],
        outbox: [anEntry('card:INC-1'), anEntry('card:INC-2', { incidentId: 'INC-2' })],
      });
      await ledger().forgetIncident('INC-2', ['100.2']);
      await reopen();
      expect([await ledger().incident('INC-2'), await ledger().report('INC-2'), await ledger().receipts('INC-2')]).toEqual([
        null,
        null,
        [],
      ]);
      expect(await ledger().incidentAt('slack', '#debug', 'C1/100.2')).toBeNull();
      expect((await ledger().votes()).map(({ id }) => id)).toEqual(['v1']);
      expect((await ledger().acts(0, 9)).map(({ id }) => id).sort()).toEqual(['a1', 'asked']);
      expect([await ledger().inbox('m1'), await ledger().inbox('m2')]).toEqual([said('m1', '100.1'), null]);
      expect([await ledger().incident('INC-1'), await ledger().report('INC-1')]).toEqual([anIncident('INC-1'), aReport('INC-1', 1)]);
      expect((await ledger().claimWork(at, lease, 9)).map(({ id }) => id)).toEqual(['round:INC-1']);
      expect((await ledger().claimOutbox('slack', at, lease, 9)).map(({ id }) => id)).toEqual(['card:INC-1']);
    });

    it('takes what a model was asked about it, and what was laid aside', async () => {
      const asked = (id: string, incidentId: string | null) => ({ id, kind: 'model', body: { incidentId, system: 'a name' }, at });
      const work = ['INC-1', 'INC-2'].map((subject) => someWork(`round:${subject}`, { subject }));
      await ledger().commit({
        incidents: [anIncident('INC-1'), anIncident('INC-2')],
        inbox: [asked('q1', 'INC-1'), asked('q2', 'INC-2'), asked('q3', null)],
        work,
      });
      const claimed = await ledger().claimWork(at, lease, 9);
      await ledger().commit({ buried: claimed.map((entry) => ({ id: entry.id, at, reason: 'a name', entry })) });
      await ledger().forgetIncident('INC-2', []);
      expect((await ledger().inboxSince('model', 0, 9)).map(({ id }) => id).sort()).toEqual(['q1', 'q3']);
      expect((await ledger().deadLetters(9)).map(({ id }) => id)).toEqual(['round:INC-1']);
    });

    it('lets nothing come after that is about it', async () => {
      await ledger().commit({ incidents: [anIncident('INC-1'), anIncident('INC-2')] });
      const change = (id: string) => ({ about: [id], reports: [aReport(id, 1)], votes: [aVote(`v of ${id}`, { incidentId: id })] });
      await ledger().forgetIncident('INC-2', []);
      expect([await ledger().commit(change('INC-1')), await ledger().commit(change('INC-2'))]).toEqual(['committed', 'conflict']);
      expect([await ledger().report('INC-1'), await ledger().report('INC-2')]).toEqual([aReport('INC-1', 1), null]);
      expect((await ledger().votes()).map(({ incidentId }) => incidentId)).toEqual(['INC-1']);
    });

    it('gives its number to no other, and does nothing for one that is not there', async () => {
      await ledger().commit({ incidents: [anIncident('INC-7')] });
      await ledger().forgetIncident('INC-7', []);
      await ledger().forgetIncident('INC-9', []);
      await reopen();
      expect(await ledger().lastIncidentNumber()).toBe(7);
    });
  });

  describe('forgetBefore', () => {
    const day = 86_400_000;
    const over = (id: string, with_: Parameters<typeof anIncident>[1] = {}) =>
      anIncident(id, { state: 'resolved', openedAt: at - 9 * day, resolvedAt: at - 8 * day, ...with_ });

    it('takes what was resolved before with all that hangs on it, and leaves verdicts', async () => {
      await ledger().commit({
        incidents: [over('INC-1'), anIncident('INC-2')],
        reports: [aReport('INC-1', 1), aReport('INC-2', 1)],
        votes: [aVote('v1')],
        receipts: [aReceipt(), aReceipt({ incidentId: 'INC-2', messageId: '100.2' })],
        work: [someWork('round:INC-1'), someWork('round:INC-2', { subject: 'INC-2' })],
        outbox: [anEntry('card:INC-1'), anEntry('card:INC-2', { incidentId: 'INC-2' })],
      });
      expect(await ledger().forgetBefore(at - 7 * day)).toBe(false);
      expect([await ledger().incident('INC-1'), await ledger().report('INC-1'), await ledger().receipts('INC-1')]).toEqual([
        null,
        null,
        [],
      ]);
      expect(await ledger().incidentAt('slack', '#debug', '100.1')).toBeNull();
      expect(await ledger().votes()).toEqual([aVote('v1')]);
      expect([await ledger().incident('INC-2'), await ledger().report('INC-2')]).toEqual([anIncident('INC-2'), aReport('INC-2', 1)]);
      expect((await ledger().claimWork(at, lease, 9)).map(({ id }) => id)).toEqual(['round:INC-2']);
      expect((await ledger().claimOutbox('slack', at, lease, 9)).map(({ id }) => id)).toEqual(['card:INC-2']);
    });

    it('leaves what is open or was resolved since, however old it is, and the number that others follow', async () => {
      const kept = [over('INC-1', { state: 'open', resolvedAt: null }), over('INC-2', { resolvedAt: at - day }), over('INC-3')];
      await ledger().commit({ incidents: kept });
      await ledger().forgetBefore(at - 7 * day);
      expect((await ledger().incidents({ limit: 9 })).incidents.map(({ id }) => id).toSorted()).toEqual(['INC-1', 'INC-2', 'INC-3']);
      expect(await ledger().lastIncidentNumber()).toBe(3);
    });

    it('says that there may be more until nothing is left', async () => {
      await ledger().commit({ incidents: Array.from({ length: 121 }, (_, i) => over(`INC-${i + 1}`)) });
      let rounds = 1;
      while (await ledger().forgetBefore(at)) rounds++;
      expect(rounds).toBeLessThan(10);
      expect((await ledger().incidents({ limit: 200 })).incidents.map(({ id }) => id)).toEqual(['INC-121']);
    });

    it('takes messages that were acted on, and acts once no mute of them can stand', async () => {
      const message = (id: string) => ({ id, kind: 'slack', body: {}, at: at - 9 * day });
      await ledger().commit({
        inbox: [message('acted-on'), message('waiting')],
        work: [someWork('inbox:waiting', { kind: 'inbox', subject: 'waiting' })],
        acts: [anAct('long ago', { at: at - 9 * day }), anAct('a week before that', { at: at - 15 * day })],
      });
      await ledger().forgetBefore(at - 7 * day);
      expect(await ledger().inbox('acted-on')).toBeNull();
      expect(await ledger().inbox('waiting')).toEqual(message('waiting'));
      expect((await ledger().acts(0, 9)).map(({ id }) => id)).toEqual(['long ago']);
    });
  });
}
