/** How incidents are listed. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { Alert } from '../../../../src/domain/alert.ts';
import type { Ledger } from '../../../../src/ports.ts';
import { anAlert, anIncident, at } from '../samples.ts';

export function incidentsContract(ledger: () => Ledger, reopen: () => Promise<void>): void {
  describe('incidents', () => {
    beforeEach(async () => {
      await ledger().commit({
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
      const { incidents, next } = await ledger().incidents({ ...query, limit: 10 });
      expect(incidents.map(({ id }) => id)).toEqual(ids);
      expect(next).toBeNull();
    });

    it('goes on where a page ended, also when others were opened meanwhile', async () => {
      const first = await ledger().incidents({ limit: 2 });
      expect(first.incidents.map(({ id }) => id)).toEqual(['INC-10', 'INC-2']);
      await ledger().commit({ incidents: [anIncident('INC-11', { openedAt: at + 9 })] });
      const second = await ledger().incidents({ limit: 2, after: first.next ?? '' });
      expect(second.incidents.map(({ id }) => id)).toEqual(['INC-3', 'INC-1']);
      expect(second.next).toBeNull();
    });

    it('refuses a place it never gave out', async () => {
      await expect(ledger().incidents({ limit: 2, after: `0' OR 1=1` })).rejects.toMatchObject({ code: 'rejected', path: 'after' });
    });

    it('follows a change of state and service', async () => {
      await ledger().commit({ incidents: [anIncident('INC-2', { openedAt: at + 3, service: 'cart', state: 'resolved', revision: 2 })] });
      expect((await ledger().incidents({ live: true, limit: 9 })).incidents.map(({ id }) => id)).toEqual(['INC-10', 'INC-3']);
      expect(await ledger().incident('INC-2')).toMatchObject({ state: 'resolved', revision: 2 });
    });

    it('counts numbers and not words', async () => {
      await ledger().commit({ incidents: [anIncident('INC-9', {}), anIncident('drill-500')] });
      expect(await ledger().lastIncidentNumber()).toBe(10);
    });
  });

  describe('alerts of an incident', () => {
    const firing = (n: number) => anAlert({ fingerprint: `f${n}`, title: `Alarm ${n} «ü» "quoted"` });
    const holding = (alerts: Alert[], revision: number) => anIncident('INC-1', { alerts, alertCount: alerts.length, revision });

    it('are those of the last change, in their order, whether they joined, changed, made room or left', async () => {
      const [one, two, three] = [firing(1), firing(2), firing(3)];
      const ended = { ...two, status: 'resolved' as const, endsAt: at + 1 };
      const states = [[one], [one, two], [one, ended], [one, three], [three, one, two], [one], []];
      for (const [i, alerts] of states.entries()) {
        expect(await ledger().commit({ incidents: [holding(alerts, i + 1)] })).toBe('committed');
        expect(await ledger().incident('INC-1')).toEqual(holding(alerts, i + 1));
        await reopen();
        expect((await ledger().incidents({ limit: 9 })).incidents).toEqual([holding(alerts, i + 1)]);
      }
    });

    it('stay as they were where the change is refused', async () => {
      await ledger().commit({ incidents: [holding([firing(1)], 1)] });
      const refused = { incidents: [holding([firing(1), firing(2)], 2)], about: ['INC-9'] };
      expect(await ledger().commit(refused)).toBe('conflict');
      expect(await ledger().commit({ incidents: [holding([firing(2), firing(1)], 3)] })).toBe('conflict');
      expect(await ledger().incident('INC-1')).toEqual(holding([firing(1)], 1));
      await reopen();
      expect(await ledger().incident('INC-1')).toEqual(holding([firing(1)], 1));
    });

    it('are of their own incident only, also when another takes the place of one that was forgotten', async () => {
      await ledger().commit({
        incidents: [anIncident('INC-1', { alerts: [firing(1)] }), anIncident('INC-2', { alerts: [firing(2), firing(3)] })],
      });
      await ledger().forgetIncident('INC-2', []);
      await ledger().commit({ incidents: [anIncident('INC-3', { alerts: [firing(4)] }), anIncident('INC-4', { alerts: [] })] });
      await reopen();
      const { incidents } = await ledger().incidents({ limit: 9 });
      const held = incidents.map(({ id, alerts }) => [id, alerts.map(({ fingerprint }) => fingerprint)]);
      expect(held.toSorted()).toEqual([
        ['INC-1', ['f1']],
        ['INC-3', ['f4']],
        ['INC-4', []],
      ]);
    });
  });
}
