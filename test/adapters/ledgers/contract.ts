/**
 * What every ledger must do, whatever it stands on. `make` gives an empty ledger and a way to have it again after it was
 * closed; nothing here knows of files or tables.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Ledger, Outgoing, Work } from '../../../src/ports.ts';
import { anAct, aReceipt, aReport, aText, aLearning, aVote, anEntry, anIncident, at, someWork } from './samples.ts';

export interface LedgerUnderTest {
  /** Opens it: first empty, later with what was committed before. */
  open(): Promise<Ledger>;
  /** Removes it. */
  remove(): Promise<void>;
}

const lease = 30_000;

export function ledgerContract(name: string, make: () => Promise<LedgerUnderTest>): void {
  describe(`${name} keeps the ledger contract`, () => {
    let under: LedgerUnderTest;
    let ledger: Ledger;
    const reopen = async () => {
      await ledger.close();
      ledger = await under.open();
    };
    beforeEach(async () => {
      under = await make();
      ledger = await under.open();
    });
    afterEach(async () => {
      await ledger.close();
      await under.remove();
    });

    describe('forgetIncident', () => {
      it('takes one with everything that hangs on it, and leaves the others and that it was asked for', async () => {
        const asked = anAct('asked', { kind: 'forget', incidentId: 'INC-2' });
        const said = (id: string, ts: string) => ({ id, kind: 'slack', body: { event: { thread_ts: ts, text: 'a name' } }, at });
        await ledger.commit({
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
        await ledger.forgetIncident('INC-2', ['100.2']);
        await reopen();
        expect([await ledger.incident('INC-2'), await ledger.report('INC-2'), await ledger.receipts('INC-2')]).toEqual([null, null, []]);
        expect(await ledger.incidentAt('slack', '#debug', 'C1/100.2')).toBeNull();
        expect((await ledger.votes()).map(({ id }) => id)).toEqual(['v1']);
        expect((await ledger.acts(0, 9)).map(({ id }) => id).sort()).toEqual(['a1', 'asked']);
        expect([await ledger.inbox('m1'), await ledger.inbox('m2')]).toEqual([said('m1', '100.1'), null]);
        expect([await ledger.incident('INC-1'), await ledger.report('INC-1')]).toEqual([anIncident('INC-1'), aReport('INC-1', 1)]);
        expect((await ledger.claimWork(at, lease, 9)).map(({ id }) => id)).toEqual(['round:INC-1']);
        expect((await ledger.claimOutbox('slack', at, lease, 9)).map(({ id }) => id)).toEqual(['card:INC-1']);
      });

      it('takes what a model was asked about it, and what was laid aside', async () => {
        const asked = (id: string, incidentId: string | null) => ({ id, kind: 'model', body: { incidentId, system: 'a name' }, at });
        const work = ['INC-1', 'INC-2'].map((subject) => someWork(`round:${subject}`, { subject }));
        await ledger.commit({
          incidents: [anIncident('INC-1'), anIncident('INC-2')],
          inbox: [asked('q1', 'INC-1'), asked('q2', 'INC-2'), asked('q3', null)],
          work,
        });
        const claimed = await ledger.claimWork(at, lease, 9);
        await ledger.commit({ buried: claimed.map((entry) => ({ id: entry.id, at, reason: 'a name', entry })) });
        await ledger.forgetIncident('INC-2', []);
        expect((await ledger.inboxSince('model', 0, 9)).map(({ id }) => id).sort()).toEqual(['q1', 'q3']);
        expect((await ledger.deadLetters(9)).map(({ id }) => id)).toEqual(['round:INC-1']);
      });

      it('lets nothing come after that is about it', async () => {
        await ledger.commit({ incidents: [anIncident('INC-1'), anIncident('INC-2')] });
        const change = (id: string) => ({ about: [id], reports: [aReport(id, 1)], votes: [aVote(`v of ${id}`, { incidentId: id })] });
        await ledger.forgetIncident('INC-2', []);
        expect([await ledger.commit(change('INC-1')), await ledger.commit(change('INC-2'))]).toEqual(['committed', 'conflict']);
        expect([await ledger.report('INC-1'), await ledger.report('INC-2')]).toEqual([aReport('INC-1', 1), null]);
        expect((await ledger.votes()).map(({ incidentId }) => incidentId)).toEqual(['INC-1']);
      });

      it('gives its number to no other, and does nothing for one that is not there', async () => {
        await ledger.commit({ incidents: [anIncident('INC-7')] });
        await ledger.forgetIncident('INC-7', []);
        await ledger.forgetIncident('INC-9', []);
        await reopen();
        expect(await ledger.lastIncidentNumber()).toBe(7);
      });
    });

    describe('forgetBefore', () => {
      const day = 86_400_000;
      const over = (id: string, with_: Parameters<typeof anIncident>[1] = {}) =>
        anIncident(id, { state: 'resolved', openedAt: at - 9 * day, resolvedAt: at - 8 * day, ...with_ });

      it('takes what was resolved before with all that hangs on it, and leaves verdicts', async () => {
        await ledger.commit({
          incidents: [over('INC-1'), anIncident('INC-2')],
          reports: [aReport('INC-1', 1), aReport('INC-2', 1)],
          votes: [aVote('v1')],
          receipts: [aReceipt(), aReceipt({ incidentId: 'INC-2', messageId: '100.2' })],
          work: [someWork('round:INC-1'), someWork('round:INC-2', { subject: 'INC-2' })],
          outbox: [anEntry('card:INC-1'), anEntry('card:INC-2', { incidentId: 'INC-2' })],
        });
        expect(await ledger.forgetBefore(at - 7 * day)).toBe(false);
        expect([await ledger.incident('INC-1'), await ledger.report('INC-1'), await ledger.receipts('INC-1')]).toEqual([null, null, []]);
        expect(await ledger.incidentAt('slack', '#debug', '100.1')).toBeNull();
        expect(await ledger.votes()).toEqual([aVote('v1')]);
        expect([await ledger.incident('INC-2'), await ledger.report('INC-2')]).toEqual([anIncident('INC-2'), aReport('INC-2', 1)]);
        expect((await ledger.claimWork(at, lease, 9)).map(({ id }) => id)).toEqual(['round:INC-2']);
        expect((await ledger.claimOutbox('slack', at, lease, 9)).map(({ id }) => id)).toEqual(['card:INC-2']);
      });

      it('leaves what is open or was resolved since, however old it is, and the number that others follow', async () => {
        const kept = [over('INC-1', { state: 'open', resolvedAt: null }), over('INC-2', { resolvedAt: at - day }), over('INC-3')];
        await ledger.commit({ incidents: kept });
        await ledger.forgetBefore(at - 7 * day);
        expect((await ledger.incidents({ limit: 9 })).incidents.map(({ id }) => id).toSorted()).toEqual(['INC-1', 'INC-2', 'INC-3']);
        expect(await ledger.lastIncidentNumber()).toBe(3);
      });

      it('says that there may be more until nothing is left', async () => {
        await ledger.commit({ incidents: Array.from({ length: 121 }, (_, i) => over(`INC-${i + 1}`)) });
        let rounds = 1;
        while (await ledger.forgetBefore(at)) rounds++;
        expect(rounds).toBeLessThan(10);
        expect((await ledger.incidents({ limit: 200 })).incidents.map(({ id }) => id)).toEqual(['INC-121']);
      });

      it('takes messages that were acted on, and acts once no mute of them can stand', async () => {
        const message = (id: string) => ({ id, kind: 'slack', body: {}, at: at - 9 * day });
        await ledger.commit({
          inbox: [message('acted-on'), message('waiting')],
          work: [someWork('inbox:waiting', { kind: 'inbox', subject: 'waiting' })],
          acts: [anAct('long ago', { at: at - 9 * day }), anAct('a week before that', { at: at - 15 * day })],
        });
        await ledger.forgetBefore(at - 7 * day);
        expect(await ledger.inbox('acted-on')).toBeNull();
        expect(await ledger.inbox('waiting')).toEqual(message('waiting'));
        expect((await ledger.acts(0, 9)).map(({ id }) => id)).toEqual(['long ago']);
      });
    });

    describe('commit', () => {
      it('keeps everything of a change, across closing and opening', async () => {
        const incident = anIncident('INC-7', { title: 'Überlast "☃"', alerts: [] });
        const committed = await ledger.commit({
          seen: [{ key: 'k1', at, incidentId: 'INC-7' }],
          incidents: [incident],
          reports: [aReport('INC-7', 1)],
          votes: [aVote('v1', { incidentId: 'INC-7', note: 'line\nbreak' })],
          inbox: [{ id: 'Ev1', kind: 'slack', body: { nested: ['x', 1, null] }, at }],
          work: [someWork('investigate:INC-7', { subject: 'INC-7' })],
          outbox: [anEntry('card:INC-7', { incidentId: 'INC-7' })],
          receipts: [aReceipt({ incidentId: 'INC-7' })],
        });
        expect(committed).toBe('committed');
        await reopen();
        expect([...(await ledger.seen(['k1', 'k2']))]).toEqual([['k1', 'INC-7']]);
        expect(await ledger.incident('INC-7')).toEqual(incident);
        expect(await ledger.lastIncidentNumber()).toBe(7);
        expect(await ledger.report('INC-7')).toEqual(aReport('INC-7', 1));
        expect(await ledger.votes('INC-7')).toEqual([aVote('v1', { incidentId: 'INC-7', note: 'line\nbreak' })]);
        expect(await ledger.inbox('Ev1')).toEqual({ id: 'Ev1', kind: 'slack', body: { nested: ['x', 1, null] }, at });
        expect(await ledger.claimWork(at, lease, 9)).toEqual([someWork('investigate:INC-7', { subject: 'INC-7', attempts: 1 })]);
        expect(await ledger.claimOutbox('slack', at, lease, 9)).toMatchObject([
          { ...anEntry('card:INC-7', { incidentId: 'INC-7' }), attempts: 1 },
        ]);
        expect(await ledger.receipts('INC-7')).toEqual([aReceipt({ incidentId: 'INC-7' })]);
      });

      it('answers nothing for what was never stored', async () => {
        expect((await ledger.seen(['k'])).size).toBe(0);
        expect(await ledger.incident('INC-1')).toBeNull();
        expect(await ledger.incidents({ limit: 5 })).toEqual({ incidents: [], next: null });
        expect(await ledger.lastIncidentNumber()).toBe(0);
        expect(await ledger.report('INC-1')).toBeNull();
        expect(await ledger.votes()).toEqual([]);
        expect(await ledger.inbox('Ev')).toBeNull();
        expect(await ledger.receipts('INC-1')).toEqual([]);
        expect(await ledger.incidentAt('slack', '#debug', '1')).toBeNull();
        expect(await ledger.claimWork(at, lease, 5)).toEqual([]);
        expect(await ledger.claimOutbox('slack', at, lease, 5)).toEqual([]);
        expect(await ledger.nextDueAt()).toBeNull();
      });

      it('refuses a delivery that was seen, and keeps nothing of that change', async () => {
        await ledger.commit({ seen: [{ key: 'k1', at, incidentId: 'INC-1' }] });
        const again = await ledger.commit({
          seen: [
            { key: 'k0', at, incidentId: 'INC-2' },
            { key: 'k1', at, incidentId: 'INC-2' },
          ],
          incidents: [anIncident('INC-2')],
          work: [someWork('w')],
          outbox: [anEntry('o')],
        });
        expect(again).toBe('conflict');
        expect([...(await ledger.seen(['k0', 'k1']))]).toEqual([['k1', 'INC-1']]);
        expect(await ledger.incident('INC-2')).toBeNull();
        expect(await ledger.nextDueAt()).toBeNull();
      });

      it('refuses an incident whose revision is not the next one', async () => {
        expect(await ledger.commit({ incidents: [anIncident('INC-1', { revision: 2 })] })).toBe('conflict');
        expect(await ledger.commit({ incidents: [anIncident('INC-1', { revision: 1 })] })).toBe('committed');
        expect(await ledger.commit({ incidents: [anIncident('INC-1', { revision: 1, title: 'other' })] })).toBe('conflict');
        expect(await ledger.commit({ incidents: [anIncident('INC-1', { revision: 3, title: 'other' })] })).toBe('conflict');
        expect(await ledger.commit({ incidents: [anIncident('INC-1', { revision: 2, title: 'next' })] })).toBe('committed');
        expect(await ledger.incident('INC-1')).toMatchObject({ revision: 2, title: 'next' });
      });

      it('keeps what the caller handed in, not what the caller makes of it later', async () => {
        const titles = ['a'];
        const incident = { ...anIncident('INC-1'), correlationIds: titles };
        const committing = ledger.commit({ incidents: [incident] });
        titles.push('b');
        await committing;
        expect((await ledger.incident('INC-1'))?.correlationIds).toEqual(['a']);
      });

      it('lets exactly one of many that stand on the same revision through, and all that stand on their own', async () => {
        await ledger.commit({ incidents: [anIncident('INC-1')] });
        const racing = Array.from({ length: 40 }, (_, i) =>
          ledger.commit({
            incidents: [anIncident('INC-1', { revision: 2, title: `racer ${i}` })],
            seen: [{ key: `racer ${i}`, at, incidentId: 'INC-1' }],
          }),
        );
        const alone = Array.from({ length: 40 }, (_, i) =>
          ledger.commit({ incidents: [anIncident(`INC-${i + 10}`)], seen: [{ key: `alone ${i}`, at, incidentId: null }] }),
        );
        const raced = await Promise.all(racing);
        expect(raced.filter((outcome) => outcome === 'committed')).toHaveLength(1);
        expect(await Promise.all(alone)).toEqual(alone.map(() => 'committed'));
        const winner = raced.indexOf('committed');
        expect((await ledger.incident('INC-1'))?.title).toBe(`racer ${winner}`);
        const seen = await ledger.seen(Array.from({ length: 40 }, (_, i) => `racer ${i}`));
        expect([...seen.keys()]).toEqual([`racer ${winner}`]);
      });

      it('lets read-decide-commit loops that run side by side lose no update', async () => {
        await ledger.commit({ incidents: [anIncident('INC-1', { alertCount: 0 })] });
        const add = async () => {
          for (;;) {
            const read = (await ledger.incident('INC-1')) ?? anIncident('INC-1');
            const next = { ...read, alertCount: read.alertCount + 1, revision: read.revision + 1 };
            if ((await ledger.commit({ incidents: [next] })) === 'committed') return;
          }
        };
        await Promise.all(Array.from({ length: 12 }, add));
        expect(await ledger.incident('INC-1')).toMatchObject({ alertCount: 12, revision: 13 });
      });
    });

    describe('incidents', () => {
      beforeEach(async () => {
        await ledger.commit({
          incidents: [
            anIncident('INC-1', { openedAt: at + 1, state: 'resolved' }),
            anIncident('INC-2', { openedAt: at + 3, service: 'cart' }),
            anIncident('INC-3', { openedAt: at + 2, state: 'muted' }),
            anIncident('INC-10', { openedAt: at + 3 }),
          ],
        });
      });
      it.each([
        { name: 'lists newest first', query: {}, ids: ['INC-10', 'INC-2', 'INC-3', 'INC-1'] },
        { name: 'lists live ones, muted included', query: { live: true }, ids: ['INC-10', 'INC-2', 'INC-3'] },
        { name: 'lists one state', query: { state: 'muted' as const }, ids: ['INC-3'] },
        { name: 'lists one service', query: { service: 'cart' }, ids: ['INC-2'] },
        { name: 'lists state and service together', query: { service: 'cart', state: 'resolved' as const }, ids: [] },
      ])('$name', async ({ query, ids }) => {
        const { incidents, next } = await ledger.incidents({ ...query, limit: 10 });
        expect(incidents.map(({ id }) => id)).toEqual(ids);
        expect(next).toBeNull();
      });

      it('goes on where a page ended, also when others were opened meanwhile', async () => {
        const first = await ledger.incidents({ limit: 2 });
        expect(first.incidents.map(({ id }) => id)).toEqual(['INC-10', 'INC-2']);
        await ledger.commit({ incidents: [anIncident('INC-11', { openedAt: at + 9 })] });
        const second = await ledger.incidents({ limit: 2, after: first.next ?? '' });
        expect(second.incidents.map(({ id }) => id)).toEqual(['INC-3', 'INC-1']);
        expect(second.next).toBeNull();
      });

      it('refuses a place it never gave out', async () => {
        await expect(ledger.incidents({ limit: 2, after: `0' OR 1=1` })).rejects.toMatchObject({ code: 'rejected', path: 'after' });
      });

      it('follows a change of state and service', async () => {
        await ledger.commit({ incidents: [anIncident('INC-2', { openedAt: at + 3, service: 'cart', state: 'resolved', revision: 2 })] });
        expect((await ledger.incidents({ live: true, limit: 9 })).incidents.map(({ id }) => id)).toEqual(['INC-10', 'INC-3']);
        expect(await ledger.incident('INC-2')).toMatchObject({ state: 'resolved', revision: 2 });
      });

      it('counts numbers and not words', async () => {
        await ledger.commit({ incidents: [anIncident('INC-9', {}), anIncident('drill-500')] });
        expect(await ledger.lastIncidentNumber()).toBe(10);
      });
    });

    describe('reports, votes, inbox, receipts', () => {
      it('answers the latest round, also when an earlier one comes in after it', async () => {
        await ledger.commit({ reports: [aReport('INC-1', 1)] });
        await ledger.commit({ reports: [aReport('INC-1', 3)] });
        await ledger.commit({ reports: [aReport('INC-1', 2)] });
        expect(await ledger.report('INC-1')).toEqual(aReport('INC-1', 3));
      });

      it('lists acts since a time, oldest first, the newest of more than the limit, and each once', async () => {
        await ledger.commit({ acts: [anAct('a2', { at: at + 2 }), anAct('a1', { at: at + 1 })] });
        await ledger.commit({ acts: [anAct('a3', { at: at + 3 }), anAct('a2', { at: at + 9 })] });
        expect((await ledger.acts(at, 9)).map(({ id }) => id)).toEqual(['a1', 'a2', 'a3']);
        expect((await ledger.acts(at + 2, 9)).map(({ id }) => id)).toEqual(['a2', 'a3']);
        expect(await ledger.acts(at, 2)).toEqual([anAct('a2', { at: at + 2 }), anAct('a3', { at: at + 3 })]);
      });

      it('keeps what was learned last, and nothing at first', async () => {
        expect(await ledger.learning()).toBeNull();
        await ledger.commit({ learning: aLearning(1) });
        await ledger.commit({ learning: aLearning(2), votes: [aVote('v1')] });
        expect(await ledger.learning()).toEqual(aLearning(2));
      });

      it('lists votes in the order of their time, by incident or all, and each once', async () => {
        await ledger.commit({ votes: [aVote('v2', { at: at + 2 }), aVote('v1', { at: at + 1 })] });
        await ledger.commit({ votes: [aVote('v3', { at: at + 1, incidentId: 'INC-2' }), aVote('v2', { at: at + 9 })] });
        expect((await ledger.votes('INC-1')).map(({ id }) => id)).toEqual(['v1', 'v2']);
        expect((await ledger.votes()).map(({ id }) => id)).toEqual(['v1', 'v3', 'v2']);
      });

      it('keeps the first of two messages with one id', async () => {
        await ledger.commit({ inbox: [{ id: 'Ev1', kind: 'slack', body: 'first', at }] });
        await ledger.commit({ inbox: [{ id: 'Ev1', kind: 'slack', body: 'second', at }] });
        expect(await ledger.inbox('Ev1')).toMatchObject({ body: 'first' });
      });

      it('has one receipt per incident, sink and channel, and finds the incident by its message', async () => {
        await ledger.commit({ receipts: [aReceipt(), aReceipt({ channel: '#ops', messageId: '200.1' })] });
        await ledger.commit({ receipts: [aReceipt({ messageId: '100.2' })] });
        expect((await ledger.receipts('INC-1')).map((receipt) => receipt.messageId).sort()).toEqual(['100.2', '200.1']);
        expect(await ledger.incidentAt('slack', '#debug', '100.2')).toBe('INC-1');
        expect(await ledger.incidentAt('slack', '#debug', '100.1')).toBeNull();
        expect(await ledger.incidentAt('email', '#debug', '100.2')).toBeNull();
      });

      it('forgets a receipt whose message is gone, but not a newer one of the same place', async () => {
        await ledger.commit({ receipts: [aReceipt({ messageId: '100.2' })] });
        await ledger.commit({ receiptsGone: [aReceipt({ messageId: '100.1' })] });
        expect(await ledger.receipts('INC-1')).toHaveLength(1);
        await ledger.commit({ receiptsGone: [aReceipt({ messageId: '100.2' })] });
        expect(await ledger.receipts('INC-1')).toEqual([]);
        expect(await ledger.incidentAt('slack', '#debug', '100.2')).toBeNull();
      });
    });

    workContract(() => ledger);
    deadLetterContract(() => ledger);
    outboxContract(() => ledger);
  });
}

function workContract(ledger: () => Ledger): void {
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

function deadLetterContract(ledger: () => Ledger): void {
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

function outboxContract(ledger: () => Ledger): void {
  describe('outbox', () => {
    const claim = (now: number, limit = 9, sink = 'slack') => ledger().claimOutbox(sink, now, lease, limit);

    it('hands out what is due for a sink: new roots, then answers, then edits, each by time', async () => {
      await ledger().commit({
        outbox: [
          anEntry('edit', { priority: 2, dueAt: at - 9 }),
          anEntry('answer', { priority: 1, content: aText('because') }),
          anEntry('root b', { priority: 0, dueAt: at - 1 }),
          anEntry('root a', { priority: 0, dueAt: at - 2 }),
          anEntry('later', { priority: 0, dueAt: at + 1 }),
          anEntry('mail', { sink: 'email' }),
        ],
      });
      expect((await claim(at)).map(({ id }) => id)).toEqual(['root a', 'root b', 'answer', 'edit']);
      expect((await claim(at, 9, 'email')).map(({ id }) => id)).toEqual(['mail']);
      expect(await ledger().nextDueAt()).toBe(at + 1);
    });

    it('hands out one line of it, and nothing of channels that are at work', async () => {
      await ledger().commit({
        outbox: [
          ...Array.from({ length: 30 }, (_, i) => anEntry(`busy ${i}`, { channel: '#busy', priority: 2, dueAt: at - 9 })),
          anEntry('edit', { channel: '#free', priority: 2 }),
          anEntry('root', { channel: '#free', priority: 0 }),
          anEntry('busy root', { channel: '#busy', priority: 0 }),
          anEntry('picture', { channel: '#busy', priority: 3 }),
        ],
      });
      const ask = async (line: 'messages' | 'pictures', busy: string[]) =>
        (await ledger().claimOutbox('slack', at, lease, 4, { line, busy })).map(({ id }) => id);
      expect(await ask('messages', ['#busy', '#else'])).toEqual(['root', 'edit']);
      expect(await ask('messages', ['#busy'])).toEqual([]);
      expect(await ask('pictures', [])).toEqual(['picture']);
      expect((await ask('messages', [])).length).toBe(4);
    });

    it('goes to one of two who ask at the same time', async () => {
      await ledger().commit({ outbox: [anEntry('a'), anEntry('b')] });
      const claimed = (await Promise.all([claim(at), claim(at)])).flat();
      expect(claimed.map(({ id }) => id).sort()).toEqual(['a', 'b']);
    });

    it('puts the same id once: the latest content counts, the revision grows', async () => {
      await ledger().commit({ outbox: [anEntry('a', { content: aText('one'), dueAt: at + 50 })] });
      await ledger().commit({ outbox: [anEntry('a', { content: aText('two'), dueAt: at })] });
      const [first] = await claim(at);
      expect(first).toMatchObject({ content: aText('two'), dueAt: at, attempts: 1 });
      await ledger().commit({ outbox: [anEntry('a', { content: aText('three'), dueAt: at })] });
      const [second] = await claim(at + lease);
      expect(second).toMatchObject({ content: aText('three') });
      expect(second!.revision).toBeGreaterThan(first!.revision);
    });

    it('makes an edit of what was asked for while a root was being sent, so that it goes before no other root', async () => {
      await ledger().commit({ outbox: [anEntry('card', { priority: 0, dueAt: at - 9 })] });
      const [sent] = await claim(at);
      await ledger().commit({ outbox: [anEntry('card', { priority: 2, dueAt: at - 9 }), anEntry('other', { priority: 0 })] });
      await ledger().commit({ outboxDone: [sent!] });
      expect(await claim(at)).toMatchObject([
        { id: 'other', priority: 0 },
        { id: 'card', priority: 2, attempts: 1 },
      ]);
    });

    it('keeps the place of a root that was asked for again as an edit before it went out', async () => {
      await ledger().commit({ outbox: [anEntry('card', { priority: 0 }), anEntry('answer', { priority: 1 })] });
      await ledger().commit({ outbox: [anEntry('card', { priority: 2 })] });
      expect((await claim(at)).map(({ id, priority }) => [id, priority])).toEqual([
        ['card', 0],
        ['answer', 1],
      ]);
    });

    it('is cleared when done', async () => {
      await ledger().commit({ outbox: [anEntry('a')] });
      await ledger().commit({ outboxDone: await claim(at) });
      expect(await ledger().nextDueAt()).toBeNull();
    });

    it('does not hand out an entry twice at once, though it was put again while somebody sends it', async () => {
      await ledger().commit({ outbox: [anEntry('a', { content: aText('old') })] });
      const sending = await claim(at);
      await ledger().commit({ outbox: [anEntry('a', { content: aText('new'), dueAt: at + 1 })] });
      expect(await claim(at + 5)).toEqual([]);
      await ledger().commit({ outboxDone: sending });
      // Sent: the newer content is there at once, and counts from the start.
      expect(await claim(at + 5)).toMatchObject([{ content: aText('new'), attempts: 1 }]);
    });

    it('remembers attempts that may have gone through when the content is replaced', async () => {
      await ledger().commit({ outbox: [anEntry('a')] });
      await claim(at);
      await ledger().commit({ outbox: [anEntry('a', { dueAt: at + 1 })] });
      expect(await claim(at + lease)).toMatchObject([{ attempts: 2 }]);
    });

    it('is not cleared by a delivery of an entry that was finished and put anew', async () => {
      await ledger().commit({ outbox: [anEntry('card')] });
      const slow = await claim(at);
      const quick = await claim(at + lease);
      await ledger().commit({ outboxDone: quick });
      await ledger().commit({ outbox: [anEntry('card', { channel: '#ops' })] });
      await ledger().commit({ outboxDone: slow });
      expect(await claim(at + lease)).toMatchObject([{ channel: '#ops' }]);
    });

    it('says a text once: its id is not taken again after it was delivered', async () => {
      await ledger().commit({ outbox: [anEntry('answer', { content: aText('because') }), anEntry('card')] });
      await ledger().commit({ outboxDone: await claim(at) });
      await ledger().commit({
        outbox: [anEntry('answer', { content: aText('because') }), anEntry('card'), anEntry('other', { content: aText('and') })],
      });
      expect((await claim(at)).map(({ id }) => id)).toEqual(['card', 'other']);
    });

    it('keeps what pictures are of, hands them out after edits, and shows them once', async () => {
      const content = { kind: 'pictures', suspect: 'h1' } as const;
      await ledger().commit({ outbox: [anEntry('pictures', { content, priority: 3, dueAt: at - 9 }), anEntry('edit')] });
      const claimed = await claim(at);
      expect(claimed.map(({ id }) => id)).toEqual(['edit', 'pictures']);
      expect(claimed[1]).toMatchObject({ content, priority: 3 });
      await ledger().commit({ outboxDone: claimed });
      await ledger().commit({ outbox: [anEntry('pictures', { content, priority: 3 }), anEntry('edit')] });
      expect((await claim(at)).map(({ id }) => id)).toEqual(['edit']);
    });

    it('comes back at the time it was postponed to', async () => {
      await ledger().commit({ outbox: [anEntry('a')] });
      const [claimed] = await claim(at);
      await ledger().postpone(claimed!, at + 100);
      expect(await ledger().nextDueAt()).toBe(at + 100);
      expect(await claim(at + 99)).toEqual([]);
      expect(await claim(at + 100)).toMatchObject([{ id: 'a', dueAt: at + 100, attempts: 2 }]);
    });

    it('is postponed as a whole when it was put again while its delivery failed', async () => {
      await ledger().commit({ outbox: [anEntry('a', { content: aText('old') })] });
      const [claimed] = await claim(at);
      await ledger().commit({ outbox: [anEntry('a', { content: aText('new'), dueAt: at + 1 })] });
      await ledger().postpone(claimed!, at + 100);
      expect(await claim(at + 99)).toEqual([]);
      expect(await claim(at + 100)).toMatchObject([{ content: aText('new'), attempts: 2 }]);
    });

    it('leaves the claim of another alone when an overdue holder postpones', async () => {
      await ledger().commit({ outbox: [anEntry('a')] });
      const [overdue] = await claim(at);
      await claim(at + lease);
      await ledger().postpone(overdue!, at + lease + 1);
      expect(await claim(at + lease + 2)).toEqual([]);
    });
  });
}
