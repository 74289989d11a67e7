/** Calls between services from their spans: who called whom, how often, how long it took and under which name. */
import { describe, expect, it } from 'vitest';
import { MapInference } from '../../src/domain/map-inference.ts';
import { spanKind } from '../../src/domain/telemetry.ts';
import { batchOf, edges, inferred, start, type Words } from './inferred-map.ts';

const { client, server, internal, producer, consumer } = spanKind;

const cases: { name: string; spans: Words[]; found: string[] }[] = [
  {
    name: 'a client and the server it called',
    spans: [
      { of: 'shop', id: 1, kind: client },
      { of: 'cart', id: 2, parent: 1, kind: server },
    ],
    found: ['shop>cart 1/0'],
  },
  {
    name: 'spans that say no kind',
    spans: [
      { of: 'shop', id: 1 },
      { of: 'cart', id: 2, parent: 1 },
      { of: 'cart', id: 3, parent: 2 },
    ],
    found: ['shop>cart 1/0'],
  },
  {
    name: 'one parent with several children',
    spans: [
      { of: 'shop', id: 1 },
      { of: 'cart', id: 2, parent: 1 },
      { of: 'cart', id: 3, parent: 1, isFailed: true },
      { of: 'mail', id: 4, parent: 1 },
    ],
    found: ['shop>cart 2/1', 'shop>mail 1/0'],
  },
  {
    name: 'a host that nobody answers for',
    spans: [{ of: 'shop', id: 1, kind: client, peer: 'ext:api.pay', isFailed: true }],
    found: ['shop>ext:api.pay 1/1'],
  },
  {
    name: 'a host that turns out to be a service',
    spans: [
      { of: 'shop', id: 1, kind: client, peer: 'ext:10.0.0.7' },
      { of: 'cart', id: 2, parent: 1, kind: server },
    ],
    found: ['shop>cart 1/0'],
  },
  {
    name: 'a host whose service answers below spans of the caller',
    spans: [
      { of: 'shop', id: 1, kind: client, peer: 'ext:10.0.0.7' },
      { of: 'shop', id: 2, parent: 1, kind: internal },
      { of: 'shop', id: 3, parent: 2, kind: internal },
      { of: 'cart', id: 4, parent: 3, kind: server },
    ],
    found: ['shop>cart 1/0'],
  },
  {
    name: 'a service that calls itself by an address',
    spans: [
      { of: 'shop', id: 1, kind: client, peer: 'ext:10.0.0.7' },
      { of: 'shop', id: 2, parent: 1, kind: server },
    ],
    found: [],
  },
  {
    name: 'a database, at once, whatever its driver does inside',
    spans: [
      { of: 'cart', id: 1, kind: client, peer: 'db:orders' },
      { of: 'cart', id: 2, parent: 1, kind: internal },
    ],
    found: ['cart>db:orders 1/0'],
  },
  {
    name: 'a producer and a consumer by parent',
    spans: [
      { of: 'cart', id: 1, kind: producer },
      { of: 'mail', id: 2, parent: 1, kind: consumer },
    ],
    found: ['cart>mail 1/0'],
  },
  {
    name: 'a producer and a consumer by link',
    spans: [
      { of: 'cart', id: 1, kind: producer },
      { of: 'mail', trace: 2, id: 2, kind: consumer, link: { trace: 1, id: 1 } },
    ],
    found: ['cart>mail 1/0'],
  },
  {
    name: 'a link that says what the parent says',
    spans: [
      { of: 'cart', id: 1, kind: producer },
      { of: 'mail', id: 2, parent: 1, kind: consumer, link: { trace: 1, id: 1 } },
    ],
    found: ['cart>mail 1/0'],
  },
  {
    name: 'both sides of a queue by its name, and who is behind it by link',
    spans: [
      { of: 'cart', id: 1, kind: producer, peer: 'queue:kafka/pay' },
      { of: 'mail', trace: 2, id: 2, kind: consumer, peer: 'queue:kafka/pay', link: { trace: 1, id: 1 } },
      { of: 'till', trace: 3, id: 3, kind: client, peer: 'queue:kafka/pay', isReceiving: true },
    ],
    found: ['cart>mail 1/0', 'cart>queue:kafka/pay 1/0', 'queue:kafka/pay>mail 1/0', 'queue:kafka/pay>till 1/0'],
  },
  {
    name: 'equal span ids in other traces apart',
    spans: [
      { of: 'shop', trace: 1, id: 1 },
      { of: 'mail', trace: 2, id: 1 },
      { of: 'cart', trace: 2, id: 2, parent: 1 },
    ],
    found: ['mail>cart 1/0'],
  },
];

