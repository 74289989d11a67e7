/**
 * Quiet windows of recorded traffic, half of them after only one or two normal minutes: other sessions than those learned
 * are no fault, and nobody may be accused above a half.
 */
import { expect, it } from 'vitest';
import { answerOf } from './answer.ts';
import { quietWindows, tracedWorlds } from './injections.ts';

const world = tracedWorlds().find(({ name }) => name === 'train-ticket');
/** They take a minute on a free machine. */
const patienceMs = 10 * 60_000;

it.skipIf(world === undefined)(
  'nobody is accused above a half (skipped where the recordings are not beside the checkout)',
  async () => {
    const accused: string[] = [];
    for (const one of quietWindows(world!, 50)) {
      const folder = one.read();
      const [first] = (await answerOf(folder)).hypotheses;
      if (first !== undefined && first.confidence > 0.5) accused.push(`${folder.name}: ${first.service} ${first.confidence}`);
    }
    expect(accused).toEqual([]);
  },
  patienceMs,
);
