/**
 * `npm run demo`: the product as it is, its own workspace in place of Slack, and a shop that breaks. Product and shop are
 * processes of their own; the product is told nothing but what the shop's telemetry and its alarm say. When the report
 * stands in the channel, the demo compares it with what the shop broke.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { bugs } from './history/bugs.ts';
import { startForge } from './history/forge.ts';
import { makeHistory } from './history/history.ts';
import { freePort, given, startProcess, type Started } from './processes.ts';
import { type Product, productAt } from './product.ts';
import { type Breakage, chooseBreakage, faults } from './shop/faults.ts';
import { type Tell, untilAlarm, untilReport } from './story.ts';

export interface DemoOptions {
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** How this very program is started: runtime, its flags, and the main file. */
  readonly self: readonly string[];
  readonly print: (text: string) => void;
  /** An incident's context, as the API gives it, in words. */
  readonly describe: (context: unknown) => string;
}

/** How long the shop runs well: enough visits to know what is usual, and the report still lands within the minute. */
const wellMs = 24_000;
/** About 25 requests a second among the services: a twentieth of a core, so that two cores and a busy morning will do. */
const visitorsPerSecond = 9;
/** The promise is a report within the minute; a machine that was slow to get there still has this long after the alarm. */
const promisedMs = 60_000;
const afterAlarmMs = 25_000;
const startWithinMs = 20_000;
const interrupted = 130;

export async function demo(options: DemoOptions): Promise<number> {
  const { args, print, environment } = options;
  const unknown = args.find((arg, i) => !/^--(exit|model|fault(=.*)?)$/.test(arg) && args[i - 1] !== '--fault');
  const broken = chooseBreakage(argument(args, '--fault'), Math.random);
  if (unknown !== undefined || broken === null) {
    print(
      `The demo takes --exit, --model (asks the one that OPENAI_BASE_URL or OPENAI_API_KEY names) and --fault NAME, where NAME is one of: ${faults.map(({ name }) => name).join(', ')}, any.`,
    );
    return 64;
  }
  const wanted = environment['PORT'] || '0';
  const port = /^\d{1,5}$/.test(wanted) && Number(wanted) < 65_536 ? await freePort(Number(wanted)) : null;
  if (port === null) {
    print(`Port ${wanted} is taken or is none: set PORT to a free one, or leave it unset and the demo finds one.`);
    return 1;
  }
  return run(options, broken, port);
}

function argument(args: readonly string[], name: string): string | null {
  const at = args.findIndex((arg) => arg === name || arg.startsWith(`${name}=`));
  return at < 0 ? null : (args[at]?.split('=')[1] ?? args[at + 1] ?? '');
}

/** Whatever happens in here, afterwards no process runs and no file is left. */
async function run(options: DemoOptions, broken: Breakage, port: number): Promise<number> {
  const begunAt = Date.now();
  const tell: Tell = (text) => options.print(`${((Date.now() - begunAt) / 1_000).toFixed(1).padStart(6)} s  ${text}`);
  const ending = new AbortController();
  const interrupt = () => ending.abort(new Error('interrupted'));
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, interrupt);
  const folder = mkdtempSync(join(tmpdir(), 'tracepulse-demo-'));
  const started: Started[] = [];
  const closing: (() => void)[] = [];
  try {
    return await orAborted(
      ending.signal,
      perform({ ...options, broken, port, folder, begunAt, started, closing, tell, signal: ending.signal }),
    );
  } catch (error) {
    if (ending.signal.aborted) return interrupted;
    const complaints = started.map((process) => process.complaints()).filter((text) => text !== '');
    options.print(['', ...complaints, `The demo ends: ${error instanceof Error ? error.message : String(error)}.`].join('\n'));
    return 1;
  } finally {
    ending.abort();
    // The shop first: its last spans still find somebody to take them.
    for (const process of started.reverse()) await process.stop();
    for (const close of closing) close();
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
    for (const signal of signals) process.off(signal, interrupt);
  }
}

interface Stage extends DemoOptions {
  readonly broken: Breakage;
  readonly port: number;
  readonly folder: string;
  readonly begunAt: number;
  /** Everything in here is stopped at the end. */
  readonly started: Started[];
  /** Called at the end. */
  readonly closing: (() => void)[];
  readonly tell: Tell;
  readonly signal: AbortSignal;
}

