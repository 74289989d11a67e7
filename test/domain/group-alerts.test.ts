import { describe, expect, it } from 'vitest';
import type { Alert } from '../../src/domain/alert.ts';
import { receiptKey } from '../../src/domain/alert.ts';
import { groupAlerts, type GroupingOptions } from '../../src/domain/group-alerts.ts';
import type { Incident } from '../../src/domain/incident.ts';
import { maxAlerts } from '../../src/domain/incident-drafts.ts';

const minute = 60_000;
const noon = Date.UTC(2026, 10, 25, 12);

function firing(service: string | null, with_: Partial<Alert> = {}): Alert {
  const name = with_.labels?.['alertname'] ?? 'HighErrorRate';
  return {
    fingerprint: `${name}/${service}`,
    format: 'alertmanager',
    status: 'firing',
    title: `${name} of ${service ?? 'somebody'}`,
    description: null,
    severity: 'warning',
    service,
    environment: null,
    correlationIds: [],
    labels: { alertname: name },
    annotations: {},
    startsAt: noon,
    endsAt: null,
    links: [],
    truncated: 0,
    ...with_,
  };
}

function resolved(service: string | null, with_: Partial<Alert> = {}): Alert {
  return firing(service, { status: 'resolved', endsAt: noon + minute, ...with_ });
}

const named = (name: string) => ({ labels: { alertname: name } });

/** A world with a clock: each call is one batch, and what came out is what the next one finds open. */
function world(options: GroupingOptions = {}, keepsResolved = false) {
  const incidents = new Map<string, Incident>();
  return {
    send(at: number, ...alerts: Alert[]): string[] {
      const open = [...incidents.values()].filter((incident) => keepsResolved || incident.state !== 'resolved');
      const lastNumber = Math.max(0, ...[...incidents.keys()].map((id) => Number(id.slice(4))));
      const before = JSON.stringify(open);
      const grouping = groupAlerts(alerts, open, { ...options, now: at, lastNumber });
      expect(JSON.stringify(open)).toBe(before);
      for (const incident of grouping.incidents) {
        expect(incident.revision).toBe((incidents.get(incident.id)?.revision ?? 0) + 1);
        incidents.set(incident.id, incident);
      }
      expect(grouping.outcomes.map((outcome) => outcome.receiptKey)).toEqual(alerts.map(receiptKey));
      return grouping.outcomes.map(({ outcome, incidentId }) => `${outcome} ${incidentId}`);
    },
    change: (id: string, with_: Partial<Incident>) => incidents.set(id, { ...incidents.get(id)!, ...with_ }),
    the: (id: string) => incidents.get(id)!,
    all: () => [...incidents.values()],
  };
}

