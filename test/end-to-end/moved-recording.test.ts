import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { movedRecording, movedTimes } from './moved-recording.ts';

describe('movedTimes', () => {
  it('moves every time of a request by the same, to the nanosecond, and nothing else', () => {
    const body =
      '{"startTimeUnixNano":"1790000000000000001","endTimeUnixNano": 1790000000000000002,"observedTimeUnixNano":"0","timeUnixNano":"1790000000000000003","intValue":"1790000000000000004"}';
    expect(movedTimes(body, 1_500)).toBe(
      '{"startTimeUnixNano":"1790000001500000001","endTimeUnixNano": 1790000001500000002,"observedTimeUnixNano":"0","timeUnixNano":"1790000001500000003","intValue":"1790000000000000004"}',
    );
    expect(movedTimes(movedTimes(body, -7), 7)).toBe(body);
  });
});

describe('movedRecording', () => {
  it('ends at the alert, wherever that is put', () => {
    const alertAt = Date.parse('2027-01-01T00:00:00Z');
    const { alert, requests } = movedRecording(join(import.meta.dirname, '..', 'scenarios', 'harbour'), alertAt);
    expect(JSON.parse(alert)).toMatchObject({ alerts: [{ startsAt: '2027-01-01T00:00:00.000Z' }] });
    const ends = requests.flatMap(({ body }) => [...body.matchAll(/"endTimeUnixNano":"(\d+)"/g)].map(([, nanos]) => Number(nanos) / 1e6));
    expect(ends.length).toBeGreaterThan(1_000);
    expect(Math.max(...ends)).toBeLessThanOrEqual(alertAt);
    expect(Math.max(...ends)).toBeGreaterThan(alertAt - 10_000);
  });
});
