/**
 * Closes incidents that nobody will ever resolve. Applications' events, the stream's own findings, people's questions, and
 * the alarms of tools that know no "resolved" have no end; after an hour without another they are over. Alarms that end by being resolved are left alone.
 */
import type { Incident } from '../domain/incident.ts';
import type { Ledger } from '../ports.ts';
import { cardsFor } from './receive.ts';

const neverResolved: ReadonlySet<string> = new Set(['event', 'stream', 'manual', 'splunk', 'elastalert']);
const quietMs = 3_600_000;
const maxLive = 1_000;

/** True when some were closed. */
export async function closeQuiet(ledger: Ledger, now: number): Promise<boolean> {
  const { incidents } = await ledger.incidents({ live: true, limit: maxLive });
  const over = incidents.filter((incident) => isOver(incident, now)).map((incident) => resolved(incident, now));
  if (over.length === 0) return false;
  // A conflict means that an alert came in between: then they are not quiet, and the next look decides.
  return (await ledger.commit({ incidents: over, outbox: over.flatMap((incident) => cardsFor(incident, now, false)) })) === 'committed';
}

function isOver({ state, alerts, lastAlertAt }: Incident, now: number): boolean {
  return state === 'open' && now - lastAlertAt >= quietMs && alerts.every((alert) => neverResolved.has(alert.format));
}

function resolved(incident: Incident, now: number): Incident {
  return { ...incident, state: 'resolved', resolvedAt: incident.lastAlertAt, updatedAt: now, revision: incident.revision + 1 };
}
