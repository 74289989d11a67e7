/** Spans without any status: whose fault it is that calls of one service to two others lose their far sides. */
import { describe, expect, it } from 'vitest';
import { rank } from '../../../src/domain/ranking/rank.ts';
import { alertAt, inputOf } from './made-metrics.ts';
import { flatten, type OtlpSpan, Tables, windowOf } from './window-from-otlp.ts';

const minute = 60_000;
const nanos = (at: number) => `${Math.round(at)}000000`;

/** `gateway` calls `meter` or `board`, and `desk` calls both, every second for eight minutes; `loses` tells which calls get lost lately. */
function suspects(loses: (caller: string, callee: string, i: number) => boolean, deskCalls = true): string[] {
  const spans = new Map<string, OtlpSpan[]>();
  const add = (service: string, span: OtlpSpan) => spans.set(service, [...(spans.get(service) ?? []), span]);
  const request = (i: number, caller: string, callee: string): void => {
    const at = alertAt - 8 * minute + i * 1000;
    const isLost = at > alertAt - 2 * minute && at < alertAt - 6000 && loses(caller, callee, i);
    const traceId = `${caller}${callee}${i}`;
    const times = { startTimeUnixNano: nanos(at + 2), endTimeUnixNano: nanos(at + 12) };
    const of = { traceId, kind: 0 };
    add(caller, { ...of, spanId: `${traceId}e`, name: `ask ${callee}`, startTimeUnixNano: nanos(at), endTimeUnixNano: nanos(at + 15) });
    add(caller, { ...of, spanId: `${traceId}c`, parentSpanId: `${traceId}e`, name: 'POST', ...times });
    if (!isLost) add(callee, { ...of, spanId: `${traceId}s`, parentSpanId: `${traceId}c`, name: `serve ${callee}`, ...times });
  };
  for (let i = 0; i < 480; i++) {
    request(i, 'gateway', i % 2 === 0 ? 'meter' : 'board');
    if (deskCalls) request(i, 'desk', i % 2 === 0 ? 'board' : 'meter');
  }
  const traces = [...spans].map(([service, list]) => ({
    resourceSpans: [
      { resource: { attributes: [{ key: 'service.name', value: { stringValue: service } }] }, scopeSpans: [{ spans: list }] },
    ],
  }));
  const window = windowOf(flatten({ traces, logs: [], metrics: [] }), new Tables(), alertAt - 20 * minute, alertAt + 1);
  return rank({ ...inputOf([]), window })
    .hypotheses.filter(({ features }) => (features['unanswered'] ?? 0) > 0)
    .map(({ service }) => service)
    .sort();
}

const most = (i: number): boolean => i % 5 !== 0;

describe('calls that lose their far sides', () => {
  it('speak against the caller that loses some to several, while these answer others', () => {
    expect(suspects((caller, _, i) => caller === 'gateway' && most(i))).toEqual(['gateway']);
  });

  it('speak against the one callee that is lost', () => {
    expect(suspects((caller, callee, i) => caller === 'gateway' && callee === 'meter' && most(i))).toEqual(['meter']);
  });

  it('speak against the callees where others lose them too, or nobody else calls them', () => {
    expect(suspects((_, __, i) => most(i))).toEqual(['board', 'meter']);
    expect(suspects((caller, _, i) => caller === 'gateway' && most(i), false)).toEqual(['board', 'meter']);
  });
});
