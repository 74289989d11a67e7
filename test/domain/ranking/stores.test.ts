/** `orders` and `billing` each ask `ledger`, a store that sends nothing, and then write down what came of it. Who is at fault? */
import { describe, expect, it } from 'vitest';
import type { Change } from '../../../src/domain/change.ts';
import type { Hypothesis } from '../../../src/domain/hypothesis.ts';
import { rank } from '../../../src/domain/ranking/rank.ts';
import { about, alertAt, inputOf, released, series } from './made-metrics.ts';
import { learnFrom } from './recorded-case.ts';
import { flatten, type OtlpSpan, Tables, windowOf } from './window-from-otlp.ts';

const minute = 60_000;
const text = (key: string, stringValue: string) => ({ key, value: { stringValue } });
const nanos = (at: number) => `${Math.round(at)}000000`;
const clients = ['orders', 'billing'] as const;

/** What a client finds lately: its calls slow, refused, or given up, or itself at work for longer besides. */
type Finds = 'well' | 'slow' | 'refused' | 'timeout' | 'unfit' | 'wrong' | 'slow all over';
const problems: Partial<Record<Finds, string>> = {
  refused: 'connect ECONNREFUSED',
  timeout: 'timeout waiting for a connection',
  unfit: 'cannot execute UPDATE in a read-only transaction',
  wrong: 'column "total" does not exist',
};

interface Plan {
  /** By client; who is not named asks nobody. */
  readonly finds: Partial<Record<(typeof clients)[number], Finds>>;
  readonly listedAs?: string;
  readonly changes?: readonly Change[];
  /** The store uses so many times as much CPU lately. */
  readonly toils?: number;
  /** `orders` asks so many times for each request lately. */
  readonly asks?: number;
  /** `orders` asked in one of six requests before, and does in each lately. */
  readonly isSeldom?: boolean;
}

const suspectsOf = (plan: Plan): (string | undefined)[] => suspicionsOf(plan).map(({ service }) => service);

function suspicionsOf({ finds, listedAs, changes = [], toils = 1, asks = 1, isSeldom = false }: Plan): readonly Hypothesis[] {
  const asking = clients.filter((client) => finds[client] !== undefined);
  const spans = new Map<string, OtlpSpan[]>(asking.map((client) => [client, []]));
  const peer = [text('server.address', 'ledger'), text('db.system', 'postgresql')];
  const ask = (client: (typeof clients)[number], at: number, i: number) => {
    const found = (at > alertAt - 2 * minute ? finds[client] : undefined) ?? 'well';
    const problem = i % 4 === 0 ? undefined : problems[found];
    const waits = found === 'slow' || found === 'slow all over' ? 300 : 0;
    const works = found === 'slow all over' ? 400 : 10;
    const status = problem === undefined ? { code: 0 } : { code: 2, message: problem };
    const traceId = `${client}${i}`;
    const called = at + works + (i % 3);
    const isAsking = !isSeldom || client !== 'orders' || at > alertAt - 2 * minute || i % 6 === 0;
    const answered = isAsking ? called + 5 + waits + (i % 4) : called;
    spans.get(client)!.push({
      traceId,
      spanId: `${traceId}e`,
      name: 'serve',
      kind: 2,
      startTimeUnixNano: nanos(at),
      endTimeUnixNano: nanos(answered + 12),
      status,
    });
    if (isAsking)
      spans.get(client)!.push({
        ...{ traceId, spanId: `${traceId}c`, parentSpanId: `${traceId}e`, name: 'SELECT', kind: 3, status, attributes: peer },
        ...{ startTimeUnixNano: nanos(called), endTimeUnixNano: nanos(answered) },
      });
    for (let n = 1; n < (client === 'orders' && at > alertAt - 2 * minute ? asks : 1); n++) {
      const again = { traceId, spanId: `${traceId}c${n}`, parentSpanId: `${traceId}e`, name: 'SELECT', kind: 3, attributes: peer };
      spans.get(client)!.push({ ...again, startTimeUnixNano: nanos(called), endTimeUnixNano: nanos(answered), status });
    }
    if (problem !== undefined) return;
    const written = { startTimeUnixNano: nanos(answered + 1), endTimeUnixNano: nanos(answered + 8) };
    spans.get(client)!.push({ traceId, spanId: `${traceId}w`, parentSpanId: `${traceId}e`, name: 'write down', kind: 1, ...written });
  };
  for (const client of asking)
    for (const [from, to] of [
      [alertAt - 18 * minute, alertAt - 12 * minute],
      [alertAt - 4 * minute, alertAt],
    ] as const)
      for (let at = from; at < to; at += 2000) ask(client, at, (at - from) / 2000 + (to === alertAt ? 1000 : 0));
  const flat = flatten({
    traces: [...spans].map(([name, list]) => ({
      resourceSpans: [{ resource: { attributes: [text('service.name', name)] }, scopeSpans: [{ spans: list }] }],
    })),
    logs: [],
    metrics: [],
  });
  const tables = new Tables();
  const baseline = learnFrom(flat, tables, alertAt);
  const value = (before: number) => about(0.2, before) * (before < 2.5 ? toils : 1);
  const metrics = listedAs === undefined ? [] : [series({ service: listedAs, name: 'k8s.pod.cpu_limit_utilization', unit: '1', value })];
  const window = { ...windowOf(flat, tables, alertAt - 11 * minute, alertAt + 1), metrics };
  const directory = listedAs === undefined ? [] : [{ name: listedAs, addresses: ['ledger'], ports: [5432] }];
  const { hypotheses, verdict } = rank({ ...inputOf([]), window, baseline, directory, changes });
  return verdict === 'cause' ? hypotheses : [];
}

