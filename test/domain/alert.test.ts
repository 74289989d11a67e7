import { describe, expect, it } from 'vitest';
import { type Alert, receiptKey } from '../../src/domain/alert.ts';

const alert: Alert = {
  fingerprint: 'f1',
  format: 'generic',
  status: 'firing',
  title: 'Disk full',
  description: null,
  severity: 'warning',
  service: null,
  environment: null,
  correlationIds: [],
  labels: {},
  annotations: {},
  startsAt: 1_000,
  endsAt: null,
  links: [],
  truncated: 0,
};

describe('receiptKey', () => {
  it('is the same for the same delivery', () => expect(receiptKey({ ...alert })).toBe(receiptKey(alert)));

  it.each([
    { name: 'another alarm', other: { fingerprint: 'f2' } },
    { name: 'another format', other: { format: 'event' } },
    { name: 'another state', other: { status: 'resolved' as const } },
    { name: 'a new start', other: { startsAt: 2_000 } },
    { name: 'another occurrence', other: { occurrence: 'o1' } },
  ])('differs for $name', ({ other }) => expect(receiptKey({ ...alert, ...other })).not.toBe(receiptKey(alert)));

  it('goes by the occurrence rather than the start where there is one', () => {
    expect(receiptKey({ ...alert, occurrence: 'o1', startsAt: 2_000 })).toBe(receiptKey({ ...alert, occurrence: 'o1' }));
  });

  it('tells apart two ends of one alarm', () => {
    const resolved = { ...alert, status: 'resolved' as const };
    expect(receiptKey({ ...resolved, endsAt: 5_000 })).not.toBe(receiptKey({ ...resolved, endsAt: 6_000 }));
  });
});
