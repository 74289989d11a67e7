/** Visitors of the shop, and the shop's own watch over what they experience: an error rate and a latency, no more. */
import { setTimeout as wait } from 'node:timers/promises';

export interface Visit {
  readonly at: number;
  readonly ms: number;
  readonly ok: boolean;
}

const visits: Visit[] = [];
const keptMs = 120_000;

/** What people do, in order of a shopping trip, with how many do each. */
const trip = [
  ['/home', 1],
  ['/product', 0.8],
  ['/basket', 0.6],
  ['/buy', 0.9],
] as const;

/** Sends visitors until told to stop; `perSecond` trips begin, evenly scattered. */
export function startVisitors(storefront: string, perSecond: number): { stop(): void } {
  let isOpen = true;
  let serial = 0;
  void (async () => {
    while (isOpen) {
      void visitor(storefront, `u${++serial}`);
      await wait((1_000 / perSecond) * (0.5 + Math.random()));
    }
  })();
  return {
    stop() {
      isOpen = false;
    },
  };
}

async function visitor(storefront: string, user: string): Promise<void> {
  for (const [route, share] of trip) {
    if (Math.random() > share) return;
    if (!(await visit(`${storefront}${route}?${new URLSearchParams({ user, sku: `sku-${Math.floor(Math.random() * 24)}` })}`))) return;
    await wait(100 + Math.random() * 300);
  }
}

async function visit(url: string): Promise<boolean> {
  const begun = performance.now();
  let status = 599;
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(8_000) });
    status = response.status;
    await response.arrayBuffer();
  } catch {
    // Counts as failed: the visitor saw nothing.
  }
  visits.push({ at: Date.now(), ms: performance.now() - begun, ok: status < 500 });
  while (visits.length > 0 && visits[0]!.at < Date.now() - keptMs) visits.shift();
  return status < 500;
}

export interface Experience {
  readonly visits: number;
  readonly errorShare: number;
  readonly p90Ms: number;
}

export function experience(sinceMs: number, untilMs = Date.now()): Experience {
  const seen = visits.filter((v) => v.at >= sinceMs && v.at < untilMs);
  const times = seen.map((v) => v.ms).sort((a, b) => a - b);
  return {
    visits: seen.length,
    errorShare: seen.length === 0 ? 0 : seen.filter((v) => !v.ok).length / seen.length,
    p90Ms: times[Math.floor(times.length * 0.9)] ?? 0,
  };
}
