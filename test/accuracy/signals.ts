/**
 * What each signal is worth: the cases are read into the product's store once, then ranked without each signal in turn, and
 * with each alone. Prints the table and writes it into docs/accuracy.md.
 *
 *   npm run accuracy:signals -- [--sample N] [--no-page]      N injected cases, drawn by a seed (default 240)
 */
import { parseArgs } from 'node:util';
import { initialWeights, type Weights } from '../../src/domain/feedback.ts';
import { rank } from '../../src/domain/ranking/rank.ts';
import { signalWeights } from '../../src/domain/ranking/suspicion.ts';
import { createTelemetry, lookbackMs } from '../../src/telemetry.ts';
import type { Signal } from '../../src/ports.ts';
import { allInjections } from './all-injections.ts';
import { recordingOf } from './recording-of.ts';
import { type Case, type IncidentFolder, recordedCases, recordedSets } from './folder.ts';
import { writePage } from './page-file.ts';
import { seeded } from './random.ts';
import { type Answer, judge, type Scored, tally } from './score.ts';

const { values } = parseArgs({ options: { sample: { type: 'string', default: '240' }, 'no-page': { type: 'boolean', default: false } } });

const names = Object.keys(signalWeights);
const kinds: readonly Signal[] = ['traces', 'logs', 'metrics'];

const without = (signal: string): Weights => ({ ...initialWeights, signals: { [signal]: 0 } });
const only = (signal: string): Weights => ({
  ...initialWeights,
  signals: Object.fromEntries(names.map((name) => [name, name === signal ? 1 : 0])),
});

interface Variant {
  readonly name: string;
  readonly weights: Weights;
}
const variants: readonly Variant[] = [
  { name: 'all signals', weights: initialWeights },
  ...names.map((name) => ({ name: `without ${name}`, weights: without(name) })),
  ...names.map((name) => ({ name: `only ${name}`, weights: only(name) })),
];

/** The answers to one folder under every variant. */
async function answersOf(folder: IncidentFolder): Promise<Answer[]> {
  const recording = recordingOf(folder);
  const now = () => folder.alertAt;
  const telemetry = createTelemetry({ file: null, now, windowMinutes: 24 * 60, maxBytes: 4 * 2 ** 30 });
  try {
    if (recording.directory.length > 0) await telemetry.know(recording.directory);
    for (const kind of kinds) for (const body of recording.bodies(kind)) await telemetry.ingest(kind, body, 'json');
    await telemetry.advance(folder.alertAt, []);
    const { map, baseline, directory } = await telemetry.knowledge();
    const window = await telemetry.window({ fromMs: folder.alertAt - lookbackMs, toMs: folder.alertAt + 1 });
    return variants.map(({ weights }) => {
      const { verdict, hypotheses } = rank({
        incidentId: folder.name,
        window,
        baseline,
        map,
        directory,
        changes: recording.changes.filter(({ startedAt }) => startedAt <= folder.alertAt),
        weights,
        alertAt: folder.alertAt,
        focus: { service: null, correlationIds: [] },
      });
      const named = hypotheses.map(({ service, kind, confidence, change }) => ({
        service,
        kind,
        confidence,
        changeService: change?.service ?? null,
      }));
      return { verdict, hypotheses: named, elapsedMs: 0 };
    });
  } finally {
    await telemetry.close();
  }
}

const injected = seeded('signals')
  .shuffled(allInjections(1))
  .filter(({ truth, affected }) => truth.services.length === 0 || affected === null || affected >= 10)
  .slice(0, Number(values.sample));
const cases: Case[] = [...recordedSets.flatMap(recordedCases), ...injected];
const scored: Scored[][] = variants.map(() => []);
for (const one of cases) {
  const folder = one.read();
  for (const [index, answer] of (await answersOf(folder)).entries()) scored[index]!.push(judge(one, folder.name, answer, {}));
}

const isRecorded = (set: string) => (recordedSets as readonly string[]).includes(set);
const groups: readonly (readonly [string, (one: Scored) => boolean])[] = [
  ...recordedSets.map((set) => [set, (one: Scored) => one.set === set] as const),
  ['injected, open', ({ set, half, truth }) => !isRecorded(set) && half === 'open' && truth.services.length > 0],
  ['injected, closed', ({ set, half, truth }) => !isRecorded(set) && half === 'closed' && truth.services.length > 0],
  ['quiet, open', ({ set, half, truth }) => !isRecorded(set) && half === 'open' && truth.services.length === 0],
  ['quiet, closed', ({ set, half, truth }) => !isRecorded(set) && half === 'closed' && truth.services.length === 0],
];
const shown = groups.filter(([, fits]) => scored[0]!.some(fits));
const rows = variants.map(({ name }, index) => {
  const cells = shown.map(([, fits]) => {
    const { right, n } = tally(scored[index]!.filter(fits));
    return `${right}/${n}`;
  });
  return `| ${name} | ${cells.join(' | ')} |`;
});
const text = [
  '## What each signal is worth',
  `First with verdict cause (quiet windows: nobody accused); all recorded cases and ${injected.length} injected ones of ten requests or more.`,
  [`| ranking with | ${shown.map(([name]) => name).join(' | ')} |`, `|---|${shown.map(() => '---').join('|')}|`, ...rows].join('\n'),
].join('\n\n');
console.log(text);
if (!values['no-page']) writePage('signals', text);
