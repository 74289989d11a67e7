/** Visitors of the shop, and what they experience. */
import { setTimeout as wait } from 'node:timers/promises';

export interface Visit {
  /** When it began. */
  readonly at: number;
  readonly ms: number;
  readonly ok: boolean;
}

/** What many visits were like. */
export interface Experience {
  readonly visits: number;
  readonly errorShare: number;
  readonly p90Ms: number;
}

/** Visits of the last minutes. */
export interface VisitBook {
  add(visit: Visit): void;
  /** Of visits that began in this time and have ended. */
  experience(fromMs: number, untilMs: number): Experience;
}

const keptMs = 120_000;

export function createVisitBook(): VisitBook {
  let visits: Visit[] = [];
  return {
    add(visit) {
      visits.push(visit);
      if (visits.length % 500 === 0) visits = visits.filter((v) => v.at >= visit.at - keptMs);
    },
    experience(fromMs, untilMs) {
      const seen = visits.filter((v) => v.at >= fromMs && v.at < untilMs);
      const times = seen.map((v) => v.ms).sort((a, b) => a - b);
      return {
        visits: seen.length,
        errorShare: seen.length === 0 ? 0 : seen.filter((v) => !v.ok).length / seen.length,
        p90Ms: times[Math.floor(times.length * 0.9)] ?? 0,
      };
    },
  };
}

/** What people do, in order of a shopping trip, with how many do each. */
const trip = [
  ['/home', 1],
  ['/product', 0.8],
  ['/basket', 0.6],
  ['/buy', 0.9],
] as const;
/** More people than this at once find the shop closed: a slow machine must not be buried under its own demo. */
const maxInside = 40;
const visitTimeoutMs = 8_000;

/** Sends visitors until told to stop; `perSecond` trips begin, evenly scattered. */
export function startVisitors(storefront: string, perSecond: number, book: VisitBook): { stop(): void } {
  let isOpen = true;
  let serial = 0;
  let inside = 0;
  void (async () => {
    while (isOpen) {
      if (inside < maxInside) {
        inside++;
        void visitor(storefront, `u${++serial}`, book).finally(() => void inside--);
      }
      await wait((1_000 / perSecond) * (0.5 + Math.random()));
    }
  })();
  return {
    stop() {
      isOpen = false;
    },
  };
}

async function visitor(storefront: string, user: string, book: VisitBook): Promise<void> {
  for (const [route, share] of trip) {
    if (Math.random() > share) return;
    const query = new URLSearchParams({ user, sku: `sku-${Math.floor(Math.random() * 24)}` });
    if (!(await visit(`${storefront}${route}?${query}`, book))) return;
    await wait(100 + Math.random() * 300);
  }
}

async function visit(url: string, book: VisitBook): Promise<boolean> {
  const at = Date.now();
  const begun = performance.now();
  let status = 599;
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(visitTimeoutMs) });
    status = response.status;
    await response.arrayBuffer();
  } catch {
    // Counts as failed: the visitor saw nothing.
  }
  book.add({ at, ms: performance.now() - begun, ok: status < 500 });
  return status < 500;
}
