/**
 * How long the recorded incidents take, where they are beside the checkout: each case by the command in a process of its own
 * (start, reading the files, answer), and all of them one after the other in one process (reading and answer; ranking alone).
 * Run: bun test/bench/replay.bench.ts
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { replay } from '../../src/cli/replay.ts';
import { recordedSets, recordingsRoot } from '../accuracy/folder.ts';
import { quantile, table, writeSection } from './page.ts';

const quiet = { debug() {}, info() {}, warn() {}, error() {} };
const tools = { fetch: () => Promise.reject(new Error('an offline investigation asks nobody')), now: () => 0, log: quiet };
const launcher = join(import.meta.dirname, '../../bin/tracepulse.mjs');
/** What is asked of `tt`: a case in less than this at the 95th percentile, and of the ranking of any. */
const bars = { replayMs: 1_000, rankMs: 150 };

interface Timed {
  readonly set: string;
  readonly commandMs: number;
  readonly replayMs: number;
  readonly rankMs: number;
}

async function timed(set: string, folder: string): Promise<Timed> {
  const begun = performance.now();
  const { status, stdout } = spawnSync(process.execPath, [launcher, 'replay', folder, '--json'], { encoding: 'utf8' });
  const commandMs = performance.now() - begun;
  const { context, elapsedMs } = await replay(folder, tools);
  const said = JSON.parse(stdout) as { verdict: string; hypotheses: { service: string }[] };
  if (status !== 0 || said.verdict !== context.verdict || said.hypotheses[0]?.service !== context.hypotheses[0]?.service)
    throw new Error(`${folder}: the command and the product disagree: no speed counts`);
  return { set, commandMs, replayMs: elapsedMs, rankMs: context.timings['rank'] ?? Number.NaN };
}

const results: Timed[] = [];
for (const set of recordedSets) {
  if (!existsSync(join(recordingsRoot, set))) continue;
  for (const id of readdirSync(join(recordingsRoot, set)).sort())
    if (existsSync(join(recordingsRoot, set, id, 'alert.json'))) results.push(await timed(set, join(recordingsRoot, set, id)));
}
if (results.length === 0) console.log('The recorded incidents are not beside the checkout: nothing to measure.');
else {
  const rows = recordedSets.map((set) => {
    const of = results.filter((one) => one.set === set);
    const cells = (values: readonly number[]) => [0.5, 0.95, 1].map((part) => `${quantile(values, part).toFixed(0)}`).join(' / ');
    return [
      set,
      of.length,
      cells(of.map((one) => one.commandMs)),
      cells(of.map((one) => one.replayMs)),
      cells(of.map((one) => one.rankMs)),
    ];
  });
  const text = [
    '## Replay of the recorded incidents',
    'Median / 95th percentile / slowest, in ms. Command: `tracepulse replay DIR --json` as a process of its own, its start and the reading of the files included; then all in one process: reading and answering, and the ranking alone.',
    table(['set', 'cases', 'command', 'in one process', 'ranking'], rows),
  ].join('\n\n');
  console.log(text);
  writeSection('replay', 'bun test/bench/replay.bench.ts', text);
  const tt = quantile(
    results.filter(({ set }) => set === 'tt').map(({ commandMs }) => commandMs),
    0.95,
  );
  const rank = Math.max(...results.map(({ rankMs }) => rankMs));
  if (tt > bars.replayMs || rank > bars.rankMs)
    throw new Error(`a tt case takes ${tt.toFixed(0)} ms (p95), a ranking up to ${rank.toFixed(0)} ms`);
}
