/** Pictures of an incident: when they are asked for, and whether they still say what the report says when their turn comes. */
import type { Incident } from '../domain/incident.ts';
import type { Card, Report } from '../domain/report.ts';
import type { Illustration, Ledger, LedgerChange, Outgoing } from '../ports.ts';

/** A ranking that changes its mind does so in the first seconds: pictures wait for that. */
const picturesAfterMs = 3_000;
/** A card that has not found its place by then is in trouble of its own. */
const cardWithinMs = 600_000;
/** How often pictures look whether their card stands, and whether their suspect is first again; that long after the alert at most. */
const cardWaitMs = 2_000;
const turnWaitMs = 30_000;
const turnWithinMs = 3_600_000;

type Entry = NonNullable<LedgerChange['outbox']>[number];

/**
 * Asks for pictures of what an open incident's report says. Once for each suspect that comes first: a change of mind is seen in
 * the thread, one that goes back and forth does not fill it.
 */
export function picturesFor(incident: Incident, { context }: Report, now: number): Entry[] {
  const suspect = context.hypotheses[0]?.id;
  if (suspect === undefined || context.verdict === 'healthy' || incident.state !== 'open') return [];
  return (incident.places ?? []).map(({ sink, channel }) => ({
    id: `pictures:${incident.id}:${suspect}:${sink}:${channel}`,
    sink,
    channel,
    incidentId: incident.id,
    content: { kind: 'pictures', suspect } as const,
    priority: 3 as const,
    dueAt: now + picturesAfterMs,
  }));
}

/**
 * A number: so many ms until it may be their turn, since the card they belong under is not there yet, or another suspect is
 * first for now. Null: there is nothing to show any more.
 */
export async function illustrationFor(
  { id, sink, channel, content }: Outgoing,
  card: Card | null,
  ledger: Ledger,
  now: number,
): Promise<Illustration | number | null> {
  const report = card?.report ?? null;
  if (card === null || report === null || content.kind !== 'pictures') return null;
  if (card.incident.state !== 'open') return null;
  const age = now - card.incident.openedAt;
  if (report.context.hypotheses[0]?.id !== content.suspect) return age > turnWithinMs ? null : turnWaitMs;
  const receipts = await ledger.receipts(card.incident.id);
  const receipt = receipts.find((r) => r.sink === sink && r.channel === channel);
  if (receipt !== undefined) return { id, card, threadId: receipt.messageId };
  return age > cardWithinMs ? null : cardWaitMs;
}
