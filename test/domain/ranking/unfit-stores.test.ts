/**
 * `desk` and `till` keep what they have in `vault`, which sends no spans but writes lines. There are no spans at all here: requests are
 * known from their lines. Lately each request of `desk` fails.
 */
import { describe, expect, it } from 'vitest';
import { rank } from '../../../src/domain/ranking/rank.ts';
import { alertAt, inputOf } from './made-metrics.ts';
import { learnFrom } from './recorded-case.ts';
import { flatten, type OtlpLog, type OtlpSpan, Tables, windowOf } from './window-from-otlp.ts';

const minute = 60_000;
const words = 'could not write block 7 of relation 9: No space left on device';

interface Plan {
  /** What `desk` says of a request that fails. */
  readonly desk: string;
  /** What `vault` says meanwhile, and `crypt` besides; null: nothing. */
  readonly vault: string | null;
  readonly crypt?: string;
  /** It lasts for so many minutes up to the alert, or is over so many before. */
  readonly lasts?: number;
  readonly until?: number;
  /** The grade that `vault` writes it at. */
  readonly grade?: number;
  /** `vault` says it in these minutes before the alert. */
  readonly saidIn?: readonly [from: number, to: number];
}

function ranked({ desk, vault, crypt, lasts = 2, until = 0, grade, saidIn = [2, until] }: Plan) {
  const lines = new Map<string, OtlpLog[]>();
  const write = (service: string, at: number, text: string, traceId?: string, severityNumber?: number) => {
    const line = { timeUnixNano: `${Math.round(at)}000000`, body: { stringValue: text }, ...(severityNumber ? { severityNumber } : {}) };
    lines.set(service, [...(lines.get(service) ?? []), traceId === undefined ? line : { ...line, traceId, spanId: traceId.slice(0, 16) }]);
  };
  let i = 0;
  for (const [from, to] of [
    [alertAt - 20 * minute, alertAt - 12 * minute],
    [alertAt - 5 * minute, alertAt + minute / 2],
  ] as const)
    for (let at = from; at < to; at += 1500) {
      const isBad = at > alertAt - lasts * minute && at < alertAt - until * minute;
      const traceId = (i++).toString(16).padStart(32, 'ab');
      write('till', at, 'paid', `cd${traceId.slice(2)}`, 9);
      if (isBad) write('desk', at + 9, `could not note it: ${desk}`, traceId, 17);
      else write('desk', at + 9, 'noted', traceId, 9);
      if (i % 20 === 0) for (const store of ['vault', 'crypt']) write(store, at + 3, 'checkpoint complete');
      const isSaid = at > alertAt - saidIn[0] * minute && at < alertAt - saidIn[1] * minute;
      if (isSaid && vault !== null) write('vault', at + 5, `4711 ERROR: ${vault}`, undefined, grade);
      if (isBad && crypt !== undefined) write('crypt', at + 6, `4712 ERROR: ${crypt}`);
    }
  const of = (name: string) => ({ attributes: [{ key: 'service.name', value: { stringValue: name } }] });
  const logs = [...lines].map(([name, list]) => ({ resourceLogs: [{ resource: of(name), scopeLogs: [{ logRecords: list }] }] }));
  const flat = flatten({ traces: [], logs, metrics: [] });
  const tables = new Tables();
  const baseline = learnFrom(flat, tables, alertAt);
  const { verdict, hypotheses } = rank({
    ...inputOf([]),
    window: windowOf(flat, tables, alertAt - 11 * minute, alertAt + minute / 2),
    baseline,
  });
  const weight = hypotheses.find(({ service }) => service === 'vault')?.features['condition'];
  return { verdict, first: hypotheses[0]?.service, weight };
}

describe('a store that says that it cannot do its work', () => {
  it('is at fault where another quotes it', () =>
    expect(ranked({ desk: words, vault: words })).toMatchObject({ verdict: 'cause', first: 'vault' }));

  it('counts for three times as much where others quote it to the end', () => {
    expect(ranked({ desk: words, vault: words }).weight).toBe(3);
    expect(ranked({ desk: 'value is not a number', vault: words }).weight).toBe(1);
    expect(ranked({ desk: words, vault: words, lasts: 0.05, saidIn: [2, 0] }).weight).toBe(1);
    expect(ranked({ desk: words, vault: words, lasts: 0.1, saidIn: [2, 0] }).weight).toBe(3);
  });

  it('is at fault be it written as a warning or without a grade', () =>
    expect([ranked({ desk: words, vault: words, grade: 13 }), ranked({ desk: words, vault: words })].map(({ first }) => first)).toEqual([
      'vault',
      'vault',
    ]));

  it.each([
    ['it only speaks of what it was asked', { desk: words, vault: 'relation "notes" does not exist' }],
    ['it says nothing', { desk: words, vault: null }],
    ['it notes it in a line that grades itself low', { desk: words, vault: 'info: cannot edit store.conf (read-only file system?)' }],
    ['it notes it at a low grade', { desk: words, vault: words, grade: 9 }],
    ['it said so once the alert was there', { desk: words, vault: words, saidIn: [0, -1] as const }],
    ['nobody quotes it', { desk: 'value is not a number', vault: words }],
    ['it is over', { desk: words, vault: words, until: 1.2 }],
    ['another store says the same', { desk: words, vault: words, crypt: words }],
  ])('is not where %s', (_, plan) => expect(ranked(plan).first).toBe('desk'));
});

