/**
 * More than it can take, for minutes. What it can take is measured first, by senders that wait for answers; then twice that is
 * sent by the clock, whatever the answers. It may refuse, in the ways senders understand; it may not die, forget what it took, or
 * grow without end.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seeded } from '../accuracy/random.ts';
import { anySending, grouped, traces } from './alerts.ts';
import { startProcess } from './product.ts';
import { freePort } from '../support/free-port.ts';
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
  /** Alerts that were answered with success, and alerts that incidents count in the end: no fewer. */
  readonly acceptedAlerts: number;
  readonly storedAlerts: number;
  readonly answers: Readonly<Record<string, number>>;
  readonly highestRssMiB: number;
  readonly rssMiB: readonly number[];
  readonly alertP95Ms: number;
  /** How late this process itself was at most, which sends and stands in for Slack: what it measures is no better. */
  readonly ownLagMs: number;
  /** From sending a critical alert of a service nobody has heard of to its card in Slack. */
  readonly newCriticals: readonly NewCritical[];
  readonly faults: readonly string[];
}

/** Resident memory it may hold with a window of 64 MiB; measured 25 November 2026 with room for half as much again. */
export const rssCeilingMiB = 1_024;
const windowBytes = 64 * 2 ** 20;
/** Senders that wait for answers and keep one process busy: they measure what it can take. */
const senders = 64;
/** Senders by the clock keep at most so many waiting, or this process would be what breaks. */
const mostWaiting = 4_000;
const tickMs = 20;
/** A request that was sent by the clock is given up after this, as tools do. */
const answerWithinMs = 15_000;
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
    const first = createOffer(url);
    await first.waiting(senders, measureMs);
    const capacityPerSecond = Math.max(1, Math.round(first.seen.taken / (measureMs / 1_000)));
    tell(`${capacityPerSecond} requests a second from senders that wait`);
    const rssMiB: number[] = [];
    let [ownLagMs, lastTick] = [0, performance.now()];
    const ticking = setInterval(() => {
      ownLagMs = Math.max(ownLagMs, Math.round(performance.now() - lastTick - 100));
      lastTick = performance.now();
    }, 100);
    const timer = setInterval(() => {
      rssMiB.push(rssOf(pid));
      if (rssMiB.length % 15 === 0) tell(`${rssMiB.length * 2} s: ${rssMiB.at(-1)} MiB`);
    }, 2_000);
    const news = criticals(url, world, minutes * 60_000);
    const second = createOffer(url);
    await second.byTheClock(2 * capacityPerSecond, minutes * 60_000);
    clearInterval(timer);
    clearInterval(ticking);
    const offered = second.seen;
    const newCriticals = await news;
    const acceptedAlerts = first.seen.accepted + offered.accepted + newCriticals.length;
    const storedAlerts = await stored(url);
    const readable = await fetch(`${url}/healthz`).then(({ ok }) => ok);
    const stop = await product.stop();
    const highestRssMiB = Math.max(...rssMiB);
    const alertP95Ms = offered.alertMs.sort((a, b) => a - b)[Math.floor(offered.alertMs.length * 0.95)] ?? 0;
    const bad = Object.entries(offered.answers).filter(([key]) => /^alerts 429|^\w+ 500|without Retry-After/.test(key));
    return {
      minutes,
      capacityPerSecond,
      acceptedAlerts,
      storedAlerts,
      offeredPerSecond: Math.round(offered.sent / (minutes * 60)),
      answers: offered.answers,
      highestRssMiB,
      rssMiB,
      alertP95Ms: Math.round(alertP95Ms),
      ownLagMs,
      newCriticals,
      faults: [
        ...bad.map(([key, n]) => `answered ${key}: ${n}`),
        ...(highestRssMiB > rssCeilingMiB ? [`held ${highestRssMiB} MiB`] : []),
        ...(storedAlerts < acceptedAlerts ? [`lost ${acceptedAlerts - storedAlerts} alerts`] : []),
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

interface Seen {
  readonly answers: Record<string, number>;
  readonly alertMs: number[];
  sent: number;
  taken: number;
  /** Alerts, of which one request may hold several. */
  accepted: number;
}

function createOffer(url: string) {
  const seen: Seen = { answers: {}, alertMs: [], sent: 0, taken: 0, accepted: 0 };
  let serial = 0;
  const count = (key: string) => {
    seen.answers[key] = (seen.answers[key] ?? 0) + 1;
  };
  const post = async (kind: 'alerts' | 'traces', path: string, body: unknown, alerts = 0) => {
    seen.sent++;
    const begun = performance.now();
    try {
      const answer = await fetch(`${url}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(answerWithinMs),
      });
      await answer.arrayBuffer();
      if (answer.ok) {
        seen.taken++;
        seen.accepted += alerts;
        if (kind === 'alerts' && seen.alertMs.length < 100_000) seen.alertMs.push(performance.now() - begun);
      }
      const isBare = !answer.ok && answer.headers.get('retry-after') === null;
      count(`${kind} ${answer.status}${isBare ? ' without Retry-After' : ''}`);
    } catch {
      count(`${kind} no answer`);
    }
  };
  const random = seeded('soak');
  const alarm = () => ({
    marker: `s${++serial}`,
    service: `service-${random.whole(1, services)}`,
    severity: random.chance(0.2) ? ('critical' as const) : ('warning' as const),
    startsAt: Date.now(),
    environment: 'prod',
  });
  const one = async (isAlert: boolean) => {
    if (!isAlert) return post('traces', '/v1/traces', traces(random, `service-${random.whole(1, services)}`, Date.now()));
    const { path, body, markers } = anySending(random, alarm);
    return post('alerts', path, body, markers.length);
  };
  return {
    seen,
    /** Each sends again as soon as it is answered. */
    async waiting(many: number, forMs: number): Promise<void> {
      const until = performance.now() + forMs;
      const sender = async (place: number) => {
        while (performance.now() < until) await one(place % 2 === 0);
      };
      await Promise.all(Array.from({ length: many }, (_, place) => sender(place)));
    },
    /** So many a second, whatever is answered. */
    async byTheClock(perSecond: number, forMs: number): Promise<void> {
      const begun = performance.now();
      const waiting = new Set<Promise<void>>();
      for (let due = 0; performance.now() < begun + forMs; await sleep(tickMs)) {
        for (const now = ((performance.now() - begun) * perSecond) / 1_000; due < now; due++) {
          if (waiting.size >= mostWaiting) {
            count('not sent, since so many wait');
            continue;
          }
          const request: Promise<void> = one(due % 2 === 0).finally(() => waiting.delete(request));
          waiting.add(request);
        }
      }
      await Promise.all(waiting);
    },
  };
}

/** Alerts that incidents count. */
async function stored(url: string): Promise<number> {
  let [total, after] = [0, ''];
  do {
    const answer = await fetch(`${url}/api/incidents?limit=200${after}`);
    const { incidents, next } = (await answer.json()) as { incidents: { id: string }[]; next?: string };
    for (const { id } of incidents) {
      const incident = await fetch(`${url}/api/incidents/${id}`);
      total += ((await incident.json()) as { alertCount: number }).alertCount;
    }
    after = next === undefined ? '' : `&after=${next}`;
  } while (after !== '');
  return total;
}

interface NewCritical {
  readonly answeredMs: number;
  /** From sending it, its answer included. */
  readonly cardMs: number;
}

/** In the middle of it all, now and then something that truly is new, far from everything else. */
async function criticals(url: string, { workspace }: World, forMs: number): Promise<NewCritical[]> {
  const until = performance.now() + forMs - 20_000;
  const took: NewCritical[] = [];
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
    const answeredMs = Math.round(performance.now() - begun);
    const { ids } = (await answer.json()) as { ids: string[] };
    const isThere = () =>
      workspace
        .messages('debug')
        .some(({ metadata }) => (metadata?.['event_payload'] as { incident_id?: string } | undefined)?.incident_id === ids[0]);
    while (!isThere() && performance.now() < begun + 60_000) await sleep(50);
    took.push({ answeredMs, cardMs: Math.round(performance.now() - begun) });
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
  acceptedAlerts,
  storedAlerts,
  answers,
  highestRssMiB,
  rssMiB,
  alertP95Ms,
  ownLagMs,
  newCriticals,
  faults,
}: SoakResult): string {
  const quarter = Math.max(1, Math.floor(rssMiB.length / 4));
  const mean = (list: readonly number[]) => Math.round(list.reduce((sum, one) => sum + one, 0) / Math.max(1, list.length));
  const rows: [string, string | number][] = [
    ['minutes', minutes],
    [`requests a second taken from ${senders} senders that wait`, capacityPerSecond],
    ['requests a second sent by the clock', offeredPerSecond],
    ['alerts accepted, alerts counted by incidents', `${acceptedAlerts}, ${storedAlerts}`],
    ...Object.entries(answers).sort(),
    ['alerts answered within, p95, ms', alertP95Ms],
    ['the sending process itself late by at most, ms', ownLagMs],
    ['a new critical alert to its answer / to its card, ms', newCriticals.map((one) => `${one.answeredMs} / ${one.cardMs}`).join(', ')],
    ['highest RSS, MiB', `${highestRssMiB} (ceiling ${rssCeilingMiB})`],
    ['RSS by quarters, MiB', [0, 1, 2, 3].map((i) => mean(rssMiB.slice(i * quarter, (i + 1) * quarter))).join(', ')],
  ];
  return ['| what | how many |', '|---|---|', ...rows.map(([what, count]) => `| ${what} | ${count} |`), ...faults].join('\n');
}
