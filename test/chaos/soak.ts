/**
 * More than it can take, for minutes: everybody sends as fast as answers come, twice as many as keep it busy. It may refuse, in
 * the ways senders understand; it may not die, forget what it took, or grow without end.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seeded } from '../accuracy/random.ts';
import { anySending, grouped, traces } from './alerts.ts';
import { startProcess } from './product.ts';
import { freePort } from './round.ts';
import { startWorld, type World } from './world.ts';

export interface SoakOptions {
  readonly minutes: number;
  readonly environment?: Readonly<Record<string, string>>;
  readonly tell: (line: string) => void;
}

export interface SoakResult {
  readonly minutes: number;
  readonly capacityPerSecond: number;
  readonly offeredPerSecond: number;
  readonly answers: Readonly<Record<string, number>>;
  readonly highestRssMiB: number;
  readonly rssMiB: readonly number[];
  readonly alertP95Ms: number;
  /** From sending a critical alert of a service nobody has heard of to its card in Slack. */
  readonly newCriticalMs: readonly number[];
  readonly faults: readonly string[];
}

/** Resident memory it may hold with a window of 64 MiB; measured 25 November 2026 with room for half as much again. */
export const rssCeilingMiB = 1_024;
const windowBytes = 64 * 2 ** 20;
/** Senders that keep one process busy; half of them measure what that is worth. */
const senders = 32;
const measureMs = 15_000;
/** Alarms of so many services. */
const services = 200;
const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

