/** Which incident takes an alert: it opens one, joins one, ends one or changes nothing. */
import { describe, expect, it } from 'vitest';
import type { Alert } from '../../src/domain/alert.ts';
import type { GroupingOptions } from '../../src/domain/group-alerts.ts';
import { firing, minute, named, noon, resolved, world } from './grouping-world.ts';

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
});

describe('an alert that an incident knows', () => {
  it('opens an incident of its own once it is critical and of another service', () => {
    const { send } = world();
    const ids = { correlationIds: ['txn-1'] };
    expect(send(noon, firing('cart', ids))).toEqual(['opened INC-1']);
    expect(send(noon + 1_000, firing('payment', ids))).toEqual(['joined INC-1']);
    expect(send(noon + 2_000, firing('payment', { ...ids, severity: 'critical', startsAt: noon + 2_000 }))).toEqual(['opened INC-2']);
  });
});
