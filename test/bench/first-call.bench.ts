/**
 * From an alert to the first call to Slack, and to the report stored and ready to be sent: own work alone, since Slack is a server of this process
 * that answers at once. The window of `growth-world.ts` with 10,000 and 100,000 spans and as many log lines, the real Slack sink, a
 * ledger on disk; each pass with a ledger of its own, the guilty service checked before its time counts. Then a thousand alerts of
 * one incident. Run: bun test/bench/first-call.bench.ts [spans ...] [--write]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { createSqliteLedger } from '../../src/adapters/ledgers/sqlite.ts';
import { slack } from '../../src/adapters/sinks/slack/slack.ts';
import type { Telemetry } from '../../src/ports.ts';
import { createTelemetry, lookbackMs } from '../../src/telemetry.ts';
import { silentLog } from '../silent-log.ts';
import { alertBody, delivery, testProduct } from '../support/app.ts';
import { faulty, system, times } from './growth-world.ts';
import { bodiesOf } from './made-traffic.ts';
import { median, quantile, table, writeSection } from './page.ts';
import { atMost, sayVerdicts, type Verdict } from './verdicts.ts';

const passes = 25;
const stormAlerts = 1_000;
const minute = 60_000;
const guilty = system.services[faulty.service]!;
const given = process.argv
  .slice(2)
  .filter((argument) => /^\d+$/.test(argument))
  .map(Number);
const sizes = given.length > 0 ? given : [10_000, 100_000];
const folder = mkdtempSync(join(tmpdir(), 'tracepulse-first-call-'));

/** When each call came. */
let calls: { at: number; processorMs: number }[] = [];
/** What this process has had of the processors, its threads among it. */
const processorMs = () => {
  const { user, system: kernel } = process.cpuUsage();
  return (user + kernel) / 1_000;
};
let messages = 0;
const workspace = createServer((request, response) => {
  calls.push({ at: performance.now(), processorMs: processorMs() });
  request.resume().on('end', () => {
    response.setHeader('content-type', 'application/json');
    response.end(
      JSON.stringify({ ok: true, channel: 'C1', ts: `1700000000.${String(++messages).padStart(6, '0')}`, messages: [], permalink: '' }),
    );
  });
});
await new Promise<void>((resolve) => workspace.listen(0, '127.0.0.1', resolve));
const slackUrl = `http://127.0.0.1:${(workspace.address() as AddressInfo).port}/api/`;

async function filled(spans: number): Promise<Telemetry> {
  let now: number = times.from;
  const telemetry = createTelemetry({ file: null, now: () => now, windowMinutes: lookbackMs / minute + 1, maxBytes: 4 * 2 ** 30 });
  const send = async (fromMs: number, toMs: number, count: number, fault: Parameters<typeof bodiesOf>[1]['fault'], seed: string) => {
    for (const { traces, logs } of bodiesOf(system, { fromMs, toMs, spans: count, linesPerSpan: 1, fault, seed })) {
      await telemetry.ingest('traces', traces, 'json');
      await telemetry.ingest('logs', logs, 'json');
    }
  };
  await send(
    times.normalFrom,
    times.from,
    Math.round((spans * (times.from - times.normalFrom)) / (times.alertAt - times.from)),
    null,
    'normal',
  );
  now = times.alertAt - minute;
  await telemetry.advance(now, []);
  await send(times.from, times.alertAt, spans, { operation: faulty, fromMs: times.faultFrom }, 'recent');
  now = times.alertAt;
  await telemetry.advance(now, []);
  return telemetry;
}

let opened = 0;
function product(telemetry: Telemetry) {
  const now = () => times.alertAt;
  const ledger = createSqliteLedger({ file: join(folder, `ledger-${++opened}.sqlite`), now });
  const tools = { fetch: globalThis.fetch, now, log: silentLog };
  const sink = slack.create({ SLACK_BOT_TOKEN: 'xoxb-1', SLACK_CHANNEL: '#debug', SLACK_API_URL: slackUrl }, tools);
  return { ...testProduct({ telemetry, ledger, sinks: new Map([['slack', sink]]) }, times.alertAt), ledger };
}

const alertOf = (n: number) =>
  delivery('/webhook/alertmanager', alertBody({ service: guilty, alertname: `ErrorsHigh${n}`, startsAt: times.alertAt - n }));

/** By the clock and of the processors, until Slack is called first and until the report is ready. */
interface Pass {
  readonly firstMs: number;
  readonly firstWorkMs: number;
  readonly reportMs: number;
  readonly workMs: number;
}

