/**
 * The recorded incidents once as they are and once under each transform; prints how many answers are lost.
 *
 *   npm run accuracy:robustness -- [--sets tt,cob] [--no-page]
 */
import { parseArgs } from 'node:util';
import { evaluate } from './evaluate.ts';
import { type Case, recordedCases, recordedSets } from './folder.ts';
import { writePage } from './page-file.ts';
import { tally } from './score.ts';
import { cutAtAlert, type Transform, transforms } from './transforms.ts';

const { values } = parseArgs({
  options: { sets: { type: 'string', default: recordedSets.join(',') }, 'no-page': { type: 'boolean', default: false } },
});
const sets = values.sets.split(',').filter((set) => recordedCases(set).length > 0);

function under(one: Case, transform: Transform | null): Case {
  return {
    ...one,
    read: () => {
      const folder = cutAtAlert(one.read());
      return transform === null ? folder : transform.apply(folder, one.truth);
    },
  };
}

const rows: string[] = [];
for (const transform of [null, ...transforms]) {
  const cells: string[] = [];
  for (const set of sets) {
    const { right, n, confidentWrong } = tally(await evaluate(recordedCases(set).map((one) => under(one, transform))));
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
if (!values['no-page'] && sets.length === recordedSets.length) writePage('robustness', text);
