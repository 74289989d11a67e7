/** `door` asks `shop`, which asks `cart`, which writes down what it did. Whose fault is what is not done lately? */
import { describe, expect, it } from 'vitest';
import { rank } from '../../../src/domain/ranking/rank.ts';
import { alertAt, inputOf } from './made-metrics.ts';
import { flatten, type OtlpLogs, type OtlpSpan, Tables, windowOf } from './window-from-otlp.ts';

const minute = 60_000;
const nanos = (at: number) => `${Math.round(at)}000000`;

/** How a request of the last minutes ends: `cart` fails; `shop` does not even ask; `cart` refuses what `shop` asks, and says so in words. */
type End = 'well' | 'fails' | 'held back' | 'refused';

function firstOf(endOf: (i: number) => End, line: (end: End) => string | null): string | undefined {
  const spans = new Map<string, OtlpSpan[]>();
  const lines = new Map<string, object[]>();
  for (let i = 0; i < 300; i++) {
    const at = alertAt - 12 * minute + i * 2400;
    const end = at > alertAt - 2 * minute ? endOf(i) : 'well';
    const traceId = i.toString(16).padStart(32, '0');
    const status = { code: end === 'well' ? 0 : 2 };
    const add = (service: string, id: string, parent: string | null, kind: number, delay: number, ok = false) => {
      const times = { startTimeUnixNano: nanos(at + delay), endTimeUnixNano: nanos(at + 60 - delay) };
      const span = { traceId, spanId: `${i}${id}`, name: `${service} ${id}`, kind, ...times, status: ok ? { code: 0 } : status };
      spans.set(service, [...(spans.get(service) ?? []), parent === null ? span : { ...span, parentSpanId: `${i}${parent}` }]);
    };
    const write = (service: string, text: string, severityNumber: number) =>
      lines.set(service, [
        ...(lines.get(service) ?? []),
        { timeUnixNano: nanos(at + 30), traceId, severityNumber, body: { stringValue: text } },
      ]);
    add('door', 'in', null, 2, 0);
    add('door', 'out', 'in', 3, 1);
    add('shop', 'in2', 'out', 2, 2);
    const said = line(end);
    if (end === 'held back') write('shop', said ?? '', 13);
    else {
      add('shop', 'out2', 'in2', 3, 5);
      add('cart', 'in3', 'out2', 2, 6);
      if (said !== null) write('cart', said, end === 'refused' ? 13 : 17);
      if (end === 'well') add('cart', 'write down', 'in3', 1, 29, true);
    }
  }
  const resource = (name: string) => ({ attributes: [{ key: 'service.name', value: { stringValue: name } }] });
  const flat = flatten({
    traces: [...spans].map(([name, list]) => ({ resourceSpans: [{ resource: resource(name), scopeSpans: [{ spans: list }] }] })),
    logs: [...lines].map(
      ([name, list]) => ({ resourceLogs: [{ resource: resource(name), scopeLogs: [{ logRecords: list }] }] }) as unknown as OtlpLogs,
    ),
    metrics: [],
  });
  const window = windowOf(flat, new Tables(), alertAt - 20 * minute, alertAt + 1);
  return rank({ ...inputOf([]), window }).hypotheses[0]?.service;
}

describe('what a service does not do any more', () => {
  it.each([
    ["CircuitBreaker 'cart' is OPEN and does not permit further calls", 'cart'],
    ['gave up on it: the breaker is open (to cart)', 'cart'],
    ['cart: nothing to be done for this one', 'shop'],
  ])('after %o speaks against %s', (said, wanted) => {
    const endOf = (i: number): End => (i % 4 === 0 ? 'fails' : 'held back');
    expect(firstOf(endOf, (end) => (end === 'held back' ? said : end === 'fails' ? 'could not lock the cart' : null))).toBe(wanted);
  });

  it('speaks against the callee, however many more requests a breaker holds back than fail', () => {
    const endOf = (i: number): End => (i % 12 === 0 ? 'fails' : 'held back');
    const line = (end: End) => (end === 'held back' ? 'the breaker is open (to cart)' : end === 'fails' ? 'could not lock the cart' : null);
    expect(firstOf(endOf, line)).toBe('cart');
  });

  it('speaks against the caller where what it asked was refused, be it in words alone', () => {
    expect(
      firstOf(
        () => 'refused',
        (end) => (end === 'refused' ? 'rejecting POST /cart: no bearer token in request' : null),
      ),
    ).toBe('shop');
  });
});
