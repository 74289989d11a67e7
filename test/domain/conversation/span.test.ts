import { describe, expect, it } from 'vitest';
import { readSpan, type Span, windowOfSpan } from '../../../src/domain/conversation/span.ts';

const now = Date.parse('2026-03-01T10:30:00Z');
const shown = (span: Span, incidentAt: number | null = null) => {
  const { fromMs, toMs } = windowOfSpan(span, now, incidentAt);
  return [fromMs, toMs - 1].map((at) => new Date(at).toISOString().slice(5, 19)).join(' ');
};
const windowOf = (text: string, incidentAt: number | null = null) => {
  const span = readSpan(text);
  return span === null ? null : shown(span, incidentAt);
};

describe('a window as people say it', () => {
  it.each([
    ['last 30 minutes', '03-01T10:00:00 03-01T10:30:00'],
    ['in the last hour', '03-01T09:30:00 03-01T10:30:00'],
    ['from 10:00 to 10:20', '03-01T10:00:00 03-01T10:20:00'],
    ['between 10:00:30 and 10:01z', '03-01T10:00:30 03-01T10:01:30'],
    ['since 10:05', '03-01T10:05:00 03-01T10:30:00'],
    // Later than now by the clock: it was yesterday.
    ['from 22:00 to 01:00', '02-28T22:00:00 03-01T01:00:00'],
    ['from 10:20 to 11:00', '03-01T10:20:00 03-01T10:30:00'],
    ['last 9999 hours', '02-28T10:30:00 03-01T10:30:00'],
    ['last 0 minutes', '03-01T10:29:59 03-01T10:30:00'],
    ['last 30 seconds', '03-01T10:29:30 03-01T10:30:00'],
  ])('reads "%s"', (text, window) => expect(windowOf(text)).toBe(window));

  it('counts back from the incident where it is asked to', () => {
    expect(windowOf('20 minutes before', now - 3_600_000)).toBe('03-01T09:10:00 03-01T09:30:00');
    expect(windowOf('20 minutes before the alert')).toBe('03-01T10:10:00 03-01T10:30:00');
  });

  it.each(['', 'yesterday', 'last', 'from 10:00', 'logs of payment in the last hour', 'from 99:00 to 10:00'])(
    'does not pretend to read "%s"',
    (text) => expect(readSpan(text)).toBeNull(),
  );
});