interface Calls {
  /** What is said of it where they fail to put something into the queue. */
  readonly post?: string;
  readonly till?: string;
  /** What the broker writes meanwhile. */
  readonly barge?: string;
  /** `cart` sends no spans. */
  readonly isTakenUnseen?: boolean;
}

/** `post` and `till` put what they are given into a queue, from which `cart` takes it; its broker, `barge`, sends no spans but writes lines. */
function rankedByCalls({ post, till, barge, isTakenUnseen = false }: Calls) {
  const spans = new Map<string, OtlpSpan[]>();
  const lines: OtlpLog[] = [];
  const nanos = (at: number) => `${Math.round(at)}000000`;
  const text = (key: string, stringValue: string) => ({ key, value: { stringValue } });
  const queue = [text('messaging.system', 'kafka'), text('messaging.destination.name', 'parcels')];
  for (let i = 0; i < 300; i++) {
    const at = alertAt - 12 * minute + i * 2400;
    const isLate = at > alertAt - 2 * minute;
    for (const [service, fails] of [
      ['post', post],
      ['till', till],
    ] as const) {
      const traceId = `${service}${i}`;
      const isBad = isLate && fails !== undefined;
      const add = (by: string, id: string, parent: string | null, of: object) => {
        const times = { startTimeUnixNano: nanos(at), endTimeUnixNano: nanos(at + 20) };
        const span = { traceId, spanId: `${traceId}${id}`, name: id, ...times, status: { code: isBad ? 2 : 0 }, ...of } as OtlpSpan;
        spans.set(by, [...(spans.get(by) ?? []), parent === null ? span : { ...span, parentSpanId: `${traceId}${parent}` }]);
      };
      add(service, 'receive', null, { kind: 2 });
      add(service, 'put', 'receive', { kind: 4, attributes: queue, ...(isBad ? { status: { code: 2, message: fails } } : {}) });
      if (!isBad && !isTakenUnseen) add('cart', 'take', 'put', { kind: 5, attributes: queue });
    }
    if (i % 20 === 0) lines.push({ timeUnixNano: nanos(at), body: { stringValue: 'segment rolled' } });
    if (isLate && barge !== undefined) lines.push({ timeUnixNano: nanos(at), body: { stringValue: barge } });
  }
  const of = (name: string) => ({ attributes: [text('service.name', name)] });
  const flat = flatten({
    traces: [...spans].map(([name, list]) => ({ resourceSpans: [{ resource: of(name), scopeSpans: [{ spans: list }] }] })),
    logs: [{ resourceLogs: [{ resource: of('barge'), scopeLogs: [{ logRecords: lines }] }] }],
    metrics: [],
  });
  const window = windowOf(flat, new Tables(), alertAt - 20 * minute, alertAt + 1);
  return rank({ ...inputOf([]), window }).hypotheses[0]?.service;
}

describe('a broker that says that it cannot take messages', () => {
  const few = 'org.apache.kafka.common.errors.NotEnoughReplicasException: fewer in-sync replicas than required';

  it.each<[string, Calls]>([
    ['one client quotes it', { post: few, barge: few }],
    ['all its clients quote it', { post: few, till: few, barge: few }],
    ['one quotes it, and nobody is seen to take messages', { post: few, barge: few, isTakenUnseen: true }],
    ['all quote it, and nobody is seen to take messages', { post: few, till: few, barge: few, isTakenUnseen: true }],
  ])('is at fault where %s', (_, calls) => expect(rankedByCalls(calls)).toBe('barge'));

  it.each<[string, Calls]>([
    ['it says nothing of it', { post: few }],
    ['its clients fail on something else', { post: 'parcel is void', barge: few }],
  ])('is not where %s', (_, calls) => expect(rankedByCalls(calls)).toBe('post'));
});
