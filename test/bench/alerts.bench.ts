/**
 * Alerts to disk before they are answered, beside the floor of `alert-server.ts` at 16 and 64 connections, and beside Debian's
 * Alertmanager, which keeps them in memory: one a request and a hundred. In turns, the median of the ratios of each turn; no two
 * alerts are the same, and what was sent is counted on disk at the end. Run: bun test/bench/alerts.bench.ts [alerts a turn, default 3000] [--write]
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { keepToSenderCore, onServerCore, whereTheyRan } from './cores.ts';
import { requestBytes, sendAll } from './load.ts';
import { median, table, writeSection } from './page.ts';
import { atLeast, sayVerdicts, type Verdict } from './verdicts.ts';

const size = Number(process.argv.slice(2).find((argument) => /^\d+$/.test(argument)) ?? 3_000);
const turns = 7;
/**
 * Of each kind, to ours and the floor, before anything is measured: a server compiles what it runs while it runs it, and ours is some
 * thousand lines beside the floor's ten. What that takes once would else be held against every alert of a few short turns.
 */
const warmUp = 24_000;
/** Alertmanager is compiled as it starts. */
const peerWarmUp = 8_000;
/** To each side after the collector has run, before the clock. */
const burst = 2_000;
/** So many times as many of a hundred a request, warming up and measured: fifteen requests are neither warm nor a measurement. */
const ofHundreds = 5;
/** What a server does that was started just now, in processes of their own. */
const cold = 500;
const coldStarts = 3;
const services = 200;
const folder = mkdtempSync(join(tmpdir(), 'tracepulse-alerts-'));
const peerPort = 19_093;

let made = 0;
function alert() {
  made++;
  const service = `service-${made % services}`;
  return {
    labels: { alertname: 'ErrorsHigh', service, instance: `${service}-${made}`, severity: 'critical', environment: 'production' },
    annotations: { summary: `Too many errors in ${service}`, description: `5xx of ${service} above 5 % for 2 minutes` },
    startsAt: new Date().toISOString(),
    generatorURL: `http://prometheus.example/graph?g0.expr=errors%7Bservice%3D%22${service}%22%7D`,
  };
}
const bytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
/** As Prometheus pushes them. */
const pushed = (path: string, each: number, count: number) =>
  Array.from({ length: Math.ceil(count / each) }, () => requestBytes(path, bytes(Array.from({ length: each }, alert))));
/** As Alertmanager tells of them. */
const told = (path: string, count: number) =>
  Array.from({ length: count }, () => {
    const one = { ...alert(), status: 'firing', endsAt: '0001-01-01T00:00:00Z', fingerprint: made.toString(16).padStart(16, '0') };
    const group = {
      version: '4',
      status: 'firing',
      receiver: 'tracepulse',
      groupKey: '{}:{}',
      groupLabels: {},
      externalURL: 'http://alerts.example',
    };
    return requestBytes(
      path,
      bytes({ ...group, commonLabels: one.labels, commonAnnotations: one.annotations, truncatedAlerts: 0, alerts: [one] }),
    );
  });

/** Alerts a second: by the clock, and of the server's time on a processor, which leaves out what it waits for the disk. */
interface Rate {
  readonly clock: number;
  readonly processor: number;
}
interface Pair {
  readonly ours: Rate[];
  readonly beside: Rate[];
}
/** µs that all threads of another process have been on a processor. */
const threadsOf = (pid: number) =>
  readdirSync(`/proc/${pid}/task`).reduce(
    (sum, thread) => sum + Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]) / 1_000,
    0,
  );
const ownOf = async (port: number, path: string) => Number(await (await fetch(`http://127.0.0.1:${port}${path}`)).json());

/** Who takes them, and how so many are made. `peerId`: it is not the server of ours. */
interface Side {
  readonly port: number;
  readonly make: (count: number) => Buffer[];
  readonly peerId?: number;
}

