/** `shop` and `desk` both call `cart` and `ads`; lately some calls find nobody. Who is at fault? */
import { describe, expect, it } from 'vitest';
import { rank } from '../../../src/domain/ranking/rank.ts';
import { alertAt, inputOf } from './made-metrics.ts';
import { flatten, type OtlpLogs, type OtlpSpan, type OtlpTraces, Tables, windowOf } from './window-from-otlp.ts';

const minute = 60_000;
const text = (key: string, stringValue: string) => ({ key, value: { stringValue } });
const nanos = (at: number) => `${Math.round(at)}000000`;

/** `shop cart`: of every so many calls of `shop` to `cart` one fails lately, and `cart` never sees it. */
type Lost = Readonly<Record<string, number>>;

/** `always`: the same, at all times; `callers`: who else there is; `own`: a store that `shop` alone has, and that sends no spans. */
function tracesWith(
  lost: Lost,
  always: Lost = {},
  callers: readonly string[] = ['shop', 'desk'],
  problem: string | undefined = undefined,
  own: string | null = null,
): OtlpTraces[] {
  const spans = new Map<string, OtlpSpan[]>();
  const add = (service: string, span: OtlpSpan) => spans.set(service, [...(spans.get(service) ?? []), span]);
  for (let i = 0; i < 400; i++) {
    const at = alertAt - 12 * minute + i * 1800;
    const caller = callers[i % callers.length]!;
    const traceId = `t${i}`;
    let now = at + 5;
    let failed = false;
    const asked = i % 4 < 2 ? ['cart', 'ads'] : ['ads', 'cart'];
    for (const callee of own !== null && caller === 'shop' ? [...asked, own] : asked) {
      const key = `${caller} ${callee}`;
      const every = at > alertAt - 2 * minute && lost[key] !== undefined ? lost[key] : always[key];
      failed = every !== undefined && (i >> 2) % every === 0;
      const attributes = [text('server.address', callee), ...(callee === own ? [text('db.system', 'postgresql')] : [])];
      const call = { traceId, spanId: `${i}${callee}c`, parentSpanId: `${i}e`, name: 'call', kind: 3, attributes };
      const times = { startTimeUnixNano: nanos(now), endTimeUnixNano: nanos(now + 10) };
      const message = failed && problem !== undefined ? { message: `${problem} ${callee}` } : {};
      add(caller, { ...call, ...times, status: { code: failed ? 2 : 0, ...message } });
      now += 12;
      if (failed) break;
      if (callee === own) continue;
      add(callee, { traceId, spanId: `${i}${callee}s`, parentSpanId: `${i}${callee}c`, name: `serve ${callee}`, kind: 2, ...times });
    }
    const times = { startTimeUnixNano: nanos(at), endTimeUnixNano: nanos(now) };
    add(caller, { traceId, spanId: `${i}e`, name: 'enter', kind: 2, ...times, status: { code: failed ? 2 : 0 } });
  }
  return [...spans].map(([service, list]) => ({
    resourceSpans: [{ resource: { attributes: [text('service.name', service)] }, scopeSpans: [{ spans: list }] }],
  }));
}

/** For each failed call, what its caller writes of it. */
function linesOf(traces: readonly OtlpTraces[], words: (callee: string) => string): OtlpLogs[] {
  return traces.map(({ resourceSpans: [of] }) => {
    const failed = of!.scopeSpans[0]!.spans.filter(({ kind, status }) => kind === 3 && status?.code === 2);
    const logRecords = failed.map(({ traceId, parentSpanId, endTimeUnixNano, attributes }) => ({
      ...{ timeUnixNano: endTimeUnixNano!, severityNumber: 17, traceId: traceId!, spanId: parentSpanId! },
      body: { stringValue: words(attributes![0]!.value.stringValue!) },
    }));
    return { resourceLogs: [{ resource: of!.resource!, scopeLogs: [{ logRecords }] }] };
  });
}

function suspectOf(
  lost: Lost,
  always?: Lost,
  callers?: readonly string[],
  problem?: string,
  own?: string,
  words?: (callee: string) => string,
) {
  const traces = tracesWith(lost, always, callers, problem, own);
  const flat = flatten({ traces, logs: words ? linesOf(traces, words) : [], metrics: [] });
  const window = windowOf(flat, new Tables(), alertAt - 20 * minute, alertAt + 1);
  const { hypotheses, evidence } = rank({ ...inputOf([]), window });
  const [first] = hypotheses;
  return {
    all: hypotheses.map(({ service }) => service),
    service: first?.service,
    says: evidence
      .filter(({ id }) => first?.evidence.includes(id))
      .map(({ text }) => text)
      .join(' '),
  };
}

