/** `door` asks `desk`, `desk` asks `claims`, `claims` asks `prices`. Lately `claims` cannot read what it gets: who writes it another way than before? */
import { describe, expect, it } from 'vitest';
import { rank } from '../../../src/domain/ranking/rank.ts';
import { alertAt, inputOf, released } from './made-metrics.ts';
import { flatten, type OtlpLog, type OtlpSpan, Tables, windowOf } from './window-from-otlp.ts';

const minute = 60_000;
const nanos = (at: number) => `${Math.round(at)}000000`;
const failingMs = 2 * minute;
const garbled = 'Listener failed: com.fasterxml.jackson.databind.exc.InvalidFormatException: Cannot deserialize value';

interface Plan {
  readonly says?: string;
  /** It fails on what it was asked, before it asks, or on what it was answered. */
  readonly fails?: 'asked' | 'answered';
  /** Who says, so many minutes before the alert, that it starts. */
  readonly started?: Readonly<Record<string, number>>;
  readonly released?: string;
  /** ms by which the clock of `prices` is ahead. */
  readonly ahead?: number;
}

function recorded({ says = garbled, fails = 'asked', started = {}, ahead = 0 }: Plan) {
  const spans = new Map<string, OtlpSpan[]>();
  const lines = new Map<string, OtlpLog[]>();
  const write = (service: string, line: OtlpLog) => lines.set(service, [...(lines.get(service) ?? []), line]);
  for (let i = 0; i < 240; i++) {
    const at = alertAt - 12 * minute + i * 3000;
    const isLate = at > alertAt - failingMs;
    const add = (service: string, id: string, parent: string | null, kind: number, from: number, to: number) => {
      const isBad = isLate && service !== 'prices' && id !== 'ask prices';
      const of = { traceId: `t${i}`, spanId: `${i}${id}`, name: id, kind, status: { code: isBad ? 2 : 0 } };
      const by = service === 'prices' ? ahead : 0;
      const span = { ...of, startTimeUnixNano: nanos(at + from + by), endTimeUnixNano: nanos(at + to + by) };
      spans.set(service, [...(spans.get(service) ?? []), parent === null ? span : { ...span, parentSpanId: `${i}${parent}` }]);
    };
    const isCut = isLate && fails === 'asked';
    const ends = isCut ? 24 : 88;
    add('door', 'enter', null, 2, 0, ends + 2);
    add('door', 'ask desk', 'enter', 3, 1, ends + 1);
    add('desk', 'serve desk', 'ask desk', 2, 2, ends);
    add('desk', 'ask claims', 'serve desk', 3, 10, ends - 8);
    add('claims', 'serve claims', 'ask claims', 2, 11, ends - 9);
    if (!isCut) {
      add('claims', 'ask prices', 'serve claims', 3, 20, 77);
      add('prices', 'serve prices', 'ask prices', 2, 21, 76);
    }
    const traced = { timeUnixNano: nanos(at + ends - 10), traceId: `t${i}`, spanId: `${i}serve claims` };
    if (isLate) write('claims', { ...traced, severityNumber: 17, body: { stringValue: says } });
    else write('claims', { ...traced, severityNumber: 9, body: { stringValue: 'claim settled' } });
  }
  for (const [service, before] of Object.entries(started)) {
    const body = { stringValue: `Started ${service} v3.19.0 in 11.4 seconds` };
    write(service, { timeUnixNano: nanos(alertAt - before * minute), severityNumber: 9, body });
  }
  const of = (name: string) => ({ attributes: [{ key: 'service.name', value: { stringValue: name } }] });
  const flat = flatten({
    traces: [...spans].map(([name, list]) => ({ resourceSpans: [{ resource: of(name), scopeSpans: [{ spans: list }] }] })),
    logs: [...lines].map(([name, list]) => ({ resourceLogs: [{ resource: of(name), scopeLogs: [{ logRecords: list }] }] })),
    metrics: [],
  });
  return windowOf(flat, new Tables(), alertAt - 20 * minute, alertAt + 1);
}

function suspect(plan: Plan) {
  const changes = plan.released === undefined ? [] : [released(plan.released, 3)];
  const { hypotheses } = rank({ ...inputOf([], changes), window: recorded(plan) });
  return hypotheses[0];
}

describe('what a service cannot read', () => {
  it('speaks against who sent it, where that has just started anew or was released; with doubts', () => {
    for (const plan of [{ started: { desk: 2.5 } }, { released: 'desk' }]) {
      const first = suspect(plan);
      expect(first?.service).toBe('desk');
      expect(first!.confidence).toBeLessThan(0.8);
      expect(first!.summary).toContain('fail in claims, which cannot read what desk sends');
    }
  });

  it('speaks against who answered it, where that has just started anew, though its clock is a little ahead', () => {
    for (const ahead of [0, 4]) expect(suspect({ fails: 'answered', started: { prices: 2.5 }, ahead })?.service).toBe('prices');
  });

  it.each<[string, Plan]>([
    ['nobody started anew', {}],
    ['it started anew itself', { started: { desk: 2.5, claims: 2.6 } }],
    ['the other side started long before', { started: { desk: 9 } }],
    ['a third one started anew', { started: { door: 2.5 } }],
    ['it fails for another reason', { started: { desk: 2.5 }, says: 'NullPointerException: no such policy' }],
  ])('speaks against itself where %s', (_, plan) => expect(suspect(plan)?.service).toBe('claims'));

  const half = 'SyntaxError: Unexpected end of JSON input';

  it('speaks against who answered it where the answer ends too early, though nobody started anew; with doubts', () => {
    const first = suspect({ fails: 'answered', says: half });
    expect(first?.service).toBe('prices');
    expect(first!.confidence).toBeLessThan(0.8);
    expect(first!.summary).toContain('what prices sends ends too early');
  });

  it.each<[string, Plan]>([
    ['it started anew itself', { fails: 'answered', says: half, started: { claims: 2.6 } }],
    ['the answer is whole and reads otherwise', { fails: 'answered', says: "SyntaxError: Unexpected token '<' in JSON at position 0" }],
  ])('speaks against itself where %s', (_, plan) => {
    const first = suspect(plan);
    expect(first?.service).toBe('claims');
    expect(first!.confidence).toBeLessThan(0.8);
  });
});
