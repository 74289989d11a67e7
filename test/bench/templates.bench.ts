/**
 * Lines a second of the template miner beside a faithful Drain with regular-expression masks, in the same run, in turns; and
 * how the cost of a line grows with ten times the templates. Answers are checked before any clock counts. Every pass has other
 * numbers in its lines, so that nothing is fast only because it was seen before. Run: bun test/bench/templates.bench.ts
 */
import { createMiner } from '../../src/domain/templates/miner.ts';
import { groupingAccuracy, sampleLines, sampleNames } from '../domain/templates/sample-logs.ts';
import { Drain } from './drain.ts';

const floorRatio = 2;
const growthLimit = 1.3;
const passes = 7;

interface Miner {
  add(line: string): number;
}

/** A line with its numbers changed, the same way for each miner. */
function varied(line: string, pass: number): string {
  return line.replace(/\d+/g, (digits) =>
    digits.length > 9 ? digits : String((Number(digits) + pass) % 10 ** digits.length).padStart(digits.length, '1'),
  );
}

function linesPerSecond(miner: Miner, lines: readonly string[]): number {
  const startedAt = performance.now();
  for (const line of lines) miner.add(line);
  return (lines.length / (performance.now() - startedAt)) * 1000;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!;
}

/** Made-up lines of so many templates: words by number, values that change. */
function synthetic(templates: number, lines: number, pass: number): string[] {
  const word = (n: number) => [...String(n)].map((digit) => 'bcdfghklmn'[Number(digit)]).join('aoeiu'[n % 5]);
  return Array.from({ length: lines }, (_, row) => {
    const kind = (row * 7919) % templates;
    return `${word(kind)} ${word(kind * 3 + 1)} request ${row + pass} from 10.1.${row % 250}.7:${row % 60000} took ${row % 900} ms in ${word(kind * 7 + 2)}`;
  });
}

function checkAnswers(): void {
  for (const name of sampleNames) {
    const lines = sampleLines(name);
    const truth = lines.map((line) => line.event);
    const miner = createMiner();
    const numbers = lines.map((line) => miner.add(line.content)).map((number) => miner.canonical(number));
    const drain = new Drain();
    const ours = groupingAccuracy(truth, numbers);
    const floor = groupingAccuracy(
      truth,
      lines.map((line) => drain.add(line.content)),
    );
    console.log(`${name.padEnd(10)} grouping accuracy ${ours.toFixed(3)}, Drain ${floor.toFixed(3)}`);
    if (ours < floor) throw new Error(`${name}: the answer is worse than the floor's; no speed counts`);
  }
}

function measureRatio(): number {
  const all = sampleNames.flatMap((name) => sampleLines(name).map((line) => line.content));
  const lines = all.length > 0 ? all : synthetic(200, 20_000, 0);
  const ours = createMiner();
  const floor = new Drain();
  const rates: { ours: number; floor: number }[] = [];
  for (let pass = 0; pass < passes; pass++) {
    const fresh = lines.map((line) => varied(line, pass));
    rates.push({ floor: linesPerSecond(floor, fresh), ours: linesPerSecond(ours, fresh) });
  }
  const measured = rates.slice(2);
  const ratio = median(measured.map((rate) => rate.ours / rate.floor));
  const show = (value: number) => `${Math.round(value / 1000)}k lines/s`;
  console.log(
    `miner ${show(median(measured.map((rate) => rate.ours)))}, Drain ${show(median(measured.map((rate) => rate.floor)))}, ratio ${ratio.toFixed(1)}`,
  );
  return ratio;
}

function measureGrowth(): number {
  const few = createMiner();
  const many = createMiner();
  const growths: number[] = [];
  for (let pass = 0; pass < passes; pass++) {
    const rate = (miner: Miner, templates: number) => linesPerSecond(miner, synthetic(templates, 50_000, pass));
    growths.push(rate(few, 500) / rate(many, 5000));
  }
  const growth = median(growths.slice(2));
  console.log(`cost of a line with 5,000 templates over 500: ${growth.toFixed(2)} (${few.size} and ${many.size} numbers given)`);
  return growth;
}

checkAnswers();
const ratio = measureRatio();
const growth = measureGrowth();
if (ratio < floorRatio) throw new Error(`only ${ratio.toFixed(1)} times Drain's lines a second, ${floorRatio} wanted`);
if (growth > growthLimit) throw new Error(`cost grew ${growth.toFixed(2)} times with ten times the templates, ${growthLimit} allowed`);
