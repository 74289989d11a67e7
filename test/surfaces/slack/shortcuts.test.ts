import { describe, expect, it } from 'vitest';
import { subjectIn } from '../../../src/surfaces/slack/shortcuts.ts';

describe('subjectIn', () => {
  it.each([
    ['[FIRING:1] HighErrorRate checkout (prod)', 'checkout'],
    ['Latency of *Payment*, see runbook', 'payment'],
    ['session drop for txn-456a, TIMEOUT', 'txn-456a'],
    ['trace 4bf92f3577b34da6a3ce929d0e0e4736 failed', '4bf92f3577b34da6a3ce929d0e0e4736'],
    ['all good, 100 % at 12:30', ''],
    ['', ''],
  ])('finds in %j %j', (text, subject) => {
    expect(subjectIn(text, ['checkout', 'payment'])).toBe(subject);
  });
});