export async function startSoak({ minutes, environment = {}, tell }: SoakOptions): Promise<SoakResult> {
  const folder = mkdtempSync(join(tmpdir(), 'tracepulse-soak-'));
  const world = await startWorld();
  const port = await freePort();
  const product = startProcess({
    ...world.environment,
    TRACEPULSE_DATA: folder,
    TRACEPULSE_WINDOW_BYTES: String(windowBytes),
    PORT: String(port),
    HOST: '127.0.0.1',
    LOG_LEVEL: 'error',
    ...environment,
  });
  try {
    if (!(await product.ready)) throw new Error(`the product did not start:\n${product.written.join('\n')}`);
    const url = `http://127.0.0.1:${port}`;
    const pid = productOf(product.pid);
    const measured = await offer(url, senders / 2, measureMs, () => {});
    const rssMiB: number[] = [];
    const news = criticals(url, world, minutes * 60_000);
    const offered = await offer(url, senders, minutes * 60_000, () => {
      rssMiB.push(rssOf(pid));
      if (rssMiB.length % 15 === 0) tell(`${rssMiB.length * 2} s: ${rssMiB.at(-1)} MiB`);
    });
    const newCriticalMs = await news;
    const readable = await fetch(`${url}/healthz`).then(({ ok }) => ok);
    const stop = await product.stop();
    const highestRssMiB = Math.max(...rssMiB);
    const alertP95Ms = offered.alertMs.sort((a, b) => a - b)[Math.floor(offered.alertMs.length * 0.95)] ?? 0;
    const bad = Object.entries(offered.answers).filter(([key]) => /^alerts (429|500)|^\w+ 500/.test(key));
    return {
      minutes,
      capacityPerSecond: Math.round(measured.taken / (measureMs / 1_000)),
      offeredPerSecond: Math.round(offered.sent / (minutes * 60)),
      answers: offered.answers,
      highestRssMiB,
      rssMiB,
      alertP95Ms: Math.round(alertP95Ms),
      newCriticalMs,
      faults: [
        ...bad.map(([key, n]) => `answered ${key}: ${n}`),
        ...(highestRssMiB > rssCeilingMiB ? [`held ${highestRssMiB} MiB`] : []),
        ...(readable ? [] : ['did not answer at the end']),
        ...(stop.code === 0 ? [] : [`SIGTERM: exit ${stop.code} after ${stop.ms} ms: ${product.written.slice(-3).join(' ')}`]),
      ],
    };
  } finally {
    await product.kill();
    await world.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function offer(url: string, count: number, forMs: number, every2s: () => void) {
  const answers: Record<string, number> = {};
  const alertMs: number[] = [];
  let [sent, taken, isOver, serial] = [0, 0, false, 0];
  const post = async (kind: 'alerts' | 'traces', path: string, body: unknown) => {
    sent++;
    const begun = performance.now();
    let key = 'no answer';
    try {
      const answer = await fetch(`${url}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(30_000),
      });
      await answer.arrayBuffer();
      key = String(answer.status);
      if (answer.ok) taken++;
      else if (answer.headers.get('retry-after') === null) key += ' without Retry-After';
    } catch {
      // Counted as it is.
    }
    if (kind === 'alerts' && alertMs.length < 100_000) alertMs.push(performance.now() - begun);
    answers[`${kind} ${key}`] = (answers[`${kind} ${key}`] ?? 0) + 1;
  };
  const one = async (place: number) => {
    const random = seeded(`soak ${place}`);
    const alarm = () => ({
      marker: `s${++serial}`,
      service: `service-${random.whole(1, services)}`,
      severity: random.chance(0.2) ? ('critical' as const) : ('warning' as const),
      startsAt: Date.now(),
      environment: 'prod',
    });
    while (!isOver) {
      if (place % 2 === 0) {
        const { path, body } = anySending(random, alarm);
        await post('alerts', path, body);
      } else await post('traces', '/v1/traces', traces(random, `service-${random.whole(1, services)}`, Date.now()));
    }
  };
  const timer = setInterval(every2s, 2_000);
  const running = Array.from({ length: count }, (_, place) => one(place));
  await sleep(forMs);
  isOver = true;
  await Promise.all(running);
  clearInterval(timer);
  return { sent, taken, answers, alertMs };
}

/** In the middle of it all, now and then something that truly is new, far from everything else. */
async function criticals(url: string, { workspace }: World, forMs: number): Promise<number[]> {
  const until = performance.now() + forMs - 20_000;
  const took: number[] = [];
  for (let i = 0; performance.now() < until; i++) {
    await sleep(15_000);
    const begun = performance.now();
    const alarm = { marker: `new-${i}`, service: `new-${i}`, severity: 'critical' as const, startsAt: Date.now(), environment: `new-${i}` };
    const answer = await fetch(`${url}/webhook/alertmanager`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(grouped(alarm)),
      signal: AbortSignal.timeout(15_000),
    }).catch(() => null);
    if (answer?.status !== 202) continue;
    const { ids } = (await answer.json()) as { ids: string[] };
    const isThere = () =>
      workspace
        .messages('debug')
        .some(({ metadata }) => (metadata?.['event_payload'] as { incident_id?: string } | undefined)?.incident_id === ids[0]);
    while (!isThere() && performance.now() < begun + 60_000) await sleep(50);
    took.push(Math.round(performance.now() - begun));
  }
  return took;
}

/** The launcher waits; what it started does the work. */
function productOf(launcher: number): number {
  const children = readFileSync(`/proc/${launcher}/task/${launcher}/children`, 'utf8').trim().split(' ');
  return Number(children[0]);
}

function rssOf(pid: number): number {
  const kib = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '0';
  return Math.round(Number(kib) / 1_024);
}

export function soakTable({
  minutes,
  capacityPerSecond,
  offeredPerSecond,
  answers,
  highestRssMiB,
  rssMiB,
  alertP95Ms,
  newCriticalMs,
  faults,
}: SoakResult): string {
  const quarter = Math.max(1, Math.floor(rssMiB.length / 4));
  const mean = (list: readonly number[]) => Math.round(list.reduce((sum, one) => sum + one, 0) / Math.max(1, list.length));
  const rows: [string, string | number][] = [
    ['minutes', minutes],
    ['requests a second taken from half the senders', capacityPerSecond],
    ['requests a second from all of them', offeredPerSecond],
    ...Object.entries(answers).sort(),
    ['alerts answered within, p95, ms', alertP95Ms],
    ['a new critical alert to its card, ms', newCriticalMs.join(', ')],
    ['highest RSS, MiB', `${highestRssMiB} (ceiling ${rssCeilingMiB})`],
    ['RSS by quarters, MiB', [0, 1, 2, 3].map((i) => mean(rssMiB.slice(i * quarter, (i + 1) * quarter))).join(', ')],
  ];
  return ['| what | how many |', '|---|---|', ...rows.map(([what, count]) => `| ${what} | ${count} |`), ...faults].join('\n');
}
