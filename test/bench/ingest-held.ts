/** What a span costs and takes as more and more are held, and how long it takes to find and count them again. */
import { DatabaseSync } from 'node:sqlite';
import type { Telemetry } from '../../src/ports.ts';
import { createTelemetry } from '../../src/telemetry.ts';
import { median, quantile } from './page.ts';
import { requests } from './span-requests.ts';
import { atLeast, atMost, type Verdict } from './verdicts.ts';

const million = 1_000_000;
const step = 10_000;
const maxBytes = 4 * 2 ** 30;
type Row = [string, string, string];
const windows = 10;
const capBytes = 16 * 2 ** 20;

const open = (now: number) => createTelemetry({ file: null, now: () => now, windowMinutes: 60, maxBytes });
/** Lets the pool deliver what it has packed. */
const breath = () => new Promise((resolve) => setTimeout(resolve, 50));

/** µs a span. */
async function take(telemetry: Telemetry, shape: 'plain' | 'rich', spans: number, seed: number, startMs: number): Promise<number> {
  const bodies = requests(shape, spans, seed, startMs);
  const from = performance.now();
  for (const body of bodies) await telemetry.ingest('traces', body, 'json');
  const us = (1_000 * (performance.now() - from)) / spans;
  await breath();
  return us;
}

/** Slope of what is resident after the cap, in percent of it a window: the store is filled, then `windows` times over again. */
async function residentSlope(startMs: number): Promise<{ slope: number; after: number[] }> {
  const telemetry = createTelemetry({ file: null, now: () => startMs + 60_000, windowMinutes: 60, maxBytes: capBytes });
  let seed = 20_000;
  const fill = async () => {
    const before = telemetry.stats().dropped.spans;
    for (let sent = 0; sent < capBytes / 100 || telemetry.stats().dropped.spans === before; sent += step)
      await take(telemetry, 'plain', step, seed++, startMs);
  };
  // The collector and the allocator settle too.
  for (let i = 0; i < 4; i++) await fill();
  const after: number[] = [];
  for (let i = 0; i < windows; i++) {
    await fill();
    (globalThis as { Bun?: { gc(force: boolean): void } }).Bun?.gc(true);
    after.push(process.memoryUsage.rss());
    if (telemetry.stats().bytes > capBytes) throw new Error(`${telemetry.stats().bytes} bytes are held`);
  }
  const middle = (windows - 1) / 2;
  const mean = after.reduce((sum, value) => sum + value, 0) / windows;
  let [above, below] = [0, 0];
  for (const [i, value] of after.entries()) {
    above += (i - middle) * (value - mean);
    below += (i - middle) ** 2;
  }
  return { slope: (100 * above) / below / mean, after };
}

export async function heldRows(startMs: number): Promise<{ rows: Row[]; verdicts: Verdict[] }> {
  const warm = open(startMs + 60_000);
  for (let seed = 1; seed <= 10; seed++) await take(warm, 'plain', step, seed, startMs);
  const rich = open(startMs + 60_000);
  await take(rich, 'rich', 4 * step, 7, startMs);

  const telemetry = open(startMs + 60_000);
  const costs: number[] = [];
  for (let held = 0; held < million; held += step) costs.push(await take(telemetry, 'plain', step, 1_000 + held / step, startMs));
  const { spans, bytes } = telemetry.stats();
  if (spans !== million) throw new Error(`held ${spans}`);
  // A fresh store again, beside the full one: the machine's speed has changed since.
  const again: number[] = [];
  const late: number[] = [];
  for (let turn = 0; turn < 9; turn++) {
    const small = open(startMs + 60_000);
    await take(small, 'plain', step, 5_000 + turn, startMs);
    again.push(await take(small, 'plain', step, 6_000 + turn, startMs));
    late.push(await take(telemetry, 'plain', step, 7_000 + turn, startMs));
  }
  const growth = median(late.map((cost, turn) => cost / again[turn]!));
  const rest = rich.stats();
  const perPlain = bytes / spans;
  const perRich = rest.bytes / rest.spans;
  const traces = await traceRows(telemetry, startMs);
  const aggregate = await aggregateRow(telemetry, startMs);
  const { slope, after } = await residentSlope(startMs);
  const mib = (bytes: number) => (bytes / 2 ** 20).toFixed(0);
  const rows: Row[] = [
    ['memory of a plain span, its packed body among it', `${perPlain.toFixed(0)} B`, '<= 100 B'],
    ['memory of a span with 24 attributes', `${perRich.toFixed(0)} B`, '<= 400 B'],
    ['cost of a span with a million held, beside ten thousand held', growth.toFixed(2), '<= 1.30'],
    ...traces.rows,
    ['five-minute aggregate over columns, beside SQL over rows', `${aggregate.toFixed(0)} x`, '>= 20 x'],
    [
      `resident memory after a cap of ${mib(capBytes)} MiB, ${windows} windows: growth a window`,
      `${slope.toFixed(2)} % (${mib(after[0]!)} to ${mib(after.at(-1)!)} MiB)`,
      '<= 1 %',
    ],
  ];
  return {
    rows,
    verdicts: [
      atMost('memory of a plain span, bytes', perPlain, 100),
      atMost('memory of a span with 24 attributes, bytes', perRich, 400),
      atMost('cost of a span at a million held, beside ten thousand', growth, 1.3),
      atMost('a trace by its id, ms', traces.median, 1),
      atLeast('five-minute aggregate beside SQL over rows', aggregate, 20),
      atMost('growth of resident memory after the cap, % a window', slope, 1),
    ],
  };
}

