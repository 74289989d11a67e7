/** Long arithmetic stops now and then, and its answer does not depend on that. */
import { expect, it } from 'vitest';
import { atOnce, inSlices, rowsAStep, type Steps, stretches } from '../../src/domain/steps.ts';

function* counted(to: number): Steps<number> {
  let sum = 0;
  for (let i = 1; i <= to; i++) {
    sum += i;
    yield;
  }
  return sum;
}

it('answers the same at once and in slices, and waits at the stops where it is asked to', async () => {
  const order: string[] = [];
  let stops = 0;
  const breathe = () => {
    stops++;
    if (stops !== 2) return undefined;
    return new Promise<void>((resolve) => setImmediate(resolve)).then(() => void order.push('waited'));
  };
  setImmediate(() => order.push('loop'));
  expect(await inSlices(counted(4), breathe)).toBe(atOnce(counted(4)));
  expect({ stops, order }).toEqual({ stops: 4, order: ['loop', 'waited'] });
});

it('cuts rows into stretches that leave none out', () => {
  expect([...stretches(0)]).toEqual([]);
  expect([...stretches(2 * rowsAStep + 1)]).toEqual([
    [0, rowsAStep],
    [rowsAStep, 2 * rowsAStep],
    [2 * rowsAStep, 2 * rowsAStep + 1],
  ]);
});
