/**
 * Recorded incidents told worse, a seeded few for each way of telling: where nothing is lost the answer is the same, and
 * where something is, a right answer does not become a wrong one that is sure. All of them: `npm run accuracy:robustness`.
 */
import { describe, expect, it } from 'vitest';
import { answerOf } from './answer.ts';
import { type Case, recordedCases, recordedSets } from './folder.ts';
import { seeded } from './random.ts';
import type { Answer } from './score.ts';
import { told, transforms } from './transforms.ts';

const isHere = recordedCases('tt').length > 0;
const perSet: Readonly<Record<(typeof recordedSets)[number], number>> = { tt: 1, dtl: 1, cob: 3, crca: 2, calm: 1 };
/** As in the scorer. */
const sure = 0.8;

const plain = new Map<Case, Promise<Answer>>();
function asRecorded(one: Case): Promise<Answer> {
  const answer = plain.get(one) ?? answerOf(told(one.read(), one.truth, null));
  plain.set(one, answer);
  return answer;
}

/** What the answer says, or what it says of nothing: who is guessed when nobody is named does not matter. */
const said = ({ verdict, hypotheses }: Answer): readonly unknown[] =>
  verdict === 'cause' ? [verdict, hypotheses[0]?.service, hypotheses[0]?.changeService] : [verdict];

const isWrong = ({ verdict, hypotheses }: Answer, { truth }: Case): boolean =>
  verdict === 'cause' && !truth.services.includes(hypotheses[0]?.service ?? '');
const isSureAndWrong = (answer: Answer, one: Case): boolean => isWrong(answer, one) && (answer.hypotheses[0]?.confidence ?? 0) >= sure;

describe.skipIf(!isHere)('told worse (skipped where the recorded incidents are not beside the checkout)', () => {
  const cases = isHere ? recordedSets.flatMap((set) => recordedCases(set)) : [];
  it.each(transforms)('$name', async (transform) => {
    const random = seeded(`robustness ${transform.name}`);
    const few = recordedSets.flatMap((set) => random.shuffled(cases.filter((one) => one.set === set)).slice(0, perSet[set]));
    for (const one of few) {
      const folder = one.read();
      const answer = await answerOf(told(folder, one.truth, transform));
      if (transform.isLossless) expect(said(answer), `${transform.name}: ${folder.name}`).toEqual(said(await asRecorded(one)));
      else if (isSureAndWrong(answer, one)) expect(isWrong(await asRecorded(one), one), `${transform.name}: ${folder.name}`).toBe(true);
    }
  });
});
