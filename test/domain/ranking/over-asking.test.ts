/** `feed` asks `rates`, somebody elsewhere, and answers most requests out of its cache. Lately `rates` turns calls away. */
import { describe, expect, it } from 'vitest';
import { rank } from '../../../src/domain/ranking/rank.ts';
import { alertAt, inputOf } from './made-metrics.ts';
import { learnFrom } from './recorded-case.ts';
import { flatten, type OtlpSpan, Tables, windowOf } from './window-from-otlp.ts';

const minute = 60_000;
const nanos = (at: number) => `${Math.round(at)}000000`;

interface Plan {
  /** Of so many requests one asks, before and lately. */
  readonly before: number;
  readonly lately: number;
  /** What `rates` answers then. */
  readonly code?: number;
  /** Since so many minutes before the alert there are requests at all, and one each so many milliseconds. */
  readonly since?: number;
  readonly every?: number;
  /** For so many minutes before the alert it asks as often as it does lately; for two of these it is turned away. */
  readonly asksFor?: number;
  /** Requests of another kind have always asked, each of them, and are answered. */
  readonly hasOthers?: boolean;
}

function suspectOf({ before, lately, code = 429, since = 20, every = 1500, asksFor = 2, hasOthers = false }: Plan) {
  const spans: OtlpSpan[] = [];
  const request = (traceId: string, at: number, name: string, asks: boolean, isBad: boolean) => {
    const times = { startTimeUnixNano: nanos(at), endTimeUnixNano: nanos(at + (asks ? 60 : 4)) };
    spans.push({ traceId, spanId: `${traceId}e`, name, kind: 2, ...times, status: { code: isBad ? 2 : 0 } });
    if (!asks) return;
    const attributes = [
      { key: 'peer.service', value: { stringValue: 'rates' } },
      { key: 'http.response.status_code', value: { stringValue: `${isBad ? code : 200}` } },
    ];
    const inner = { startTimeUnixNano: nanos(at + 2), endTimeUnixNano: nanos(at + 50) };
    spans.push({
      ...{ traceId, spanId: `${traceId}c`, parentSpanId: `${traceId}e`, name: 'GET /v1', kind: 3, attributes },
      ...{ ...inner, status: { code: isBad ? 2 : 0 } },
    });
  };
  let i = 0;
  for (const [from, to] of [
    [alertAt - since * minute, alertAt - 12 * minute],
    [alertAt - Math.min(since, 5) * minute, alertAt],
  ] as const)
    for (let at = from; at < to; at += every) {
      const isLate = at > alertAt - 2 * minute;
      const asks = i % (at > alertAt - asksFor * minute ? lately : before) === 0;
      const isBad = isLate && asks;
      request(`t${i++}`, at, 'GET /rate', asks, isBad);
      if (hasOthers) request(`o${i}`, at, 'GET /all', true, false);
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

  it('speak against it from the first that was turned away on, whatever it asks in requests of another kind', () => {
    expect(suspectOf({ before: 9, lately: 3 })).toBe('feed');
    expect(suspectOf({ before: 9, lately: 3, hasOthers: true })).toBe('feed');
  });

  it.each([
    ['it makes no more than it did', { before: 2, lately: 2 }],
    ['it makes half as many more', { before: 3, lately: 2 }],
    ['they are not turned away but fail', { before: 12, lately: 1, code: 503 }],
    ['nobody knows how many it made', { before: 12, lately: 1, since: 2 }],
    ['it makes a handful of them', { before: 12, lately: 1, every: 35_000 }],
    ['it has made as many for long', { before: 12, lately: 1, asksFor: 5, since: 5 }],
  ])('speak against who turns them away where %s', (_, plan) => expect(suspectOf(plan)).toBe('rates'));
});
