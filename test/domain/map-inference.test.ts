import { describe, expect, it } from 'vitest';
import { mapDot } from '../../src/domain/map-dot.ts';
import { MapInference } from '../../src/domain/map-inference.ts';
import type { LogRecord } from '../../src/domain/records.ts';
import { idWords, parentIdAt, SpanBatch, spanIdAt } from '../../src/domain/span-batch.ts';
import { peerKind, spanKind, spanStatus } from '../../src/domain/telemetry.ts';

const { client, server, internal, producer, consumer } = spanKind;
const day = 86_400_000;
const start = 1_700_000_000_000;

interface Words {
  readonly of: string;
  readonly trace?: number;
  readonly id: number;
  readonly parent?: number;
  readonly kind?: number;
  readonly peer?: string;
  readonly isFailed?: boolean;
  readonly at?: number;
  readonly lasts?: number;
  readonly link?: { readonly trace: number; readonly id: number };
  readonly version?: string;
  readonly isReceiving?: boolean;
}

function kindOf(peer: string): number {
  if (peer.startsWith('db:')) return peerKind.database;
  if (peer.startsWith('queue:')) return peerKind.queue;
  return peer.startsWith('ext:') ? peerKind.host : peerKind.service;
}

function batchOf(spans: readonly Words[]): SpanBatch {
  const batch = new SpanBatch();
  for (const { of, trace = 1, id, parent = 0, kind = 0, peer, isFailed, at = 0, lasts = 10, link, version, isReceiving } of spans) {
    const columns = batch.room();
    const row = batch.length++;
    columns.ids.set([trace, 0, 0, 1], row * idWords);
    columns.ids.set([0, id], row * idWords + spanIdAt);
    columns.ids.set([0, parent], row * idWords + parentIdAt);
    columns.startMs[row] = start + at;
    columns.durationMs[row] = lasts;
    columns.resource[row] = batch.resources.push({ service: of, instance: null, version: version ?? null }) - 1;
    columns.kind[row] = kind;
    columns.status[row] = isFailed ? spanStatus.error : spanStatus.unset;
    columns.peer[row] = peer === undefined ? -1 : batch.texts.id(peer);
    columns.peerKind[row] = peer === undefined ? peerKind.none : kindOf(peer);
    columns.isReceiving[row] = isReceiving || kind === consumer ? 1 : 0;
    columns.isKnown[row] = 0;
    if (link !== undefined) batch.links.set(row, Int32Array.from([link.trace, 0, 0, 1, 0, link.id]));
  }
  return batch;
}

/** Takes each list at once, a second after the one before. */
function inferred(...lists: (readonly Words[])[]): MapInference {
  const map = new MapInference();
  lists.forEach((spans, i) => {
    map.spans(batchOf(spans), start + i * 1_000);
  });
  return map;
}

const edges = (map: MapInference, directory: Parameters<MapInference['map']>[0] = []) =>
  map.map(directory).edges.map(({ caller, callee, calls, errors }) => `${caller}>${callee} ${calls}/${errors}`);

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

  it('says of a service when it was seen, as what and where, in whatever order that is told', () => {
    const told: Words[] = Array.from({ length: 12 }, (_, i) => ({ of: 'shop', id: i + 1, at: i * 100, version: `v${i}` }));
    const newest = Array.from({ length: 8 }, (_, i) => `v${11 - i}`);
    for (const spans of [told, [...told].reverse()])
      expect(inferred(...spans.map((span) => [span])).map().services).toMatchObject([
        { name: 'shop', firstSeenAt: start, lastSeenAt: start + 1_100, versions: newest },
      ]);
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

  it('leaves out what is marked as known', () => {
    const batch = batchOf([
      { of: 'shop', id: 1 },
      { of: 'cart', id: 2, parent: 1 },
      { of: 'cart', id: 3, parent: 1 },
    ]);
    batch.columns.isKnown[2] = 1;
    const map = new MapInference();
    map.spans(batch, start);
    expect(edges(map)).toEqual(['shop>cart 1/0']);
  });

  it('is the same after a restart and counts on', () => {
    const before = inferred([
      { of: 'shop', id: 1, kind: client, peer: 'db:x', version: 'v1' },
      { of: 'shop', id: 2 },
      { of: 'cart', id: 3, parent: 2, isFailed: true },
    ]);
    const after = MapInference.restore(JSON.parse(JSON.stringify(before.snapshot())));
    expect(after.map()).toEqual(before.map());
    after.spans(
      batchOf([
        { of: 'shop', trace: 2, id: 2 },
        { of: 'cart', trace: 2, id: 3, parent: 2 },
      ]),
      start,
    );
    expect(edges(after)).toEqual(['shop>cart 2/1', 'shop>db:x 1/0']);
  });

  it('forgets what was not seen for a week and keeps the rest', () => {
    const map = inferred([
      { of: 'old', id: 1 },
      { of: 'older', id: 2, parent: 1 },
      { of: 'new', id: 3, at: 5 * day },
      { of: 'newer', id: 4, parent: 3, at: 5 * day },
    ]);
    map.age(start + 8 * day);
    expect(map.map().services.map(({ name }) => name)).toEqual(['new', 'newer']);
    expect(edges(map)).toEqual(['new>newer 1/0']);
  });

  it('has room for services that speak, however many peers are named', () => {
    const map = inferred(
      Array.from({ length: 2_500 }, (_, i) => ({ of: 'shop', id: i + 1, kind: client, peer: `ext:10.0.${i >> 8}.${i & 255}` })),
      [
        { of: 'cart', trace: 3, id: 1 },
        { of: 'mail', trace: 3, id: 2, parent: 1 },
      ],
    );
    expect(map.map().services.length).toBe(2_003);
    expect(edges(map)).toContain('cart>mail 1/0');
  });

  it('holds a bounded number of halves, the latest', () => {
    const many = (from: number, count: number) =>
      Array.from({ length: count }, (_, i): Words => ({ of: 'flood', trace: 9, id: from + i, parent: 1_000_000_000 }));
    const map = new MapInference();
    map.spans(batchOf([{ of: 'shop', id: 1 }]), start);
    for (let i = 0; i < 9; i++) map.spans(batchOf(many(1 + i * 40_000, 40_000)), start);
    map.spans(
      batchOf([
        { of: 'cart', id: 2, parent: 1 },
        { of: 'mail', id: 3, parent: 2 },
      ]),
      start,
    );
    expect(edges(map)).toEqual(['cart>mail 1/0']);
  });
});

