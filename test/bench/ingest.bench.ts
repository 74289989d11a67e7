/**
 * The intake of spans. Over HTTP: the whole of it (admit, decode, store, map, body kept) beside Hono that only reads the same
 * bodies and hands them to `JSON.parse` or protobufjs, in turns in one server process; what is said is the median of the
 * ratios of each turn. In this process: what a span costs and takes as ever more are held, and how long it takes to read back.
 * Every turn has other ids, so that nothing is fast only because it was seen before, and what was stored is counted.
 * Run: bun test/bench/ingest.bench.ts [spans a turn, default 20000] [--write]
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { gzipSync } from 'node:zlib';
import { protobufOf } from '../support/otlp-protobuf.ts';
import { heldRows } from './ingest-held.ts';
import { median, table, writeSection } from './page.ts';
import { requests, spansPerRequest } from './span-requests.ts';
import { atLeast, sayVerdicts, type Verdict } from './verdicts.ts';

const size = Number(process.argv.slice(2).find((argument) => /^\d+$/.test(argument)) ?? 20_000);
const turns = 9;
/**
 * Before those that are measured: a server compiles what it runs while it runs it, a decoder of ours as well, and goes on to do so for some
 * hundred requests; `JSON.parse` is compiled already.
 */
const warmUps = 20;
/** Spans to each side after the collector has run, before the clock. */
const burst = 5_000;
const connections = 4;
const startedAtMs = 1_700_000_000_000;
const json = { 'content-type': 'application/json' };
const protobuf = { 'content-type': 'application/x-protobuf' };
const gzip = { 'content-encoding': 'gzip' };

let seed = 0;
const bodies = (shape: 'plain' | 'rich') => requests(shape, burst + size, ++seed, startedAtMs);
const asProtobuf = (list: readonly Uint8Array[]) => list.map((body) => protobufOf('traces', JSON.parse(new TextDecoder().decode(body))));
const packed = (list: readonly Uint8Array[]) => list.map((body) => new Uint8Array(gzipSync(body)));

interface Rate {
  /** Spans a second: by the clock, and of the server's time on a processor. */
  readonly clock: number;
  readonly processor: number;
}

const processorOf = async (url: string) => Number(await (await fetch(new URL('/processor', url))).json());

async function sendAll(url: string, some: readonly Uint8Array[], headers: Record<string, string>): Promise<void> {
  let next = 0;
  const one = async () => {
    for (let body = some[next++]; body !== undefined; body = some[next++]) {
      const answer = await fetch(url, { method: 'POST', body: body as Uint8Array<ArrayBuffer>, headers });
      if (answer.status !== 200) throw new Error(`${url}: ${answer.status} ${await answer.text()}`);
      await answer.arrayBuffer();
    }
  };
  await Promise.all(Array.from({ length: connections }, one));
}

async function rate(url: string, list: readonly Uint8Array[], headers: Record<string, string>): Promise<Rate> {
  // What was handed to the pool belongs to it.
  const poolIsDone = () => new Promise((resolve) => setTimeout(resolve, 50));
  const unmeasured = burst / spansPerRequest;
  await fetch(new URL('/collected', url));
  await sendAll(url, list.slice(0, unmeasured), headers);
  await poolIsDone();
  const spentBefore = await processorOf(url);
  const from = performance.now();
  await sendAll(url, list.slice(unmeasured), headers);
  const clock = (1_000 * size) / (performance.now() - from);
  await poolIsDone();
  return { clock, processor: (1_000_000 * size) / ((await processorOf(url)) - spentBefore) };
}

