/** The gate: one pass over the recorded incidents where they are beside the checkout, and a seeded sample of injected ones. */
import { describe, expect, it } from 'vitest';
import { allInjections } from './all-injections.ts';
import { answerOf } from './answer.ts';
import { blindCases } from './blind/index.ts';
import { blindTwoCases } from './blind-two/index.ts';
import { evaluate } from './evaluate.ts';
import { type Case, recordedCases, recordedSets } from './folder.ts';
import { landedBlind, landedFirst, landedInjected } from './landed.ts';
import { failureList, setTable } from './page.ts';
import { seeded } from './random.ts';
import { tally } from './score.ts';
import { cutAtAlert } from './transforms.ts';

/** They take a minute on a free machine. */
const patienceMs = 10 * 60_000;
const recorded = recordedSets.filter((set) => recordedCases(set).length > 0);

describe.skipIf(recorded.length === 0)('recorded incidents (skipped where the recordings are not beside the checkout)', () => {
  it.each(recorded)(
    '%s has not fallen below what has landed',
    async (set) => {
      const scored = await evaluate(recordedCases(set));
      console.info(`${setTable(scored)}\n${failureList(scored)}`);
      expect(tally(scored).right).toBeGreaterThanOrEqual(landedFirst[set]!);
    },
    patienceMs,
  );
});

describe.skipIf(!recorded.includes('crca'))('a recording held in memory', () => {
  it('is answered as from its folder', async () => {
    for (const one of recordedCases('crca').slice(0, 4)) {
      const folder = one.read();
      const [disk, memory] = [await answerOf(folder), await answerOf(cutAtAlert(folder))];
      expect({ ...memory, elapsedMs: 0 }).toEqual({ ...disk, elapsedMs: 0 });
    }
  });
});

describe('a sample of injected incidents', () => {
  const cases = seeded('gate').shuffled(allInjections(1));
  const take = (count: number, fits: (one: Case) => boolean) => {
    const taken: Case[] = [];
    for (const one of cases) if (taken.length < count && fits(one)) taken.push(one);
    return taken;
  };

  it(
    'names the service for most faults that touch ten requests or more, and is seldom sure of a wrong one',
    async () => {
      const scored = await evaluate(take(48, ({ truth, affected }) => truth.services.length > 0 && (affected === null || affected >= 10)));
      console.info(setTable(scored));
      const { n, right, confidentWrong } = tally(scored);
      expect(right / n).toBeGreaterThanOrEqual(landedInjected.first);
      expect(confidentWrong / n).toBeLessThanOrEqual(landedInjected.confidentWrong);
    },
    patienceMs,
  );

  it(
    'accuses nobody in quiet windows',
    async () => {
      const { n, right } = tally(await evaluate(take(16, ({ truth }) => truth.services.length === 0)));
      expect(right / n).toBeGreaterThanOrEqual(landedInjected.quiet);
    },
    patienceMs,
  );
});

describe('a sample of worlds that the authors of the rules did not write', () => {
  it.each([
    { author: 'first', cases: blindCases(1), floor: landedBlind.first },
    { author: 'second', cases: blindTwoCases(), floor: landedBlind.second },
  ])(
    'is answered as well as has landed: by the $author author',
    async ({ cases, floor }) => {
      const scored = await evaluate(seeded('blind gate').shuffled(cases).slice(0, 30));
      console.info(setTable(scored));
      const { n, right } = tally(scored);
      expect(right / n).toBeGreaterThanOrEqual(floor);
    },
    patienceMs,
  );
});
