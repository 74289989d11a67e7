/** `cart` takes steps by the names of a store's commands; `cart-store` sends CPU and no spans, and nobody names it. */
import { describe, expect, it } from 'vitest';
import { rank } from '../../../src/domain/ranking/rank.ts';
import { about, alertAt, inputOf, released, series } from './made-metrics.ts';
import { learnFrom } from './recorded-case.ts';
import { flatten, type OtlpSpan, Tables, windowOf } from './window-from-otlp.ts';

const minute = 60_000;
const nanos = (at: number) => `${at}000000`;

interface Plan {
  readonly step?: string;
  /** What uses far more CPU lately. */
  readonly strained?: readonly string[];
  /** The request itself takes longer besides. */
  readonly isSlowAllOver?: boolean;
  /** Who was released just before. */
  readonly changed?: string;
}

function suspectOf({ step = 'HGET', strained = ['cart-store'], isSlowAllOver = false, changed }: Plan): string | undefined {
  const spans: OtlpSpan[] = [];
  for (let at = alertAt - 18 * minute, i = 0; at < alertAt; at += 1_000, i++) {
    if (at > alertAt - 12 * minute && at < alertAt - 4 * minute) continue;
    const isLate = at > alertAt - 2 * minute;
    const waits = (isLate ? 130 : 2) + (i % 3);
    const works = (isLate && isSlowAllOver ? 300 : 10) + (i % 4);
    const asked = at + works;
    const traceId = `t${i}`;
    const entry = { startTimeUnixNano: nanos(at), endTimeUnixNano: nanos(asked + waits + 3) };
    spans.push({ traceId, spanId: `${traceId}e`, name: 'serve', kind: 2, ...entry });
    const inner = { startTimeUnixNano: nanos(asked), endTimeUnixNano: nanos(asked + waits) };
    spans.push({ traceId, spanId: `${traceId}c`, parentSpanId: `${traceId}e`, name: step, kind: 0, ...inner });
  }
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'cart' } }] };
  const [flat, tables] = [
    flatten({ traces: [{ resourceSpans: [{ resource, scopeSpans: [{ spans }] }] }], logs: [], metrics: [] }),
    new Tables(),
  ];
  const metrics = ['cart', 'cart-store', 'ads'].map((service) =>
    series({
      service,
      name: 'k8s.pod.cpu_limit_utilization',
      value: (before) => about(before < 2 && strained.includes(service) ? 0.9 : 0.05, before),
    }),
  );
  const baseline = learnFrom(flat, tables, alertAt);
  const { hypotheses, verdict } = rank({
    ...inputOf([], changed === undefined ? [] : [released(changed, 2.2)]),
    baseline,
    window: { ...windowOf(flat, tables, alertAt - 11 * minute, alertAt + 1), metrics },
  });
  return verdict === 'cause' ? hypotheses[0]?.service : undefined;
}

describe("steps by the name of a store's command that take longer", () => {
  it.each(['HGET', 'HMSET', 'SELECT carts', 'redis.get'])('wait, as %s, for the only strained service without spans', (step) =>
    expect(suspectOf({ step })).toBe('cart-store'),
  );

  it.each<[string, Plan]>([
    ['none is strained', { strained: [] }],
    ['two are', { strained: ['cart-store', 'ads'] }],
    ['the client is strained itself', { strained: ['cart', 'cart-store'] }],
    ['the step is its own work', { step: 'computeTotals' }],
    ["it is a server's method", { step: 'GET /carts' }],
    ['all that it does takes longer', { isSlowAllOver: true }],
    ['it was released: it may ask for more', { step: 'SELECT carts', changed: 'cart' }],
  ])('speak against whoever takes them where %s', (_, plan) => expect(suspectOf(plan)).toBe('cart'));
});
