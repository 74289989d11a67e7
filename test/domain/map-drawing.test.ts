import { describe, expect, it } from 'vitest';
import { MapInference } from '../../src/domain/map-inference.ts';

const at = 1_700_000_000_000;
const counts = { calls: 9, errors: 1, p50Ms: 2, p95Ms: 4 };
const heard = (map: MapInference, service: string) => {
  const resource = { service, instance: null, version: null };
  map.lines(
    [
      {
        resource,
        timeMs: at,
        severity: 9,
        text: 'done',
        traceId: null,
        spanId: null,
        component: null,
        correlationId: null,
        hollowFields: null,
      },
    ],
    at,
  );
};

describe('names that others have for a service', () => {
  it('a list and a mesh give the plain name of what speaks for itself: one service', () => {
    const map = new MapInference();
    heard(map, 'shop/cart');
    map.reported([{ caller: 'front', callee: 'cart', ...counts }], at);
    const { services, edges } = map.map([{ name: 'cart', addresses: ['10.0.0.7'], ports: [80] }]);
    expect(services.map(({ name }) => name)).toEqual(['front', 'shop/cart']);
    expect(edges).toMatchObject([{ caller: 'front', callee: 'shop/cart', sources: ['mesh'], ...counts }]);
  });

  it('stay apart where two speak that have the same plain name', () => {
    const map = new MapInference();
    heard(map, 'shop/cart');
    heard(map, 'depot/cart');
    map.reported([{ caller: 'front', callee: 'cart', ...counts }], at);
    expect(map.map([{ name: 'cart', addresses: [], ports: [] }]).services.map(({ name }) => name)).toEqual([
      'cart',
      'depot/cart',
      'front',
      'shop/cart',
    ]);
  });

  it('of the outside are no services', () => {
    const map = new MapInference();
    map.reported([{ caller: 'front', callee: 'ext:api.pay.example', ...counts }], at);
    expect(map.map().services.map(({ name, kind }) => [name, kind])).toEqual([
      ['ext:api.pay.example', 'external'],
      ['front', 'service'],
    ]);
  });
});
