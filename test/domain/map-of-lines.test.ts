/** What log lines add to a map: calls where no spans are sent, callees that could not be reached, and parts of a service. */
import { describe, expect, it } from 'vitest';
import { mapDot } from '../../src/domain/map-dot.ts';
import { MapInference } from '../../src/domain/map-inference.ts';
import type { LogRecord } from '../../src/domain/records.ts';
import { batchOf, start } from './inferred-map.ts';

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
    hollowFields: null,
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
    hollowFields: null,
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
