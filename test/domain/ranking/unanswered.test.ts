/** `shop` calls `cart`, which takes every call or none, and then `ads`. Whose silence is it when both lose their far side? */
import { describe, expect, it } from 'vitest';
import { rank } from '../../../src/domain/ranking/rank.ts';
import { peerKind } from '../../../src/domain/telemetry.ts';
import { alertAt, inputOf } from './made-metrics.ts';
import { flatten, type OtlpSpan, type OtlpTraces, Tables, windowOf } from './window-from-otlp.ts';

const minute = 60_000;
const text = (key: string, stringValue: string) => ({ key, value: { stringValue } });
const nanos = (at: number) => `${Math.round(at)}000000`;

/** Whom request `i` calls, and whether the calls say so. */
interface Plan {
  readonly calls: (i: number, isLate: boolean) => readonly string[];
  readonly named: boolean;
}
const halfCallCart: Plan = { calls: (i) => (i % 2 === 0 ? ['cart', 'ads'] : ['ads']), named: true };
/** Lately another mix of requests: every second one can do without `cart`. */
const fewerCallCart: Plan = { calls: (i, isLate) => (isLate && i % 2 === 0 ? ['ads'] : ['cart', 'ads']), named: false };

/** For how long the far side has been missing, and how often requests come. */
interface Pace {
  readonly lateMs: number;
  readonly everyMs: number;
}
const calm: Pace = { lateMs: 2 * minute, everyMs: 3000 };

/** Of every call to `down` there is no far side lately, and who was refused stops. */
function tracesWithout(down: string, { calls, named }: Plan, { lateMs, everyMs }: Pace): OtlpTraces[] {
  const spans = new Map<string, OtlpSpan[]>();
  const add = (service: string, span: OtlpSpan) => spans.set(service, [...(spans.get(service) ?? []), span]);
  for (let i = 0; i < 240; i++) {
    const at = alertAt - (240 - i) * everyMs;
    const traceId = `t${i}`;
    const isLate = at > alertAt - lateMs;
    let now = at + 5;
    for (const callee of calls(i, isLate)) {
      const isDown = callee === down && isLate;
      const times = { startTimeUnixNano: nanos(now), endTimeUnixNano: nanos(now + 10) };
      add('shop', {
        traceId,
        spanId: `${i}${callee}c`,
        parentSpanId: `${i}e`,
        name: 'call',
        kind: 3,
        ...times,
        ...(named ? { attributes: [text('server.address', callee)] } : {}),
      });
      now += 12;
      if (isDown) break;
      add(callee, { traceId, spanId: `${i}${callee}s`, parentSpanId: `${i}${callee}c`, name: `serve ${callee}`, kind: 2, ...times });
    }
    add('shop', { traceId, spanId: `${i}e`, name: 'enter', kind: 2, startTimeUnixNano: nanos(at), endTimeUnixNano: nanos(now) });
  }
  return [...spans].map(([service, list]) => ({
    resourceSpans: [{ resource: { attributes: [text('service.name', service)] }, scopeSpans: [{ spans: list }] }],
  }));
}

function suspectsWithout(down: string, plan: Plan, pace = calm): string[] {
  const window = windowOf(
    flatten({ traces: tracesWithout(down, plan, pace), logs: [], metrics: [] }),
    new Tables(),
    alertAt - 20 * minute,
    alertAt + 1,
  );
  const { spans, strings } = window;
  for (let row = 0; row < spans.length; row++) {
    if (spans.peer[row]! < 0) continue;
    spans.peer[row] = strings.id(`ext:${strings.text(spans.peer[row]!).replace(/^ext:/, '')}`);
    spans.peerKind[row] = peerKind.host;
  }
  return rank({ ...inputOf([]), window })
    .hypotheses.filter(({ features }) => (features['unanswered'] ?? 0) > 0)
    .map(({ service }) => service);
}