describe('a store that sends no telemetry', () => {
  it.each(['slow', 'refused', 'timeout'] as const)('is at fault where all its clients find it %s, and they are not', (found) => {
    const [first, ...others] = suspectsOf({ finds: { orders: found, billing: found } });
    expect(first).toBe('db:ledger');
    expect(others).not.toContain('orders');
  });

  it('is not where others find it as quick as ever, or answer as ever', () => {
    for (const found of ['slow', 'refused'] as const) expect(suspectsOf({ finds: { orders: found, billing: 'well' } })[0]).toBe('orders');
  });

  it('is not suspected for sure where one that makes most of its calls asks it far more often than before', () => {
    const sure = (plan: Plan): number => suspicionsOf(plan).find(({ service }) => service === 'db:ledger')?.confidence ?? 0;
    const finds = { orders: 'slow', billing: 'slow' } as const;
    expect(sure({ finds })).toBeGreaterThan(0.9);
    expect(sure({ finds, isSeldom: true, asks: 2 })).toBeLessThan(0.8);
    // Who asks again since it failed is no such one.
    const refused = { orders: 'refused', billing: 'refused' } as const;
    expect(sure({ finds: refused, isSeldom: true, asks: 2 })).toBeGreaterThan(0.9);
  });

  it('has the name that a list gives it', () => {
    expect(suspectsOf({ finds: { orders: 'refused', billing: 'refused' }, listedAs: 'ledger-primary' })[0]).toBe('ledger-primary');
  });
});

describe('a store with one client', () => {
  const listed = { listedAs: 'ledger-primary' };
  const suspectOf = (orders: Finds, more: Partial<Plan> = {}) => suspectsOf({ finds: { orders }, ...more })[0];

  it.each(['slow', 'refused'] as const)('is at fault where it is %s and nothing else of the client departs', (found) => {
    expect(suspectOf(found, listed)).toBe('ledger-primary');
  });

  it('is a part of the client where nobody lists it', () => {
    for (const found of ['slow', 'refused'] as const) expect(suspectOf(found)).toBe('orders');
  });

  it('is not where the client may have waited for a connection of its own, or is slow all over', () => {
    for (const found of ['timeout', 'slow all over'] as const) expect(suspectOf(found, listed)).toBe('orders');
  });

  it('is not where the client was just released', () => {
    for (const found of ['slow', 'refused'] as const)
      expect(suspectOf(found, { ...listed, changes: [released('orders', 3)] })).toBe('orders');
  });
});

describe('a store that tells a client that it cannot do its work', () => {
  const listed = { listedAs: 'ledger-primary' };

  it.each([
    ['alone', { orders: 'unfit' }, {}],
    ['though another, which only reads, finds it well', { orders: 'unfit', billing: 'well' }, {}],
    ['that was just released', { orders: 'unfit' }, { changes: [released('orders', 3)] }],
  ] as const)('is at fault: %s', (_, finds, more) => expect(suspectsOf({ finds, ...listed, ...more })[0]).toBe('ledger-primary'));

  it('is not where it tells it what is wrong with its statement', () =>
    expect(suspectsOf({ finds: { orders: 'wrong', billing: 'well' }, ...listed })[0]).toBe('orders'));
});

describe('a store that is at work for far more than it ever was', () => {
  const toiling = { finds: { orders: 'slow', billing: 'well' }, listedAs: 'ledger-primary', toils: 4 } as const;

  it('is at fault where a client waits for it longer, and asks no more, though another does not', () =>
    expect(suspectsOf(toiling)[0]).toBe('ledger-primary'));

  it.each([
    ['it is at work as ever', { toils: 1 }],
    ['the client asks it more', { asks: 6 }],
    ['the client was just released', { changes: [released('orders', 3)] }],
  ])('is not where %s', (_, more) => expect(suspectsOf({ ...toiling, ...more })[0]).toBe('orders'));
});
