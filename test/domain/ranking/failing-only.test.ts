/**
 * `shop` asks `pay` and `mail`, which always fail a little. Lately hardly any request is known that went well: failing ones alone were
 * kept, or all fail. Is anything wrong?
 */
import { describe, expect, it } from 'vitest';
import { rememberedMinutes } from '../../../src/domain/baseline/baseline.ts';
import { rank, type Ranking } from '../../../src/domain/ranking/rank.ts';
import { alertAt, inputOf } from './made-metrics.ts';
import { learnFrom } from './recorded-case.ts';
import { flatten, type OtlpLog, type OtlpSpan, Tables, windowOf } from './window-from-otlp.ts';

const minute = 60_000;
const nanos = (at: number) => `${Math.round(at)}000000`;
/** Learned minutes end here: the quarantine before the alert. */
const recentMs = 11 * minute;
const normalMinutes = 15;

/** Requests a minute: those that go well, and those that fail by whom they fail in. */
interface Mix {
  readonly well: number;
  readonly pay?: number;
  readonly mail?: number;
  /** Those of which a line is known, and no span. */
  readonly lines?: number;
}
const usual: Mix = { well: 20, pay: 1, mail: 3 };

function ranked(lately: Mix, before = usual): Ranking {
  const spans = new Map<string, OtlpSpan[]>();
  const lines = new Map<string, OtlpLog[]>();
  let i = 0;
  const ask = (at: number, failing: string | null) => {
    const traceId = `t${i++}`;
    const add = (service: string, id: string, parent: string | null, kind: number, isBad: boolean) => {
      const times = { startTimeUnixNano: nanos(at), endTimeUnixNano: nanos(at + 20) };
      const span = { traceId, spanId: `${traceId}${id}`, name: id, kind, ...times, status: { code: isBad ? 2 : 0 } };
      spans.set(service, [...(spans.get(service) ?? []), parent === null ? span : { ...span, parentSpanId: `${traceId}${parent}` }]);
    };
    add('shop', 'enter', null, 2, failing !== null);
    for (const callee of ['pay', 'mail']) {
      add('shop', `ask ${callee}`, 'enter', 3, callee === failing);
      add(callee, `serve ${callee}`, `ask ${callee}`, 2, callee === failing);
      if (callee !== failing) continue;
      const body = { stringValue: `${callee} could not do it` };
      const line = { timeUnixNano: nanos(at + 10), severityNumber: 17, body, traceId, spanId: `${traceId}serve ${callee}` };
      lines.set(callee, [...(lines.get(callee) ?? []), line]);
    }
  };
  const note = (at: number) => {
    const traceId = `t${i++}`;
    const line = { timeUnixNano: nanos(at), severityNumber: 9, body: { stringValue: 'came by' }, traceId, spanId: `${traceId}x` };
    lines.set('shop', [...(lines.get('shop') ?? []), line]);
  };
  const run = (from: number, minutes: number, { well, pay = 0, mail = 0, lines: noted = 0 }: Mix) => {
    for (let n = 0; n < noted * minutes; n++) note(from + ((n + 0.5) / noted) * minute);
    for (const [failing, perMinute] of [
      [null, well],
      ['pay', pay],
      ['mail', mail],
    ] as const)
      for (let n = 0; n < perMinute * minutes; n++) ask(from + ((n + 0.5) / perMinute) * minute, failing);
  };
  run(alertAt - recentMs - normalMinutes * minute, normalMinutes, before);
  run(alertAt - 6 * minute, 6, lately);
  const of = (name: string) => ({ attributes: [{ key: 'service.name', value: { stringValue: name } }] });
  const flat = flatten({
    traces: [...spans].map(([name, list]) => ({ resourceSpans: [{ resource: of(name), scopeSpans: [{ spans: list }] }] })),
    logs: [...lines].map(([name, list]) => ({ resourceLogs: [{ resource: of(name), scopeLogs: [{ logRecords: list }] }] })),
    metrics: [],
  });
  const tables = new Tables();
  const baseline = learnFrom(flat, tables, alertAt);
  return rank({ ...inputOf([]), window: windowOf(flat, tables, alertAt - recentMs, alertAt + 1), baseline });
}

describe('minutes of which failing requests alone are known', () => {
  it.each([
    ['the same fail as often as ever', { well: 0, pay: 1, mail: 3 }],
    ['some more of the same fail', { well: 0, pay: 1.5, mail: 4 }],
    ['the lines of all were kept', { well: 0, pay: 1, mail: 3, lines: 20 }],
    ['a few others were kept with them', { well: 0.4, pay: 1, mail: 3 }],
  ])('accuse nobody where %s', (_, lately) => {
    const { verdict, hypotheses } = ranked(lately);
    expect(verdict).not.toBe('cause');
    expect(hypotheses[0]?.confidence ?? 0).toBeLessThan(0.5);
  });

  it.each([
    ['it fails many times as many', { well: 0, pay: 12, mail: 3 }],
    ['all fail in it, at an hour with few requests', { well: 0, pay: 3 }],
  ])('accuse who fails them where %s', (_, lately) => {
    const { verdict, hypotheses } = ranked(lately);
    expect([verdict, hypotheses[0]?.service]).toEqual(['cause', 'pay']);
  });
});

describe('a time of which nothing but failing requests was ever known', () => {
  const never = { well: 0 };

  it('accuses the one that nearly all fail in', () => {
    const { verdict, hypotheses } = ranked({ well: 0, pay: 5 }, never);
    expect([verdict, hypotheses[0]?.service]).toEqual(['cause', 'pay']);
  });

  it.each([
    ['they fail in one and the other', { well: 0, pay: 4, mail: 2 }],
    ['there are a handful of them', { well: 0, pay: 1 }],
    ['some went well', { well: 1, pay: 5 }],
  ])('accuses nobody where %s', (_, lately) => expect(ranked(lately, never).verdict).toBe('inconclusive'));
});

describe('minutes of which requests are known that went well', () => {
  it('accuse who fails as many a minute as ever, of a quarter as many', () => {
    const { verdict, hypotheses } = ranked({ well: 2, pay: 0.1, mail: 3 });
    expect([verdict, hypotheses[0]?.service]).toEqual(['cause', 'mail']);
  });
});

describe('minutes that are remembered', () => {
  const of = (minutes: number) => rememberedMinutes({ minutes } as Parameters<typeof rememberedMinutes>[0]);

  it('are all of the first hour, and no more than a day and a half of a month', () => {
    expect(of(15)).toBe(15);
    expect(of(120)).toBeLessThan(120);
    expect(of(30 * 24 * 60) / 60).toBeGreaterThan(30);
    expect(of(30 * 24 * 60) / 60).toBeLessThan(36);
  });
});
