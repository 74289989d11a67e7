/** `orders` asks `limits`, and then writes down what came of it; lately it does not, and `limits` complains in many of these, not in all. */
import { describe, expect, it } from 'vitest';
import { rank } from '../../../src/domain/ranking/rank.ts';
import { alertAt, inputOf } from './made-metrics.ts';
import { flatten, type OtlpLogs, type OtlpSpan, Tables, windowOf } from './window-from-otlp.ts';

const minute = 60_000;
const nanos = (at: number) => `${Math.round(at)}000000`;

/** Of every so many requests that go wrong, `limits` complains in how many; `alsoWhereWell`: lately in the others as often. */
function suspectsOf({ complaining, of, alsoWhereWell = false }: { complaining: number; of: number; alsoWhereWell?: boolean }) {
  const spans = new Map<string, OtlpSpan[]>([
    ['orders', []],
    ['limits', []],
  ]);
  const lines: object[] = [];
  let wrong = 0;
  for (let i = 0; i < 300; i++) {
    const at = alertAt - 12 * minute + i * 2400;
    const isWrong = at > alertAt - 2 * minute && i % 2 === 0;
    const traceId = i.toString(16).padStart(32, '0');
    const add = (service: string, id: string, parent: string | null, kind: number, from: number, to: number) => {
      const times = { startTimeUnixNano: nanos(at + from), endTimeUnixNano: nanos(at + to) };
      const span = { traceId, spanId: `${i}${id}`, name: id, kind, ...times, status: { code: 0 } };
      spans.get(service)!.push(parent === null ? span : { ...span, parentSpanId: `${i}${parent}` });
    };
    add('orders', 'enter', null, 2, 0, 60);
    add('orders', 'ask', 'enter', 3, 5, 30);
    add('limits', 'tell', 'ask', 2, 6, 29);
    if (!isWrong) add('orders', 'write down', 'enter', 1, 40, 45);
    const write = (severityNumber: number, stringValue: string) =>
      lines.push({ timeUnixNano: nanos(at + 20), traceId, spanId: `${i}tell`, severityNumber, body: { stringValue } });
    write(9, 'asked for a limit');
    const isAsked = isWrong || (alsoWhereWell && at > alertAt - 2 * minute);
    if (isAsked && wrong++ % of < complaining) write(17, 'could not read the limits');
  }
  const resource = (name: string) => ({ attributes: [{ key: 'service.name', value: { stringValue: name } }] });
  const flat = flatten({
    traces: [...spans].map(([name, list]) => ({ resourceSpans: [{ resource: resource(name), scopeSpans: [{ spans: list }] }] })),
    logs: [{ resourceLogs: [{ resource: resource('limits'), scopeLogs: [{ logRecords: lines }] }] } as unknown as OtlpLogs],
    metrics: [],
  });
  const window = windowOf(flat, new Tables(), alertAt - 20 * minute, alertAt + 1);
  const { hypotheses } = rank({ ...inputOf([]), window });
  const confidence = Object.fromEntries(hypotheses.map((one) => [one.service, one.confidence]));
  return { first: hypotheses[0]?.service, orders: confidence['orders'] ?? 0, limits: confidence['limits'] ?? 0 };
}

describe('what a service leaves out above one that complains', () => {
  it.each([
    [4, 5],
    [3, 5],
  ])('is due to that one where it complains in most of those requests: %d of %d', (complaining, of) => {
    const { first, orders, limits } = suspectsOf({ complaining, of });
    expect(first).toBe('limits');
    expect(limits).toBeGreaterThan(0.6);
    expect(orders).toBeLessThan(0.05);
  });

  it.each([
    [0, 5],
    [1, 5],
    [2, 5],
  ])('is its own doing where it complains in few of them, or in none: %d of %d', (complaining, of) => {
    const { first, orders, limits } = suspectsOf({ complaining, of });
    expect(first).toBe('orders');
    expect(orders).toBeGreaterThan(0.85);
    expect(limits).toBeLessThan(0.1);
  });

  it('is its own doing where it complains as often in requests that go well', () => {
    expect(suspectsOf({ complaining: 3, of: 5, alsoWhereWell: true }).orders).toBeGreaterThan(0.2);
  });
});
