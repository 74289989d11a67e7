/** `shop` and `desk` both ask `prices` last, and then go on by themselves. Who is at fault when they fail there? */
import { describe, expect, it } from 'vitest';
import { rank } from '../../../src/domain/ranking/rank.ts';
import { alertAt, inputOf } from './made-metrics.ts';
import { flatten, type OtlpLog, type OtlpSpan, Tables, windowOf } from './window-from-otlp.ts';

const minute = 60_000;
const nanos = (at: number) => `${Math.round(at)}000000`;

interface Around {
  /** By caller: of so many failures one comes after it has asked, and the others before. */
  readonly early?: Readonly<Record<string, number>>;
  /** By so many ms the clock of `prices` is ahead lately. */
  readonly ahead?: number;
}

/** Of every so many requests to a caller one fails lately, so many ms after all it asked has answered; that takes it `askingMs`. `line` is what it says then. */
function suspectOf(
  failing: Readonly<Record<string, number>>,
  afterMs = 3,
  askingMs = 40,
  line: string | null = null,
  { early = {}, ahead = 0 }: Around = {},
) {
  const pace = askingMs / 40;
  const spans = new Map<string, OtlpSpan[]>();
  const lines = new Map<string, OtlpLog[]>();
  for (let i = 0; i < 400; i++) {
    const at = alertAt - 12 * minute + i * 1800;
    const caller = i % 2 === 0 ? 'shop' : 'desk';
    const every = at > alertAt - 2 * minute ? failing[caller] : undefined;
    const failed = every !== undefined && (i >> 1) % every === 0;
    const traceId = `t${i}`;
    const add = (service: string, id: string, parent: string | null, kind: number, from: number, to: number, fails = false) => {
      const times = { startTimeUnixNano: nanos(at + from), endTimeUnixNano: nanos(at + to) };
      const span = { traceId, spanId: `${i}${id}`, name: id, kind, ...times, status: { code: fails ? 2 : 0 } };
      spans.set(service, [...(spans.get(service) ?? []), parent === null ? span : { ...span, parentSpanId: `${i}${parent}` }]);
    };
    add(caller, 'enter', null, 2, 0, failed ? askingMs + afterMs : askingMs + 20, failed);
    const asks = !failed || (i >> 2) % (early[caller] ?? 1) === 0;
    for (const [place, callee] of (asks ? ['stock', 'prices'] : []).entries()) {
      const off = callee === 'prices' && every !== undefined ? ahead : 0;
      add(caller, `ask ${callee}`, 'enter', 3, pace * (5 + 20 * place), pace * (20 + 20 * place));
      add(callee, `tell ${callee}`, `ask ${callee}`, 2, pace * (6 + 20 * place) + off, pace * (20 + 20 * place) + off);
    }
    const written = { timeUnixNano: nanos(at + askingMs), severityNumber: 17, traceId, spanId: `${i}enter` };
    if (failed && line !== null) lines.set(caller, [...(lines.get(caller) ?? []), { ...written, body: { stringValue: line } }]);
    if (!failed) add(caller, 'write down', 'enter', 1, askingMs + 5, askingMs + 6);
  }
  const flat = flatten({
    traces: [...spans].map(([name, list]) => ({
      resourceSpans: [{ resource: { attributes: [{ key: 'service.name', value: { stringValue: name } }] }, scopeSpans: [{ spans: list }] }],
    })),
    logs: [...lines].map(([name, list]) => ({
      resourceLogs: [
        { resource: { attributes: [{ key: 'service.name', value: { stringValue: name } }] }, scopeLogs: [{ logRecords: list }] },
      ],
    })),
    metrics: [],
  });
  const window = windowOf(flat, new Tables(), alertAt - 20 * minute, alertAt + 1);
  const { hypotheses, evidence } = rank({ ...inputOf([]), window });
  const [first] = hypotheses;
  return {
    service: first?.service,
    sure: first?.confidence ?? 0,
    all: hypotheses.map(({ service }) => service),
    says: evidence
      .filter(({ id }) => first?.evidence.includes(id))
      .map(({ text }) => text)
      .join(' '),
  };
}

describe('services that fail by themselves', () => {
  it('are misled by the callee that has answered last, where it is the same for several', () => {
    const { service, says } = suspectOf({ shop: 2, desk: 2 });
    expect(service).toBe('prices');
    expect(says).toContain('fail in desk, shop, right after prices has answered them');
  });

  it.each([
    ['15 ms, long as that is for quick ones', 15, 8],
    ['less than half of their time', 180, 200],
  ])('are misled as well where they go on for %s', (_, afterMs, askingMs) => {
    expect(suspectOf({ shop: 2, desk: 2 }, afterMs, askingMs).service).toBe('prices');
  });

  it.each([
    ['most of their time', 220, 200],
    ['more than a moment, quick as they are', 25, 8],
  ])('are not where they go on for %s before they fail', (_, afterMs, askingMs) => {
    expect(suspectOf({ shop: 2, desk: 2 }, afterMs, askingMs).service).not.toBe('prices');
  });

  it('are at fault where nobody else fails like that, or hardly ever', () => {
    expect(suspectOf({ shop: 2 }).service).toBe('shop');
    expect(suspectOf({ shop: 1, desk: 16 }).service).toBe('shop');
  });

  it.each([
    ['the one whose answer they say they fail on, though another answered last', 'no unit in the response of stock', 'stock'],
    ['the last where they name several', 'stock and prices do not agree', 'prices'],
    ['the last where a name is but a part of a word', 'restock failed, stock-list is void', 'prices'],
  ])('are misled by %s', (_, line, wanted) => {
    const { service, says } = suspectOf({ shop: 2, desk: 2 }, 3, 40, line);
    expect(service).toBe(wanted);
    expect(says).toContain(wanted === 'stock' ? 'on what stock has answered them, as they say' : 'right after prices has answered them');
  });

  it('are at fault where most of their failures come before they have asked anybody', () => {
    for (const early of [{ shop: 3, desk: 3 }, { desk: 3 }])
      expect(suspectOf({ shop: 1, desk: 1 }, 3, 40, null, { early }).all).not.toContain('prices');
    expect(suspectOf({ shop: 1, desk: 1 }).service).toBe('prices');
  });

  it('are misled though the clock of the callee is a few ms ahead', () => {
    for (const ahead of [5, 12]) expect(suspectOf({ shop: 2, desk: 2 }, 3, 40, null, { ahead }).service).toBe('prices');
  });

  it('are at fault where one alone says that it fails on an answer', () => {
    expect(suspectOf({ shop: 2 }, 3, 40, 'no unit in the response of stock').service).toBe('shop');
  });

  it('are not suspected for sure where one alone does and names the callee whose answer it fails on', () => {
    const { service, sure } = suspectOf({ shop: 1 }, 3, 40, 'QuantityError: level -3 from stock is outside 0..900');
    expect(service).toBe('shop');
    expect(sure).toBeLessThan(0.8);
    for (const line of ['QuantityError: level -3 is outside 0..900', 'QuantityError: level -3 from stockroom is outside 0..900', null])
      expect(suspectOf({ shop: 1 }, 3, 40, line)).toMatchObject({ service: 'shop', sure: expect.closeTo(0.97) });
  });
});
