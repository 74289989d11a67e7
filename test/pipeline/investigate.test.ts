import { describe, expect, it } from 'vitest';
import { alertByHand } from '../../src/domain/alert-by-hand.ts';
import { groupAlerts } from '../../src/domain/group-alerts.ts';
import { windowOf } from '../../src/pipeline/investigate.ts';

const at = Date.parse('2026-03-01T12:00:00Z');
const minute = 60_000;
const lookback = 10 * minute;

function incidentOf(alertAt: number, openedAt: number, minutes = 10) {
  const alert = alertByHand({ subject: 'cart', service: 'cart', minutes, person: 'p', at: alertAt });
  return groupAlerts([alert], [], { now: openedAt, lastNumber: 0 }).incidents[0]!;
}

describe('windowOf', () => {
  it('holds what was measured at the very instant of the alert, and nothing later at first', () => {
    const { fromMs, toMs } = windowOf(incidentOf(at, at), at + minute, at, lookback);
    expect([fromMs, toMs]).toEqual([at - lookback, at + 1]);
  });

  it('reaches a little past the alert in later rounds, but never past the newest telemetry', () => {
    expect(windowOf(incidentOf(at, at), at + minute, at + 8_000, lookback).toMs).toBe(at + 8_001);
    expect(windowOf(incidentOf(at, at), at + minute, at + minute, lookback).toMs).toBe(at + 15_001);
    expect(windowOf(incidentOf(at, at), at + 3_000, at + minute, lookback).toMs).toBe(at + 3_001);
    expect(windowOf(incidentOf(at, at), null, at + minute, lookback).toMs).toBe(at + 1);
  });

  it('looks as far back as somebody asked', () => {
    expect(windowOf(incidentOf(at, at, 45), at, at, lookback).fromMs).toBe(at - 45 * minute);
  });

  it('looks at the present when an alert was firing long before we heard of it', () => {
    expect(windowOf(incidentOf(at - 5 * 60 * minute, at), at, at, lookback).toMs).toBe(at + 1);
  });
});
