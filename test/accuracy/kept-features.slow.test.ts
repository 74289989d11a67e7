import { expect, it } from 'vitest';
import { initialWeights } from '../../src/domain/feedback.ts';
import { prepare, rankedAgain } from '../../src/domain/learning/replay.ts';
import { replay } from '../../src/cli/replay.ts';
import { recordingOf } from './recording-of.ts';
import { examineCase } from './kept-features.ts';
import { releaseCase } from './release-world.ts';
import { startupCase } from './startup-world.ts';
import { quietWindows, singleFaults, tracedWorlds } from './injections.ts';

const world = tracedWorlds().find(({ name }) => name === 'made-3')!;
const cases = [releaseCase('errors', 1), startupCase('none', 0), ...singleFaults(world, 0).slice(0, 4), ...quietWindows(world, 1)];
const tools = {
  fetch: () => Promise.reject(new Error('nobody is asked')),
  now: () => 0,
  log: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
};

it('weighs an incident again, from numbers alone, as it was ranked', async () => {
  let compared = 0;
  for (const [index, one] of cases.entries()) {
    const kept = await examineCase(one, index);
    if (kept === null) continue;
    const { context } = await replay(recordingOf(one.read()), tools);
    const prepared = prepare(kept.suspects);
    const again = rankedAgain(prepared, initialWeights).map(({ place, confidence }) => ({
      service: prepared.suspects[place]!.service,
      confidence,
    }));
    const listed = context.hypotheses.slice(0, 3);
    for (const { service, confidence } of listed) {
      expect(again.find((other) => other.service === service)?.confidence).toBeCloseTo(confidence, 2);
      compared++;
    }
    expect(again.slice(0, 1).map(({ service }) => service)).toEqual(listed.slice(0, 1).map(({ service }) => service));
  }
  expect(compared).toBeGreaterThan(4);
});
