/**
 * What the normal period costs: hours of minutes learned over 300 services with thousands of operations and templates, pods
 * that come and go, and names nobody ever sees again. Measured after each hour: what a restored copy holds resident, what is
 * written down, and how long a minute takes to learn. A restored copy must count the same, and give the same snapshot.
 * Run: bun test/bench/baseline.bench.ts [minutes, default 240] (four minutes of waiting)
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { restoreBaseline } from '../../src/domain/baseline/baseline.ts';
import type { Telemetry } from '../../src/ports.ts';
import { createTelemetry } from '../../src/telemetry.ts';
import { seeded } from '../accuracy/random.ts';
import { bodiesOf, madeSystem } from './made-traffic.ts';
import { median, table, writeSection } from './page.ts';

const minutes = Number(process.argv[2] ?? 240) || 0;
const spansPerMinute = 10_000;

const copies = 8;
const few = 2;
const barMiB = 64;
const minute = 60_000;
const startAt = 1_790_000_040_000;

const system = madeSystem('baseline', 300, { operations: 12, lines: 6, branches: 0.4 });
const random = seeded('baseline');

/** Requests to names that never come again, each with a line of its own and a host nobody else speaks of. */
function strangers(at: number, count: number): { traces: Uint8Array; logs: Uint8Array } {
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: system.services[0]! } }] };
  const word = () => Array.from({ length: 9 }, () => random.pick([...'bcdfghklmnprstvz'])).join('');
  const spans: unknown[] = [];
  const logRecords: unknown[] = [];
  for (let i = 0; i < count; i++) {
    const ids = { traceId: random.hex(32), spanId: random.hex(16) };
    const nanos = `${at + i * 10}000000`;
    spans.push({ ...ids, name: `GET /${word()}`, kind: 2, startTimeUnixNano: nanos, endTimeUnixNano: `${at + i * 10 + 5}000000` });
    const body = { stringValue: `${word()} ${word()}: dial tcp ${word()}:80: connect: connection refused` };
    logRecords.push({ ...ids, timeUnixNano: nanos, severityNumber: 17, body });
  }
  const bytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
  return {
    traces: bytes({ resourceSpans: [{ resource, scopeSpans: [{ spans }] }] }),
    logs: bytes({ resourceLogs: [{ resource, scopeLogs: [{ logRecords }] }] }),
  };
}

/** Two gauges of two pods of each service; in each hour a tenth of the pods is another. */
function podMetrics(at: number): Uint8Array {
  const hour = Math.floor((at - startAt) / (60 * minute));
  const resourceMetrics = system.services.flatMap((service, index) =>
    ['a', 'b'].map((pod) => ({
      resource: {
        attributes: [
          { key: 'service.name', value: { stringValue: service } },
          { key: 'k8s.pod.name', value: { stringValue: `${service}-${Math.floor((hour + (index % 10)) / 10)}-${pod}` } },
        ],
      },
      scopeMetrics: [
        {
          metrics: ['k8s.pod.cpu_limit_utilization', 'k8s.pod.memory_limit_utilization'].map((name) => ({
            name,
            unit: '1',
            gauge: { dataPoints: [{ timeUnixNano: `${at}000000`, asDouble: random.between(0.1, 0.6) }] },
          })),
        },
      ],
    })),
  );
  return new TextEncoder().encode(JSON.stringify({ resourceMetrics }));
}

async function live(telemetry: Telemetry, at: number, strangersPerMinute: number): Promise<void> {
  const stretch = { fromMs: at, toMs: at + minute, spans: spansPerMinute, linesPerSpan: 0.5, fault: null, seed: `${at}` };
  for (const { traces, logs } of bodiesOf(system, stretch)) {
    await telemetry.ingest('traces', traces, 'json');
    await telemetry.ingest('logs', logs, 'json');
  }
  const { traces, logs } = strangers(at, strangersPerMinute);
  await telemetry.ingest('traces', traces, 'json');
  await telemetry.ingest('logs', logs, 'json');
  await telemetry.ingest('metrics', podMetrics(at), 'json');
}

