import { describe, expect, it } from 'vitest';
import { nearestName } from '../../src/domain/near-name.ts';

const names = ['payment', 'cart', 'ts-order-service', 'ts-order-other-service', 'Checkout'];

describe('nearestName', () => {
  it.each([
    { typed: 'payment', meant: 'payment', why: 'exact' },
    { typed: 'checkout', meant: 'Checkout', why: 'ignores case' },
    { typed: 'order', meant: 'ts-order-service', why: 'shortest name that holds it' },
    { typed: 'paymant', meant: 'payment', why: 'one letter wrong' },
    { typed: 'zookeeper', meant: null, why: 'nothing is near' },
    { typed: 'x', meant: null, why: 'one letter says nothing' },
  ])('$typed → $meant: $why', ({ typed, meant }) => expect(nearestName(typed, names)).toBe(meant));
});