async function traceRows(telemetry: Telemetry, startMs: number): Promise<{ rows: Row[]; median: number }> {
  const { spans } = await telemetry.window({ fromMs: startMs, toMs: startMs + 3_000 });
  const whole: number[] = [];
  for (let i = 0; i < 200; i++) {
    const id = spans.traceId(Math.floor((i * spans.length) / 200));
    const from = performance.now();
    const found = await telemetry.trace(id);
    whole.push(performance.now() - from);
    if (found.length !== 10) throw new Error(`trace ${id}: ${found.length} spans`);
  }
  const rows: Row[] = [
    ['a trace by its id, attributes read, a million held: median', `${median(whole).toFixed(2)} ms`, '<= 1 ms'],
    ['the same, 95 of 100', `${quantile(whole, 0.95).toFixed(2)} ms`, ''],
  ];
  return { rows, median: median(whole) };
}

/** Calls, time and errors a service over the whole stretch: from columns, and from rows in SQLite. */
async function aggregateRow(telemetry: Telemetry, startMs: number): Promise<number> {
  const stretch = { fromMs: startMs, toMs: startMs + 300_000 };
  const { spans } = await telemetry.window(stretch);
  const database = new DatabaseSync(':memory:');
  database.exec('CREATE TABLE span (start_ms REAL, service INTEGER, duration_ms REAL, status INTEGER); BEGIN');
  const insert = database.prepare('INSERT INTO span VALUES (?, ?, ?, ?)');
  for (let row = 0; row < spans.length; row++)
    insert.run(spans.startMs[row]!, spans.service[row]!, spans.durationMs[row]!, spans.status[row]!);
  database.exec('COMMIT; CREATE INDEX by_service ON span (service, start_ms)');
  const grouped = database.prepare(
    'SELECT service, COUNT(*) AS calls, SUM(duration_ms) AS ms, SUM(status = 2) AS errors FROM span WHERE start_ms >= ? AND start_ms < ? GROUP BY service',
  );
  const ratios: number[] = [];
  for (let turn = 0; turn < 5; turn++) {
    const sqlFrom = performance.now();
    const rows = grouped.all(stretch.fromMs, stretch.toMs);
    const sqlMs = performance.now() - sqlFrom;
    const from = performance.now();
    const counts = new Float64Array(10_000 * 3);
    for (let row = 0; row < spans.length; row++) {
      const at = spans.service[row]! * 3;
      counts[at]!++;
      counts[at + 1]! += spans.durationMs[row]!;
      if (spans.status[row] === 2) counts[at + 2]!++;
    }
    ratios.push(sqlMs / (performance.now() - from));
    for (const { service, calls } of rows) if (counts[Number(service) * 3] !== calls) throw new Error('the counts differ');
  }
  database.close();
  return median(ratios);
}
