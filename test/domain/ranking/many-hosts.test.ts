/** `sender` takes a request and calls one of its customers' hosts: thousands of paths and thousands of things a visit may have. */
import { expect, it, vi } from 'vitest';
import { Counts } from '../../../src/domain/baseline/counts.ts';
import { rank } from '../../../src/domain/ranking/rank.ts';
import { alertAt, inputOf } from './made-metrics.ts';
import { flatten, type OtlpSpan, Tables, windowOf } from './window-from-otlp.ts';

const minute = 60_000;
const text = (key: string, stringValue: string) => ({ key, value: { stringValue } });
const nanos = (at: number) => `${Math.round(at)}000000`;

/** Six visits a host over ten minutes; in the last three, calls to every tenth host fail. */
function windowWith(hosts: number) {
  const spans: OtlpSpan[] = [];
  for (let i = 0; i < 6 * hosts; i++) {
    const host = i % hosts;
    const at = alertAt - 10 * minute + (i * 10 * minute) / (6 * hosts);
    const status = { code: at > alertAt - 3 * minute && host % 10 === 0 ? 2 : 0 };
    const times = { startTimeUnixNano: nanos(at), endTimeUnixNano: nanos(at + 20) };
    const attributes = [text('server.address', `h${host}.customer.example`)];
    spans.push({ traceId: `t${i}`, spanId: `${i}e`, name: 'enter', kind: 2, ...times, status });
    spans.push({ traceId: `t${i}`, spanId: `${i}c`, parentSpanId: `${i}e`, name: 'POST', kind: 3, attributes, ...times, status });
  }
  const traces = [{ resourceSpans: [{ resource: { attributes: [text('service.name', 'sender')] }, scopeSpans: [{ spans }] }] }];
  return windowOf(flatten({ traces, logs: [], metrics: [] }), new Tables(), alertAt - 20 * minute, alertAt + 1);
}

/** How often the counters are asked while such a window is ranked. */
function asked(hosts: number): number {
  const window = windowWith(hosts);
  const spies = [vi.spyOn(Counts.prototype, 'sum'), vi.spyOn(Counts.prototype, 'addSuffixes')];
  try {
    expect(rank({ ...inputOf([]), window }).hypotheses).not.toEqual([]);
    return spies.reduce((sum, { mock }) => sum + mock.calls.length, 0);
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

it('asks four times as often for four times as many hosts, not sixteen times', () => {
  const [few, many] = [asked(200), asked(800)];
  expect(few).toBeGreaterThan(200);
  expect(many).toBeLessThan(6 * few);
});
