/** A small seeded course of what `npm run learning` measures at length: people help poor weights, and liars do little harm. */
import { expect, it } from 'vitest';
import { builtInScenarios } from '../../src/domain/learning/scenarios.ts';
import { rightIn } from '../../src/domain/learning/contest.ts';
import { courses } from './courses.ts';
import { examineCase } from './kept-features.ts';
import { quietWindows, singleFaults, tracedWorlds } from './injections.ts';
import { seeded } from './random.ts';
import { preparedOf } from './taught.ts';

/** Two systems that write no log lines, which are read in a third of the time. */
const worlds = tracedWorlds().filter(({ name }) => name === 'made-2' || name === 'made-4');
const cases = seeded('small course').shuffled(worlds.flatMap((world) => [...singleFaults(world, 7), ...quietWindows(world, 8)]));

it('learns from honest people what poor weights got wrong, and loses little to hostile ones', async () => {
  const kept = [];
  for (const [index, one] of cases.entries()) kept.push(await examineCase(one, index));
  const pool = kept.flatMap((one) => (one === null || one.suspects.length === 0 ? [] : [preparedOf(one)]));
  const last = (kind: Parameters<typeof courses>[0], count: number) => {
    const { summary, tuned } = courses(kind, count, pool, [], builtInScenarios());
    return { before: summary[0]![1], after: summary.at(-1)![1], tuned: tuned.reduce((sum, one) => sum + one, 0) / tuned.length };
  };
  const poor = last('honest, from poor weights', 10);
  console.info(poor);
  expect(poor.tuned).toBeGreaterThan(poor.before);
  expect((poor.after - poor.before) / (poor.tuned - poor.before)).toBeGreaterThan(0.7);
  const tuned = last('20 % hostile, from the tuned weights', 5);
  expect(tuned.after).toBeGreaterThan(tuned.before - 0.02);
}, 600_000);

it('has built-in scenarios that the tuned weights get right', () => {
  const scenarios = builtInScenarios();
  expect(scenarios.length).toBe(100);
  expect(rightIn(scenarios, { signals: {}, leanings: {} }) / scenarios.length).toBeGreaterThan(0.9);
});
