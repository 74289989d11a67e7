/** `shop` calls `cart`, which fails some requests, evenly, for as long as anything is known. Is that what it always does, or the trouble? */
import { describe, expect, it } from 'vitest';
import { type Ranking, rank } from '../../../src/domain/ranking/rank.ts';
import { alertAt, inputOf } from './made-metrics.ts';
import { flatten, type OtlpSpan, Tables, windowOf } from './window-from-otlp.ts';

const minute = 60_000;
const nanos = (at: number) => `${Math.round(at)}000000`;
const recentMs = 11 * minute;

/** Of all that is kept, nothing is older than the recent minutes; of every 25 requests so many fail. */
function rankedAt(failing: number): Ranking {
  const spans = new Map<string, OtlpSpan[]>([
    ['shop', []],
    ['cart', []],
  ]);
  const everyMs = 200;
  for (let i = 0; i * everyMs < recentMs - minute; i++) {
    const at = alertAt - recentMs + 1000 + i * everyMs;
    const status = { code: (i * 7) % 25 < failing ? 2 : 0 };
    const shared = { traceId: `t${i}`, startTimeUnixNano: nanos(at), endTimeUnixNano: nanos(at + 20), status };
    spans.get('shop')!.push({ ...shared, spanId: `${i}e`, name: 'enter', kind: 2 });
    spans.get('shop')!.push({ ...shared, spanId: `${i}c`, parentSpanId: `${i}e`, name: 'call', kind: 3 });
    spans.get('cart')!.push({ ...shared, spanId: `${i}s`, parentSpanId: `${i}c`, name: 'serve', kind: 2 });
  }
  const resource = (name: string) => ({ attributes: [{ key: 'service.name', value: { stringValue: name } }] });
  const flat = flatten({
    traces: [...spans].map(([name, list]) => ({ resourceSpans: [{ resource: resource(name), scopeSpans: [{ spans: list }] }] })),
    logs: [],
    metrics: [],
  });
  return rank({ ...inputOf([]), window: windowOf(flat, new Tables(), alertAt - recentMs, alertAt + 1) });
}

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
