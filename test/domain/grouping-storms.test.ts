/** Thousands of alerts at once: few incidents, bounded lists, and no look at every pair. */
import { describe, expect, it } from 'vitest';
import { groupAlerts } from '../../src/domain/group-alerts.ts';
import { maxAlerts } from '../../src/domain/incident-drafts.ts';
import { firing, minute, named, noon, resolved, world } from './grouping-world.ts';

describe('groupAlerts', () => {
  describe('a storm', () => {
    it('of ten thousand occurrences of one alarm is one incident with one alert', () => {
      const { send, all } = world();
      const storm = Array.from({ length: 10_000 }, (_, i) => firing('checkout', { occurrence: String(i), correlationIds: [`txn-${i}`] }));
      const outcomes = send(noon, ...storm);
      expect(outcomes[0]).toBe('opened INC-1');
      expect(new Set(outcomes.slice(1))).toEqual(new Set(['joined INC-1']));
      expect(all()).toHaveLength(1);
      expect(all()[0]).toMatchObject({ alertCount: 10_000, revision: 1 });
      expect(all()[0]?.alerts).toHaveLength(1);
      expect(all()[0]?.correlationIds.length).toBeLessThanOrEqual(32);
      // However often it fired, it ends once.
      send(noon + minute, resolved('checkout'));
      expect(all()[0]?.state).toBe('resolved');
    });

    it('of ten thousand different alarms of one service is one incident with bounded lists', () => {
      const { send, all } = world();
      send(noon, ...Array.from({ length: 10_000 }, (_, i) => firing('checkout', { fingerprint: `pod-${i}` })));
      expect(all()).toHaveLength(1);
      expect(all()[0]?.alertCount).toBe(10_000);
      expect(all()[0]?.alerts).toHaveLength(maxAlerts);
    });

    it('lets resolved alerts make room, but never the first', () => {
      const { send, the } = world();
      const pods = Array.from({ length: maxAlerts }, (_, i) => `pod-${i}`);
      send(noon, ...pods.map((fingerprint) => firing('checkout', { fingerprint })));
      send(noon + minute, ...['pod-0', 'pod-1'].map((fingerprint) => resolved('checkout', { fingerprint })));
      send(noon + 2 * minute, firing('checkout', { fingerprint: 'new' }));
      const kept = the('INC-1').alerts.map(({ fingerprint }) => fingerprint);
      expect(kept).toHaveLength(maxAlerts);
      expect(kept).toEqual(['pod-0', ...pods.slice(2), 'new']);
    });

    it('looks at each open incident and each alert once, and not at every pair', () => {
      let looked = 0;
      const open = Array.from({ length: 1_000 }, (_, i) => {
        const { incidents } = groupAlerts([firing(`service-${i}`)], [], { now: noon, lastNumber: i });
        return new Proxy(incidents[0]!, {
          get(target, name) {
            looked++;
            return Reflect.get(target, name);
          },
        });
      });
      const alerts = Array.from({ length: 5_000 }, (_, i) => firing(`service-${i % 1_000}`, named(`N${i}`)));
      const { incidents } = groupAlerts(alerts, open, { now: noon, lastNumber: 1_000 });
      expect(incidents).toHaveLength(1_000);
      expect(looked).toBeLessThan(100_000); // every pair would be 5,000,000
    });
  });
});
