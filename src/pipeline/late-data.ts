/**
 * Telemetry of an incident's window that arrives after its report (SDKs deliver up to 5 s late, agents far later) has the
 * incident ranked again, at most once every few seconds however much arrives.
 */
import type { Incident } from '../domain/incident.ts';
import type { Ingested, Ledger } from '../ports.ts';
import { windowOf } from './investigate.ts';

/** Collects what comes in batches before ranking again: briefly while the first spans are still arriving, then calmly. */
const firstRestMs = 2_000;
const restMs = 5_000;
const arrivingMs = 10_000;
/** How long after its alert an incident still listens. */
const listensMs = 900_000;
/** The list of live incidents is read at most this often. */
const freshMs = 1_000;
const maxLive = 100;

export const lateWorkId = (incidentId: string) => `late:${incidentId}`;

export interface LateData {
  /** An incident was opened or changed: the list is read again at the next ingest. */
  changed(): void;
  /** Called after each ingest; asks for rankings where they are due. */
  noticed(ingested: Ingested): Promise<void>;
}

export function createLateData(ledger: Ledger, now: () => number, lookbackMs: number, poke: () => void): LateData {
  let live: readonly Incident[] = [];
  let readAt = Number.NEGATIVE_INFINITY;
  const askedFor = new Map<string, number>();

  async function liveIncidents(): Promise<readonly Incident[]> {
    if (now() - readAt < freshMs) return live;
    readAt = now();
    live = (await ledger.incidents({ live: true, limit: maxLive })).incidents.filter(
      (i) => i.state === 'open' && now() - i.openedAt < listensMs,
    );
    for (const id of askedFor.keys()) if (!live.some((incident) => incident.id === id)) askedFor.delete(id);
    return live;
  }

  return {
    changed() {
      readAt = Number.NEGATIVE_INFINITY;
    },
    async noticed({ oldestAt, newestAt }) {
      if (oldestAt === null || newestAt === null) return;
      const work = [];
      for (const incident of await liveIncidents()) {
        const window = windowOf(incident, newestAt, now(), lookbackMs);
        if (newestAt < window.fromMs || oldestAt >= window.toMs) continue;
        if ((askedFor.get(incident.id) ?? 0) > now()) continue;
        const dueAt = now() + (now() - incident.openedAt < arrivingMs ? firstRestMs : restMs);
        askedFor.set(incident.id, dueAt);
        work.push({ id: lateWorkId(incident.id), kind: 'investigate', subject: incident.id, dueAt, attempts: 0 } as const);
      }
      if (work.length === 0) return;
      await ledger.commit({ work });
      poke();
    },
  };
}
