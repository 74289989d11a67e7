/**
 * How often the ranking names the right service. Prints the tables and writes them into docs/accuracy.md.
 *
 *   npm run accuracy                          the recorded incidents, where they are beside the checkout
 *   npm run accuracy -- --inject              faults injected into normal telemetry, and the worlds without a normal period
 *   ... --rounds N  --sample N  --seed S      more of them; only so many of them, drawn by a seed
 *   ... --only WORD  --verbose  --no-page     only names that hold a word; every answer; leave the page alone
 *   ... --calibrate                           write what each level of confidence was worth into the product
 *   ... --processes N                         as many at once (2)
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { allInjections } from './all-injections.ts';
import { blindCases } from './blind/index.ts';
import { blindTwoCases } from './blind-two/index.ts';
import { calibrationLevels, crossValidatedError, transferError, writeCalibration } from './calibrate.ts';
import { evaluate } from './evaluate.ts';
import { type Case, recordedCases, recordedSets } from './folder.ts';
import { barTable, blindTable, calibrationTable, failureList, kindTable, pairTable, setTable } from './page.ts';
import { type PagePart, writePage } from './page-file.ts';
import { seeded } from './random.ts';
import type { Scored } from './score.ts';

const { values } = parseArgs({
  options: {
    inject: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '1' },
    sample: { type: 'string' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
    verbose: { type: 'boolean', default: false },
    calibrate: { type: 'boolean', default: false },
    'no-page': { type: 'boolean', default: false },
    processes: { type: 'string', default: '2' },
    // What a run starts for itself: the part it asks about, and where it leaves the answers.
    part: { type: 'string' },
    into: { type: 'string' },
  },
});
const processes = Number(values.processes);

function show(one: Scored): void {
  const said = one.answer.hypotheses.slice(0, 3).map(({ service, kind, confidence }) => `${service} ${confidence.toFixed(2)} ${kind}`);
  const size = one.affected === null ? '' : ` (${one.affected})`;
  if (one.half === 'closed') console.log(`${one.right ? 'right' : 'wrong'} closed ${one.set} ${one.truth.fault}${size}`);
  else console.log(`${one.right ? 'right' : 'wrong'} ${one.name}${size} -> ${one.answer.verdict} ${said.join(', ')}`);
}

async function recorded(): Promise<string | null> {
  const cases = recordedSets.flatMap(recordedCases);
  if (cases.length === 0) {
    console.log('The recorded incidents are not beside the checkout: nothing to score.');
    return null;
  }
  const scored = await evaluate(cases, values.verbose ? show : undefined);
  return [
    '## Recorded incidents',
    'Confident and wrong: 0.8 or more on the wrong service. The last columns are plain rules on the same cases. Two services of `cob` are the closed half.',
    setTable(scored),
    calibrationTable(scored),
    '### Missed',
    failureList(scored),
  ].join('\n\n');
}

/** What was asked for of a list, and that share of a sample. */
function chosen(list: readonly Case[], share: number): readonly Case[] {
  const { only, sample } = values;
  const named = only === undefined ? list : list.filter(({ set, truth }) => set.includes(only) || truth.fault.includes(only));
  return sample === undefined
    ? named
    : seeded(values.seed)
        .shuffled(named)
        .slice(0, Math.ceil(share * Number(sample)));
}

const rounds = Number(values.rounds);

/** The lists of an injected run: ours, and those of authors who had not read the rules. */
const lists = () => [chosen(allInjections(rounds), 1), chosen([...blindCases(rounds), ...blindTwoCases()], 1 / 4)] as const;

type Answers = readonly (readonly [list: number, index: number, scored: Scored])[];

/** Asks about every so manieth case and leaves the answers in a file. */
async function answerPart(part: number, into: string): Promise<void> {
  const answers: [number, number, Scored][] = [];
  for (const [list, cases] of lists().entries())
    for (const [index, one] of cases.entries()) {
      if (index % processes !== part) continue;
      for (const scored of await evaluate([one], values.verbose ? show : undefined)) answers.push([list, index, scored]);
    }
  writeFileSync(into, JSON.stringify(answers));
}

/** This program again, once for each part; throws when one of them fails. */
async function inParts(): Promise<Answers> {
  const folder = mkdtempSync(join(tmpdir(), 'tracepulse-accuracy-'));
  const parts = Array.from({ length: processes }, async (_, part) => {
    const into = join(folder, `${part}.json`);
    const args = [import.meta.filename, ...process.argv.slice(2), '--part', `${part}`, '--into', into];
    const child = spawn(process.execPath, args, { stdio: 'inherit' });
    const code = await new Promise((resolve) => child.once('exit', resolve));
    if (code !== 0) throw new Error(`part ${part} ended with ${code}`);
    return JSON.parse(readFileSync(into, 'utf8')) as Answers;
  });
  try {
    return (await Promise.all(parts)).flat().sort(([a, i], [b, j]) => a - b || i - j);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function injected(): Promise<string> {
  const answers = await inParts();
  const [scored, blind] = [0, 1].map((wanted) => answers.flatMap(([list, , one]) => (list === wanted ? [one] : []))) as [
    Scored[],
    Scored[],
  ];
  if (values.calibrate) await calibrate(scored);
  return [
    '## Injected faults',
    `${scored.length} incidents made from normal telemetry (${rounds} round${rounds > 1 ? 's' : ''}): each fault at each service in turn, with other traffic in the incident than in the normal period; systems broken since their start-up; releases; quiet windows. Services and systems are split into an open half, for design, and a closed half that is only counted.`,
    barTable(scored),
    pairTable(scored),
    setTable(scored),
    kindTable(scored),
    calibrationTable(scored),
    `Confidence as the report words it, services of each fifth read by the table of the others: mean error ${crossValidatedError(scored).toFixed(3)}.`,
    '### Blind worlds',
    'Systems invented by two authors who had not read the rules (`test/accuracy/blind/`; forms that begin with "two" are the second author\'s, `blind-two/`), right first whatever the number of requests; quiet is no cause said.',
    blindTable(blind),
    '### Missed in the open half',
    failureList(scored.filter(({ affected }) => affected === null || affected === 0 || affected >= 10)),
  ].join('\n\n');
}

async function calibrate(scored: readonly Scored[]): Promise<void> {
  const levels = calibrationLevels(scored);
  writeCalibration(levels);
  const unseen = await evaluate(recordedSets.flatMap(recordedCases));
  console.log(`Confidence as worded, mean error on the recorded incidents: ${transferError(levels, unseen).toFixed(3)}`);
}

async function report(): Promise<void> {
  const part: PagePart = values.inject ? 'injected' : 'recorded';
  const text = values.inject ? await injected() : await recorded();
  if (text === null) return;
  console.log(text);
  const whole = values.only === undefined && values.sample === undefined;
  if (whole && !values['no-page']) writePage(part, text);
}

if (values.part !== undefined && values.into !== undefined) await answerPart(Number(values.part), values.into);
else await report();
