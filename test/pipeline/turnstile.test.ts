/** Long arithmetic leaves room between. */
import { expect, it } from 'vitest';
import { createTurnstile } from '../../src/pipeline/turnstile.ts';

it('lets one through at a time, in order, and what waits in the event loop in between', async () => {
  const { pass } = createTurnstile();
  const order: string[] = [];
  let isOver = false;
  const beat = () => {
    order.push('loop');
    if (!isOver) setImmediate(beat);
  };
  setImmediate(beat);
  await Promise.all(['a', 'b', 'c'].map((name) => pass().then(() => order.push(name))));
  isOver = true;
  expect(order.filter((name) => name !== 'loop')).toEqual(['a', 'b', 'c']);
  const between = order.slice(order.indexOf('a'), order.indexOf('c'));
  expect(between.filter((name) => name === 'loop').length).toBeGreaterThanOrEqual(2);
});
