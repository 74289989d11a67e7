/**
 * `till` asks `shelf`, which asks `prices` for what is on it, which asks its store; `web` asks `prices` as well. Lately `shelf` may ask
 * several times for each request, and `prices` and the store may be slow or fail. Who is at fault?
 */
import { describe, expect, it } from 'vitest';
import type { Change } from '../../../src/domain/change.ts';
import { rank, type Ranking } from '../../../src/domain/ranking/rank.ts';
import { alertAt, inputOf } from './made-metrics.ts';
import { learnFrom } from './recorded-case.ts';
import { flatten, type OtlpSpan, Tables, windowOf } from './window-from-otlp.ts';

const minute = 60_000;
const nanos = (at: number) => `${Math.round(at * 1000)}000`;
const text = (key: string, stringValue: string) => ({ key, value: { stringValue } });
const recentMs = 11 * minute;
const sinceMs = 2 * minute;

/** Of a request to `shelf`. */
interface Habit {
  /** Calls to `prices`; by the number of the request. */
  readonly calls: (request: number) => number;
  readonly pricesMs: number;
  /** What `shelf` waits for; whatever takes longer it gives up. */
  readonly patienceMs?: number;
  readonly pricesFail?: boolean;
  /** Another operation of `prices` than before. */
  readonly operation?: string;
}
const usual: Habit = { calls: () => 1, pricesMs: 12 };

function ranked(lately: Habit, changes: readonly Change[] = []): Ranking {
  const spans = new Map<string, OtlpSpan[]>();
  const request = (
    at: number,
    n: number,
    { calls, pricesMs, patienceMs = Infinity, pricesFail = false, operation = 'GET /list' }: Habit,
  ) => {
    const traceId = `t${Math.round(at)}`;
    let ids = 0;
    const add = (
      service: string,
      name: string,
      parent: string | null,
      kind: number,
      from: number,
      to: number,
      more: Partial<OtlpSpan> = {},
    ) => {
      const spanId = `${traceId}-${ids++}`;
      const span = { traceId, spanId, name, kind, startTimeUnixNano: nanos(at + from), endTimeUnixNano: nanos(at + to), ...more };
      spans.set(service, [...(spans.get(service) ?? []), parent === null ? span : { ...span, parentSpanId: parent }]);
      return spanId;
    };
    const failed = { status: { code: 2 } };
    const ask = (caller: string, parent: string, from: number): number => {
      const own = pricesMs + (n % 3) / 2;
      const waits = Math.min(own + 2, patienceMs);
      const isBad = pricesFail || waits < own + 2;
      const call = add(caller, `call prices`, parent, 3, from, from + waits, isBad ? failed : {});
      const served = add('prices', operation, call, 2, from + 1, from + 1 + own, pricesFail ? failed : {});
      const attributes = [text('server.address', 'prices-db'), text('db.system', 'postgresql')];
      add('prices', 'SELECT prices-db', served, 3, from + 2, from + 1 + own / 3, { attributes });
      return from + waits;
    };
    if (n % 4 === 0) {
      const page = add('web', 'GET /page', null, 2, 0, pricesMs + 9);
      ask('web', page, 2);
      return;
    }
    const length = 10 + calls(n) * (Math.min(pricesMs + 3.5, patienceMs) + 1);
    const till = add('till', 'GET /till', null, 2, 0, length);
    const call = add('till', 'call shelf', till, 3, 1, length - 1);
    const shelf = add('shelf', 'GET /shelf', call, 2, 2, length - 2);
    let now = 4;
    for (let i = 0; i < calls(n); i++) now = ask('shelf', shelf, now) + 1;
  };
  for (let n = 0; n < 450; n++) request(alertAt - recentMs - 15 * minute + n * 2000, n, usual);
  for (let n = 0; n < 180; n++) {
    const at = alertAt - 6 * minute + n * 2000;
    request(at, n, at > alertAt - sinceMs ? lately : usual);
  }
  const flat = flatten({
    traces: [...spans].map(([name, list]) => ({
      resourceSpans: [{ resource: { attributes: [text('service.name', name)] }, scopeSpans: [{ spans: list }] }],
    })),
    logs: [],
    metrics: [],
  });
  const tables = new Tables();
  const baseline = learnFrom(flat, tables, alertAt);
  return rank({ ...inputOf([], changes), window: windowOf(flat, tables, alertAt - recentMs, alertAt + 1), baseline });
}

const told = ({ hypotheses, evidence }: Ranking) => ({
  first: hypotheses[0]?.service,
  says: evidence
    .filter(({ id }) => hypotheses[0]?.evidence.includes(id))
    .map((one) => one.text)
    .join(' '),
});

const release: Change = {
  ...{ kind: 'release', service: 'shelf', startedAt: alertAt - sinceMs - 2000, steps: [], version: '2.0.0' },
  ...{ sha: null, url: null, title: null, files: [] },
};

describe('a service that asks several times for each request', () => {
  it('is at fault for what it asks being busy and slow, and for what that one asks', () => {
    const { first, says } = told(ranked({ calls: () => 20, pricesMs: 90 }));
    expect(first).toBe('shelf');
    expect(says).toContain('shelf calls prices 20 times for each request that needs it');
  });

  it('is at fault where it asks for something else so often, though nothing is slow yet', () => {
    expect(told(ranked({ calls: () => 20, pricesMs: 12, operation: 'GET /one' })).first).toBe('shelf');
  });

  it('is at fault where it was changed, gives up what is answered well, and asks again', () => {
    const insistent = { calls: () => 5, pricesMs: 60, patienceMs: 40 };
    expect(told(ranked(insistent, [release])).first).toBe('shelf');
    // Nobody changed it: it asks again because prices is slow.
    expect(told(ranked(insistent)).first).toBe('prices');
  });

  it.each<[string, Partial<Change>]>([
    ['somebody else was changed', { service: 'till' }],
    ['it was changed long before', { startedAt: alertAt - 30 * minute }],
    ['it is changed after the alert', { startedAt: alertAt + 1000 }],
    ['what was changed is not at work', { kind: 'commit' }],
  ])('is not where it gives up what is slow, and %s', (_, change) => {
    const insistent = { calls: () => 5, pricesMs: 60, patienceMs: 40 };
    expect(told(ranked(insistent, [{ ...release, ...change }])).says).not.toContain('times for each request');
  });

  it.each<[string, Habit]>([
    ['asks no more often than ever', { calls: () => 1, pricesMs: 400 }],
    ['asks again because it was failed', { calls: () => 4, pricesMs: 12, pricesFail: true }],
    ['asks often for a few of its requests', { calls: (n) => (n % 8 === 1 ? 5 : 1), pricesMs: 400 }],
  ])('is not where it %s', (_, lately) => {
    expect(told(ranked(lately)).first).toBe('prices');
  });

  it('accuses nobody where it asks a little more often and all is well', () => {
    expect(ranked({ calls: () => 3, pricesMs: 12 }).verdict).toBe('healthy');
  });
});
