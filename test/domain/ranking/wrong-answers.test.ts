/** `shop` and `desk` ask `prices`, and then `stock`. No span says that it failed; lately some of them go no further than `prices`. */
import { describe, expect, it } from 'vitest';
import { rank } from '../../../src/domain/ranking/rank.ts';
import { alertAt, inputOf, released as release } from './made-metrics.ts';
import { flatten, type OtlpLog, type OtlpSpan, Tables, windowOf } from './window-from-otlp.ts';

const minute = 60_000;
const nanos = (at: number) => `${Math.round(at)}000000`;
const traceOf = (i: number) => (i + 1).toString(16).padStart(32, '0');

interface Change {
  readonly callers: readonly string[];
  /** They ask `stock` no more. */
  readonly isCutShort: boolean;
  /** What they say of it; severity, text. */
  readonly says?: readonly [number, string];
  readonly lacksLine?: boolean;
  /** When they say it, in ms; `prices` answers after 25. */
  readonly saidAt?: number;
  /** `prices` answers as well, and so many ms earlier where its caller goes no further; now and then more than that. */
  readonly quickerBy?: number;
  readonly released?: string;
}

function suspectsOf({ callers, isCutShort, says, lacksLine = isCutShort, saidAt = 27, quickerBy = 0, released }: Change) {
  const spans = new Map<string, OtlpSpan[]>();
  const logs = new Map<string, OtlpLog[]>();
  for (let i = 0; i < 400; i++) {
    const at = alertAt - 12 * minute + i * 1800 + 301;
    const caller = i % 2 === 0 ? 'shop' : 'desk';
    const isBad = at > alertAt - 2 * minute && callers.includes(caller);
    const traceId = traceOf(i);
    const add = (service: string, id: string, parent: string | null, from: number, to: number) => {
      const times = { startTimeUnixNano: nanos(at + from), endTimeUnixNano: nanos(at + to) };
      const span = { traceId, spanId: `${i}${id}`, name: id, ...times };
      spans.set(service, [...(spans.get(service) ?? []), parent === null ? span : { ...span, parentSpanId: `${i}${parent}` }]);
    };
    const say = (service: string, offset: number, severityNumber: number, text: string) =>
      logs.set(service, [
        ...(logs.get(service) ?? []),
        { timeUnixNano: nanos(at + offset), severityNumber, body: { stringValue: text }, traceId },
      ]);
    const isShort = isBad && isCutShort;
    const earlier = isShort ? quickerBy * (i % 4 === 0 ? 1.3 : 1) : 0;
    add(caller, 'enter', null, 0, isShort ? 28 - earlier : 60);
    // No two requests are alike.
    add('prices', 'tell prices', 'enter', 5, 25 - earlier + ((i * 7) % 5) / 10);
    say('prices', 20, 9, 'prices told');
    if (!isShort) {
      add('stock', 'count stock', 'enter', 30, 50);
      say('stock', 40, 9, 'stock counted');
    }
    if (!(isBad && lacksLine)) say(caller, 55, 9, `${caller} is done`);
    if (isBad && says !== undefined) say(caller, saidAt, says[0], says[1]);
  }
  const resource = (name: string) => ({ attributes: [{ key: 'service.name', value: { stringValue: name } }] });
  const flat = flatten({
    traces: [...spans].map(([name, list]) => ({ resourceSpans: [{ resource: resource(name), scopeSpans: [{ spans: list }] }] })),
    logs: [...logs].map(([name, logRecords]) => ({ resourceLogs: [{ resource: resource(name), scopeLogs: [{ logRecords }] }] })),
    metrics: [],
  });
  const window = windowOf(flat, new Tables(), alertAt - 20 * minute, alertAt + 1);
  const changes = released === undefined ? [] : [release(released, 3)];
  const { hypotheses, evidence } = rank({ ...inputOf([], changes), window });
  const [first] = hypotheses;
  const texts = evidence.filter(({ id }) => first?.evidence.includes(id)).map(({ text }) => text);
  return { service: first?.service, confidence: first?.confidence ?? 0, says: texts.join(' '), settles: first?.wouldChangeMyMind ?? '' };
}

const complaint = [13, 'nothing left with a price'] as const;

describe('services that go no further after a callee has answered', () => {
  it('are fed wrong answers, where several are', () => {
    const found = suspectsOf({ callers: ['shop', 'desk'], isCutShort: true, says: complaint });
    expect(found.service).toBe('prices');
    expect(found.says).toContain('desk, shop depart from normal in');
    expect(found.says).toContain('each right after prices has answered');
  });

  it('may be, where one alone does and only warns: it is suspected, and not for sure', () => {
    const found = suspectsOf({ callers: ['shop'], isCutShort: true, says: complaint });
    expect(found.service).toBe('shop');
    expect(found.confidence).toBeLessThan(0.8);
    expect(found.settles).toMatch(/^What prices, stock answered in one of these requests/);
  });

  it('are at fault for sure where one alone does and says that it broke', () => {
    const found = suspectsOf({ callers: ['shop'], isCutShort: true, says: [17, 'TypeError: price of undefined'] });
    expect(found.service).toBe('shop');
    expect(found.confidence).toBeGreaterThan(0.8);
  });

  it('are not fed wrong answers where they complained before they asked', () => {
    expect(suspectsOf({ callers: ['shop', 'desk'], isCutShort: true, says: complaint, saidAt: 2 }).service).not.toBe('prices');
  });

  it('are not fed wrong answers where each of them merely leaves a line out', () => {
    expect(suspectsOf({ callers: ['shop', 'desk'], isCutShort: false, lacksLine: true }).service).not.toBe('prices');
  });

  it('is given less, where one alone does, by who does less of its own for the answer since: not for sure', () => {
    const found = suspectsOf({ callers: ['shop'], isCutShort: true, quickerBy: 8.5 });
    expect(found.service).toBe('prices');
    expect(found.confidence).toBeLessThan(0.8);
    expect(found.says).toContain('shop departs from normal in');
    expect(found.says).toMatch(/which takes it less work than it did \(own time of "tell prices" went from 19.7 to 1\d\.\d ms\)/);
  });

  it.each<[string, Partial<Change>]>([
    ['the answer takes as much as ever', {}],
    ['it takes a little less, as a warm cache does', { quickerBy: 4 }],
    ['it was released, and may ask for less', { quickerBy: 8.5, released: 'shop' }],
    ['it says that it broke', { quickerBy: 8.5, says: [17, 'TypeError: price of undefined'] }],
  ])('is suspected itself, where one alone does and %s', (_, more) => {
    expect(suspectsOf({ callers: ['shop'], isCutShort: true, ...more }).service).toBe('shop');
  });
});
