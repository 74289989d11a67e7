/**
 * `npm run demo`: the product as it is, its own workspace in place of Slack, and a shop that breaks. Product and shop are
 * processes of their own; the product is told nothing but what the shop's telemetry and its alarm say. When the report
 * stands, the demo compares it with what the shop broke.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { faults } from './shop/faults.ts';

export interface DemoOptions {
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** How this very program is started: runtime, its flags, and the main file. */
  readonly self: readonly string[];
  readonly print: (text: string) => void;
}

/** How long the shop runs well: enough visits to know what is usual, and the report still lands within the minute. */
const wellMs = 24_000;
const visitorsPerSecond = 9;
const giveUpMs = 75_000;

interface Broken {
  readonly fault: string;
  readonly service: string;
}

interface Reported {
  readonly id: string;
  readonly first: string | null;
  readonly confidence: number;
  readonly isPosted: boolean;
  readonly hasReport: boolean;
}

export async function demo(options: DemoOptions): Promise<number> {
  const { args, print } = options;
  const fault = argument(args, '--fault');
  if (fault !== null && !faults.some((f) => f.name === fault)) {
    print(`There is no fault ${fault}. Choose one of: ${faults.map((f) => f.name).join(', ')}`);
    return 64;
  }
  const begun = Date.now();
  const seconds = () => `${((Date.now() - begun) / 1000).toFixed(1).padStart(5)} s`;
  const folder = mkdtempSync(join(tmpdir(), 'tracepulse-demo-'));
  const port = Number(options.environment['PORT'] || (await freePort()));
  const url = `http://127.0.0.1:${port}`;
  const children: ChildProcess[] = [];
  try {
    children.push(startProduct(options, folder, port));
    await until(() => answers(`${url}/readyz`), 15_000, 'the product did not start');
    print(`${seconds()}  TracePulse is up. Watch it here: ${url}/chat`);
    const shop = startShop(options, url, fault);
    children.push(shop);
    const broken = await followShop(shop, (text) => print(`${seconds()}  ${text}`));
    const isRight = await followReport(url, broken, begun, (text) => print(`${seconds()}  ${text}`));
    if (args.includes('--exit')) return isRight ? 0 : 1;
    print(`\nThe shop goes on running. Open ${url}/chat, press Confirm or Reject, ask in the thread. Ctrl-C ends it all.`);
    await new Promise<void>((resolve) => process.once('SIGINT', resolve));
    return 0;
  } finally {
    await Promise.all(children.reverse().map(end));
    rmSync(folder, { recursive: true, force: true });
  }
}

function argument(args: readonly string[], name: string): string | null {
  const at = args.findIndex((arg) => arg === name || arg.startsWith(`${name}=`));
  return at < 0 ? null : (args[at]?.split('=')[1] ?? args[at + 1] ?? '');
}

function startProduct({ self, environment }: DemoOptions, folder: string, port: number): ChildProcess {
  // Only what a process needs to run: no key or address of the user's real systems reaches the demo.
  const { PATH, HOME, TMPDIR, LOG_LEVEL } = environment;
  const settings = {
    TRACEPULSE_WORKSPACE: 'on',
    TRACEPULSE_DATA: folder,
    PORT: String(port),
    HOST: '127.0.0.1',
    LOG_LEVEL: LOG_LEVEL || 'warn',
  };
  return start([...self, 'start'], { ...given({ PATH, HOME, TMPDIR }), ...settings }, 'ignore');
}

function startShop({ self, environment }: DemoOptions, url: string, fault: string | null): ChildProcess {
  const { PATH, HOME, TMPDIR } = environment;
  const orders = JSON.stringify({ target: url, fault, visitorsPerSecond, wellMs });
  return start([...self, 'demo-shop', orders], given({ PATH, HOME, TMPDIR }), 'pipe');
}

function given(values: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== undefined));
}

function start([file, ...args]: readonly string[], env: Record<string, string>, stdout: 'ignore' | 'pipe'): ChildProcess {
  return spawn(file ?? '', args, { env, stdio: ['ignore', stdout, 'inherit'] });
}

/** Resolves once the shop has raised its alarm, with what it broke. */
async function followShop(shop: ChildProcess, tell: (text: string) => void): Promise<Broken> {
  let broken: Broken | null = null;
  if (shop.stdout === null) throw new Error('the shop has no voice');
  for await (const line of createInterface({ input: shop.stdout })) {
    const news = JSON.parse(line) as { said: string; fault?: string; service?: string; services?: string[]; summary?: string };
    if (news.said === 'ready') tell(`A shop of ${news.services?.length} services is open and well; learning what is usual.`);
    if (news.said === 'broke') {
      broken = { fault: news.fault ?? '', service: news.service ?? '' };
      tell('Something in the shop has just been broken. TracePulse is not told what.');
    }
    if (news.said === 'alarm' && broken !== null) {
      tell(`The shop's own watch raises an alarm: ${news.summary}`);
      return broken;
    }
  }
  throw new Error('the shop closed before it raised an alarm');
}

/** Waits for the first message and the report, and for a first place that agrees with what was broken. */
async function followReport(url: string, broken: Broken, begun: number, tell: (text: string) => void): Promise<boolean> {
  const alarmAt = Date.now();
  let told = '';
  let seen: Reported | null = null;
  while (Date.now() - begun < giveUpMs) {
    seen = await reported(url);
    if (seen?.isPosted && told === '') {
      told = 'posted';
      tell(`First message after ${Date.now() - alarmAt} ms.`);
    }
    if (seen?.hasReport && seen.isPosted && seen.first !== null && told !== seen.first) {
      told = seen.first;
      tell(`Report after ${Date.now() - alarmAt} ms: most likely ${seen.first} (${Math.round(seen.confidence * 100)} %).`);
    }
    if (seen?.isPosted && seen.first === broken.service) break;
    await wait(100);
  }
  const isRight = seen?.first === broken.service && seen.isPosted;
  tell(
    `What was broken: ${broken.service} (${broken.fault}). The report ${isRight ? 'names it.' : `says ${seen?.first ?? 'nothing'}: wrong.`}`,
  );
  return isRight;
}

async function reported(url: string): Promise<Reported | null> {
  const { incidents } = (await readJson(`${url}/api/incidents`)) as {
    incidents: { id: string; verdict: string | null; hypotheses: { service: string; confidence: number }[] }[];
  };
  const incident = incidents[0];
  if (incident === undefined) return null;
  const one = (await readJson(`${url}/api/incidents/${incident.id}`)) as { deliveries?: unknown[] };
  const first = incident.verdict === 'cause' ? incident.hypotheses[0] : undefined;
  return {
    id: incident.id,
    first: first?.service ?? null,
    confidence: first?.confidence ?? 0,
    isPosted: (one.deliveries?.length ?? 0) > 0,
    hasReport: incident.verdict !== null,
  };
}

async function readJson(url: string): Promise<unknown> {
  const response = await fetch(url, { signal: AbortSignal.timeout(5_000) });
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return response.json();
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(1_000) })).ok;
  } catch {
    return false;
  }
}

async function until(test: () => Promise<boolean>, withinMs: number, otherwise: string): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (Date.now() < deadline) {
    if (await test()) return;
    await wait(50);
  }
  throw new Error(otherwise);
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

const endWithinMs = 5_000;

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  await Promise.race([ended, wait(endWithinMs).then(() => child.kill('SIGKILL'))]);
}