async function measured(base: string) {
  const rates: Record<string, Rate[]> = {};
  let turn = -warmUps;
  const run = async (name: string, path: string, list: readonly Uint8Array[], headers: Record<string, string>) => {
    const found = await rate(`${base}${path}`, list, headers);
    if (turn >= 0) rates[name] = [...(rates[name] ?? []), found];
  };
  for (; turn < turns; turn++) {
    for (const shape of ['plain', 'rich'] as const) {
      const list = bodies(shape);
      const wire = asProtobuf(bodies(shape));
      const packedList = packed(bodies(shape));
      const packedWire = packed(asProtobuf(bodies(shape)));
      const kinds = [
        ['floor', '/floor/json', list, json],
        ['json', '/v1/traces', list, json],
        ['protobufjs', '/floor/protobufjs', wire, protobuf],
        ['protobuf', '/v1/traces', wire, protobuf],
        ['json gzip', '/v1/traces', packedList, { ...json, ...gzip }],
        ['protobuf gzip', '/v1/traces', packedWire, { ...protobuf, ...gzip }],
      ] as const;
      const runs = kinds.map(
        ([kind, path, some, headers]) =>
          () =>
            run(`${shape} ${kind}`, path, some, headers),
      );
      // Who goes first changes from turn to turn.
      for (const next of turn % 2 === 0 ? runs : runs.reverse()) await next();
    }
  }
  const stored = (await (await fetch(`${base}/spans`)).json()) as { spans: number };
  const sent = (warmUps + turns) * 8 * (burst + size);
  if (stored.spans !== sent) throw new Error(`sent ${sent}, stored ${stored.spans}`);
  return rates;
}

const child = spawn(process.execPath, [new URL('ingest-server.ts', import.meta.url).pathname, String(startedAtMs)], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
const [port] = (await once(createInterface(child.stdout), 'line')) as [string];
const rates = await measured(`http://127.0.0.1:${port}`);
child.kill();

const of = (name: string, by: keyof Rate) => rates[name]!.map((one) => one[by]);
const ratio = (above: string, below: string, by: keyof Rate) => median(of(above, by).map((value, turn) => value / of(below, by)[turn]!));
const speed = (name: string) => `${Math.round(median(of(name, 'clock')) / 1_000)} k`;
const verdicts: Verdict[] = [];
const row = (what: string, above: string, below: string, bar: number | null) => {
  const [byClock, byProcessor] = [ratio(above, below, 'clock'), ratio(above, below, 'processor')];
  if (bar !== null) verdicts.push(atLeast(what, byProcessor, bar));
  return [what, speed(above), speed(below), byClock.toFixed(2), byProcessor.toFixed(2), bar === null ? '' : bar.toFixed(2)];
};
const overHttp = table(
  ['what', 'spans/s', 'beside', 'ratio by the clock', 'by time on a processor', 'bar'],
  [
    row('JSON, plain spans, beside Hono and JSON.parse', 'plain json', 'plain floor', 0.4),
    row('JSON, 24 attributes, beside Hono and JSON.parse', 'rich json', 'rich floor', 0.55),
    row('protobuf, 24 attributes, beside our JSON', 'rich protobuf', 'rich json', 3),
    row('protobuf, 24 attributes, beside Hono and protobufjs', 'rich protobuf', 'rich protobufjs', 3),
    row('protobuf, plain spans, beside our JSON', 'plain protobuf', 'plain json', null),
    row('JSON in gzip, 24 attributes, beside unpacked', 'rich json gzip', 'rich json', 0.9),
    row('protobuf in gzip, 24 attributes, beside unpacked', 'rich protobuf gzip', 'rich protobuf', 0.9),
  ],
);
const heldFound = await heldRows(startedAtMs);
verdicts.push(...heldFound.verdicts);
const held = table(['what', 'measured', 'bar'], heldFound.rows);
const text = `## Intake of spans

Requests of 500 spans of 18 services, ${connections} connections, ${turns} turns of ${size} spans each, after ${warmUps} that are not measured, since a server compiles what it runs while it runs it; who goes first changes from turn to turn. Before each measurement garbage is collected, so that none pays for another's, and ${burst} spans are sent that are not measured. Ratios are the median of those of each turn; rates are medians too. By the clock sender, server and whatever else the machine does share the processors; the time that the server's process alone was on one, with all its threads, is what a server with one core to itself would show, and the bar is held against it.

${overHttp}

${held}`;
console.log(text);
if (process.argv.includes('--write')) writeSection('ingest', 'bun test/bench/ingest.bench.ts --write', text);
sayVerdicts(verdicts);
