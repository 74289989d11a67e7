/** `shop` and `desk` both ask `prices`, which asks `taxes`. Lately calls of one of them fail there, or are given up: whose fault is it? */
import { describe, expect, it } from 'vitest';
import { rank } from '../../../src/domain/ranking/rank.ts';
import { alertAt, inputOf } from './made-metrics.ts';
import { learnFrom } from './recorded-case.ts';
import { flatten, type OtlpSpan, Tables, windowOf } from './window-from-otlp.ts';

const minute = 60_000;
const nanos = (at: number) => `${Math.round(at)}000000`;

/** What becomes of a caller's call to `prices` lately, the how manieth it is; it normally takes 40 ms. */
type Fate = (
  caller: string,
  i: number,
) => {
  readonly failsIn?: boolean;
  readonly isLeftOut?: boolean;
  readonly givenUpAfter?: number;
  readonly takes?: number;
  readonly isTornApart?: boolean;
};

interface Around {
  /** What `taxes` takes of that lately. */
  readonly taxesTake?: number;
  /** So many minutes before the alert somebody asks `prices` for the first time, but for what was learned. */
  readonly asksSince?: number;
  /** As many minutes before those that are looked at were learned from. */
  readonly isLearned?: boolean;
}

function suspectOf(fate: Fate, { taxesTake = 10, asksSince = 12, isLearned = false }: Around = {}) {
  const spans = new Map<string, OtlpSpan[]>();
  for (let i = isLearned ? -400 : 0; i < 400; i++) {
    const at = alertAt - 12 * minute + i * 1800;
    const caller = i % 2 === 0 ? 'shop' : 'desk';
    const isLate = at > alertAt - 2 * minute;
    const {
      isLeftOut = false,
      failsIn = false,
      isTornApart = false,
      givenUpAfter,
      takes = failsIn ? 6 : 40,
    } = isLate ? fate(caller, i >> 1) : {};
    if (isLeftOut) continue;
    const failed = failsIn || givenUpAfter !== undefined;
    const waits = givenUpAfter ?? takes + 2;
    const add = (service: string, id: string, parent: string | null, kind: number, from: number, to: number, isBad: boolean) => {
      const times = { startTimeUnixNano: nanos(at + from), endTimeUnixNano: nanos(at + to) };
      const span = { traceId: `t${i}`, spanId: `${i}${id}`, name: id, kind, ...times, status: { code: isBad ? 2 : 0 } };
      spans.set(service, [...(spans.get(service) ?? []), parent === null ? span : { ...span, parentSpanId: `${i}${parent}` }]);
    };
    add(caller, 'enter', null, 2, 0, waits + 8, failed);
    if (i >= 0 && at < alertAt - asksSince * minute) continue;
    add(caller, 'ask prices', 'enter', 3, 4, 4 + waits, failed);
    if (!isTornApart) add('prices', 'tell prices', 'ask prices', 2, 5, 5 + takes, failsIn);
    if (failsIn) continue;
    add('prices', 'look up', 'tell prices', 1, 6, 4 + takes, false);
    add('prices', 'ask taxes', 'look up', 3, 7, 9 + (isLate ? taxesTake : 10), false);
    add('taxes', 'tell taxes', 'ask taxes', 2, 8, 8 + (isLate ? taxesTake : 10), false);
  }
  const traces = [...spans].map(([name, list]) => ({
    resourceSpans: [{ resource: { attributes: [{ key: 'service.name', value: { stringValue: name } }] }, scopeSpans: [{ spans: list }] }],
  }));
  const flat = flatten({ traces, logs: [], metrics: [] });
  const tables = new Tables();
  const past = isLearned ? { baseline: learnFrom(flat, tables, alertAt) } : {};
  const { hypotheses, evidence } = rank({ ...inputOf([]), window: windowOf(flat, tables, alertAt - 12 * minute, alertAt + 1), ...past });
  const [first] = hypotheses;
  const says = evidence.filter(({ id }) => first?.evidence.includes(id)).map(({ text }) => text);
  return { service: first?.service, kind: first?.kind, says: says.join(' '), all: evidence.map(({ text }) => text).join(' ') };
}

describe('failures in a service', () => {
  it('are the doing of the one caller whose requests alone bring them about', () => {
    const { service, says } = suspectOf((caller, i) => ({ failsIn: caller === 'shop' && i % 2 === 0 }));
    expect(service).toBe('shop');
    expect(says).toContain("fail in prices on what shop asked for, and on nobody else's requests of that kind");
  });

  it.each<[string, Fate]>([
    ['several callers', (_, i) => ({ failsIn: i % 2 === 0 })],
    ['one caller most of all', (caller, i) => ({ failsIn: i % (caller === 'shop' ? 2 : 8) === 0 })],
    ['one caller, and the other hardly asks', (caller, i) => (caller === 'shop' ? { failsIn: i % 4 === 0 } : { isLeftOut: i % 6 !== 0 })],
    ['one caller once in a while', (caller, i) => ({ failsIn: caller === 'shop' && i % 8 === 0 })],
  ])('are its own where they come from %s', (_, fate) => expect(suspectOf(fate).service).toBe('prices'));
});

describe('calls that were given up', () => {
  it('are due to who gives up before the time they have always taken', () => {
    const { service, kind, says } = suspectOf((caller) => (caller === 'shop' ? { givenUpAfter: 15 } : {}));
    expect({ service, kind }).toEqual({ service: 'shop', kind: 'configuration' });
    expect(says).toContain('were given up by shop before prices answered, as quickly as ever');
  });

  it('are due to who takes longer than ever', () => {
    const { service, says } = suspectOf((caller) => (caller === 'shop' ? { givenUpAfter: 60, takes: 900 } : {}));
    expect(service).toBe('prices');
    expect(says).toContain('were given up by shop before prices answered');
    expect(says).not.toContain('as quickly as ever');
  });

  it('are due to whom the one asked waits for, where that takes longer than ever', () => {
    const { service, all } = suspectOf((caller) => (caller === 'shop' ? { givenUpAfter: 60, takes: 900 } : { takes: 900 }), {
      taxesTake: 870,
    });
    expect(service).toBe('taxes');
    expect(all).not.toContain('as quickly as ever');
  });

  it('are due to who gives up where nobody has asked lately, but the time it takes was learned', () => {
    const around = { asksSince: 2, isLearned: true };
    const { service, says } = suspectOf((caller) => (caller === 'shop' ? { givenUpAfter: 15 } : {}), around);
    expect(service).toBe('shop');
    expect(says).toContain('as quickly as ever');
  });

  it.each<[string, Fate, Around]>([
    ['nobody asked it before', () => ({ givenUpAfter: 15 }), { asksSince: 2 }],
    ['spans of it are lost lately', (_, i) => ({ givenUpAfter: 15, isTornApart: i % 3 === 0 }), {}],
  ])('are not laid at the door of who gives up where %s', (_, fate, around) => {
    const { service, says, all } = suspectOf(fate, around);
    expect(service).toBe('prices');
    expect(says).toContain('were given up by shop before prices answered');
    expect(all).not.toContain('as quickly as ever');
  });
});
