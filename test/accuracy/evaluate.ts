/** Asks about cases one after the other and scores the answers. */
import { answerOf } from './answer.ts';
import type { Case } from './folder.ts';
import { plainAnswers } from './plain-rules.ts';
import { judge, type Scored } from './score.ts';

/** Cases whose fault touched no request are no cases: nothing happened in them. */
export async function evaluate(cases: readonly Case[], onScored: (scored: Scored) => void = () => {}): Promise<Scored[]> {
  const results: Scored[] = [];
  for (const one of cases) {
    if (one.truth.services.length > 0 && one.affected === 0) continue;
    const folder = one.read();
    const scored = judge(one, folder.name, await answerOf(folder), plainAnswers(folder));
    results.push(scored);
    onScored(scored);
  }
  return results;
}
