/**
 * How the cost of an investigation grows: windows of ten thousand, a hundred thousand and a million spans, half as many log
 * lines, over 300 services, one operation of which begins to fail five minutes before the alert. Each size runs in a process
 * of its own (growth-window.ts), and the answer is checked before any clock counts.
 * Run: bun test/bench/growth.bench.ts [spans ...]
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { faulty, type FrameKind, frameHead, frameKinds, type Measured, system, times } from './growth-world.ts';
import { bodiesOf } from './made-traffic.ts';
import { table, writeSection } from './page.ts';
import { atMost, sayVerdicts } from './verdicts.ts';

const passes = 5;
/** What is asked of the largest window. */
const bars = { spans: 1_000_000, rankMs: 3_000, peakMiB: 1_536 };
const linesPerSpan = 0.5;

function* sent(spans: number): Generator<{ kind: FrameKind; body: Uint8Array }> {
  const { normalFrom, from, faultFrom, alertAt } = times;
  const normal = Math.round((spans * (from - normalFrom)) / (alertAt - from));
  const fault = { operation: faulty, fromMs: faultFrom };
  for (const { traces, logs } of bodiesOf(system, {
    fromMs: normalFrom,
    toMs: from,
    spans: normal,
    linesPerSpan,
    fault: null,
    seed: 'normal',
  }))
    yield* [
      { kind: 'traces' as const, body: traces },
      { kind: 'logs' as const, body: logs },
    ];
  yield { kind: 'learn', body: new Uint8Array() };
  for (const { traces, logs } of bodiesOf(system, { fromMs: from, toMs: alertAt, spans, linesPerSpan, fault, seed: 'recent' }))
    yield* [
      { kind: 'traces' as const, body: traces },
      { kind: 'logs' as const, body: logs },
    ];
}

async function measured(spans: number): Promise<Measured> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'growth-window.ts'), String(passes)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const answer = text(child.stdout);
  for (const { kind, body } of sent(spans)) {
    const head = Buffer.alloc(frameHead);
    head[0] = frameKinds.indexOf(kind);
    head.writeUInt32LE(body.length, 1);
    child.stdin.write(head);
    if (!child.stdin.write(body)) await once(child.stdin, 'drain');
  }
  child.stdin.end();
  const output = await answer;
  if (output === '') throw new Error(`${spans} spans: not measured`);
  return JSON.parse(output) as Measured;
}

const total = ({ gatherMs, rankMs }: Measured) => gatherMs + rankMs;

function report(results: readonly Measured[]): string {
  const rows = results.map((one, index) => {
    const before = results[index - 1];
    return [
      one.spans,
      one.lines,
      `${one.gatherMs.toFixed(0)} ms`,
      `${one.rankMs.toFixed(0)} ms`,
      `${total(one).toFixed(0)} ms`,
      `${((1_000 * total(one)) / one.spans).toFixed(2)} µs`,
      before === undefined ? '' : (Math.log(total(one) / total(before)) / Math.log(one.spans / before.spans)).toFixed(2),
      `${one.intakeMiB.toFixed(0)} MiB`,
      `${one.peakMiB.toFixed(0)} MiB`,
    ];
  });
  return [
    '## Growth of an investigation',
    `A window of ${(times.alertAt - times.from) / 60_000} minutes over ${system.services.length} services, ${times.normalMinutes} minutes of the same traffic learned before it; one operation fails in the last five. Median of ${passes} runs after the one that is checked. Slope: growth of log time over growth of log spans, 1 is linear. Memory is the most the process ever had resident, up to the end of the intake and over all.`,
    table(['spans', 'log lines', 'gather', 'rank', 'both', 'a span', 'slope', 'after intake', 'peak'], rows),
  ].join('\n\n');
}

const sizes = process.argv.slice(2).map(Number);
const results: Measured[] = [];
for (const size of sizes.length > 0 ? sizes : [10_000, 100_000, bars.spans]) results.push(await measured(size));
const page = report(results);
console.log(page);
if (sizes.length === 0) writeSection('growth', 'bun test/bench/growth.bench.ts', page);
const verdicts = results.slice(1).map((one, i) => {
  // As if there were exactly ten times as many.
  const tenfold = (total(one) / total(results[i]!)) ** (1 / Math.log10(one.spans / results[i]!.spans));
  return atMost(`time of an investigation, ${one.spans} spans beside ${results[i]!.spans}`, tenfold, 11);
});
sayVerdicts(verdicts);
for (const one of results)
  if (one.spans >= bars.spans && (total(one) > bars.rankMs || one.peakMiB > bars.peakMiB))
    throw new Error(`${one.spans} spans take ${total(one).toFixed(0)} ms and ${one.peakMiB.toFixed(0)} MiB`);