describe('a call that nobody takes any more', () => {
  it('speaks against the one it is to, and not against one that is no longer called', () => {
    expect(suspectsWithout('cart', halfCallCart)).not.toContain('ads');
    expect(suspectsWithout('ads', halfCallCart)).toEqual(['ads']);
  });

  it('speaks against the one that never answers, and not against one called earlier that is only called less', () => {
    expect(suspectsWithout('ads', fewerCallCart)).toEqual(['ads']);
  });

  it('is one whose far side does not come, and not one whose far side may be on its way', () => {
    const busy = { everyMs: 100 };
    expect(suspectsWithout('ads', halfCallCart, { ...busy, lateMs: 4000 })).toEqual([]);
    expect(suspectsWithout('ads', halfCallCart, { ...busy, lateMs: 12_000 })).toEqual(['ads']);
  });
});

/** `shop` asks its cache, then `cart`, both by `GET`, and writes; lately most of its visits end after the cache, by its own doing. */
function tracesThatStop(): OtlpTraces[] {
  const spans = new Map<string, OtlpSpan[]>([
    ['shop', []],
    ['cart', []],
  ]);
  for (let i = 0; i < 240; i++) {
    const at = alertAt - (240 - i) * 3000;
    const stops = at > alertAt - 2 * minute && i % 5 !== 0;
    const span = (spanId: string, parentSpanId: string | undefined, name: string, kind: number, from: number, peer?: string): OtlpSpan => ({
      traceId: `t${i}`,
      spanId: `${i}${spanId}`,
      ...(parentSpanId === undefined ? {} : { parentSpanId: `${i}${parentSpanId}` }),
      name,
      kind,
      startTimeUnixNano: nanos(at + from),
      endTimeUnixNano: nanos(at + from + (spanId === 'e' ? 60 : 10)),
      ...(peer === undefined ? {} : { attributes: [text('server.address', peer)] }),
    });
    const shop = spans.get('shop')!;
    shop.push(span('e', undefined, 'enter', 2, 0), span('k', 'e', 'GET', 3, 5, 'cache'));
    if (stops) continue;
    shop.push(span('c', 'e', 'GET', 3, 20, 'cart'), span('w', 'e', 'write', 1, 35));
    spans.get('cart')!.push(span('s', 'c', 'serve', 2, 20));
  }
  return [...spans].map(([service, list]) => ({
    resourceSpans: [{ resource: { attributes: [text('service.name', service)] }, scopeSpans: [{ spans: list }] }],
  }));
}

describe('a call of the same name to what sends no spans', () => {
  it('is none that nobody takes: who makes no other after it is not excused', () => {
    const window = windowOf(flatten({ traces: tracesThatStop(), logs: [], metrics: [] }), new Tables(), alertAt - 20 * minute, alertAt + 1);
    const { spans, strings } = window;
    for (let row = 0; row < spans.length; row++) {
      if (spans.peer[row]! < 0) continue;
      const isStore = strings.text(spans.peer[row]!).includes('cache');
      spans.peer[row] = strings.id(isStore ? 'db:cache' : 'ext:cart');
      spans.peerKind[row] = isStore ? peerKind.database : peerKind.host;
    }
    const { hypotheses, verdict } = rank({ ...inputOf([]), window });
    expect([verdict, hypotheses[0]?.service]).toEqual(['cause', 'shop']);
  });
});

