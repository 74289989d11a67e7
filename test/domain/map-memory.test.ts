/** What a map remembers of services and calls, for how long and how much, and that a restart takes nothing from it. */
import { describe, expect, it } from 'vitest';
import { MapInference } from '../../src/domain/map-inference.ts';
import { spanKind } from '../../src/domain/telemetry.ts';
import { batchOf, edges, inferred, start, type Words } from './inferred-map.ts';

const { client } = spanKind;
const day = 86_400_000;

describe('MapInference', () => {
  it('says of a service when it was seen, as what and where, in whatever order that is told', () => {
    const told: Words[] = Array.from({ length: 12 }, (_, i) => ({ of: 'shop', id: i + 1, at: i * 100, version: `v${i}` }));
    const newest = Array.from({ length: 8 }, (_, i) => `v${11 - i}`);
    for (const spans of [told, [...told].reverse()])
      expect(inferred(...spans.map((span) => [span])).map().services).toMatchObject([
        { name: 'shop', firstSeenAt: start, lastSeenAt: start + 1_100, versions: newest },
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
