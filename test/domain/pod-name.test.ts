import { expect, it } from 'vitest';
import { workloadOf } from '../../src/domain/pod-name.ts';

it.each([
  ['cart-6c9f7d8b54-x2x9z', 'cart'],
  ['price-feed-7bz4kqx9tw-q8zxk', 'price-feed'],
  ['cart-6c9', 'cart'],
  ['orders-db-0', 'orders-db'],
  ['fluent-bit-x2x9z', 'fluent-bit'],
  ['mail-service-gate1', 'mail-service-gate1'],
  ['redis-cluster1-proxy', 'redis-cluster1-proxy'],
  ['auth-v12-cache', 'auth-v12-cache'],
  ['order-facade-nginx', 'order-facade-nginx'],
  ['cart', 'cart'],
  ['v2-api', 'v2-api'],
])('%s is of %s', (pod, workload) => {
  expect(workloadOf(pod)).toBe(workload);
});
