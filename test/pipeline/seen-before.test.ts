/** Earlier incidents that look alike are told of with what people said of them, and count for nothing else. */
import { expect, it } from 'vitest';
import { seenBefore } from '../../src/adapters/sinks/slack/lines.ts';
import { details } from '../../src/adapters/sinks/slack/details.ts';
import { recall } from '../../src/pipeline/look-up.ts';
import { context as aContext, evidence, hypothesis, incident } from '../adapters/sinks/slack/cards.ts';
import { aVote } from '../adapters/ledgers/samples.ts';
import { testProduct } from '../support/app.ts';

const alike = (id: string) => {
  const base = aContext({ hypotheses: [hypothesis()], evidence: { e1: evidence(), e2: evidence() } });
  return { ...base, incident: { ...base.incident, id } };
};

it('says what people said an earlier incident was, of those that look alike', async () => {
  const { ledger } = testProduct();
  for (const id of ['INC-1', 'INC-2', 'INC-3'])
    await ledger.commit({
      incidents: [incident({ id, revision: 1 })],
      reports: [{ incidentId: id, round: 1, rankedAt: 1, context: alike(id), features: {} }],
    });
  const { id: hypothesisId } = hypothesis();
  const said = aVote('v1', { hypothesisId, service: 'payment', note: 'it was the <!channel> pool size' });
  await ledger.commit({ votes: [said] });
  const similar = await recall(alike('INC-3'), ledger);
  expect(similar).toEqual([{ id: 'INC-1', likeness: expect.any(Number), service: hypothesis().service, note: said.note }]);
  const line = seenBefore({ ...alike('INC-3'), similar }, details[0]!);
  expect(line).toContain('Seen before: INC-1, it was *');
  expect(line).toContain('“it was the &lt;!channel&gt; pool size”');
  await ledger.commit({ votes: [{ ...said, id: 'v2', verdict: 'withdraw', note: null, at: said.at + 1 }] });
  expect(await recall(alike('INC-3'), ledger)).toEqual([]);
  expect(seenBefore(alike('INC-3'), details[0]!)).toBe('');
});