async function pass(telemetry: Telemetry, alerts: number): Promise<Pass> {
  const { app, ledger } = product(telemetry);
  calls = [];
  const deliveries = Array.from({ length: alerts }, (_, n) => alertOf(n));
  const [from, spent] = [performance.now(), processorMs()];
  const taken = await Promise.all(deliveries.map((one) => app.receive('alertmanager', one)));
  await app.settle();
  const [reportMs, workMs] = [performance.now() - from, processorMs() - spent];
  const incidents = new Set(taken.flatMap(({ ids }) => ids));
  const [id] = incidents;
  const report = await ledger.report(id ?? '');
  await ledger.close();
  if (incidents.size !== 1) throw new Error(`${alerts} alerts made ${incidents.size} incidents`);
  if (report?.context.hypotheses[0]?.service !== guilty)
    throw new Error(`${report?.context.verdict}: ${report?.context.hypotheses[0]?.service} first and not ${guilty}: no speed counts`);
  const [first] = calls;
  if (first === undefined) throw new Error('Slack was not called');
  return { firstMs: first.at - from, firstWorkMs: first.processorMs - spent, reportMs, workMs };
}

/** How much a window holds; the window itself is let go. */
async function heldBy(telemetry: Telemetry): Promise<{ readonly spans: number; readonly lines: number }> {
  const { logs, spans } = await telemetry.window({ fromMs: times.from, toMs: times.alertAt + 1 });
  return { spans: spans.length, lines: logs.length };
}

async function times95(telemetry: Telemetry) {
  await pass(telemetry, 1);
  const found: Pass[] = [];
  for (let i = 0; i < passes; i++) {
    await wait(50);
    // What the pass before left behind is not this one's to clear away: alerts do not come back to back.
    (globalThis as { Bun?: { gc(force: boolean): void } }).Bun?.gc(true);
    found.push(await pass(telemetry, 1));
  }
  return found;
}

try {
  const rows: string[][] = [];
  const verdicts: Verdict[] = [];
  const medians: number[] = [];
  const storms: Pass[] = [];
  for (const spans of sizes) {
    const telemetry = await filled(spans);
    const held = await heldBy(telemetry);
    const found = await times95(telemetry);
    const both = (name: keyof Pass) => [0.5, 0.95].map((q) => quantile(of(name), q).toFixed(0)).join(' / ');
    const of = (name: keyof Pass) => found.map((one) => one[name]);
    rows.push([String(held.spans), String(held.lines), both('firstMs'), both('firstWorkMs'), both('reportMs'), both('workMs')]);
    medians.push(median(of('workMs')));
    if (spans === sizes.at(-1)) {
      const p95 = (name: keyof Pass) => quantile(of(name), 0.95);
      verdicts.push(
        atMost(`alert to first Slack call, ${spans} spans and as many lines, p95 in ms on processors`, p95('firstWorkMs'), 100),
      );
      verdicts.push(atMost('the same until the report is ready', p95('workMs'), 100));
      for (let i = 0; i < 5; i++) storms.push(await pass(telemetry, stormAlerts));
    }
    await telemetry.close();
  }
  if (medians.length > 1)
    verdicts.push(atMost(`time with ${sizes.at(-1)} spans beside ${sizes.at(-2)}`, medians.at(-1)! / medians.at(-2)!, 11));
  const storm = median(storms.map(({ reportMs }) => reportMs));
  const stormWork = median(storms.map(({ workMs }) => workMs));
  verdicts.push(atMost(`${stormAlerts} alerts of one incident, ms on processors`, stormWork, 1_000));
  const text = `## From an alert to Slack

Own work alone: Slack is a server in the same process that answers at once. Window of ${(times.alertAt - times.from) / minute} minutes over ${system.services.length} services; ${passes} passes, the report checked in each. Milliseconds, median / 95 of 100, by the clock and of the processors: by the clock it also waits for whatever else the machine does. Garbage is collected before each pass. The first call puts up the card that says that it is looked into; the report takes its place by an edit, which Slack counts apart from messages.

${table(['spans', 'log lines', 'first call', 'on processors', 'report ready', 'on processors'], rows)}

${stormAlerts} alerts of one incident at once, all on disk, Slack called and the report ready: ${storm.toFixed(0)} ms, ${stormWork.toFixed(0)} ms on processors (median of ${storms.length}; bar 1000 ms).`;
  console.log(text);
  if (process.argv.includes('--write')) writeSection('first-call', 'bun test/bench/first-call.bench.ts --write', text);
  sayVerdicts(verdicts);
} finally {
  workspace.close();
  workspace.closeAllConnections();
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}
