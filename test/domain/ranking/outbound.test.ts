/** `shop` and `desk` both call `cart` and `ads`, or `desk` alone does and is asked by `door`: whose side is a delay on? */
import { describe, expect, it } from 'vitest';
import { rank } from '../../../src/domain/ranking/rank.ts';
import { alertAt, inputOf } from './made-metrics.ts';
import { flatten, type OtlpSpan, type OtlpTraces, Tables, windowOf } from './window-from-otlp.ts';

const minute = 60_000;
const text = (key: string, stringValue: string) => ({ key, value: { stringValue } });
const nanos = (at: number) => `${Math.round(at)}000000`;

/**
 * Milliseconds that each call waits before it is answered, lately; 2 at all times before. `ledger` is a store, `bank` a third party that
 * sends no spans either and takes 0.2 to 0.5 s.
 */
type Delays = Readonly<Record<string, number>>;

/** Whom a request to `caller` calls, the how manieth it is. */
type Callees = (caller: string, i: number) => readonly string[];

/** Of so many spans of `cart` one is lost. */
function tracesWith(delays: Delays, callees: Callees, loses: number): OtlpTraces[] {
  const spans = new Map<string, OtlpSpan[]>();
  const add = (service: string, span: OtlpSpan) => spans.set(service, [...(spans.get(service) ?? []), span]);
  for (let i = 0; i < 240; i++) {
    const at = alertAt - 12 * minute + i * 3000;
    const isAsked = delays['door desk'] !== undefined;
    const caller = isAsked || i % 2 !== 0 ? 'desk' : 'shop';
    const traceId = `t${i}`;
    let now = at + 5;
    for (const callee of callees(caller, i)) {
      const wait = (at > alertAt - 2 * minute ? delays[`${caller} ${callee}`] : undefined) ?? 2 + (i % 3) / 10;
      // A host is named as intake names it.
      const host = callee === 'cart' ? [text('peer.service', 'ext:cart.shop.svc')] : [];
      const isStore = callee === 'ledger';
      const named = callee === 'bank' ? [text('server.address', 'api.bank.example')] : host;
      const attributes = isStore ? [text('server.address', callee), text('db.system', 'postgresql')] : named;
      const work = callee === 'bank' ? 200 + 20 * (i % 16) : 10;
      const call = { traceId, spanId: `${i}${callee}c`, parentSpanId: `${i}e`, name: `call ${callee}`, kind: 3, attributes };
      add(caller, { ...call, startTimeUnixNano: nanos(now), endTimeUnixNano: nanos(now + wait + work) });
      const served = { traceId, spanId: `${i}${callee}s`, parentSpanId: `${i}${callee}c`, name: `serve ${callee}`, kind: 2 };
      if (!isStore && callee !== 'bank' && (callee !== 'cart' || i % loses !== 0))
        add(callee, { ...served, startTimeUnixNano: nanos(now + wait), endTimeUnixNano: nanos(now + wait + 10) });
      now += wait + work + 2;
    }
    const entered = { traceId, spanId: `${i}e`, name: 'enter', kind: 2, startTimeUnixNano: nanos(at), endTimeUnixNano: nanos(now + 3) };
    add(caller, isAsked ? { ...entered, parentSpanId: `${i}dc` } : entered);
    if (!isAsked) continue;
    const wait = (at > alertAt - 2 * minute ? delays['door desk'] : undefined) ?? 2 + (i % 3) / 10;
    const open = { traceId, startTimeUnixNano: nanos(at - wait), endTimeUnixNano: nanos(now + 4) };
    add('door', { ...open, spanId: `${i}d`, name: 'open', kind: 2 });
    add('door', { ...open, spanId: `${i}dc`, parentSpanId: `${i}d`, name: 'call', kind: 3 });
  }
  return [...spans].map(([service, list]) => ({
    resourceSpans: [{ resource: { attributes: [text('service.name', service)] }, scopeSpans: [{ spans: list }] }],
  }));
}

const both = () => ['cart', 'ads'];

function foremost(delays: Delays, callees: Callees, loses = Infinity) {
  const flat = flatten({ traces: tracesWith(delays, callees, loses), logs: [], metrics: [] });
  const window = windowOf(flat, new Tables(), alertAt - 20 * minute, alertAt + 1);
  return rank({ ...inputOf([]), window }).hypotheses[0];
}

const firstOf = (delays: Delays, callees: Callees = both, loses = Infinity): string | undefined =>
  foremost(delays, callees, loses)?.service;

