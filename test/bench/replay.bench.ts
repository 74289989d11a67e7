/**
 * How long the recorded incidents take, where they are beside the checkout: one after the other in one process (reading and
 * answering; ranking alone), and some by the command in a process of its own (start, reading, answer).
 * Run: bun test/bench/replay.bench.ts
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { replay } from '../../src/cli/replay.ts';
import type { IncidentContext } from '../../src/domain/incident-context.ts';
import { recordedSets, recordingsRoot } from '../accuracy/folder.ts';
import { quantile, table, writeSection } from './page.ts';

const quiet = { debug() {}, info() {}, warn() {}, error() {} };
const tools = { fetch: () => Promise.reject(new Error('an offline investigation asks nobody')), now: () => 0, log: quiet };
const launcher = join(import.meta.dirname, '../../bin/tracepulse.mjs');
/** As many cases of a set are run as commands too; all of them in one process. */
const commands = 10;
/** What is asked of `tt`: a case with reading its files in less than this at the 95th percentile, and of any ranking alone. */
const bars = { replayMs: 1_000, rankMs: 150 };

interface Timed {
  readonly set: string;
  /** null: not run as a command. */
  readonly commandMs: number | null;
  readonly replayMs: number;
  readonly rankMs: number;
}

async function timed(set: string, folder: string, asCommand: boolean): Promise<Timed> {
  const { context, elapsedMs } = await replay(folder, tools);
  const commandMs = asCommand ? timedCommand(folder, context) : null;
  return { set, commandMs, replayMs: elapsedMs, rankMs: context.timings['rank'] ?? Number.NaN };
}

function timedCommand(folder: string, { verdict, hypotheses }: IncidentContext): number {
  const begun = performance.now();
  const { stdout } = spawnSync(process.execPath, [launcher, 'replay', folder, '--json'], { encoding: 'utf8' });
  const took = performance.now() - begun;
  const said = JSON.parse(stdout) as { verdict: string; hypotheses: { service: string }[] };
  if (said.verdict !== verdict || said.hypotheses[0]?.service !== hypotheses[0]?.service)
    throw new Error(`${folder}: the command and the product disagree: no speed counts`);
  return took;
}

const results: Timed[] = [];
for (const set of recordedSets) {
  if (!existsSync(join(recordingsRoot, set))) continue;
  for (const id of readdirSync(join(recordingsRoot, set)).sort())
    if (existsSync(join(recordingsRoot, set, id, 'alert.json'))) {
      const asCommand = results.filter((one) => one.set === set).length < commands;
      results.push(await timed(set, join(recordingsRoot, set, id), asCommand));
    }
}
if (results.length === 0) console.log('The recorded incidents are not beside the checkout: nothing to measure.');
else {
  const rows = recordedSets.map((set) => {
    const of = results.filter((one) => one.set === set);
    const cells = (values: readonly number[]) => [0.5, 0.95, 1].map((part) => `${quantile(values, part).toFixed(0)}`).join(' / ');
    return [
      set,
      of.length,
      cells(of.flatMap(({ commandMs }) => commandMs ?? [])),
      cells(of.map((one) => one.replayMs)),
      cells(of.map((one) => one.rankMs)),
    ];
  });
  const text = [
    '## Replay of the recorded incidents',
    `Median / 95th percentile / slowest, in ms. Command: \`tracepulse replay DIR --json\` as a process of its own for the first ${commands} of each set, its start and the reading of the files included; then all in one process: reading and answering, and the ranking alone.`,
    table(['set', 'cases', 'command', 'in one process', 'ranking'], rows),
  ].join('\n\n');
  console.log(text);
  writeSection('replay', 'bun test/bench/replay.bench.ts', text);
  const tt = quantile(
    results.filter(({ set }) => set === 'tt').map(({ replayMs }) => replayMs),
    0.95,
  );
  const rank = quantile(
    results.map(({ rankMs }) => rankMs),
    0.95,
  );
  if (tt > bars.replayMs || rank > bars.rankMs)
    throw new Error(`a tt case takes ${tt.toFixed(0)} ms (p95), a ranking ${rank.toFixed(0)} ms`);
}
