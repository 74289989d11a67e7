/** What belongs together becomes true together, or not at all. */
import { describe, expect, it } from 'vitest';
import type { Ledger } from '../../../../src/ports.ts';
import { anEntry, anIncident, aReceipt, aReport, at, aVote, someWork } from '../samples.ts';

const lease = 30_000;

export function commitContract(ledger: () => Ledger, reopen: () => Promise<void>): void {
  describe('commit', () => {
    it('keeps everything of a change, across closing and opening', async () => {
      const incident = anIncident('INC-7', { title: 'Überlast "☃"', alerts: [] });
      const committed = await ledger().commit({
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
      expect([...(await ledger().seen(['k1', 'k2']))]).toEqual([['k1', 'INC-7']]);
      expect(await ledger().incident('INC-7')).toEqual(incident);
      expect(await ledger().lastIncidentNumber()).toBe(7);
      expect(await ledger().report('INC-7')).toEqual(aReport('INC-7', 1));
      expect(await ledger().votes('INC-7')).toEqual([aVote('v1', { incidentId: 'INC-7', note: 'line\nbreak' })]);
      expect(await ledger().inbox('Ev1')).toEqual({ id: 'Ev1', kind: 'slack', body: { nested: ['x', 1, null] }, at });
      expect(await ledger().claimWork(at, lease, 9)).toEqual([someWork('investigate:INC-7', { subject: 'INC-7', attempts: 1 })]);
      expect(await ledger().claimOutbox('slack', at, lease, 9)).toMatchObject([
        { ...anEntry('card:INC-7', { incidentId: 'INC-7' }), attempts: 1 },
      ]);
      expect(await ledger().receipts('INC-7')).toEqual([aReceipt({ incidentId: 'INC-7' })]);
    });

    it('answers nothing for what was never stored', async () => {
      expect((await ledger().seen(['k'])).size).toBe(0);
      expect(await ledger().incident('INC-1')).toBeNull();
      expect(await ledger().incidents({ limit: 5 })).toEqual({ incidents: [], next: null });
      expect(await ledger().lastIncidentNumber()).toBe(0);
      expect(await ledger().report('INC-1')).toBeNull();
      expect(await ledger().votes()).toEqual([]);
      expect(await ledger().inbox('Ev')).toBeNull();
      expect(await ledger().receipts('INC-1')).toEqual([]);
      expect(await ledger().incidentAt('slack', '#debug', '1')).toBeNull();
      expect(await ledger().claimWork(at, lease, 5)).toEqual([]);
      expect(await ledger().claimOutbox('slack', at, lease, 5)).toEqual([]);
      expect(await ledger().nextDueAt()).toBeNull();
    });

    it('refuses a delivery that was seen, and keeps nothing of that change', async () => {
      await ledger().commit({ seen: [{ key: 'k1', at, incidentId: 'INC-1' }] });
      const again = await ledger().commit({
        seen: [
          { key: 'k0', at, incidentId: 'INC-2' },
          { key: 'k1', at, incidentId: 'INC-2' },
        ],
        incidents: [anIncident('INC-2')],
        work: [someWork('w')],
        outbox: [anEntry('o')],
      });
      expect(again).toBe('conflict');
      expect([...(await ledger().seen(['k0', 'k1']))]).toEqual([['k1', 'INC-1']]);
      expect(await ledger().incident('INC-2')).toBeNull();
      expect(await ledger().nextDueAt()).toBeNull();
    });

    it('refuses an incident whose revision is not the next one', async () => {
      expect(await ledger().commit({ incidents: [anIncident('INC-1', { revision: 2 })] })).toBe('conflict');
      expect(await ledger().commit({ incidents: [anIncident('INC-1', { revision: 1 })] })).toBe('committed');
      expect(await ledger().commit({ incidents: [anIncident('INC-1', { revision: 1, title: 'other' })] })).toBe('conflict');
      expect(await ledger().commit({ incidents: [anIncident('INC-1', { revision: 3, title: 'other' })] })).toBe('conflict');
      expect(await ledger().commit({ incidents: [anIncident('INC-1', { revision: 2, title: 'next' })] })).toBe('committed');
      expect(await ledger().incident('INC-1')).toMatchObject({ revision: 2, title: 'next' });
    });

    it('keeps what the caller handed in, not what the caller makes of it later', async () => {
      const titles = ['a'];
      const incident = { ...anIncident('INC-1'), correlationIds: titles };
      const committing = ledger().commit({ incidents: [incident] });
      titles.push('b');
      await committing;
      expect((await ledger().incident('INC-1'))?.correlationIds).toEqual(['a']);
    });

    it('lets exactly one of many that stand on the same revision through, and all that stand on their own', async () => {
      await ledger().commit({ incidents: [anIncident('INC-1')] });
      const racing = Array.from({ length: 40 }, (_, i) =>
        ledger().commit({
          incidents: [anIncident('INC-1', { revision: 2, title: `racer ${i}` })],
          seen: [{ key: `racer ${i}`, at, incidentId: 'INC-1' }],
        }),
      );
      const alone = Array.from({ length: 40 }, (_, i) =>
        ledger().commit({ incidents: [anIncident(`INC-${i + 10}`)], seen: [{ key: `alone ${i}`, at, incidentId: null }] }),
      );
      const raced = await Promise.all(racing);
      expect(raced.filter((outcome) => outcome === 'committed')).toHaveLength(1);
      expect(await Promise.all(alone)).toEqual(alone.map(() => 'committed'));
      const winner = raced.indexOf('committed');
      expect((await ledger().incident('INC-1'))?.title).toBe(`racer ${winner}`);
      const seen = await ledger().seen(Array.from({ length: 40 }, (_, i) => `racer ${i}`));
      expect([...seen.keys()]).toEqual([`racer ${winner}`]);
    });

    it('lets read-decide-commit loops that run side by side lose no update', async () => {
      await ledger().commit({ incidents: [anIncident('INC-1', { alertCount: 0 })] });
      const add = async () => {
        for (;;) {
          const read = (await ledger().incident('INC-1')) ?? anIncident('INC-1');
          const next = { ...read, alertCount: read.alertCount + 1, revision: read.revision + 1 };
          if ((await ledger().commit({ incidents: [next] })) === 'committed') return;
        }
      };
      await Promise.all(Array.from({ length: 12 }, add));
      expect(await ledger().incident('INC-1')).toMatchObject({ alertCount: 12, revision: 13 });
    });
  });
}
