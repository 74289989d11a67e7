/**
 * All benches, one after the other, each in a process of its own; their sections go to docs/benchmarks.md, and the bars with what
 * was measured to its head and to the screen. Run: npm run bench [-- NAME ...]
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { sectionRows, table, writeSection } from './page.ts';
import { standing, type Verdict, verdictsIn } from './verdicts.ts';

/** With the arguments that make each write its section. */
const benches: Readonly<Record<string, readonly string[]>> = {
  ingest: ['10000', '--write'],
  alerts: ['1500', '--write'],
  'first-call': ['--write'],
  logs: ['--write'],
  redis: ['--write'],
  growth: [],
  baseline: [],
  replay: [],
  templates: [],
  clients: [],
  start: ['--rounds', '5', '--idle', '3'],
};
/** Machines differ, and share: a run is stopped when it hangs, not when it is slow. */
const deadlineMs = 20 * 60_000;

const wanted = process.argv.slice(2);
for (const name of wanted) if (!(name in benches)) throw new Error(`there is no bench ${name}: ${Object.keys(benches).join(', ')}`);
const chosen = Object.entries(benches).filter(([name]) => wanted.length === 0 || wanted.includes(name));

const verdicts: (Verdict & { bench: string })[] = [];
const broken: string[] = [];
for (const [bench, args] of chosen) {
  process.stdout.write(`\n# ${bench}\n`);
  const child = spawn(process.execPath, [join(import.meta.dirname, `${bench}.bench.ts`), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: deadlineMs,
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const output = await text(child.stdout);
  process.stdout.write(output);
  for (const verdict of verdictsIn(output)) verdicts.push({ bench, ...verdict });
  if ((await ended) !== 0) broken.push(bench);
}

const shown = (value: number) => (Math.abs(value) >= 100 ? value.toFixed(0) : value.toFixed(2));
/** Rows of benches that were not run now stay as they are. */
const kept = sectionRows('bars').filter(([bench]) => !chosen.some(([name]) => name === bench));
const found = verdicts.map((one) => [one.bench, one.what, shown(one.measured), one.bar, standing(one)]);
const summary = `## Bars

What is asked, what was measured last, and whether it holds: medians of these machines differ by up to 15 % from run to run, and what misses its bar by less is said to be near. How and on what each was measured stands in the sections of this page.

${table(
  ['bench', 'bar', 'measured', 'asked', 'holds'],
  [...found, ...kept],
)}${broken.length > 0 ? `\n\nDid not end well: ${broken.join(', ')}.` : ''}`;
process.stdout.write(`\n${summary}\n`);
writeSection('bars', 'npm run bench', summary);
process.exitCode = broken.length > 0 ? 1 : 0;