describe('a delay between two services', () => {
  it('is on the side of the caller that waits for all it calls, while others do not wait for them', () => {
    expect(firstOf({ 'shop cart': 300, 'shop ads': 300 })).toBe('shop');
    expect(firstOf({ 'desk cart': 300, 'desk ads': 300 })).toBe('desk');
  });

  it('is on the side of the callee that everybody waits for', () => {
    expect(firstOf({ 'shop cart': 300, 'desk cart': 300 })).toBe('cart');
  });

  it('is on the side of the one that waits for all it calls and is waited for', () => {
    expect(firstOf({ 'door desk': 300, 'desk cart': 300, 'desk ads': 300 })).toBe('desk');
    expect(firstOf({ 'door desk': 300, 'desk cart': 300 })).not.toBe('ads');
  });

  it('is taken for the callee where the caller is quick with the others', () => {
    expect(firstOf({ 'shop ads': 300 })).toBe('ads');
  });

  it('is on the side of a caller that has one callee, where nobody else waits for that', () => {
    const onlyCart = (caller: string) => (caller === 'shop' ? ['cart'] : both());
    expect(firstOf({ 'shop cart': 300 }, onlyCart)).toBe('shop');
    expect(firstOf({ 'shop cart': 300, 'desk cart': 300 }, onlyCart)).toBe('cart');
  });

  it('is on the side of a caller that waits as long for its store', () => {
    const cartAndLedger = (caller: string) => (caller === 'shop' ? ['cart', 'ledger'] : ['ads']);
    expect(firstOf({ 'shop cart': 300, 'shop ledger': 300 }, cartAndLedger)).toBe('shop');
    expect(firstOf({ 'shop cart': 300, 'shop ledger': 12 }, cartAndLedger)).toBe('cart');
    expect(firstOf({ 'shop cart': 300 }, cartAndLedger)).toBe('cart');
  });

  it('but not where others wait for the callee as well, or the caller is quick with another one', () => {
    const all = (caller: string) => (caller === 'shop' ? ['cart', 'ledger'] : ['cart']);
    expect(firstOf({ 'shop cart': 300, 'shop ledger': 300, 'desk cart': 300 }, all)).toBe('cart');
    const ads = (caller: string) => (caller === 'shop' ? ['cart', 'ledger', 'ads'] : ['stock']);
    expect(firstOf({ 'shop cart': 300, 'shop ledger': 300 }, ads)).toBe('cart');
  });

  it('is on the side of the callee where others hardly ever ask it, be its spans lost now and then', () => {
    const seldom = (caller: string, i: number) => (caller === 'shop' || i % 40 === 1 ? ['cart'] : ['stock']);
    const lost = [Infinity, 4].map((loses) => firstOf({ 'shop cart': 300 }, seldom, loses));
    expect(lost).toEqual(['cart', 'cart']);
  });

  it('is on the side of a caller that waits for all it calls, whatever it has called once or twice', () => {
    const andOnce = (caller: string, i: number) => (caller === 'shop' && i >= 236 ? ['stock', ...both()] : both());
    expect(firstOf({ 'shop cart': 300, 'shop ads': 300 }, andOnce)).toBe('shop');
  });

  it('is not on the side of a caller that waits for all it calls where others wait for one of them as well', () => {
    expect(firstOf({ 'shop cart': 300, 'shop ads': 300, 'desk cart': 300 })).toBe('cart');
  });

  it('is not on the side of a caller that alone calls them and is not waited for', () => {
    const alone = (caller: string) => (caller === 'shop' ? both() : ['stock']);
    expect(firstOf({ 'shop cart': 300, 'shop ads': 200 }, alone)).toBe('cart');
  });

  it('is not on the side of a caller that waits for its store once or twice', () => {
    const andOnce = (caller: string, i: number) => (caller === 'shop' ? (i >= 236 ? ['cart', 'ledger'] : ['cart']) : ['ads']);
    expect(firstOf({ 'shop cart': 300, 'shop ledger': 300 }, andOnce)).toBe('cart');
  });

  it('is on the side of a caller whose other callee varies by more than the delay', () => {
    const cartAndBank = (caller: string) => (caller === 'shop' ? ['cart', 'bank'] : ['cart']);
    expect(firstOf({ 'shop cart': 150 }, cartAndBank)).toBe('shop');
    expect(firstOf({ 'shop cart': 150, 'desk cart': 150 }, cartAndBank)).toBe('cart');
    const cartAndAds = (caller: string) => (caller === 'shop' ? both() : ['cart']);
    expect(firstOf({ 'shop cart': 150 }, cartAndAds)).toBe('cart');
  });

  it('is on the side of the one between two delays as long as each other, though not for sure', () => {
    const onlyCart = () => ['cart'];
    const between = foremost({ 'door desk': 300, 'desk cart': 300 }, onlyCart);
    expect(between?.service).toBe('desk');
    expect(between?.confidence).toBeLessThanOrEqual(0.78);
    expect(firstOf({ 'door desk': 100, 'desk cart': 900 }, onlyCart)).toBe('cart');
    expect(firstOf({ 'door desk': 2, 'desk cart': 300 }, onlyCart)).toBe('cart');
  });
});