describe('groupAlerts', () => {
  /** Each step: minutes after noon, what comes, what becomes of it. */
  type Step = [minutes: number, alerts: Alert[], outcomes: string[]];
  const cases: { name: string; options?: GroupingOptions; keepsResolved?: boolean; steps: Step[] }[] = [
    { name: 'opens an incident for the first alert', steps: [[0, [firing('checkout')], ['opened INC-1']]] },
    {
      name: 'joins another alarm of the same service',
      steps: [
        [0, [firing('checkout')], ['opened INC-1']],
        [5, [firing('checkout', named('Slow'))], ['joined INC-1']],
      ],
    },
    {
      name: 'opens one for each service of a batch',
      steps: [
        [0, [firing('checkout'), firing('cart'), firing('checkout', named('Slow'))], ['opened INC-1', 'opened INC-2', 'joined INC-1']],
      ],
    },
    {
      name: 'joins the same alarm with a new start, by its fingerprint, though it names no service',
      steps: [
        [0, [firing(null)], ['opened INC-1']],
        [9, [firing(null, { startsAt: noon + 9 * minute })], ['joined INC-1']],
      ],
    },
    {
      name: 'changes nothing when the very same alert comes again',
      steps: [
        [0, [firing('checkout')], ['opened INC-1']],
        [1, [firing('checkout'), firing('checkout')], ['unchanged INC-1', 'unchanged INC-1']],
      ],
    },
    {
      name: 'joins by correlation id across services',
      steps: [
        [0, [firing('checkout', { correlationIds: ['txn-1', 'txn-2'] })], ['opened INC-1']],
        [1, [firing('cart', { correlationIds: ['txn-2', 'txn-3'] })], ['joined INC-1']],
        [2, [firing('mail', { correlationIds: ['txn-3'] })], ['joined INC-1']],
        [2, [firing('mail', { correlationIds: ['txn-9'], ...named('Other') })], ['opened INC-2']],
      ],
    },
    {
      name: 'opens its own for a critical alert of another service, in spite of a correlation id',
      steps: [
        [0, [firing('checkout', { correlationIds: ['txn-1'] })], ['opened INC-1']],
        [1, [firing('cart', { correlationIds: ['txn-1'], severity: 'critical' })], ['opened INC-2']],
        [1, [firing('checkout', { severity: 'critical', ...named('Down') })], ['joined INC-1']],
        [2, [firing('cart', named('Slow'))], ['joined INC-2']],
      ],
    },
    {
      name: 'lets an incident without a service take one, and keep it',
      steps: [
        [0, [firing(null, { correlationIds: ['txn-1'] })], ['opened INC-1']],
        [1, [firing('cart', { correlationIds: ['txn-1'], severity: 'critical' })], ['joined INC-1']],
        [2, [firing('mail', { correlationIds: ['txn-1'], severity: 'critical' })], ['opened INC-2']],
        [3, [firing('cart', named('Slow'))], ['joined INC-1']],
      ],
    },
    {
      name: 'keeps environments apart, and takes an unnamed one for any',
      steps: [
        [0, [firing('checkout', { environment: 'production' })], ['opened INC-1']],
        [1, [firing('checkout', { environment: 'staging', ...named('Slow') })], ['opened INC-2']],
        [2, [firing('checkout', { environment: 'production', ...named('Down') })], ['joined INC-1']],
        [3, [firing('checkout', named('Full'))], ['joined INC-2']],
      ],
    },
    {
      name: 'joins alerts without a service by name, while they follow closely',
      steps: [
        [0, [firing(null, { fingerprint: 'a' })], ['opened INC-1']],
        [1, [firing(null, { fingerprint: 'b' })], ['joined INC-1']],
        [2.5, [firing(null, { fingerprint: 'c' })], ['joined INC-1']],
        [2.5, [firing(null, { fingerprint: 'd', ...named('Other') })], ['opened INC-2']],
        [4.6, [firing(null, { fingerprint: 'e' })], ['opened INC-3']],
      ],
    },
    {
      name: 'does not join an alert with a service by its name alone',
      steps: [
        [0, [firing('checkout')], ['opened INC-1']],
        [0, [firing('cart')], ['opened INC-2']],
      ],
    },
    {
      name: 'takes alerts as long as the incident is not quiet for long',
      steps: [
        [0, [firing('checkout')], ['opened INC-1']],
        [15, [firing('checkout', named('A'))], ['joined INC-1']],
        [30, [firing('checkout', named('B'))], ['joined INC-1']],
        [45.1, [firing('checkout', named('C'))], ['opened INC-2']],
        [46, [firing('checkout', named('D'))], ['joined INC-2']],
      ],
    },
    {
      name: 'takes no more after the ceiling, however busy',
      options: { maxLengthMs: 20 * minute },
      steps: [
        [0, [firing('checkout')], ['opened INC-1']],
        [10, [firing('checkout', named('A'))], ['joined INC-1']],
        [20, [firing('checkout', named('B'))], ['joined INC-1']],
        [20.1, [firing('checkout', named('C'))], ['opened INC-2']],
        [20.1, [firing('checkout', { startsAt: noon + 20 * minute })], ['joined INC-2']],
      ],
    },
    {
      name: 'resolves when the last firing alert does',
      steps: [
        [0, [firing('checkout'), firing('checkout', named('Slow'))], ['opened INC-1', 'joined INC-1']],
        [2, [resolved('checkout', named('Slow'))], ['resolved INC-1']],
        [3, [resolved('checkout')], ['resolved INC-1']],
        [4, [firing('checkout', named('Down'))], ['opened INC-2']],
      ],
    },
    {
      name: 'resolves long after the incident took its last alert',
      steps: [
        [0, [firing('checkout')], ['opened INC-1']],
        [900, [resolved('checkout')], ['resolved INC-1']],
      ],
    },
    {
      name: 'changes nothing on a resolve of something unknown, or of something resolved',
      steps: [
        [0, [resolved('checkout')], ['unchanged null']],
        [1, [firing('checkout', { startsAt: noon + minute }), firing('checkout', named('Slow'))], ['joined INC-1', 'opened INC-1']],
        [3, [resolved('checkout', { endsAt: noon + 2 * minute })], ['resolved INC-1']],
        [4, [resolved('checkout', { endsAt: noon + 3 * minute })], ['unchanged INC-1']],
      ],
    },
    {
      name: 'ends resolved when a batch brings the end first',
      steps: [[2, [resolved('checkout'), firing('checkout')], ['resolved INC-1', 'opened INC-1']]],
    },
    {
      name: 'ignores the end of an earlier time when the alarm has fired anew',
      steps: [
        [0, [firing('checkout'), firing('checkout', named('Slow'))], ['opened INC-1', 'joined INC-1']],
        [5, [firing('checkout', { startsAt: noon + 4 * minute })], ['joined INC-1']],
        [6, [resolved('checkout', { endsAt: noon + 2 * minute })], ['unchanged INC-1']],
        [7, [resolved('checkout', { startsAt: noon + 4 * minute, endsAt: noon + 6 * minute })], ['resolved INC-1']],
      ],
    },
    {
      name: 'ignores a late repeat of a firing that has ended',
      steps: [
        [0, [firing('checkout'), firing('checkout', named('Slow'))], ['opened INC-1', 'joined INC-1']],
        [2, [resolved('checkout')], ['resolved INC-1']],
        [3, [firing('checkout')], ['unchanged INC-1']],
        [3, [resolved('checkout', named('Slow'))], ['resolved INC-1']],
      ],
    },
    {
      name: 'opens an incident again when its alarm flaps',
      keepsResolved: true,
      steps: [
        [0, [firing('checkout')], ['opened INC-1']],
        [1, [resolved('checkout')], ['resolved INC-1']],
        [5, [firing('checkout', { startsAt: noon + 5 * minute })], ['joined INC-1']],
        [6, [firing('checkout', named('Slow'))], ['joined INC-1']],
        [7, [resolved('checkout', { startsAt: noon + 5 * minute, endsAt: noon + 7 * minute })], ['resolved INC-1']],
      ],
    },
    {
      name: 'opens a new one when the alarm comes back later, or another alarm of the service comes',
      keepsResolved: true,
      steps: [
        [0, [firing('checkout')], ['opened INC-1']],
        [1, [resolved('checkout')], ['resolved INC-1']],
        [2, [firing('checkout', named('Slow'))], ['opened INC-2']],
        [11.1, [firing('checkout', { startsAt: noon + 11 * minute })], ['joined INC-2']],
        [40, [firing('checkout', { startsAt: noon + 40 * minute })], ['opened INC-3']],
      ],
    },
    {
      name: 'makes an incident of its own of a question asked by hand',
      steps: [
        [0, [firing('checkout')], ['opened INC-1']],
        [1, [firing('checkout', { format: 'manual', fingerprint: 'm' })], ['opened INC-2']],
        [1, [firing('checkout', { format: 'manual', fingerprint: 'm' })], ['unchanged INC-2']],
        [2, [firing('checkout', named('Slow'))], ['joined INC-1']],
        [2, [firing('cart', { format: 'manual', fingerprint: 'n' })], ['opened INC-3']],
        [3, [firing('cart', { severity: 'critical' })], ['opened INC-4']],
      ],
    },
  ];

  it.each(cases)('$name', ({ options, keepsResolved, steps }) => {
    const { send } = world(options, keepsResolved);
    for (const [minutes, alerts, outcomes] of steps) expect(send(noon + minutes * minute, ...alerts)).toEqual(outcomes);
  });

  it('says what the incident is: first title and start, gravest severity, latest state of each alert', () => {
    const { send, the } = world();
    send(noon + minute, firing('checkout', { title: 'first', startsAt: noon - minute, correlationIds: ['a'] }));
    send(noon + 2 * minute, firing('checkout', { title: 'second', severity: 'critical', correlationIds: ['b', 'a'], ...named('Slow') }));
    send(noon + 3 * minute, firing('checkout', { title: 'third', severity: 'info', ...named('Odd') }));
    send(noon + 4 * minute, resolved('checkout', named('Slow')));
    expect(the('INC-1')).toMatchObject({
      title: 'first',
      state: 'open',
      severity: 'critical',
      service: 'checkout',
      correlationIds: ['a', 'b'],
      alertCount: 4,
      alertAt: noon - minute,
      openedAt: noon + minute,
      lastAlertAt: noon + 3 * minute,
      updatedAt: noon + 4 * minute,
      resolvedAt: null,
      revision: 4,
    });
    expect(the('INC-1').alerts.map(({ fingerprint, status }) => [fingerprint, status])).toEqual([
      ['HighErrorRate/checkout', 'firing'],
      ['Slow/checkout', 'resolved'],
      ['Odd/checkout', 'firing'],
    ]);
  });

  it.each([
    { name: 'when its last alert says it ended', endsAt: noon + minute, resolvedAt: noon + minute },
    { name: 'now, where the end is not said', endsAt: null, resolvedAt: noon + 9 * minute, startsAt: noon + 9 * minute },
    { name: 'now, where the end is said to lie ahead', endsAt: noon + 60 * minute, resolvedAt: noon + 9 * minute },
  ])('is resolved $name', ({ endsAt, resolvedAt, startsAt = noon }) => {
    const { send, the } = world();
    send(noon, firing('checkout'));
    send(noon + 9 * minute, resolved('checkout', { endsAt, startsAt }));
    expect(the('INC-1')).toMatchObject({ state: 'resolved', resolvedAt });
  });

  it('counts one revision for a whole batch, and hands out no incident that did not change', () => {
    const open = groupAlerts([firing('checkout'), firing('cart')], [], { now: noon, lastNumber: 40 }).incidents;
    expect(open.map(({ id, revision }) => [id, revision])).toEqual([
      ['INC-41', 1],
      ['INC-42', 1],
    ]);
    const batch = [firing('cart', named('A')), firing('cart', named('B')), firing('checkout')];
    const { incidents } = groupAlerts(batch, open, { now: noon, lastNumber: 42 });
    expect(incidents.map(({ id, revision, alertCount }) => [id, revision, alertCount])).toEqual([['INC-42', 2, 3]]);
  });

  describe('a muted incident', () => {
    function muted(mutedUntil: number | null) {
      const the = world({}, true);
      the.send(noon, firing('checkout'));
      the.change('INC-1', { state: 'muted', mutedUntil });
      return the;
    }
    it('takes the alerts of its service silently while the mute is in force, however long', () => {
      const { send, the } = muted(noon + 600 * minute);
      expect(send(noon + 500 * minute, firing('checkout', named('Slow')))).toEqual(['joined INC-1']);
      expect(the('INC-1')).toMatchObject({ state: 'muted', mutedUntil: noon + 600 * minute });
    });
    it('is open again with the first alert after the mute', () => {
      const { send, the } = muted(noon + 5 * minute);
      expect(send(noon + 6 * minute, firing('checkout', named('Slow')))).toEqual(['joined INC-1']);
      expect(the('INC-1')).toMatchObject({ state: 'open', mutedUntil: null });
    });
    it('stays muted without an end, within the usual times', () => {
      const { send, the } = muted(null);
      expect(send(noon + 6 * minute, firing('checkout', named('Slow')))).toEqual(['joined INC-1']);
      expect(the('INC-1').state).toBe('muted');
      expect(send(noon + 60 * minute, firing('checkout', named('Down')))).toEqual(['opened INC-2']);
    });
    it('resolves, and is muted still when its alarm flaps', () => {
      const { send, the } = muted(noon + 60 * minute);
      expect(send(noon + 2 * minute, resolved('checkout'))).toEqual(['resolved INC-1']);
      expect(the('INC-1').state).toBe('resolved');
      expect(send(noon + 3 * minute, firing('checkout', { startsAt: noon + 3 * minute }))).toEqual(['joined INC-1']);
      expect(the('INC-1').state).toBe('muted');
    });
    it('does not keep a critical alert of another service from being heard', () => {
      const { send } = muted(noon + 60 * minute);
      expect(send(noon + minute, firing('cart', { severity: 'critical' }))).toEqual(['opened INC-2']);
    });
  });

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

describe('an alert that an incident knows', () => {
  it('opens an incident of its own once it is critical and of another service', () => {
    const { send } = world();
    const ids = { correlationIds: ['txn-1'] };
    expect(send(noon, firing('cart', ids))).toEqual(['opened INC-1']);
    expect(send(noon + 1_000, firing('payment', ids))).toEqual(['joined INC-1']);
    expect(send(noon + 2_000, firing('payment', { ...ids, severity: 'critical', startsAt: noon + 2_000 }))).toEqual(['opened INC-2']);
  });

  it('is looked at from its new beginning when it opens its incident anew', () => {
    const { send, the } = world({}, true);
    send(noon, firing('cart'));
    send(noon + minute, resolved('cart'));
    send(noon + 3 * minute, firing('cart', { startsAt: noon + 3 * minute }));
    expect(the('INC-1')).toMatchObject({ state: 'open', alertAt: noon + 3 * minute, openedAt: noon + 3 * minute });
  });
});
