/**
 * What people do with incidents: resolve one, mute one or all of a service, take a mute back. Each is one change: the word
 * in the log, the incidents as they now stand, and their cards, drawn once more to say so.
 */
import { type Act, type ActKind, maxMuteMs } from '../domain/act.ts';
import { fnv1a } from '../domain/evidence.ts';
import { Failure } from '../domain/failure.ts';
import type { Incident } from '../domain/incident.ts';
import type { Ledger, LedgerChange } from '../ports.ts';
import { cardsFor, investigateWork } from './receive.ts';

/** An incident, or all of a service, those to come included. */
export type Subject = { readonly incidentId: string } | { readonly service: string };

export interface ActOptions {
  readonly ledger: Ledger;
  readonly now: () => number;
}

/** Another change may come in between; after this many something else is wrong. */
const maxTries = 8;
const maxLive = 1_000;

/**
 * A person's word that it is over. Its alarms count as ended: what is said of the same firing again opens nothing. Throws
 * Failure `rejected` for an id that is not there; true when it was not resolved already.
 */
export async function resolveIncident(incidentId: string, person: string, options: ActOptions): Promise<boolean> {
  return change(options, async (at) => {
    const incident = await known(incidentId, options.ledger);
    if (incident.state === 'resolved') return null;
    return {
      acts: [actOf('resolve', person, at, { incidentId })],
      incidents: [resolved(incident, at)],
    };
  });
}

/** What a person says was done: kept, and told in the report, which is written again for it. */
export async function noteFact(incidentId: string, text: string, person: string, { ledger, now }: ActOptions): Promise<void> {
  await known(incidentId, ledger);
  const at = now();
  const act = actOf('note', person, at, { incidentId });
  // Pressed twice it is one note.
  const id = `n${fnv1a(JSON.stringify([incidentId, person, text])).toString(36)}`;
  await ledger.commit({ about: [incidentId], acts: [{ ...act, id, text }], work: [investigateWork(incidentId, at)] });
}

/** Whether an answer helped. `at` is when it was said: run again after a crash it is the same act. */
export async function rateAnswer(
  rated: NonNullable<Act['rated']>,
  said: { incidentId: string | null; person: string; at: number },
  ledger: Ledger,
): Promise<void> {
  const { incidentId, person, at } = said;
  const id = `r${at.toString(36)}${fnv1a(JSON.stringify([rated, person])).toString(36)}`;
  await ledger.commit({ acts: [{ id, kind: 'rate', person, at, incidentId, service: null, untilAt: null, rated }] });
}

/** Until `untilAt` no card is drawn and no message sent of it. Answers how many incidents fell silent with it. */
export async function mute(subject: Subject, untilAt: number, person: string, options: ActOptions): Promise<number> {
  let silenced = 0;
  await change(options, async (at) => {
    if (untilAt <= at || untilAt > at + maxMuteMs)
      throw new Failure('rejected', 'mute', 'mute', { hint: `a mute lasts up to ${maxMuteMs / 86_400_000} days` });
    const live = (await concerned(subject, options.ledger)).filter(({ state }) => state !== 'resolved');
    silenced = live.length;
    return {
      acts: [actOf('mute', person, at, subject, untilAt)],
      incidents: live.map((incident) => ({ ...touched(incident, at), state: 'muted', mutedUntil: untilAt })),
    };
  });
  return silenced;
}

/** Answers how many incidents speak again. */
export async function unmute(subject: Subject, person: string, options: ActOptions): Promise<number> {
  let woken = 0;
  await change(options, async (at) => {
    // One that has ended would fall silent again with its next occurrence.
    const muted = (await concerned(subject, options.ledger)).filter((one) => one.state === 'muted' || (one.mutedUntil ?? 0) > at);
    woken = muted.filter(({ state }) => state === 'muted').length;
    return { acts: [actOf('unmute', person, at, subject)], incidents: muted.map((incident) => awake(incident, at)) };
  });
  return woken;
}

/** Wakes what has been silent long enough; true when something was. */
export async function endMutes({ ledger, now }: ActOptions): Promise<boolean> {
  const at = now();
  const { incidents } = await ledger.incidents({ state: 'muted', limit: maxLive });
  const over = incidents.filter(({ mutedUntil }) => mutedUntil !== null && mutedUntil <= at).map((incident) => awake(incident, at));
  if (over.length === 0) return false;
  return (await ledger.commit({ incidents: over, outbox: over.flatMap((incident) => cardsFor(incident, at, true)) })) === 'committed';
}

/** `decide` is asked again when what it stood on has moved. Null: there is nothing to do. */
async function change(
  { ledger, now }: ActOptions,
  decide: (at: number) => Promise<Pick<LedgerChange, 'acts' | 'incidents'> | null>,
): Promise<boolean> {
  for (let attempt = 0; attempt < maxTries; attempt++) {
    const at = now();
    const decided = await decide(at);
    if (decided === null) return false;
    // The card of what falls silent says so, once.
    const outbox = (decided.incidents ?? []).flatMap((incident) => cardsFor({ ...incident, state: 'open' }, at, false));
    if ((await ledger.commit({ ...decided, outbox })) === 'committed') return true;
  }
  throw new Failure('unavailable', 'ledger', 'store what was asked', { hint: 'the incident kept changing', retryAfterMs: 1_000 });
}

async function known(id: string, ledger: Ledger): Promise<Incident> {
  const incident = await ledger.incident(id);
  if (incident === null) throw new Failure('rejected', 'incident', 'look it up', { hint: `there is no incident ${id}`, path: 'incident' });
  return incident;
}

async function concerned(subject: Subject, ledger: Ledger): Promise<Incident[]> {
  if ('incidentId' in subject) return [await known(subject.incidentId, ledger)];
  return (await ledger.incidents({ live: true, service: subject.service, limit: maxLive })).incidents;
}

export function actOf(kind: ActKind, person: string, at: number, subject: Subject, untilAt: number | null = null): Act {
  const of = { incidentId: null, service: null, ...subject };
  return { id: `a${at.toString(36)}${fnv1a(JSON.stringify([kind, person, of])).toString(36)}`, kind, person, at, ...of, untilAt };
}

function touched(incident: Incident, at: number): Incident {
  return { ...incident, updatedAt: at, revision: incident.revision + 1 };
}

function awake(incident: Incident, at: number): Incident {
  return { ...touched(incident, at), state: incident.state === 'muted' ? 'open' : incident.state, mutedUntil: null };
}

function resolved(incident: Incident, at: number): Incident {
  const alerts = incident.alerts.map((alert) => {
    if (alert.status === 'resolved') return alert;
    const { expiresAt: _, ...ended } = alert;
    return { ...ended, status: 'resolved' as const, endsAt: at };
  });
  return { ...touched(incident, at), state: 'resolved', resolvedAt: at, mutedUntil: null, alerts };
}
