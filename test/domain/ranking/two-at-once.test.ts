/** `shop` asks `cart` in one half of its requests and `ads` in the other; lately one of them throws, or both do. */
import { describe, expect, it } from 'vitest';
import { rank, type Ranking } from '../../../src/domain/ranking/rank.ts';
import { alertAt, inputOf } from './made-metrics.ts';
import { flatten, type OtlpLog, type OtlpSpan, Tables, windowOf } from './window-from-otlp.ts';

const minute = 60_000;
const nanos = (at: number) => `${Math.round(at)}000000`;

/** `isBad`: whether request `i` of the last two minutes fails at the service it asks. */
function rankWith(isBad: (service: string, i: number) => boolean): Ranking {
  const spans = new Map<string, OtlpSpan[]>();
  const lines = new Map<string, OtlpLog[]>();
  const push = <T>(to: Map<string, T[]>, service: string, one: T) => to.set(service, [...(to.get(service) ?? []), one]);
  for (let i = 0; i < 300; i++) {
    const at = alertAt - (300 - i) * 2000;
    const traceId = `t${i}`;
    const asked = i % 2 === 0 ? 'cart' : 'ads';
    const fails = at > alertAt - 2 * minute && isBad(asked, i);
    const times = { startTimeUnixNano: nanos(at), endTimeUnixNano: nanos(at + 20) };
    push(spans, 'shop', { traceId, spanId: `${i}e`, name: `show ${asked}`, kind: 2, ...times });
    push(spans, 'shop', { traceId, spanId: `${i}c`, parentSpanId: `${i}e`, name: 'call', kind: 3, ...times });
    push(spans, asked, { traceId, spanId: `${i}s`, parentSpanId: `${i}c`, name: `serve ${asked}`, kind: 2, ...times });
    push(lines, asked, {
      timeUnixNano: nanos(at + 10),
      severityNumber: fails ? 17 : 9,
      body: { stringValue: fails ? 'cannot read what was stored' : 'read what was stored' },
      traceId,
      spanId: `${i}s`,
    });
  }
  const resource = (name: string) => ({ attributes: [{ key: 'service.name', value: { stringValue: name } }] });
  const flat = flatten({
    traces: [...spans].map(([name, list]) => ({ resourceSpans: [{ resource: resource(name), scopeSpans: [{ spans: list }] }] })),
    logs: [...lines].map(([name, list]) => ({ resourceLogs: [{ resource: resource(name), scopeLogs: [{ logRecords: list }] }] })),
    metrics: [],
  });
  return rank({ ...inputOf([]), window: windowOf(flat, new Tables(), alertAt - 20 * minute, alertAt + 1) });
}

describe('two services that fail in different requests', () => {
  it('both stand with a confidence of their own, one directly behind the other', () => {
    const { hypotheses } = rankWith(() => true);
    expect(
      hypotheses
        .slice(0, 2)
        .map(({ service }) => service)
        .sort(),
    ).toEqual(['ads', 'cart']);
    expect(hypotheses[1]?.confidence).toBeGreaterThan(0.5);
    expect(hypotheses[1]?.confidence).toBeLessThan(hypotheses[0]?.confidence ?? 0);
  });

  it('leave a service that hardly departs from normal as unsure as it was', () => {
    const { hypotheses } = rankWith((service, i) => service === 'cart' || i === 299);
    expect(hypotheses[0]?.service).toBe('cart');
    expect(hypotheses.find(({ service }) => service === 'ads')?.confidence ?? 0).toBeLessThan(0.2);
  });
});
