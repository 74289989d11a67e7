/**
 * Alarms that end by themselves: Prometheus pushes what fires again and again, and says with each push when it is over
 * unless it is pushed once more. The time stands as due work, one entry for each alarm of an incident, which a push moves on;
 * the incident itself is not written for it, and the time outlasts a restart.
 *
 *   10:00 pushed, ends 10:04  →  INC-1 opens, `expire:INC-1:<fingerprint>` is due at 10:04
 *   10:01 pushed, ends 10:05  →  a delivery seen before: the entry is due at 10:05, nothing else changes
 *   10:05 nothing came        →  resolved, as of 10:05
 *   10:09 pushed, same start  →  it had ended by itself, so it fires anew
 */
import type { Alert } from '../domain/alert.ts';
import type { Incident } from '../domain/incident.ts';
import type { Ledger, Work } from '../ports.ts';

/** Longer than the minute after which Prometheus pushes again: what we were not there to hear of is not over. */
const restartGraceMs = 120_000;

export function expiryWork(incidentId: string, { fingerprint, expiresAt }: Alert): Work[] {
  if (expiresAt === undefined) return [];
  return [{ id: `expire:${incidentId}:${fingerprint}`, kind: 'expire', subject: incidentId, dueAt: expiresAt, attempts: 0 }];
}

/** Where a pushed alarm stands: `incident` is the one in which it fires, if any. */
export interface Standing {
  /** The alert as it is to be taken: a new occurrence where the alarm had ended. */
  readonly alert: Alert;
  readonly incident: Incident | null;
}

/** `alert` was seen before and went to `holder`. `open`: what a new alert may join. */
export function standing(alert: Alert, holder: Incident | null, open: readonly Incident[], now: number): Standing {
  if (alert.expiresAt === undefined || alert.status === 'resolved') return { alert, incident: holder };
  const knowing = [...open, ...(holder === null ? [] : [holder])].flatMap((incident) => {
    const known = incident.alerts.find(({ fingerprint }) => fingerprint === alert.fingerprint);
    return known === undefined ? [] : [{ incident, known }];
  });
  const firing = knowing.find(({ incident, known }) => incident.state !== 'resolved' && known.status === 'firing');
  if (firing !== undefined) return { alert, incident: firing.incident };
  // An incident that is full only counts its alerts.
  if (knowing.length === 0 && holder !== null && holder.state !== 'resolved') return { alert, incident: holder };
  const latest = knowing.sort((a, b) => endOf(b.known) - endOf(a.known))[0];
  // What its sender ended and then pushes under the old start is a push that was held up on its way.
  const isOver = latest?.known.status === 'resolved' && latest.known.expiresAt === undefined && alert.occurrence === undefined;
  if (isOver) return { alert, incident: latest.incident };
  return { alert: { ...alert, startsAt: now, occurrence: `${alert.occurrence ?? alert.startsAt}+${now}` }, incident: null };
}

function endOf({ endsAt, startsAt }: Alert): number {
  return endsAt ?? startsAt;
}

export interface ExpiryOptions {
  readonly ledger: Ledger;
  readonly now: () => number;
  readonly startedAt: number;
  readonly receive: (alerts: readonly Alert[]) => Promise<unknown>;
}

/** Ends the alarm whose time has come. */
export async function expire(work: Work, { ledger, now, startedAt, receive }: ExpiryOptions): Promise<void> {
  if (now() < startedAt + restartGraceMs) return ledger.postpone(work, startedAt + restartGraceMs);
  const incident = await ledger.incident(work.subject);
  const known = incident?.alerts.find(({ fingerprint }) => work.id === `expire:${work.subject}:${fingerprint}`);
  // One that was told of by another door since then has no such time and is ended there.
  if (incident?.state !== 'resolved' && known?.status === 'firing' && known.expiresAt !== undefined)
    await receive([{ ...known, status: 'resolved', endsAt: work.dueAt, expiresAt: work.dueAt }]);
  await ledger.commit({ workDone: [work] });
}
