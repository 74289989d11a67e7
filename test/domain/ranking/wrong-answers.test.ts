/** `shop` and `desk` ask `prices`, and then `stock`. No span says that it failed; lately some of them go no further than `prices`. */
import { describe, expect, it } from 'vitest';
import { rank } from '../../../src/domain/ranking/rank.ts';
import { alertAt, inputOf } from './made-metrics.ts';
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
}

function suspectsOf({ callers, isCutShort, says, lacksLine = isCutShort, saidAt = 27 }: Change) {
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
    add(caller, 'enter', null, 0, isShort ? 28 : 60);
    add('prices', 'tell prices', 'enter', 5, 25);
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
  const { hypotheses, evidence } = rank({ ...inputOf([]), window });
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
});