async function perform(stage: Stage): Promise<number> {
  const { args, broken, begunAt, port, signal, tell, print } = stage;
  const url = `http://127.0.0.1:${port}`;
  const forge = await tellHistory(stage);
  const running = startProduct(stage, forge?.settings ?? {});
  const product = productAt(url, signal);
  await orEnded(running, untilReady(product, signal));
  tell(`TracePulse is up. Watch it at ${url}/chat`);
  const shop = startShop(stage, url);
  const alarmAt = await orEnded(
    running,
    untilAlarm(shop, wellMs, tell, (at) => forge?.deployed(at)),
  );
  const until = Math.max(begunAt + promisedMs, alarmAt + afterAlarmMs);
  const { isRight } = await orEnded(running, untilReport(product, broken, { alarmAt, until, signal }, tell));
  const context = await product.latestContext();
  print(context === null ? '' : `\n${stage.describe(context).replace(/^(?=.)/gm, '    ')}`);
  tell(`What was broken: ${broken.service} (${broken.fault}). ${isRight ? 'The report names it.' : 'The report does not name it.'}`);
  if (args.includes('--exit')) return isRight ? 0 : 1;
  print(`\nThe shop goes on running. Open ${url}/chat, press Confirm or Reject, ask in the thread. Ctrl-C ends it all.`);
  await orEnded(running, aborted(signal));
  return 0;
}

function startProduct({ self, environment, folder, port, started, args }: Stage, forge: Readonly<Record<string, string>>): Started {
  // Only what a process needs to run: no key or address of the user's real systems reaches the demo.
  const { PATH, HOME, TMPDIR, LOG_LEVEL, OPENAI_BASE_URL, OPENAI_API_KEY, OPENAI_MODEL } = environment;
  // A model is asked only where the demo is told so; it reads nothing but the shop's telemetry.
  const model = args.includes('--model') ? given({ OPENAI_BASE_URL, OPENAI_API_KEY, OPENAI_MODEL }) : {};
  const product = startProcess('TracePulse', [...self, 'start'], {
    ...given({ PATH, HOME, TMPDIR }),
    TRACEPULSE_WORKSPACE: 'on',
    TRACEPULSE_DATA: join(folder, 'data'),
    PORT: String(port),
    HOST: '127.0.0.1',
    LOG_LEVEL: LOG_LEVEL || 'warn',
    ...model,
    ...forge,
  });
  started.push(product);
  product.child.stdout?.resume();
  return product;
}

function startShop({ self, environment, broken, started }: Stage, url: string): Started {
  const { PATH, HOME, TMPDIR } = environment;
  const orders = JSON.stringify({ target: url, breakage: broken, visitorsPerSecond, wellMs });
  const shop = startProcess('the shop', [...self, 'demo-shop', orders], given({ PATH, HOME, TMPDIR }));
  started.push(shop);
  return shop;
}

const faultsOfReleases = ['session-drop', 'exception'];

interface Code {
  readonly settings: Readonly<Record<string, string>>;
  /** The release that breaks the shop, where one does, went live. */
  deployed(at: number): void;
}

/** The shop runs without a history as well; only then nobody can look a release up. */
async function tellHistory({ broken, environment, folder, closing, tell }: Stage): Promise<Code | null> {
  const bug = faultsOfReleases.includes(broken.fault) ? (bugs.find(({ service }) => service === broken.service) ?? null) : null;
  const path = environment['PATH'] ?? '';
  try {
    const history = await makeHistory(join(folder, 'shop'), { now: Date.now(), bug, path });
    const forge = await startForge(history.folder, path);
    closing.push(forge.stop);
    tell(`The shop's code has a history of ${history.commits} commits, behind a stand-in for GitHub that runs here.`);
    return { settings: forge.settings, deployed: (at) => void (bug !== null && forge.deployed(bug.service, bug.version, at)) };
  } catch (error) {
    tell(`The shop's code has no history here: ${error instanceof Error ? error.message : String(error)}.`);
    return null;
  }
}

async function untilReady(product: Product, signal: AbortSignal): Promise<void> {
  const deadline = Date.now() + startWithinMs;
  while (!(await product.isReady())) {
    if (Date.now() > deadline) throw new Error(`TracePulse was not ready within ${startWithinMs / 1_000} s`);
    await wait(50, undefined, { signal });
  }
}

/** Nothing is worth waiting for once the product is gone. */
function orEnded<T>({ ended }: Started, work: Promise<T>): Promise<T> {
  return Promise.race([
    work,
    ended.then((sentence) => {
      throw new Error(sentence);
    }),
  ]);
}

function orAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return Promise.race([
    work,
    aborted(signal).then(() => {
      throw signal.reason;
    }),
  ]);
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