/** `shop` asks `cart`, writes, and tells `offers`, which sends no spans, all by `POST` and without a word of whom. */
function tracesByMethodAlone(isAsked: (isLate: boolean, i: number) => 'taken' | 'lost' | 'left out'): OtlpTraces[] {
  const spans = new Map<string, OtlpSpan[]>([
    ['shop', []],
    ['cart', []],
  ]);
  for (let i = 0; i < 240; i++) {
    const at = alertAt - (240 - i) * 3000;
    const how = isAsked(at > alertAt - 2 * minute, i);
    const span = (spanId: string, parentSpanId: string | undefined, name: string, from: number): OtlpSpan => ({
      traceId: `t${i}`,
      spanId: `${i}${spanId}`,
      ...(parentSpanId === undefined ? {} : { parentSpanId: `${i}${parentSpanId}` }),
      name,
      startTimeUnixNano: nanos(at + from),
      endTimeUnixNano: nanos(at + from + (spanId === 'e' ? 90 : 10)),
    });
    const shop = spans.get('shop')!;
    shop.push(span('e', undefined, 'enter', 0), span('p', 'e', 'price', 3), span('q', 'e', 'POST', 5));
    spans.get('cart')!.push(span('r', 'q', 'serve price', 6));
    shop.push(span('w', 'e', 'write', 20));
    if (how !== 'left out') shop.push(span('c', 'e', 'POST', 35));
    if (how === 'taken') spans.get('cart')!.push(span('s', 'c', 'serve order', 36));
    shop.push(span('d', 'e', 'done', 50), span('o', 'e', 'POST', 65));
  }
  return [...spans].map(([service, list]) => ({
    resourceSpans: [{ resource: { attributes: [text('service.name', service)] }, scopeSpans: [{ spans: list }] }],
  }));
}

describe('a call by its method alone', () => {
  const suspected = (isAsked: Parameters<typeof tracesByMethodAlone>[0]) => {
    const traces = tracesByMethodAlone(isAsked);
    const window = windowOf(flatten({ traces, logs: [], metrics: [] }), new Tables(), alertAt - 20 * minute, alertAt + 1);
    return rank({ ...inputOf([]), window }).hypotheses[0]?.service;
  };

  it('that is no longer made is not taken for one that somebody without spans never takes', () => {
    expect(suspected((isLate, i) => (isLate && i % 5 !== 0 ? 'left out' : 'taken'))).toBe('shop');
  });

  it('that is made and lost speaks against whoever took it', () => {
    expect(suspected((isLate, i) => (isLate && i % 5 !== 0 ? 'lost' : 'taken'))).toBe('cart');
  });
});

/** `shop` puts orders into a queue, and `worker` takes them in the same trace; lately it does not, or nothing is sent. */
function queueTraces(isSent: boolean, lateMs: number): OtlpTraces[] {
  const shop: OtlpSpan[] = [];
  const worker: OtlpSpan[] = [];
  for (let i = 0; i < 240; i++) {
    const at = alertAt - (240 - i) * 3000;
    const isLate = at > alertAt - lateMs;
    const span = (spanId: string, name: string, from: number, parentSpanId?: string): OtlpSpan => ({
      traceId: `t${i}`,
      spanId: `${i}${spanId}`,
      ...(parentSpanId === undefined ? {} : { parentSpanId: `${i}${parentSpanId}` }),
      name,
      startTimeUnixNano: nanos(at + from),
      endTimeUnixNano: nanos(at + from + (spanId === 'e' ? 60 : 10)),
    });
    shop.push(span('e', 'enter', 0), span('w', 'write', 5, 'e'));
    if (isSent || !isLate) shop.push(span('p', 'orders publish', 20, 'e'));
    if (!isLate) worker.push(span('t', 'orders process', 80, 'e'));
    worker.push({ ...span('n', 'tidy up', 100), traceId: `n${i}` });
  }
  return Object.entries({ shop, worker }).map(([service, list]) => ({
    resourceSpans: [{ resource: { attributes: [text('service.name', service)] }, scopeSpans: [{ spans: list }] }],
  }));
}

describe('a message that nobody takes any more', () => {
  const suspected = (isSent: boolean, lateMs = 2 * minute) => {
    const window = windowOf(
      flatten({ traces: queueTraces(isSent, lateMs), logs: [], metrics: [] }),
      new Tables(),
      alertAt - 20 * minute,
      alertAt + 1,
    );
    return rank({ ...inputOf([]), window }).hypotheses[0]?.service;
  };

  it('speaks against whoever took it where it is still sent, else against the sender', () => {
    expect(suspected(true)).toBe('worker');
    expect(suspected(false)).toBe('shop');
  });

  it('speaks against nobody yet where it waits for as long as consumers pause', () => {
    expect(suspected(true, minute / 2)).not.toBe('worker');
  });
});
