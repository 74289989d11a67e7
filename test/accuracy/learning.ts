/**
 * What people's verdicts are worth: simulated people judge injected incidents, and what is learned is scored on others. Reads
 * each incident once (what a ranking saw is kept in the temp folder for as long as the sources that see stay the same), then
 * learns along many courses, both in several processes. Writes docs/learning.md.
 *
 *   npm run learning -- [--cases N] [--courses N] [--processes N] [--no-page] [--scenarios] [--choosing]
 *
 * `--scenarios` writes the built-in scenarios anew, from cases that no course uses. `--choosing` runs on the incidents on
 * which constants are chosen, and writes no page.
 */
import { spawn } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { builtInScenarios } from '../../src/domain/learning/scenarios.ts';
import { allInjections, choosingInjections } from './all-injections.ts';
import { courses, type Kind, kinds, type Result, scenarioText, splitOff, usableOf } from './courses.ts';
import { type Case, recordedCases, recordedSets } from './folder.ts';
import { keptCases, keptFile, type Part, readCases, sourcesThatSee } from './kept-features.ts';
import { learningPage } from './learning-page.ts';
import { seeded } from './random.ts';
import { type Prepared, preparedOf } from './taught.ts';

const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: '2458' },
    courses: { type: 'string', default: '30' },
    processes: { type: 'string', default: '2' },
    'no-page': { type: 'boolean', default: false },
    scenarios: { type: 'boolean', default: false },
    choosing: { type: 'boolean', default: false },
    // What a run starts for itself: one of its readers, or of those who go along courses.
    read: { type: 'string' },
    learn: { type: 'string' },
    'seen-by': { type: 'string' },
  },
});
const of = Number(values.processes);
const seenBy = values['seen-by'] ?? sourcesThatSee();

const lists: { readonly name: string; readonly cases: () => Case[] }[] = values.choosing
  ? [{ name: 'choosing', cases: () => seeded('choosing').shuffled(choosingInjections()) }]
  : [
      { name: 'injected', cases: () => seeded('learning').shuffled(allInjections(2)).slice(0, Number(values.cases)) },
      { name: 'recorded', cases: () => recordedSets.flatMap(recordedCases) },
    ];

async function read(part: Part): Promise<void> {
  for (const { name, cases } of lists)
    await readCases(cases(), keptFile(name, seenBy), part, (index) => {
      if (index % 100 === part.number) console.log(`${name}: ${index} incidents read`);
    });
}

const allKinds = Object.keys(kinds) as Kind[];
const resultFile = (number: number) => `${keptFile('results', seenBy)}.${number}.json`;

/** Along the courses of every so manieth kind. */
function learn(number: number, injected: readonly Prepared[], recorded: readonly Prepared[]): void {
  const results = allKinds.flatMap((kind, index) => {
    if (index % of !== number) return [];
    const result = courses(kind, Number(values.courses), injected, recorded, builtInScenarios());
    console.log(kind, JSON.stringify(result.summary));
    return [[kind, result]];
  });
  writeFileSync(resultFile(number), JSON.stringify(results));
}

/** This program again, once for each part; throws when one of them fails. */
async function inParts(task: 'read' | 'learn'): Promise<void> {
  const own = process.argv.slice(2);
  await Promise.all(
    Array.from({ length: of }, async (_, number) => {
      const child = spawn(process.execPath, [import.meta.filename, ...own, `--${task}`, String(number), '--seen-by', seenBy], {
        stdio: 'inherit',
      });
      const code = await new Promise((resolve) => child.once('exit', resolve));
      if (code !== 0) throw new Error(`part ${number} of ${task} ended with ${code}`);
    }),
  );
}

function prepared(): { injected: Prepared[]; recorded: Prepared[] } {
  const [injected = [], recorded = []] = lists.map(({ name }) => keptCases(keptFile(name, seenBy), Number(values.cases)).map(preparedOf));
  return { injected, recorded };
}

async function report(): Promise<void> {
  const begun = Date.now();
  const tellTime = (what: string) => console.log(`${what} after ${((Date.now() - begun) / 1_000).toFixed(0)} s`);
  await inParts('read');
  tellTime('read');
  const { injected, recorded } = prepared();
  const { own, rest } = splitOff(injected);
  if (values.scenarios) {
    writeFileSync(join(import.meta.dirname, '../../src/domain/learning/scenarios.ts'), scenarioText(own));
    return;
  }
  await inParts('learn');
  tellTime('learned');
  const found = Array.from({ length: of }, (_, number) => {
    const file = resultFile(number);
    const part = JSON.parse(readFileSync(file, 'utf8')) as [Kind, Result][];
    rmSync(file);
    return part;
  }).flat();
  const results = new Map(allKinds.map((kind) => [kind, found.find(([other]) => other === kind)![1]]));
  const counts = { injected: injected.length, recorded: recorded.length, used: rest.length, scenarios: own.length };
  const page = learningPage(results, counts);
  console.log(page);
  if (!values['no-page'] && !values.choosing) writeFileSync(join(import.meta.dirname, '../../docs/learning.md'), page);
}

if (values.read !== undefined) await read({ number: Number(values.read), of });
else if (values.learn !== undefined) {
  const { injected, recorded } = prepared();
  learn(Number(values.learn), values.choosing ? usableOf(injected) : splitOff(injected).rest, recorded);
} else await report();
