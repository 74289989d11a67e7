/** Putting moments in order must not depend on how they are spread. */
import { describe, expect, it } from 'vitest';
import { timeOrder } from '../../../src/adapters/telemetry/time-order.ts';

/** Numbers in [0, 1) that are the same each time. */
function drawn(count: number): number[] {
  let state = 7;
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  });
}

describe('timeOrder', () => {
  it.each([
    { name: 'nothing', times: [] },
    { name: 'one moment', times: [5] },
    { name: 'one moment again and again', times: [5, 5, 5] },
    { name: 'what is in order', times: [1, 2, 2, 3] },
    { name: 'what is in reverse', times: [9, 8, 7, 7, 1] },
    { name: 'much at one moment and one long ago', times: [0, ...drawn(200).map((part) => 1e12 + Math.floor(part * 5))] },
    { name: 'moments spread over a window, out of order here and there', times: drawn(3_000).map((part, i) => i * 10 + part * 400) },
  ])('orders $name, equal moments as they came', ({ times }) => {
    const expected = times.map((_, i) => i).sort((a, b) => times[a]! - times[b]! || a - b);
    expect([...timeOrder(Float64Array.from(times))]).toEqual(expected);
  });
});
