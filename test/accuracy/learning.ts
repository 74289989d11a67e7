/**
 * What people's verdicts are worth: simulated people judge injected incidents, and what is learned is scored on others. Reads
 * each incident once (features are kept in the temp folder), then learns along many courses. Writes docs/learning.md.
 *
 *   npm run learning -- [--cases N] [--courses N] [--no-page] [--scenarios]
 *
 * `--scenarios` writes the built-in scenarios anew, from cases that no course uses.
 */
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { builtInScenarios } from '../../src/domain/learning/scenarios.ts';
import { allInjections } from './all-injections.ts';
import { recordedCases, recordedSets } from './folder.ts';
import { keptCases } from './kept-features.ts';
import { seeded } from './random.ts';
import { courses, type Kind, kinds, scenarioText, splitOff } from './courses.ts';
import { learningPage } from './learning-page.ts';
import { preparedOf } from './taught.ts';

const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: '2458' },
    courses: { type: 'string', default: '40' },
    'no-page': { type: 'boolean', default: false },
    scenarios: { type: 'boolean', default: false },
  },
});
const wait = (done: number) => {
  if (done % 100 === 0) console.log(`${done} incidents read`);
};
const list = seeded('learning').shuffled(allInjections(2)).slice(0, Number(values.cases));
const injected = (await keptCases(list, join(tmpdir(), 'tracepulse-learning-injected.jsonl'), wait)).map(preparedOf);
const recorded = (await keptCases(recordedSets.flatMap(recordedCases), join(tmpdir(), 'tracepulse-learning-recorded.jsonl'), wait)).map(
  preparedOf,
);
const { own, rest } = splitOff(injected);

if (values.scenarios) writeFileSync(join(import.meta.dirname, '../../src/domain/learning/scenarios.ts'), scenarioText(own));
else {
  const results = new Map(
    (Object.keys(kinds) as Kind[]).map((kind) => {
      const result = courses(kind, Number(values.courses), rest, recorded, builtInScenarios());
      console.log(kind, JSON.stringify(result.summary));
      return [kind, result] as const;
    }),
  );
  const page = learningPage(results, { injected: injected.length, recorded: recorded.length, used: rest.length, scenarios: own.length });
  console.log(page);
  if (!values['no-page']) writeFileSync(join(import.meta.dirname, '../../docs/learning.md'), page);
}