describe('log lines', () => {
  const line = (service: string, id: string | null, at: number, text = 'done', severity = 9): LogRecord => ({
    resource: { service, instance: null, version: null },
    timeMs: start + at,
    severity,
    text,
    traceId: null,
    spanId: null,
    component: null,
    correlationId: id,
  });
  const request = (id: string, at: number) => [line('shop', id, at), line('cart', id, at + 10), line('shop', id, at + 30)];
  const drawn = (map: MapInference, directory: Parameters<MapInference['map']>[0] = []) =>
    map.map(directory).edges.map(({ caller, callee, calls, sources }) => `${caller} → ${callee} ${calls} ${sources.join()}`);

  it('that share a request id are calls, with the direction that time gives them', () => {
    const map = new MapInference();
    map.lines(
      ['a', 'b', 'c', 'd'].flatMap((id, i) => request(id, 1000 * i)),
      start,
    );
    expect(drawn(map)).toEqual([]);
    for (const later of [40_000, 80_000]) map.lines([], start + later);
    expect(drawn(map)).toEqual(['shop → cart 4 log']);
  });

  it('are not asked about calls of services that send spans', () => {
    const map = new MapInference();
    map.spans(batchOf([{ of: 'cart', id: 7 }]), start);
    map.lines(
      ['a', 'b', 'c', 'd'].flatMap((id, i) => request(id, 1000 * i)),
      start,
    );
    for (const later of [40_000, 80_000]) map.lines([], start + later);
    expect(drawn(map)).toEqual([]);
  });

  it('that say who could not be reached name a callee, where a service is known by that name or address', () => {
    const map = new MapInference();
    const refused = (to: string, severity: number) => line('shop', null, 0, `dial tcp ${to}: connect: connection refused`, severity);
    map.lines([refused('10.0.0.7:8080', 17), refused('ledger:9000', 17), refused('10.0.0.9:8080', 17), refused('quiet:80', 9)], start);
    const directory = [
      { name: 'cart', addresses: ['10.0.0.7'], ports: [8080] },
      { name: 'ledger', addresses: [], ports: [] },
      { name: 'quiet', addresses: [], ports: [] },
    ];
    expect(drawn(map, directory)).toEqual(['shop → cart 0 log', 'shop → ledger 0 log']);
    expect(map.map(directory).services.map(({ name }) => name)).not.toContain('ext:10.0.0.9');
  });
});

describe('parts of a service', () => {
  const wrote = (component: string, at: number): LogRecord => ({
    resource: { service: 'shop', instance: null, version: null },
    timeMs: start + at,
    severity: 9,
    text: 'done',
    traceId: null,
    spanId: null,
    component,
    correlationId: null,
  });
  const shop = (map: MapInference) => map.map().services.find(({ name }) => name === 'shop');

  it('are what its lines and spans name, libraries left out, where there are several', () => {
    const map = new MapInference();
    map.lines([wrote('shop.cart', 1), wrote('@opentelemetry/instrumentation-http', 2)], start);
    expect(shop(map)).not.toHaveProperty('components');
    const batch = batchOf([{ of: 'shop', id: 1 }]);
    batch.columns.component[0] = batch.texts.id('shop.billing');
    map.spans(batch, start);
    expect(shop(map)?.components).toEqual(['shop.billing', 'shop.cart']);
    expect(MapInference.restore(map.snapshot()).map()).toEqual(map.map());
  });

  it('are drawn where they are asked for', () => {
    const map = new MapInference();
    map.lines([wrote('shop.cart', 1), wrote('say "hi"', 2)], start);
    expect(mapDot(map.map(), true)).toContain('"shop" [shape=box, label="shop\\n· say \\"hi\\"\\n· shop.cart"];');
    expect(mapDot(map.map())).toContain('"shop" [shape=box];');
  });
});
