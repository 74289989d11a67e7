/** A service that cannot read what it was handed: itself, or whoever handed it over? */
import { describe, expect, it } from 'vitest';
import { rank } from '../../../src/domain/ranking/rank.ts';
import { alertAt, inputOf } from './made-metrics.ts';
import { flatten, type OtlpSpan, Tables, windowOf } from './window-from-otlp.ts';

const minute = 60_000;
const nanos = (at: number) => `${Math.round(at)}000000`;

/** `shop` calls `cart` and fails by itself in most requests lately, with this message. */
function confidenceIn(problem: string, callsCart = true): number {
  const spans = new Map<string, OtlpSpan[]>([
    ['shop', []],
    ['cart', []],
  ]);
  for (let i = 0; i < 240; i++) {
    const at = alertAt - (240 - i) * 3000;
    const fails = at > alertAt - 2 * minute && i % 5 !== 0;
    const of = { traceId: `t${i}`, startTimeUnixNano: nanos(at + 5), endTimeUnixNano: nanos(at + 15) };
    const status = fails ? { code: 2, message: problem } : {};
    const enter = { ...of, spanId: `${i}e`, name: 'enter', kind: 2, startTimeUnixNano: nanos(at), endTimeUnixNano: nanos(at + 30), status };
    spans.get('shop')!.push(enter);
    if (!callsCart) continue;
    spans.get('shop')!.push({ ...of, spanId: `${i}c`, parentSpanId: `${i}e`, name: 'ask cart', kind: 3 });
    spans.get('cart')!.push({ ...of, spanId: `${i}s`, parentSpanId: `${i}c`, name: 'serve', kind: 2 });
  }
  const traces = [...spans].map(([service, list]) => ({
    resourceSpans: [
      { resource: { attributes: [{ key: 'service.name', value: { stringValue: service } }] }, scopeSpans: [{ spans: list }] },
    ],
  }));
  const window = windowOf(flatten({ traces, logs: [], metrics: [] }), new Tables(), alertAt - 20 * minute, alertAt + 1);
  return rank({ ...inputOf([]), window }).hypotheses.find(({ service }) => service === 'shop')!.confidence;
}

describe('a service that cannot read what it was handed', () => {
  it.each([
    'Unexpected token < in JSON at position 0',
    "invalid character '<' looking for beginning of value",
    'com.fasterxml.jackson.core.JsonParseException: Unrecognized token',
    'Expecting value: line 1 column 1 (char 0)',
  ])('is not named for sure where others answer it: %s', (problem) => {
    expect(confidenceIn(problem)).toBeGreaterThan(0.5);
    expect(confidenceIn(problem)).toBeLessThanOrEqual(0.78);
  });

  it('is where it calls nobody, or fails of something else', () => {
    expect(confidenceIn('Unexpected token < in JSON at position 0', false)).toBeGreaterThan(0.9);
    expect(confidenceIn('basket is empty')).toBeGreaterThan(0.9);
  });
});
