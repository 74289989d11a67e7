import { describe, expect, it } from 'vitest';
import { alertByHand } from '../../src/domain/alert-by-hand.ts';
import { groupAlerts } from '../../src/domain/group-alerts.ts';
import { askedLookbackMs } from '../../src/domain/incident.ts';
import { incident } from '../adapters/sinks/slack/cards.ts';

const at = Date.parse('2026-03-01T12:00:00Z');
const asked = (minutes: number) => alertByHand({ subject: 'cart', service: 'cart', minutes, person: 'slack:U0ANA', at });
const { lookbackMinutes: _, ...unasked } = asked(1);

describe('askedLookbackMs', () => {
  it('is what a person asked for, from the alert to the incident it opened', () => {
    const { incidents } = groupAlerts([asked(45)], [], { now: at, lastNumber: 0 });
    expect(incidents.map(askedLookbackMs)).toEqual([45 * 60_000]);
  });

  it('is the furthest of several, whatever their order', () => {
    expect(askedLookbackMs(incident({ alerts: [asked(10), unasked, asked(90), asked(30)] }))).toBe(90 * 60_000);
  });

  it('is nothing where nobody asked', () => {
    expect(askedLookbackMs(incident({ alerts: [unasked, { ...unasked, lookbackMinutes: null }] }))).toBeNull();
    expect(askedLookbackMs(incident({ alerts: [] }))).toBeNull();
  });
});

describe('alertByHand', () => {
  it('is one alarm for one question, and another for a longer look', () => {
    expect(asked(10).fingerprint).toBe(asked(10).fingerprint);
    expect(asked(10).fingerprint).not.toBe(asked(60).fingerprint);
  });
});
