/**
 * One round: a fresh product and a fresh world, load all the while, and so many kills at moments drawn by a seed: while it
 * starts, at any time, and at the very instant at which a message, a letter or an issue came to stand outside. In the end it
 * is left alone until all is done, looked at, and told to stop.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Random, seeded } from '../accuracy/random.ts';
import { freePort } from '../support/free-port.ts';
import { startLoad } from './load.ts';
import { type RunningProcess, startProcess } from './product.ts';
import { type Incident, judge, type Verdict } from './verdict.ts';
import { startWorld, type World } from './world.ts';

export interface RoundOptions {
  readonly seed: string;
  readonly kills: number;
  /** What decides where it stores, e.g. REDIS_URL; nothing: the embedded store. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Told of each kill, and of what is still missing in the end. */
  readonly tell?: (line: string) => void;
}

export interface RoundResult extends Verdict {
  readonly kills: number;
  readonly killedAt: Readonly<Record<string, number>>;
  readonly requests: number;
  readonly unanswered: number;
  /** Answers that no sender may get. */
  readonly wrongAnswers: readonly string[];
  readonly deadLetters: readonly string[];
  readonly stop: { readonly code: number | null; readonly ms: number };
  /** From the end of the load until nothing was missing, or no more was waited for. */
  readonly waitedMs: number;
  readonly seconds: number;
}

/** What is missing is lost when for so long nothing more of it has come. */
const settleWithinMs = 120_000;
/** However much still comes: later than this is as good as lost. */
const settleInAllMs = 480_000;
/** What would come twice comes once leases have ended. */
const lookAgainMs = 3_000;
const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

export async function playRound({ seed, kills, environment = {}, tell = () => {} }: RoundOptions): Promise<RoundResult> {
  const begun = performance.now();
  const random = seeded(seed);
  const folder = mkdtempSync(join(tmpdir(), 'tracepulse-chaos-'));
  const world = await startWorld();
  // The same for all of a round, since senders do not look for us anew.
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const start = () =>
    startProcess({
      ...world.environment,
      TRACEPULSE_DATA: folder,
      PORT: String(port),
      HOST: '127.0.0.1',
      LOG_LEVEL: 'error',
      ...environment,
    });
  let product = start();
  try {
    if (!(await product.ready)) throw new Error(`the product did not start:\n${product.written.join('\n')}`);
    const load = startLoad(world, url, seeded(`${seed} load`));
    const killedAt: Record<string, number> = {};
    for (let kill = 0; kill < kills; kill++) {
      const moment = await momentOf(random, product, world);
      killedAt[moment] = (killedAt[moment] ?? 0) + 1;
      await product.kill();
      product = start();
      tell(`${seed}: kill ${kill + 1} of ${kills}, ${moment}, ${Math.round((performance.now() - begun) / 1_000)} s`);
    }
    if (!(await product.ready)) throw new Error(`the product did not start again:\n${product.written.join('\n')}`);
    await load.end();
    const { verdict, waitedMs } = await settled(() => incidentsOf(url).then((incidents) => judge(load.promised, incidents, world)), tell);
    const dead = (await (await fetch(`${url}/api/dead-letters`)).json()) as { deadLetters: { id: string; reason: string }[] };
    const stop = await product.stop();
    if (stop.code !== 0) tell(product.written.slice(-20).join('\n'));
    return {
      ...verdict,
      kills,
      killedAt,
      requests: load.promised.requests,
      unanswered: load.promised.unanswered,
      wrongAnswers: [...load.promised.statuses]
        .filter(([status]) => status === 429 || status === 500)
        .map(([status, n]) => `${status}: ${n}`),
      deadLetters: dead.deadLetters.map(({ id, reason }) => `${id}: ${reason}`),
      stop,
      waitedMs,
      seconds: Math.round((performance.now() - begun) / 1_000),
    };
  } finally {
    await product.kill();
    await world.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Waits for the moment at which it is to be killed; answers what kind of moment it was. */
async function momentOf(random: Random, product: RunningProcess, world: World): Promise<string> {
  const drawn = random.next();
  if (drawn < 0.2) {
    await sleep(random.between(50, 900));
    return 'at start';
  }
  await product.ready;
  if (drawn < 0.6) {
    await sleep(random.between(0, 1_500));
    return 'any time';
  }
  const wanted = random.pick(['message', 'message', 'letter', 'issue'] as const);
  const place = random.whole(1, 2);
  return new Promise((resolve) => {
    let seen = 0;
    const stop = (moment: string) => {
      clearTimeout(timer);
      world.onEffect(() => {});
      resolve(moment);
    };
    const timer = setTimeout(() => stop('any time'), 2_500);
    world.onEffect((effect) => {
      if (effect !== wanted || ++seen < place) return;
      // At this instant and not a turn of the loop later: the answer has not been sent.
      try {
        process.kill(-product.pid, 'SIGKILL');
      } catch {
        // It is being started.
      }
      stop(`at a ${effect}`);
    });
  });
}

/** The verdict once nothing is missing any more, or no more of it comes; looked at again after a while for what comes twice. */
export async function settled(
  look: () => Promise<Verdict>,
  tell: (line: string) => void,
  clock = { now: () => performance.now(), sleep },
): Promise<{ verdict: Verdict; waitedMs: number }> {
  const begun = clock.now();
  let [fewest, until] = [Number.POSITIVE_INFINITY, 0];
  for (;;) {
    const { lost } = await look();
    const now = clock.now();
    if (lost.length < fewest) [fewest, until] = [lost.length, Math.min(now + settleWithinMs, begun + settleInAllMs)];
    if (lost.length === 0 || now > until) break;
    tell(`waiting for ${lost.length}: ${lost.slice(0, 3).join(', ')}`);
    await clock.sleep(500);
  }
  const waitedMs = Math.round(clock.now() - begun);
  await clock.sleep(lookAgainMs);
  return { verdict: await look(), waitedMs };
}

async function incidentsOf(url: string): Promise<Incident[]> {
  const all: Incident[] = [];
  let after = '';
  do {
    const answer = await fetch(`${url}/api/incidents?limit=200${after}`);
    const { incidents, next } = (await answer.json()) as { incidents: { id: string }[]; next?: string };
    for (const { id } of incidents) all.push((await (await fetch(`${url}/api/incidents/${id}`)).json()) as Incident);
    after = next === undefined ? '' : `&after=${next}`;
  } while (after !== '');
  return all;
}
