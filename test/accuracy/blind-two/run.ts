/**
 * Scores the worlds of the second author, by form and half; only failures of the open half are told one by one.
 *
 *   node test/accuracy/blind-two/run.ts [--only WORD] [--half open|closed] [--report]   (--report: the product's own words under each open failure)
 */
import { parseArgs } from 'node:util';
import { replay } from '../../../src/cli/replay.ts';
import { answerOf, recordingOf } from '../answer.ts';
import { judge, type Scored } from '../score.ts';
import { blindTwoCases } from './index.ts';

const { values } = parseArgs({
  options: { only: { type: 'string', default: '' }, half: { type: 'string' }, report: { type: 'boolean', default: false } },
});
const tools = {
  fetch: () => Promise.reject(new Error('offline')),
  now: () => 0,
  log: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
};

const scored: Scored[] = [];
for (const one of blindTwoCases()) {
  if (values.half !== undefined && one.half !== values.half) continue;
  if (!`${one.set} ${one.truth.fault} ${one.truth.services}`.includes(values.only)) continue;
  const folder = one.read();
  const result = judge(one, folder.name, await answerOf(folder), {});
  scored.push(result);
  if (one.half === 'closed' || result.guess) continue;
  const said = result.answer.hypotheses.map(
    ({ service, changeService, kind, confidence }) =>
      `${service}${changeService === null ? '' : `(${changeService})`} ${kind} ${confidence.toFixed(2)}`,
  );
  console.log(
    `${folder.name}: wanted ${one.truth.services.join('|') || 'nobody'} -> ${result.answer.verdict} ${said.slice(0, 4).join(', ')}`,
  );
  if (!values.report) continue;
  const { context } = await replay(recordingOf(folder), tools);
  for (const hypothesis of context.hypotheses.slice(0, 3)) console.log(`    ${hypothesis.service}: ${hypothesis.summary}`);
  for (const [id, { service, text }] of Object.entries(context.evidence).slice(0, 14)) console.log(`      ${id} ${service}: ${text}`);
}

const first = ({ answer }: Scored) => answer.hypotheses[0]?.confidence ?? 0;
const row = (name: string, of: readonly Scored[]) => {
  const count = (holds: (one: Scored) => boolean) => of.filter(holds).length;
  const calm = ({ truth }: Scored) => truth.services.length === 0;
  console.log(
    `${name.padEnd(36)} n ${of.length}  first ${count((one) => one.guess)}  first three ${count((one) => one.inThree)}  above 0.5 and wrong ${count((one) => (calm(one) || !one.guess) && first(one) > 0.5)}  quiet ${count(({ answer }) => answer.verdict !== 'cause')}`,
  );
};
for (const half of ['open', 'closed'] as const)
  for (const set of new Set(scored.map((one) => one.set))) {
    const of = scored.filter((one) => one.half === half && one.set === set);
    if (of.length > 0) row(`${half} ${set}`, of);
  }
