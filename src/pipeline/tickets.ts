/**
 * One issue per incident, whoever asks for it and however often. To ask is to store, in one change with the incident's
 * revision, where its issue will be; the outbox opens it. Of fifty who ask at once one commit stands, and the others read it.
 */
import { actOf } from './acts.ts';
import { Failure } from '../domain/failure.ts';
import type { Incident } from '../domain/incident.ts';
import type { Receipt } from '../domain/report.ts';
import type { CardTicket, TicketWish } from '../domain/ticket-wish.ts';
import type { Ledger, Outgoing, Sent, Sink } from '../ports.ts';
import { cardsFor } from './receive.ts';

/** Another change may come in between; after this many something else is wrong. */
const maxTries = 60;

export interface TicketOptions {
  readonly ledger: Ledger;
  readonly now: () => number;
}

/** The sink that opens issues; null where none is connected. */
export function trackerOf(
  sinks: ReadonlyMap<string, Sink>,
): { readonly sink: string; readonly tracker: NonNullable<Sink['tracker']> } | null {
  for (const [sink, { tracker }] of sinks) if (tracker !== undefined) return { sink, tracker };
  return null;
}

/** How a card tells of the issue. */
export function ticketOn({ places = [], ticket }: Incident, receipts: readonly Receipt[], sink: string): CardTicket {
  const receipt = receipts.find((one) => one.sink === sink);
  if (receipt !== undefined) return { state: 'made', key: receipt.messageId, url: receipt.url, status: receipt.status ?? null };
  if (ticket?.refused !== undefined) return { state: 'refused', reason: ticket.refused };
  return { state: places.some((place) => place.sink === sink) ? 'asked' : 'none' };
}

/** Answers how the issue stood before: `none` and `refused` mean that it is now on its way. */
export async function askForTicket(
  asked: { readonly incidentId: string; readonly wish: TicketWish; readonly person: string; readonly sink: string },
  { ledger, now }: TicketOptions,
): Promise<CardTicket> {
  const { incidentId, wish, person, sink } = asked;
  for (let attempt = 0; attempt < maxTries; attempt++) {
    const incident = await ledger.incident(incidentId);
    if (incident === null)
      throw new Failure('rejected', 'incident', 'look it up', { hint: `there is no incident ${incidentId}`, path: 'incident' });
    const before = ticketOn(incident, await ledger.receipts(incidentId), sink);
    if (before.state === 'made' || before.state === 'asked') return before;
    const at = now();
    const others = (incident.places ?? []).filter((place) => place.sink !== sink);
    const after = { ...touched(incident, at), ticket: wish, places: [...others, { sink, channel: wish.project }] };
    const change = { incidents: [after], acts: [actOf('ticket', person, at, { incidentId })], outbox: redrawn(after, at) };
    if ((await ledger.commit(change)) === 'committed') return before;
  }
  throw new Failure('unavailable', 'ledger', 'store what was asked', { hint: 'the incident kept changing', retryAfterMs: 1_000 });
}

/** The tracker would not have it: the card says why, and somebody may ask otherwise. */
export async function refuseTicket({ incidentId, sink, channel }: Outgoing, reason: string, { ledger, now }: TicketOptions): Promise<void> {
  for (let attempt = 0; incidentId !== null && attempt < maxTries; attempt++) {
    const incident = await ledger.incident(incidentId);
    const wish = incident?.ticket;
    // One that a route asked for is not refused to anybody: readiness says it.
    if (incident === null || wish === undefined || wish.project !== channel) return;
    if ((await ledger.receipts(incidentId)).some((receipt) => receipt.sink === sink)) return;
    const at = now();
    const after = { ...touched(incident, at), ticket: { ...wish, refused: reason } };
    const outbox = redrawn(after, at).filter((entry) => entry.sink !== sink);
    if ((await ledger.commit({ incidents: [after], outbox })) === 'committed') return;
  }
}

/** Cards to draw again once an issue is there, or has moved. */
export async function cardsAfter({ incidentId, sink }: Outgoing, sent: Sent, before: Receipt | null, { ledger, now }: TicketOptions) {
  const isNews = before === null || before.messageId !== sent.messageId || before.status !== sent.status;
  const incident = isNews && incidentId !== null ? await ledger.incident(incidentId) : null;
  return incident === null ? [] : redrawn(incident, now()).filter((entry) => entry.sink !== sink);
}

/** A muted incident's card too says where its issue is. */
function redrawn(incident: Incident, at: number) {
  return cardsFor({ ...incident, state: 'open' }, at, false);
}

function touched(incident: Incident, at: number): Incident {
  return { ...incident, updatedAt: at, revision: incident.revision + 1 };
}