async function measured({ port, make, peerId }: Side, connections: number, count: number): Promise<Rate> {
  const requests = make(count);
  const processor = async () => (peerId === undefined ? ownOf(port, '/processor') : threadsOf(peerId));
  const before = await processor();
  const tookMs = await sendAll(port, connections, requests);
  return { clock: (1_000 * count) / tookMs, processor: (1_000_000 * count) / ((await processor()) - before) };
}

async function rate(side: Side, connections: number, times: number): Promise<Rate> {
  if (side.peerId === undefined) await ownOf(side.port, '/collected');
  await sendAll(side.port, connections, side.make(times * burst));
  return measured(side, connections, times * size);
}

const pairs = new Map<string, Pair>();
/** Answers how many each side was sent, which is `times` as many as usual. Who goes first changes from turn to turn. */
async function pair(what: string, connections: number, ours: Side, beside: Side, times = 1): Promise<number> {
  const found = pairs.get(what) ?? { ours: [], beside: [] };
  pairs.set(what, found);
  const turn = [() => rate(ours, connections, times).then((one) => found.ours.push(one))];
  turn[found.ours.length % 2 === 0 ? 'push' : 'unshift'](() => rate(beside, connections, times).then((one) => found.beside.push(one)));
  for (const next of turn) await next();
  return times * (burst + size);
}

