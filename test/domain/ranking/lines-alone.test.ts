/** `shop` takes requests that are known by their lines; for a minute most end without a word. What it asks, and whom, nobody sees. */
import { describe, expect, it } from 'vitest';
import { rank, type Ranking } from '../../../src/domain/ranking/rank.ts';
import { alertAt, inputOf } from './made-metrics.ts';
import { learnFrom } from './recorded-case.ts';
import { flatten, type OtlpLog, Tables, windowOf } from './window-from-otlp.ts';

const minute = 60_000;

/** From so many minutes before the alert; `said`: in place of the last line of a request. */
function rankWith(fromMinutes: number, said: string | null): Ranking {
  const logRecords: OtlpLog[] = [];
  let i = 0;
  for (let at = alertAt - fromMinutes * minute; at < alertAt; at += 400) {
    const traceId = (i++).toString(16).padStart(32, 'ab');
    const write = (after: number, text: string, severityNumber = 9) =>
      logRecords.push({
        timeUnixNano: `${at + after}000000`,
        severityNumber,
        body: { stringValue: text },
        traceId,
        spanId: traceId.slice(0, 16),
      });
    write(0, 'request taken');
    if (at < alertAt - minute || i % 10 === 0) write(20, 'request completed');
    else if (said !== null) write(20, said, 17);
  }
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }] };
  const flat = flatten({ traces: [], logs: [{ resourceLogs: [{ resource, scopeLogs: [{ logRecords }] }] }], metrics: [] });
  const tables = new Tables();
  const learned = fromMinutes > 11 ? { baseline: learnFrom(flat, tables, alertAt) } : {};
  return rank({ ...inputOf([]), window: windowOf(flat, tables, alertAt - 11 * minute, alertAt + 1), ...learned });
}

describe('of a service that nothing but lines is known of, what it leaves off', () => {
  it('may be left off for whatever it asked, where there is no past', () => {
    const { hypotheses } = rankWith(5, null);
    expect(hypotheses[0]).toMatchObject({ service: 'shop', confidence: 0.78 });
  });

  it('counts in full beside a past', () => expect(rankWith(31, null).hypotheses[0]!.confidence).toBeGreaterThan(0.78));

  it('counts in full where it says what went wrong instead', () =>
    expect(rankWith(5, 'TypeError: total is undefined').hypotheses[0]!.confidence).toBeGreaterThan(0.78));
});
