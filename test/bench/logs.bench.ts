/**
 * Log lines taken in, with all that it means (decoded, mined for templates, stored, told to the map, the body kept), beside
 * `JSON.parse` of the same bodies, which are those of recorded incidents. In turns, the median of the ratios of each turn; digits
 * differ from turn to turn, and lines are counted at the end. Before each measurement garbage is collected, so that none pays for
 * another's, and after each body the event loop goes round, as it does between two requests. Then what a thread of its own for mining could bring: what mining
 * takes of the whole, and what it takes to hand the lines over. Run: bun test/bench/logs.bench.ts [lines a turn, default 20000] [--write]
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { createMiner } from '../../src/domain/templates/miner.ts';
import { createTelemetry } from '../../src/telemetry.ts';
import { median, table, writeSection } from './page.ts';
import { atLeast, sayVerdicts } from './verdicts.ts';

const size = Number(process.argv.slice(2).find((argument) => /^\d+$/.test(argument)) ?? 20_000);
const turns = 9;
/** Not measured: what the server's code has become after them is what it is. */
const warmTurns = 4;
const incidents = join(import.meta.dirname, '../../../shared/incidents');
if (!existsSync(incidents)) {
  console.log('The recorded incidents do not lie beside the checkout: not measured.');
  process.exit(0);
}

interface Line {
  timeUnixNano?: string;
  body?: { stringValue?: string };
}
interface Body {
  resourceLogs: { scopeLogs: { logRecords: Line[] }[] }[];
}
const recordsOf = (body: Body) => body.resourceLogs.flatMap(({ scopeLogs }) => scopeLogs.flatMap(({ logRecords }) => logRecords));

/** Bodies as they were recorded until there are lines enough; of each set some. */
function recorded(): { bodies: Body[]; lines: number } {
  const bodies: Body[] = [];
  let lines = 0;
  const cases = ['tt', 'dtl', 'cob', 'crca'].map((set) =>
    readdirSync(join(incidents, set))
      .map((name) => join(incidents, set, name, 'logs.jsonl.gz'))
      .filter(existsSync),
  );
  for (let i = 0; lines < size; i++) {
    const round = cases.flatMap((files) => files[i] ?? []);
    if (round.length === 0) break;
    for (const file of round) {
      let ofThis = 0;
      for (const text of gunzipSync(readFileSync(file)).toString().split('\n')) {
        if (text === '' || ofThis > size / 8 || lines >= size) continue;
        const body = JSON.parse(text) as Body;
        const count = recordsOf(body).length;
        bodies.push(body);
        ofThis += count;
        lines += count;
      }
    }
  }
  return { bodies, lines };
}

const now = 1_790_000_000_000;
/** Other digits and times of now: nothing is known from the turn before, nothing is too old. */
function variedBytes(bodies: readonly Body[], turn: number): Uint8Array[] {
  let at = 0;
  return bodies.map((body) => {
    const copy = structuredClone(body);
    for (const record of recordsOf(copy)) {
      record.timeUnixNano = `${now - 60_000 + (at++ % 60_000)}000000`;
      if (record.body?.stringValue !== undefined)
        record.body.stringValue = record.body.stringValue.replace(/\d+/g, (digits) =>
          digits.length > 9 ? digits : String((Number(digits) + turn) % 10 ** digits.length).padStart(digits.length, '1'),
        );
    }
    return new TextEncoder().encode(JSON.stringify(copy));
  });
}

const { bodies, lines } = recorded();
const telemetry = createTelemetry({ file: null, now: () => now, windowMinutes: 60, maxBytes: 2 ** 31 });
const decoder = new TextDecoder();
const costs = { parse: [] as number[], intake: [] as number[], mining: [] as number[], handing: [] as number[] };
/** µs a line, by the clock. */
async function measure<Item>(what: keyof typeof costs, items: readonly Item[], act: (item: Item) => unknown): Promise<void> {
  (globalThis as { Bun?: { gc(force: boolean): void } }).Bun?.gc(true);
  const from = performance.now();
  for (const item of items) {
    await act(item);
    await nextTurn();
  }
  costs[what].push((1_000 * (performance.now() - from)) / lines);
}
const miner = createMiner();
let characters = 0;
for (let turn = 0; turn < warmTurns + turns; turn++) {
  const sent = variedBytes(bodies, turn);
  const texts = sent.map((body) => recordsOf(JSON.parse(decoder.decode(body)) as Body).map(({ body: text }) => text?.stringValue ?? ''));
  characters = texts.flat().reduce((sum, text) => sum + text.length, 0);
  await measure('parse', sent, (body) => JSON.parse(decoder.decode(body)));
  await measure('intake', sent, (body) => telemetry.ingest('logs', body, 'json'));
  await measure('mining', texts, (list) => {
    for (const text of list) miner.add(text);
  });
  // What postMessage does on both sides, without the way between them.
  await measure('handing', texts, (list) => structuredClone(list));
}
const { logs } = telemetry.stats();
const sentLines = (warmTurns + turns) * lines;
if (logs !== sentLines) throw new Error(`sent ${sentLines} lines, kept ${logs}`);
await telemetry.close();

for (const list of Object.values(costs)) list.splice(0, warmTurns);
const ratio = median(costs.intake.map((cost, turn) => costs.parse[turn]! / cost));
const share = median(costs.intake.map((cost, turn) => costs.mining[turn]! / cost));
const handed = median(costs.intake.map((cost, turn) => costs.handing[turn]! / cost));
const micro = (name: keyof typeof costs) => `${median(costs[name]).toFixed(2)} µs`;
const text = `## Intake of log lines

${lines} lines of ${Math.round(characters / lines)} characters on average in ${bodies.length} recorded bodies, ${turns} turns with other digits in each, after ${warmTurns} that are not measured.

${table(
  ['what', 'a line', 'beside the intake'],
  [
    ['JSON.parse alone', micro('parse'), `${ratio.toFixed(2)} (bar 0.15)`],
    ['taken in, templates mined', micro('intake'), '1'],
    ['mining alone', micro('mining'), share.toFixed(2)],
    ['handing the lines to another thread', micro('handing'), handed.toFixed(2)],
  ],
)}`;
console.log(text);
if (process.argv.includes('--write')) writeSection('logs', 'bun test/bench/logs.bench.ts --write', text);
sayVerdicts([atLeast('log intake with mining, beside JSON.parse alone', ratio, 0.15)]);