async function startServer(name: string) {
  const own = join(folder, name);
  mkdirSync(own);
  const child = spawn(...onServerCore(process.execPath, [join(import.meta.dirname, 'alert-server.ts'), own]), {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return { child, port: Number((await once(createInterface(child.stdout), 'line'))[0]) };
}

async function coldRate(path: string, name: string): Promise<Rate> {
  const { child, port } = await startServer(name);
  try {
    return await measured({ port, make: (count) => told(path, count) }, 16, cold);
  } finally {
    child.kill();
    await once(child, 'exit');
  }
}

async function answers(url: string): Promise<boolean> {
  for (const end = performance.now() + 15_000; performance.now() < end; await wait(50))
    if (
      await fetch(url).then(
        ({ ok }) => ok,
        () => false,
      )
    )
      return true;
  return false;
}

/** Null: it is not installed. Of one processor, as ours is. */
async function startPeer() {
  if (spawnSync('prometheus-alertmanager', ['--version']).error !== undefined) return null;
  const config = join(folder, 'alertmanager.yml');
  // A run on a busy machine may take longer than the five minutes after which it would call an alert over.
  writeFileSync(config, 'global: {resolve_timeout: 2h}\nroute: {receiver: none, group_wait: 1h}\nreceivers: [{name: none}]\n');
  const options = [
    `--config.file=${config}`,
    `--storage.path=${folder}/peer`,
    `--web.listen-address=127.0.0.1:${peerPort}`,
    '--cluster.listen-address=',
  ];
  const peer = spawn(...onServerCore('prometheus-alertmanager', options), { stdio: 'ignore', env: { ...process.env, GOMAXPROCS: '1' } });
  if (await answers(`http://127.0.0.1:${peerPort}/-/ready`)) return peer;
  peer.kill();
  throw new Error('Alertmanager did not start');
}

keepToSenderCore();
const coldPair: Pair = { ours: [], beside: [] };
for (let start = 0; start < coldStarts; start++) {
  coldPair.ours.push(await coldRate('/webhook/alertmanager', `cold-${start}`));
  coldPair.beside.push(await coldRate('/floor', `cold-floor-${start}`));
}
const { child, port } = await startServer('warm');
const peer = await startPeer();
try {
  const sent = { product: 0, floor: 0, peer: 0 };
  for (const connections of [16, 64]) {
    await sendAll(port, connections, told('/webhook/alertmanager', warmUp));
    await sendAll(port, connections, told('/floor', warmUp));
    sent.product += warmUp;
    sent.floor += warmUp;
  }
  for (const each of peer === null ? [] : [1, 100]) {
    const times = each === 1 ? 1 : ofHundreds;
    await sendAll(port, 16, pushed('/api/v2/alerts', each, times * warmUp));
    await sendAll(peerPort, 16, pushed('/api/v2/alerts', each, times * peerWarmUp));
    sent.product += times * warmUp;
    sent.peer += times * peerWarmUp;
  }
  for (let turn = 0; turn < turns; turn++) {
    for (const connections of [16, 64]) {
      const count = await pair(
        `beside group commit, ${connections} connections`,
        connections,
        { port, make: (some) => told('/webhook/alertmanager', some) },
        { port, make: (some) => told('/floor', some) },
      );
      sent.product += count;
      sent.floor += count;
    }
    if (peer?.pid === undefined) continue;
    for (const each of [1, 100]) {
      const make = (some: number) => pushed('/api/v2/alerts', each, some);
      const beside = { port: peerPort, make, peerId: peer.pid };
      const count = await pair(`beside Alertmanager, ${each} a request`, 16, { port, make }, beside, each === 1 ? 1 : ofHundreds);
      sent.product += count;
      sent.peer += count;
    }
  }
  const kept = (await (await fetch(`http://127.0.0.1:${port}/kept`)).json()) as { product: number; floor: number };
  if (kept.product !== sent.product || kept.floor !== sent.floor)
    throw new Error(`sent ${JSON.stringify(sent)}, kept ${JSON.stringify(kept)}`);
  if (peer !== null) {
    const known = ((await (await fetch(`http://127.0.0.1:${peerPort}/api/v2/alerts`)).json()) as unknown[]).length;
    if (known !== sent.peer) throw new Error(`Alertmanager was sent ${sent.peer} and knows ${known}`);
  }
  const bars: Record<string, number> = {
    'beside group commit, 16 connections': 0.7,
    'beside group commit, 64 connections': 0.7,
    'beside Alertmanager, 1 a request': 1,
    'beside Alertmanager, 100 a request': 4,
  };
  const verdicts: Verdict[] = [];
  pairs.set(`beside group commit, 16 connections: first ${cold} after start, cold`, coldPair);
  const rows = [...pairs].map(([what, { ours, beside }]) => {
    const ratio = (by: keyof Rate) => median(ours.map((value, i) => value[by] / beside[i]![by]));
    const speed = (rates: readonly Rate[]) => Math.round(median(rates.map(({ clock }) => clock)));
    const bar = bars[what];
    if (bar !== undefined) verdicts.push(atLeast(`durable receipt ${what}`, ratio('clock'), bar));
    return [
      what,
      speed(ours),
      speed(beside),
      ratio('clock').toFixed(2),
      ratio('processor').toFixed(2),
      bar === undefined ? '' : `>= ${bar}`,
    ];
  });
  const text = `## Receipt of alerts

On disk with \`synchronous=FULL\` before the 202, grouped into incidents, with the work they ask for. The floor parses and writes a row an alert, all that came in a tick in one commit, to the same disk. Alertmanager (Debian's, GOMAXPROCS=1) keeps them in memory. ${turns} turns of ${size} alerts of ${services} services, all of them new, ${ofHundreds} times as many of a hundred a request; who goes first changes from turn to turn. Not measured: at first ${warmUp} of each kind to ours and the floor and ${peerWarmUp} to Alertmanager, ${ofHundreds} times as many of a hundred a request, since a server compiles what it runs while it runs it, and ${burst} before each measurement, since garbage is collected there, so that none pays for another's. The row without a bar is of servers started just now, one for each side, ${coldStarts} times. Ratios are the median of those of each turn. The bars are held against the clock, waits for the disk among it, ${whereTheyRan}; beside it the time that the server's process was on a processor, with all its threads, which leaves those waits out.

${table(['what', 'alerts/s', 'beside', 'ratio by the clock', 'by time on a processor', 'bar'], rows)}${peer === null ? '\n\nAlertmanager is not installed here: not measured.' : ''}`;
  console.log(text);
  if (process.argv.includes('--write')) writeSection('alerts', 'bun test/bench/alerts.bench.ts --write', text);
  sayVerdicts(verdicts);
} finally {
  child.kill();
  peer?.kill();
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}
