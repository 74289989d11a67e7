/**
 * The recorded incidents once as they are and once under each transform; prints how many answers are lost.
 *
 *   npm run accuracy:robustness -- [--sets tt,cob] [--told 'clock|twice'] [--no-page]
 *
 * Ends with 1 when an answer is lost where nothing is.
 */
import { parseArgs } from 'node:util';
import { evaluate } from './evaluate.ts';
import { type Case, recordedCases, recordedSets } from './folder.ts';
import { writePage } from './page-file.ts';
import { tally } from './score.ts';
import { told, type Transform, transforms } from './transforms.ts';

const { values } = parseArgs({
  options: {
    sets: { type: 'string', default: recordedSets.join(',') },
    told: { type: 'string', default: '' },
    'no-page': { type: 'boolean', default: false },
  },
});
const sets = values.sets.split(',').filter((set) => recordedCases(set).length > 0);

function under(one: Case, transform: Transform | null): Case {
  return { ...one, read: () => told(one.read(), one.truth, transform) };
}

const rows: string[] = [];
const asRecorded = new Map<string, number>();
let lost = 0;
for (const transform of [null, ...transforms.filter(({ name }) => new RegExp(values.told).test(name))]) {
  const cells: string[] = [];
  for (const set of sets) {
    const { right, n, confidentWrong } = tally(await evaluate(recordedCases(set).map((one) => under(one, transform))));
    if (transform === null) asRecorded.set(set, right);
    if (transform?.isLossless) lost += Math.max(0, (asRecorded.get(set) ?? 0) - right);
    cells.push(`${right}/${n}${confidentWrong > 0 ? ` (${confidentWrong} wrong and sure)` : ''}`);
  }
  const row = `| ${transform?.name ?? 'as recorded'} | ${transform?.isLossless === false ? 'yes' : 'no'} | ${cells.join(' | ')} |`;
  rows.push(row);
  console.log(row);
}
const text = [
  '## Told worse',
  'The recorded incidents with the same facts told worse; where nothing is lost, no answer may be.',
  [`| told | loses something | ${sets.join(' | ')} |`, `|---|---|${sets.map(() => '---').join('|')}|`, ...rows].join('\n'),
].join('\n\n');
if (!values['no-page'] && values.told === '' && sets.length === recordedSets.length) writePage('robustness', text);
if (lost > 0) console.log(`${lost} answers are lost although nothing else is`);
process.exitCode = lost > 0 ? 1 : 0;
