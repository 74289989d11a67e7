/** How incidents are listed. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { Ledger } from '../../../../src/ports.ts';
import { anIncident, at } from '../samples.ts';

export function incidentsContract(ledger: () => Ledger): void {
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
}
