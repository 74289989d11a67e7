import { expect, it } from 'vitest';
import { alwaysOurs, ownPace } from '../../src/pipeline/alone.ts';
import { paceContract } from './pace-contract.ts';

paceContract('the pace of one process', ownPace);

it('has its turn from start to stop where it is alone', async () => {
  const turns = alwaysOurs();
  const said: string[] = [];
  turns.during(async (signal) => {
    said.push('begins');
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    said.push('ends');
  });
  expect([turns.isOurs(), said]).toEqual([true, []]);
  turns.start();
  expect(said).toEqual(['begins']);
  await turns.stop();
  expect(said).toEqual(['begins', 'ends']);
});
