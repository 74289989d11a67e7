/** What somebody who asks for an issue finds filled in, and may choose: from the report, and from the tracker where it answers in time. */
import type { Severity } from '../domain/alert.ts';
import { Failure } from '../domain/failure.ts';
import { ticketDescription, ticketSummary } from '../domain/ticket.ts';
import type { TicketChoices, TicketForm } from '../domain/ticket-wish.ts';
import type { Ledger, Sink } from '../ports.ts';
import type { Tracker } from '../ports/tracker.ts';
import { cardOf } from './deliver.ts';
import { ticketOn, trackerOf } from './tickets.ts';

/** A form must be open 3 s after the press (docs.slack.dev, "trigger_id"): what is not known by then is left to be typed. */
const choicesMs = 1_500;
/** What fits into a field that people edit (Block Kit reference, plain text input). */
const maxDescription = 3_000;

/** The first of these that the tracker knows. */
const priorities: Readonly<Record<Severity, readonly string[]>> = {
  critical: ['Highest', 'Critical', 'High'],
  warning: ['Medium', 'Major'],
  info: ['Low', 'Minor'],
};

export interface TicketFormOptions {
  readonly ledger: Ledger;
  readonly sinks: ReadonlyMap<string, Sink>;
  readonly redactDeep: <T>(value: T) => { readonly value: T };
}

export async function ticketForm(incidentId: string, { ledger, sinks, redactDeep }: TicketFormOptions): Promise<TicketForm | null> {
  const connected = trackerOf(sinks);
  const stored = connected === null ? null : await cardOf(incidentId, ledger);
  if (connected === null || stored === null) return null;
  const { sink, tracker } = connected;
  const card = { ...stored, incident: redactDeep(stored.incident).value };
  const [receipts, choices] = await Promise.all([ledger.receipts(incidentId), choicesInTime(tracker)]);
  const shown = receipts.find((receipt) => receipt.sink === 'slack')?.url ?? null;
  const link = shown === null ? '' : `\n\nReport: ${shown}`;
  return {
    ticket: ticketOn(stored.incident, receipts, sink),
    choices,
    wish: {
      project: tracker.project,
      type: tracker.type,
      priority: priorities[card.incident.severity].find((name) => choices?.priorities.includes(name)) ?? null,
      assignee: null,
      summary: ticketSummary(card),
      description: `${ticketDescription(card, maxDescription - link.length)}${link}`,
    },
  };
}

async function choicesInTime(tracker: Tracker): Promise<TicketChoices | null> {
  try {
    return await tracker.choices(tracker.project, AbortSignal.timeout(choicesMs));
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return null;
  }
}
