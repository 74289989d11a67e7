/** `cart` works all the while, yet some callers find nobody there. After how much past is that a fault? */
import { describe, expect, it } from 'vitest';
import { rank } from '../../../src/domain/ranking/rank.ts';
import { alertAt, inputOf } from './made-metrics.ts';
import { learnFrom } from './recorded-case.ts';
import { flatten, type OtlpLog, type OtlpSpan, Tables, windowOf } from './window-from-otlp.ts';

const minute = 60_000;
const nanos = (at: number) => `${Math.round(at)}000000`;
const everyMs = 500;
/** Learned minutes end here: the quarantine before the alert. */
const recentMs = 11 * minute;

/** Requests to `shop`, each with a call to `cart`; in the last minute three of four calls find nobody, or all where `cart` is gone. */
function recorded(normalMinutes: number, cartLives: boolean) {
  const spans = new Map<string, OtlpSpan[]>();
  const lines: OtlpLog[] = [];
  const add = (service: string, span: OtlpSpan) => spans.set(service, [...(spans.get(service) ?? []), span]);
  const ask = (at: number, i: number) => {
    const traceId = `t${i}`;
    const isLate = at > alertAt - minute;
    const fails = isLate && (!cartLives || i % 4 !== 0);
    const times = { startTimeUnixNano: nanos(at), endTimeUnixNano: nanos(at + 20) };
    add('shop', { traceId, spanId: `${i}e`, name: 'enter', kind: 2, ...times });
    if (!fails) {
      add('shop', { traceId, spanId: `${i}c`, parentSpanId: `${i}e`, name: 'call', kind: 3, ...times });
      add('cart', { traceId, spanId: `${i}s`, parentSpanId: `${i}c`, name: 'serve', kind: 2, ...times });
      return;
    }
    const body = { stringValue: 'dial tcp cart:7001: connect: connection refused' };
    lines.push({ timeUnixNano: nanos(at + 10), severityNumber: 17, body, traceId, spanId: `${i}e` });
  };
  let i = 0;
  for (let at = alertAt - recentMs - normalMinutes * minute; at < alertAt - recentMs; at += everyMs) ask(at, i++);
  for (let at = alertAt - 3 * minute; at < alertAt; at += everyMs) ask(at, i++);
  const resource = (name: string) => ({ attributes: [{ key: 'service.name', value: { stringValue: name } }] });
  return flatten({
    traces: [...spans].map(([name, list]) => ({ resourceSpans: [{ resource: resource(name), scopeSpans: [{ spans: list }] }] })),
    logs: [{ resourceLogs: [{ resource: resource('shop'), scopeLogs: [{ logRecords: lines }] }] }],
    metrics: [],
  });
}

function confidenceIn(normalMinutes: number, cartLives: boolean): number {
  const tables = new Tables();
  const flat = recorded(normalMinutes, cartLives);
  const baseline = learnFrom(flat, tables, alertAt);
  const window = windowOf(flat, tables, alertAt - recentMs, alertAt + 1);
  const { hypotheses } = rank({ ...inputOf([]), window, baseline });
  return hypotheses.find(({ service }) => service === 'cart')?.confidence ?? 0;
}

describe('failures to reach what works all the while', () => {
  it('accuse nobody after one or two minutes of past, which would not have shown them though they are ordinary', () => {
    for (const minutes of [1, 2]) expect(confidenceIn(minutes, true)).toBe(0.49);
  });

  it('say more the longer nothing of the kind was seen', () => {
    expect(confidenceIn(20, true)).toBeGreaterThan(0.7);
  });

  it('say as much as ever where it shows no life', () => {
    expect(confidenceIn(2, false)).toBeGreaterThan(0.8);
  });
});