describe('calls that find nobody', () => {
  it('speak against the caller that loses some to several, while these answer others', () => {
    const { service, says } = suspectOf({ 'shop cart': 2, 'shop ads': 2 });
    expect(service).toBe('shop');
    expect(says).toContain('shop gets no answer from ads, cart, which answer all the same');
  });

  it('speak against that caller alone, though it writes whom it did not reach', () => {
    const dial = (callee: string) => `dial tcp ${callee}:7001: i/o timeout`;
    expect(suspectOf({ 'shop cart': 2, 'shop ads': 2 }, {}, undefined, undefined, undefined, dial).all).toEqual(['shop']);
    expect(suspectOf({ 'shop cart': 2, 'desk cart': 2 }, {}, undefined, undefined, undefined, dial).all).toEqual(['cart']);
  });

  it('speak against the one callee that is lost', () => {
    expect(suspectOf({ 'shop cart': 2, 'desk cart': 2 }).service).toBe('cart');
    expect(suspectOf({ 'shop cart': 1, 'desk cart': 1 }).service).toBe('cart');
  });

  it('speak against the callee that is lost half the time, whatever else is lost now and then', () => {
    expect(suspectOf({ 'shop cart': 2 }, { 'shop ads': 12 }, ['shop']).service).toBe('cart');
    expect(suspectOf({ 'shop cart': 2, 'desk cart': 2 }, { 'shop ads': 12 }).service).toBe('cart');
  });

  it('speak against the caller that could not even look up several names, whoever else asks them', () => {
    const both = { 'shop cart': 1, 'shop ads': 1 };
    expect(suspectOf(both, {}, ['shop'], 'getaddrinfo EAI_AGAIN').service).toBe('shop');
    expect(suspectOf(both, {}, ['shop'], 'connect ECONNREFUSED').service).not.toBe('shop');
    expect(suspectOf({ 'shop cart': 1 }, {}, ['shop'], 'getaddrinfo EAI_AGAIN').service).not.toBe('shop');
  });

  it('speak against the caller that does not find a name which others find', () => {
    expect(suspectOf({ 'shop cart': 1 }, {}, ['shop', 'desk'], 'Could not resolve host:').service).toBe('shop');
    expect(suspectOf({ 'shop cart': 1, 'desk cart': 1 }, {}, ['shop', 'desk'], 'Could not resolve host:').service).toBe('cart');
    expect(suspectOf({ 'shop cart': 1 }, {}, ['shop'], 'Could not resolve host:').service).toBe('cart');
    expect(suspectOf({ 'shop cart': 1 }, {}, ['shop', 'desk'], 'connect ECONNREFUSED').service).toBe('cart');
  });

  it('do not speak against a caller that loses calls to one, and a quarter as many to another', () => {
    expect(suspectOf({ 'shop cart': 2, 'shop ads': 7 }).service).toBe('cart');
  });

  it('speak against the caller though others lose one now and then, and not where they lose some', () => {
    const both = { 'shop cart': 2, 'shop ads': 2 };
    expect(suspectOf({ ...both, 'desk cart': 17 }).service).toBe('shop');
    expect(suspectOf({ ...both, 'desk cart': 9 }).says).toContain('get no answer from cart (seen from shop)');
    expect(suspectOf({ ...both, 'desk cart': 2 }).service).toBe('cart');
  });

  it('do not speak against a caller where others hardly ask', () => {
    const seldom = [...new Array<string>(33).fill('shop'), 'desk'];
    expect(suspectOf({ 'shop cart': 2, 'shop ads': 2 }, {}, seldom).service).not.toBe('shop');
  });

  it('speak against the callees where everybody loses calls to both', () => {
    expect(['cart', 'ads']).toContain(suspectOf({ 'shop cart': 2, 'desk cart': 2, 'shop ads': 2, 'desk ads': 2 }).service);
  });

  it('speak against the caller whose store hangs up as often as a callee that others reach', () => {
    const both = { 'shop cart': 3, 'shop ledger': 2 };
    expect(suspectOf(both, {}, undefined, 'server closed the connection', 'ledger').service).toBe('shop');
    expect(suspectOf(both, {}, undefined, undefined, 'ledger').service).toBe('shop');
    // A store that says what is wrong has answered.
    expect(suspectOf(both, {}, undefined, 'password authentication failed for user "shop" at', 'ledger').service).toBe('cart');
    expect(suspectOf(both, {}, undefined, 'no such column', 'ledger').service).toBe('cart');
  });
});
