/** `shop` calls `cart`. Two minutes were learned; then a few requests go wrong. What do those few say? */
import { describe, expect, it } from 'vitest';
import { rank } from '../../../src/domain/ranking/rank.ts';
import { alertAt, inputOf } from './made-metrics.ts';
import { learnFrom } from './recorded-case.ts';
import { flatten, type OtlpSpan, Tables, windowOf } from './window-from-otlp.ts';

const minute = 60_000;
const nanos = (at: number) => `${Math.round(at)}000000`;
const recentMs = 11 * minute;

/** What is wrong with a request; `at` counts from the alert back. */
interface Plan {
  readonly everyMs: number;
  readonly operation?: (i: number) => string;
  readonly wrong: (i: number, beforeMs: number) => 'fails' | 'stops early' | 'no';
}

function cartOf({ everyMs, operation = () => 'serve', wrong }: Plan) {
  const spans = new Map<string, OtlpSpan[]>([
    ['shop', []],
    ['cart', []],
  ]);
  const ask = (at: number, i: number) => {
    const what = wrong(i, alertAt - at);
    const status = { code: what === 'fails' ? 2 : 0 };
    const shared = { traceId: `t${i}`, startTimeUnixNano: nanos(at), endTimeUnixNano: nanos(at + 20), status };
    const called = { ...shared, spanId: `${i}c`, parentSpanId: `${i}e`, name: 'call', kind: 3 };
    spans.get('shop')!.push({ ...shared, spanId: `${i}e`, name: 'enter', kind: 2 }, called);
    spans.get('cart')!.push({ ...shared, spanId: `${i}s`, parentSpanId: `${i}c`, name: operation(i), kind: 2 });
    if (what !== 'stops early')
      spans.get('cart')!.push({ ...shared, status: { code: 0 }, spanId: `${i}w`, parentSpanId: `${i}s`, name: 'work', kind: 1 });
  };
  let i = 0;
  for (let at = alertAt - recentMs - 2 * minute; at < alertAt - recentMs; at += everyMs) ask(at, i++);
  for (let at = alertAt - 4 * minute; at < alertAt; at += everyMs) ask(at, i++);
  const resource = (name: string) => ({ attributes: [{ key: 'service.name', value: { stringValue: name } }] });
  const flat = flatten({
    traces: [...spans].map(([name, list]) => ({ resourceSpans: [{ resource: resource(name), scopeSpans: [{ spans: list }] }] })),
    logs: [],
    metrics: [],
  });
  const tables = new Tables();
  const baseline = learnFrom(flat, tables, alertAt);
  const window = windowOf(flat, tables, alertAt - recentMs, alertAt + 1);
  const { hypotheses, verdict } = rank({ ...inputOf([]), window, baseline });
  const cart = hypotheses.find(({ service }) => service === 'cart');
  return { verdict, first: hypotheses[0]?.service, confidence: cart?.confidence ?? 0, features: cart?.features ?? {} };
}

const failsRarely = (i: number, beforeMs: number) => (beforeMs < minute && i % 12 === 0 ? 'fails' : 'no');

describe('a few requests that go wrong', () => {
  it('say more where they are all that came to an operation than where most went well there', () => {
    const everyMs = 1000;
    const often = cartOf({ everyMs, wrong: failsRarely });
    const rarely = cartOf({ everyMs, wrong: failsRarely, operation: (i) => (i % 12 === 0 ? 'refund' : 'serve') });
    expect(rarely.features['origin']).toBeGreaterThan(often.features['origin']!);
    expect(rarely.first).toBe('cart');
  });

  it('name the service that leaves out in every third what it did in each of many before', () => {
    const lately = (i: number, beforeMs: number) => (beforeMs < minute && i % 3 === 0 ? 'stops early' : 'no');
    expect(cartOf({ everyMs: 4000, wrong: lately })).toMatchObject({ verdict: 'cause', first: 'cart' });
  });
});