describe('MapInference', () => {
  it.each(cases)('finds $name', ({ spans, found }) => expect(edges(inferred(spans))).toEqual(found));

  it.each(cases)('finds $name, halves coming apart and backwards', ({ spans, found }) => {
    const apart = spans.map((span) => [span]);
    expect(edges(inferred(...apart))).toEqual(found);
    expect(edges(inferred(...apart.reverse()))).toEqual(found);
    expect(edges(inferred([...spans].reverse()))).toEqual(found);
  });

  it('times a call by the far side where that was seen, else by the near one', () => {
    const map = inferred([
      { of: 'shop', id: 1, kind: client, peer: 'ext:a', lasts: 100 },
      { of: 'cart', id: 2, parent: 1, kind: server, lasts: 40 },
      { of: 'shop', id: 3, kind: client, peer: 'ext:b', lasts: 70 },
    ]).map();
    const p50 = (callee: string) => map.edges.find((edge) => edge.callee === callee)!.p50Ms!;
    expect(Math.abs(p50('cart') / 40 - 1)).toBeLessThan(0.03);
    expect(Math.abs(p50('ext:b') / 70 - 1)).toBeLessThan(0.03);
    expect(map.services.map(({ name, kind }) => `${name} ${kind}`)).toEqual(['cart service', 'ext:b external', 'shop service']);
  });

  it('waits for the other half as long as senders may take, not for ever', () => {
    const child: Words = { of: 'cart', id: 2, parent: 1 };
    const parent: Words = { of: 'shop', id: 1 };
    const foundAfter = (otherMs: number, ms: number) => {
      const map = new MapInference();
      map.spans(batchOf([child]), start);
      map.spans(batchOf([{ of: 'mail', trace: 7, id: 7 }]), start + otherMs);
      map.spans(batchOf([parent]), start + ms);
      return edges(map);
    };
    expect(foundAfter(7_000, 14_000)).toEqual(['shop>cart 1/0']);
    expect(foundAfter(65_000, 70_000)).toEqual(['shop>cart 1/0']);
    expect(foundAfter(150_000, 300_000)).toEqual([]);
  });

  it('names hosts that are services by the directory, by name and by the first part of a name', () => {
    const calls: Words[] = ['ext:10.0.0.7', 'ext:cart', 'ext:cart.shop.svc', 'ext:cart.example.org', 'ext:other'].map((peer, i) => ({
      of: 'front',
      id: i + 1,
      kind: client,
      peer,
    }));
    const directory = [{ name: 'cart', addresses: ['10.0.0.7'], ports: [] }];
    expect(edges(inferred(calls), directory)).toEqual(['front>cart 4/0', 'front>ext:other 1/0']);
    expect(edges(inferred(calls)).length).toBe(5);
  });

  it('takes edges that a mesh reports, and keeps both sources where spans say the same', () => {
    const map = inferred([
      { of: 'shop', id: 1 },
      { of: 'cart', id: 2, parent: 1 },
    ]);
    const resource = { service: 'mesh', instance: null, version: null };
    const point = (labels: Record<string, string>) => ({ resource, name: 'calls', unit: null, labels, timeMs: start, value: 1 });
    map.points([point({ client: 'shop', server: 'cart' }), point({ client: 'a', server: 'b' }), point({ client: 'a', server: 'a' })]);
    expect(map.map().edges.map(({ caller, callee, sources }) => [caller, callee, ...sources])).toEqual([
      ['a', 'b', 'metric'],
      ['shop', 'cart', 'span', 'metric'],
    ]);
  });
});
