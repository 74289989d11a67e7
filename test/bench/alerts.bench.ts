/**
 * Alerts to disk before they are answered, beside the floor of `alert-server.ts` at 16 and 64 connections, and beside Debian's
 * Alertmanager, which keeps them in memory: one a request and a hundred. In turns, the median of the ratios of each turn; no two
 * alerts are the same, and what was sent is counted on disk at the end. Run: bun test/bench/alerts.bench.ts [alerts a turn, default 3000] [--write]
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { requestBytes, sendAll } from './load.ts';
import { median, table, writeSection } from './page.ts';
import { atLeast, sayVerdicts, type Verdict } from './verdicts.ts';

const size = Number(process.argv.slice(2).find((argument) => /^\d+$/.test(argument)) ?? 3_000);
const turns = 7;
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
const pushed = (path: string, each: number) =>
  Array.from({ length: Math.ceil(size / each) }, () => requestBytes(path, bytes(Array.from({ length: each }, alert))));
/** As Alertmanager tells of them. */
const told = (path: string) =>
  Array.from({ length: size }, () => {
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

interface Pair {
  readonly ours: number[];
  readonly beside: number[];
}
const pairs = new Map<string, Pair>();
async function pair(what: string, connections: number, ours: [number, Buffer[]], beside: [number, Buffer[]]): Promise<void> {
  const found = pairs.get(what) ?? { ours: [], beside: [] };
  pairs.set(what, found);
  found.ours.push((1_000 * size) / (await sendAll(ours[0], connections, ours[1])));
  found.beside.push((1_000 * size) / (await sendAll(beside[0], connections, beside[1])));
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
  writeFileSync(config, 'route: {receiver: none, group_wait: 1h}\nreceivers: [{name: none}]\n');
  const options = [
    `--config.file=${config}`,
    `--storage.path=${folder}/peer`,
    `--web.listen-address=127.0.0.1:${peerPort}`,
    '--cluster.listen-address=',
  ];
  const peer = spawn('prometheus-alertmanager', options, { stdio: 'ignore', env: { ...process.env, GOMAXPROCS: '1' } });
  if (await answers(`http://127.0.0.1:${peerPort}/-/ready`)) return peer;
  peer.kill();
  throw new Error('Alertmanager did not start');
}

const child = spawn(process.execPath, [join(import.meta.dirname, 'alert-server.ts'), folder], { stdio: ['ignore', 'pipe', 'inherit'] });
const peer = await startPeer();
try {
  const port = Number((await once(createInterface(child.stdout), 'line'))[0]);
  const sent = { product: 0, floor: 0, peer: 0 };
  for (let turn = 0; turn < turns; turn++) {
    for (const connections of [16, 64]) {
      await pair(
        `beside group commit, ${connections} connections`,
        connections,
        [port, told('/webhook/alertmanager')],
        [port, told('/floor')],
      );
      sent.product += size;
      sent.floor += size;
    }
    if (peer === null) continue;
    for (const each of [1, 100]) {
      await pair(
        `beside Alertmanager, ${each} a request`,
        16,
        [port, pushed('/api/v2/alerts', each)],
        [peerPort, pushed('/api/v2/alerts', each)],
      );
      sent.product += size;
      sent.peer += size;
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
  const rows = [...pairs].map(([what, { ours, beside }]) => {
    const ratio = median(ours.map((value, i) => value / beside[i]!));
    const bar = bars[what]!;
    verdicts.push(atLeast(`durable receipt ${what}`, ratio, bar));
    return [what, Math.round(median(ours)), Math.round(median(beside)), ratio.toFixed(2), `>= ${bar}`];
  });
  const text = `## Receipt of alerts

On disk with \`synchronous=FULL\` before the 202, grouped into incidents, with the work they ask for. The floor parses and writes a row an alert, all that came in a tick in one commit, to the same disk. Alertmanager (Debian's, GOMAXPROCS=1) keeps them in memory. ${turns} turns of ${size} alerts of ${services} services, all of them new; ratios are the median of those of each turn.

${table(['what', 'alerts/s', 'beside', 'ratio', 'bar'], rows)}${peer === null ? '\n\nAlertmanager is not installed here: not measured.' : ''}`;
  console.log(text);
  if (process.argv.includes('--write')) writeSection('alerts', 'bun test/bench/alerts.bench.ts --write', text);
  sayVerdicts(verdicts);
} finally {
  child.kill();
  peer?.kill();
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}
