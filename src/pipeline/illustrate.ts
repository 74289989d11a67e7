/** Pictures of an incident: when they are asked for, and whether they still say what the report says when their turn comes. */
import type { Incident } from '../domain/incident.ts';
import type { Card, Report } from '../domain/report.ts';
import { pictureIds } from '../ports/delivery.ts';
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
 * the thread, one that goes back and forth does not fill it. After a change of mind, pictures of others are marked.
 */
export function picturesFor(incident: Incident, { context, round }: Report, now: number, before: Report | null = null): Entry[] {
  const suspect = context.hypotheses[0]?.id;
  if (suspect === undefined || context.verdict === 'healthy' || incident.state !== 'open') return [];
  const earlier = before?.context.hypotheses[0]?.id ?? suspect;
  const ids = pictureIds(incident.id, suspect);
  const parts = [
    { part: 'map', start: ids.map },
    { part: 'minutes', start: ids.minutes },
    ...(earlier === suspect ? [] : [{ part: 'outdated', start: `outdated:${incident.id}:${round}:` } as const]),
  ] as const;
  return (incident.places ?? []).flatMap(({ sink, channel }) =>
    parts.map(({ part, start }, i) => ({
      id: `${start}${sink}:${channel}`,
      sink,
      channel,
      incidentId: incident.id,
      content: { kind: 'pictures', suspect, part } as const,
      priority: 3 as const,
      dueAt: now + picturesAfterMs + i,
    })),
  );
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
  const { part = 'map' } = content;
  if (report.context.hypotheses[0]?.id !== content.suspect) return part === 'outdated' || age > turnWithinMs ? null : turnWaitMs;
  const receipts = await ledger.receipts(card.incident.id);
  const receipt = receipts.find((r) => r.sink === sink && r.channel === channel);
  if (receipt !== undefined) return { id, part, card, threadId: receipt.messageId };
  return age > cardWithinMs ? null : cardWaitMs;
}
