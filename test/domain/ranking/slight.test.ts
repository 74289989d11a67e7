/** `shop` calls `cart`. After twenty minutes without an error some of the last minute's requests fail in `cart`. How sure is that? */
import { describe, expect, it } from 'vitest';
import { rank } from '../../../src/domain/ranking/rank.ts';
import { alertAt, inputOf } from './made-metrics.ts';
import { learnFrom } from './recorded-case.ts';
import { flatten, type OtlpSpan, Tables, windowOf } from './window-from-otlp.ts';

const minute = 60_000;
const nanos = (at: number) => `${Math.round(at)}000000`;
const everyMs = 500;
const recentMs = 11 * minute;

function confidenceIn(failsAt: (i: number) => boolean, operationOf: (i: number) => string = () => 'serve'): number {
  const spans = new Map<string, OtlpSpan[]>([
    ['shop', []],
    ['cart', []],
  ]);
  const ask = (at: number, i: number, fails: boolean) => {
    const shared = { traceId: `t${i}`, startTimeUnixNano: nanos(at), endTimeUnixNano: nanos(at + 20), status: { code: fails ? 2 : 0 } };
    spans
      .get('shop')!
      .push(
        { ...shared, spanId: `${i}e`, name: 'enter', kind: 2 },
        { ...shared, spanId: `${i}c`, parentSpanId: `${i}e`, name: 'call', kind: 3 },
      );
    spans.get('cart')!.push({ ...shared, spanId: `${i}s`, parentSpanId: `${i}c`, name: operationOf(i), kind: 2 });
    if (!fails) spans.get('cart')!.push({ ...shared, spanId: `${i}w`, parentSpanId: `${i}s`, name: 'work', kind: 1 });
  };
  let i = 0;
  for (let at = alertAt - recentMs - 20 * minute; at < alertAt - recentMs; at += everyMs) ask(at, i++, false);
  for (let at = alertAt - 3 * minute; at < alertAt; at += everyMs, i++) ask(at, i, at > alertAt - minute && failsAt(i));
  const resource = (name: string) => ({ attributes: [{ key: 'service.name', value: { stringValue: name } }] });
  const flat = flatten({
    traces: [...spans].map(([name, list]) => ({ resourceSpans: [{ resource: resource(name), scopeSpans: [{ spans: list }] }] })),
    logs: [],
    metrics: [],
  });
  const tables = new Tables();
  const baseline = learnFrom(flat, tables, alertAt);
  const window = windowOf(flat, tables, alertAt - recentMs, alertAt + 1);
  const { hypotheses } = rank({ ...inputOf([]), window, baseline });
  return hypotheses.find(({ service }) => service === 'cart')?.confidence ?? 0;
}

describe('a handful of bad requests', () => {
  it('among many good ones makes nobody surer than not', () => {
    expect(confidenceIn((i) => i % 28 === 0)).toBeLessThan(0.5);
  });

  it('says what it says where few went well', () => {
    expect(
      confidenceIn(
        (i) => i % 28 === 0,
        (i) => (i % 28 === 0 ? 'rarely' : 'serve'),
      ),
    ).toBeGreaterThan(0.5);
  });

  it('is more than that once there are many of them', () => {
    expect(confidenceIn((i) => i % 12 === 0)).toBeGreaterThan(0.5);
  });
});
