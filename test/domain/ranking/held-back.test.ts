/** `shop` asks `pay`, and has a breaker that opens once calls to it have failed. Who is at fault for requests it never let through? */
import { describe, expect, it } from 'vitest';
import { rank } from '../../../src/domain/ranking/rank.ts';
import { alertAt, inputOf } from './made-metrics.ts';
import { flatten, type OtlpLog, type OtlpSpan, Tables, windowOf } from './window-from-otlp.ts';

const minute = 60_000;
const nanos = (at: number) => `${Math.round(at)}000000`;

/** Lately, of so many requests one still goes through, and fails in `pay`; 0: none does. */
function suspectOf(goesThrough: number, says: string, severityNumber = 17): string | undefined {
  const spans = new Map<string, OtlpSpan[]>();
  const lines: OtlpLog[] = [];
  for (let i = 0; i < 240; i++) {
    const at = alertAt - 12 * minute + i * 3000;
    const isLate = at > alertAt - 2 * minute;
    const isTried = !isLate || (goesThrough > 0 && i % goesThrough === 0);
    const add = (service: string, id: string, parent: string | null, kind: number) => {
      const times = { startTimeUnixNano: nanos(at), endTimeUnixNano: nanos(at + 20) };
      const span = { traceId: `t${i}`, spanId: `${i}${id}`, name: id, kind, ...times, status: { code: isLate ? 2 : 0 } };
      spans.set(service, [...(spans.get(service) ?? []), parent === null ? span : { ...span, parentSpanId: `${i}${parent}` }]);
    };
    add('shop', 'enter', null, 2);
    if (isTried) {
      add('shop', 'ask', 'enter', 3);
      add('pay', 'charge', 'ask', 2);
    } else {
      const line = { timeUnixNano: nanos(at + 5), severityNumber, body: { stringValue: says } };
      lines.push({ ...line, traceId: `t${i}`, spanId: `${i}enter` });
    }
  }
  const of = (name: string) => ({ attributes: [{ key: 'service.name', value: { stringValue: name } }] });
  const traces = [...spans].map(([name, list]) => ({ resourceSpans: [{ resource: of(name), scopeSpans: [{ spans: list }] }] }));
  const logs = [{ resourceLogs: [{ resource: of('shop'), scopeLogs: [{ logRecords: lines }] }] }];
  const window = windowOf(flatten({ traces, logs, metrics: [] }), new Tables(), alertAt - 20 * minute, alertAt + 1);
  return rank({ ...inputOf([]), window }).hypotheses[0]?.service;
}

describe('requests that a breaker lets not through', () => {
  it.each(['Breaker is open', 'CircuitBreaker pay is OPEN and does not permit further calls'])(
    'speak against whoever failed before it opened: %s',
    (says) => expect(suspectOf(5, says)).toBe('pay'),
  );

  it('speak against who has it where nothing else fails, or something else is said', () => {
    expect(suspectOf(0, 'Breaker is open')).toBe('shop');
    expect(suspectOf(5, 'basket is open')).toBe('shop');
  });

  it('are told by warnings too, and not by what is noted at a lower grade or deep in a line', () => {
    expect(suspectOf(5, 'Breaker is open', 13)).toBe('pay');
    expect(suspectOf(5, 'Breaker is open', 9)).toBe('shop');
    expect(suspectOf(5, `${'shop '.repeat(60)}: Breaker is open`)).toBe('pay');
    expect(suspectOf(5, `${'shop '.repeat(100)}: Breaker is open`)).toBe('shop');
  });
});
