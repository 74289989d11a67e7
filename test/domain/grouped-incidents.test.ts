/** What an incident says of the alerts it took: its beginning and end, its gravity, its revision, and whether it is muted. */
import { describe, expect, it } from 'vitest';
import { groupAlerts } from '../../src/domain/group-alerts.ts';
import { firing, minute, named, noon, resolved, world } from './grouping-world.ts';

describe('groupAlerts', () => {
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
});

describe('an alert that an incident knows', () => {
  it('is looked at from its new beginning when it opens its incident anew', () => {
    const { send, the } = world({}, true);
    send(noon, firing('cart'));
    send(noon + minute, resolved('cart'));
    send(noon + 3 * minute, firing('cart', { startsAt: noon + 3 * minute }));
    expect(the('INC-1')).toMatchObject({ state: 'open', alertAt: noon + 3 * minute, openedAt: noon + 3 * minute });
  });
});