/** MiB resident that one restored copy takes: a fresh process with many of them, less one with few. */
function residentOf(snapshot: string): number {
  const folder = mkdtempSync(join(tmpdir(), 'baseline-'));
  const file = join(folder, 'snapshot.json');
  writeFileSync(file, snapshot);
  const holding = (count: number) =>
    Number(execFileSync(process.execPath, [fileURLToPath(import.meta.url), 'hold', file, String(count)], { encoding: 'utf8' }));
  const resident = (holding(few + copies) - holding(few)) / copies / 2 ** 20;
  rmSync(folder, { recursive: true });
  return resident;
}

function hold(file: string, count: number): void {
  const snapshot = readFileSync(file, 'utf8');
  const held = Array.from({ length: count }, () => restoreBaseline(JSON.parse(snapshot)));
  for (const copy of held)
    if (JSON.stringify(copy.snapshot()) !== snapshot) throw new Error('a restored baseline writes another snapshot: no size counts');
  (globalThis as { Bun?: { gc(now: boolean): void } }).Bun?.gc(true);
  console.log(process.memoryUsage().rss);
}

interface Row {
  readonly minutes: number;
  readonly strangersPerMinute: number;
  readonly names: number;
  readonly counters: number;
  readonly sketches: number;
  readonly writtenMiB: number;
  readonly residentMiB: number;
  readonly learnMs: number;
  readonly writeMs: number;
}
async function measured(minutes: number, strangersPerMinute: number): Promise<Row[]> {
  let now = startAt;
  const telemetry = createTelemetry({ file: null, now: () => now, windowMinutes: 12, maxBytes: 4 * 2 ** 30 });
  const rows: Row[] = [];
  let learnMs: number[] = [];
  for (let passed = 1; (rows.at(-1)?.minutes ?? 0) < minutes; passed++) {
    now = startAt + (passed - 1) * minute;
    await live(telemetry, now, strangersPerMinute);
    now += minute;
    const begun = performance.now();
    await telemetry.advance(now, []);
    learnMs.push(performance.now() - begun);
    const { baseline } = await telemetry.knowledge();
    if (baseline.minutes === 0 || baseline.minutes % 60 !== 0) continue;
    const from = performance.now();
    const snapshot = JSON.stringify(baseline.snapshot());
    const writeMs = performance.now() - from;
    const { visited, covered, items, spoken, places, seen, delays, metrics } = baseline.normal;
    rows.push({
      minutes: baseline.minutes,
      strangersPerMinute,
      names: baseline.lexicon.names.size,
      counters: visited.size + covered.size + items.size + spoken.size + places.size + seen.size,
      sketches: delays.size + metrics.size,
      writtenMiB: snapshot.length / 2 ** 20,
      residentMiB: residentOf(snapshot),
      learnMs: median(learnMs),
      writeMs,
    });
    console.log(JSON.stringify(rows.at(-1)));
    learnMs = [];
  }
  return rows;
}

function report(rows: readonly Row[]): string {
  return [
    '## The normal period',
    `${system.services.length} services with ${system.operations.length} operations; ${spansPerMinute} spans and half as many log lines a minute, two gauges of two pods each, a tenth of the pods others each hour; then the same with requests to names that never come again. Resident: what one of ${copies} restored copies takes in a process of their own; each writes the same snapshot again.`,
    table(
      [
        'minutes learned',
        'names never seen again',
        'names',
        'counters',
        'sketches',
        'written',
        'resident',
        'learning a minute',
        'writing it down',
      ],
      rows.map((row) => [
        row.minutes,
        row.strangersPerMinute === 0 ? 'none' : `${row.strangersPerMinute} a minute`,
        row.names,
        row.counters,
        row.sketches,
        `${row.writtenMiB.toFixed(1)} MiB`,
        `${row.residentMiB.toFixed(1)} MiB`,
        `${row.learnMs.toFixed(0)} ms`,
        `${row.writeMs.toFixed(0)} ms`,
      ]),
    ),
  ].join('\n\n');
}

async function run(): Promise<void> {
  const rows = [...(await measured(minutes, 0)), ...(await measured(minutes, 300))];
  const text = report(rows);
  console.log(text);
  if (minutes >= 240) writeSection('baseline', 'bun test/bench/baseline.bench.ts', text);
  const most = Math.max(...rows.map(({ residentMiB }) => residentMiB));
  if (most > barMiB) throw new Error(`a baseline of ${most.toFixed(0)} MiB, ${barMiB} allowed`);
}

const [mode, file, count] = process.argv.slice(2);
if (mode === 'hold') hold(file!, Number(count));
else await run();
