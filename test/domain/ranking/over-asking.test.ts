/** `feed` asks `rates`, somebody elsewhere, and answers most requests out of its cache. Lately `rates` turns calls away. */
import { describe, expect, it } from 'vitest';
import { rank } from '../../../src/domain/ranking/rank.ts';
import { alertAt, inputOf } from './made-metrics.ts';
import { learnFrom } from './recorded-case.ts';
import { flatten, type OtlpSpan, Tables, windowOf } from './window-from-otlp.ts';

const minute = 60_000;
const nanos = (at: number) => `${Math.round(at)}000000`;

/** Of so many requests one asks, before and lately; and what `rates` answers then. */
function suspectOf({ before, lately, code = 429 }: { readonly before: number; readonly lately: number; readonly code?: number }) {
  const spans: OtlpSpan[] = [];
  let i = 0;
  for (const [from, to] of [
    [alertAt - 20 * minute, alertAt - 12 * minute],
    [alertAt - 5 * minute, alertAt],
  ] as const)
    for (let at = from; at < to; at += 1500) {
      const isLate = at > alertAt - 2 * minute;
      const asks = i % (isLate ? lately : before) === 0;
      const isBad = isLate && asks;
      const traceId = `t${i++}`;
      const times = { startTimeUnixNano: nanos(at), endTimeUnixNano: nanos(at + (asks ? 60 : 4)) };
      spans.push({ traceId, spanId: `${i}e`, name: 'GET /rate', kind: 2, ...times, status: { code: isBad ? 2 : 0 } });
      if (!asks) continue;
      const attributes = [
        { key: 'peer.service', value: { stringValue: 'rates' } },
        { key: 'http.response.status_code', value: { stringValue: `${isBad ? code : 200}` } },
      ];
      const inner = { startTimeUnixNano: nanos(at + 2), endTimeUnixNano: nanos(at + 50) };
      spans.push({
        ...{ traceId, spanId: `${i}c`, parentSpanId: `${i}e`, name: 'GET /v1', kind: 3, attributes },
        ...{ ...inner, status: { code: isBad ? 2 : 0 } },
      });
    }
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'feed' } }] };
  const flat = flatten({ traces: [{ resourceSpans: [{ resource, scopeSpans: [{ spans }] }] }], logs: [], metrics: [] });
  const tables = new Tables();
  const baseline = learnFrom(flat, tables, alertAt);
  const { hypotheses } = rank({ ...inputOf([]), window: windowOf(flat, tables, alertAt - 11 * minute, alertAt + 1), baseline });
  return hypotheses[0]?.service;
}

describe('calls that are turned away because too many come', () => {
  it('speak against who makes them in far more of its requests than it did', () =>
    expect(suspectOf({ before: 12, lately: 1 })).toBe('feed'));

  it.each([
    ['it makes no more than it did', { before: 2, lately: 2 }],
    ['they are not turned away but fail', { before: 12, lately: 1, code: 503 }],
  ])('speak against who turns them away where %s', (_, plan) => expect(suspectOf(plan)).toBe('rates'));
});
