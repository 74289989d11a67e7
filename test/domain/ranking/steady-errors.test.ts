/** `shop` calls `cart`, which fails some requests, evenly, for as long as anything is known. Is that what it always does, or the trouble? */
import { describe, expect, it } from 'vitest';
import { type Ranking, rank } from '../../../src/domain/ranking/rank.ts';
import { alertAt, inputOf } from './made-metrics.ts';
import { flatten, type OtlpSpan, Tables, windowOf } from './window-from-otlp.ts';

const minute = 60_000;
const nanos = (at: number) => `${Math.round(at)}000000`;
const recentMs = 11 * minute;

interface Plan {
  readonly operation: (i: number, beforeMs: number) => string;
  readonly isFailed: (i: number, beforeMs: number) => boolean;
  /** How long before the alert the last request comes. */
  readonly untilMs?: number;
}

/** Of all that is kept, nothing is older than the recent minutes. */
function ranked({ operation, isFailed, untilMs = 0 }: Plan): Ranking {
  const spans = new Map<string, OtlpSpan[]>([
    ['shop', []],
    ['cart', []],
  ]);
  const everyMs = 200;
  for (let i = 0; i * everyMs < recentMs - untilMs - 1000; i++) {
    const at = alertAt - recentMs + 1000 + i * everyMs;
    const status = { code: isFailed(i, alertAt - at) ? 2 : 0 };
    const shared = { traceId: `t${i}`, startTimeUnixNano: nanos(at), endTimeUnixNano: nanos(at + 20), status };
    spans.get('shop')!.push({ ...shared, spanId: `${i}e`, name: 'enter', kind: 2 });
    spans.get('shop')!.push({ ...shared, spanId: `${i}c`, parentSpanId: `${i}e`, name: 'call', kind: 3 });
    spans.get('cart')!.push({ ...shared, spanId: `${i}s`, parentSpanId: `${i}c`, name: operation(i, alertAt - at), kind: 2 });
  }
  const resource = (name: string) => ({ attributes: [{ key: 'service.name', value: { stringValue: name } }] });
  const flat = flatten({
    traces: [...spans].map(([name, list]) => ({ resourceSpans: [{ resource: resource(name), scopeSpans: [{ spans: list }] }] })),
    logs: [],
    metrics: [],
  });
  return rank({ ...inputOf([]), window: windowOf(flat, new Tables(), alertAt - recentMs, alertAt + 1) });
}

/** Of every 25 requests so many fail. */
const rankedAt = (failing: number): Ranking =>
  ranked({ operation: () => 'serve', isFailed: (i) => (i * 7) % 25 < failing, untilMs: minute });

describe('failures as old as all that is known', () => {
  it('accuse nobody where they are few of all requests', () => {
    const { verdict } = rankedAt(2);
    expect(verdict).not.toBe('cause');
  });

  it('speak against who fails nearly all it is asked', () => {
    const { verdict, hypotheses } = rankedAt(23);
    expect([verdict, hypotheses[0]?.service]).toEqual(['cause', 'cart']);
  });
});

describe('an operation that always fails a third of what it is asked', () => {
  const isLate = (beforeMs: number): boolean => beforeMs < minute;
  /** One request in 20, and of late one in 5 where they grow. */
  const refunds =
    (grow: boolean) =>
    (i: number, beforeMs: number): string =>
      i % (grow && isLate(beforeMs) ? 5 : 20) === 0 ? 'refund' : 'serve';
  const third = (i: number): boolean => ((i / 5) * 7) % 3 < 1;

  it('is not at fault where more is asked of it', () => {
    const operation = refunds(true);
    const { verdict } = ranked({ operation, isFailed: (i, beforeMs) => operation(i, beforeMs) === 'refund' && third(i) });
    expect(verdict).not.toBe('cause');
  });

  it.each([false, true])('is where it fails nearly all of it, whether or not more is asked: %s', (grow) => {
    const operation = refunds(grow);
    const isFailed = (i: number, beforeMs: number) => operation(i, beforeMs) === 'refund' && (isLate(beforeMs) || third(i));
    const { verdict, hypotheses } = ranked({ operation, isFailed });
    expect([verdict, hypotheses[0]?.service]).toEqual(['cause', 'cart']);
  });

  it('is no excuse for one that fails all of it, and is asked for more and more', () => {
    const operation = refunds(true);
    const { verdict, hypotheses } = ranked({ operation, isFailed: (i, beforeMs) => operation(i, beforeMs) === 'refund' });
    expect([verdict, hypotheses[0]?.service]).toEqual(['cause', 'cart']);
  });
});
