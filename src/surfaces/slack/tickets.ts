/** From a card to an issue: the press opens a form, the form asks for the one issue of the incident. */
import type { BlockButtonAction, App as Bolt } from '@slack/bolt';
import type { Log } from '../../adapter.ts';
import type { App } from '../../app.ts';
import { Failure } from '../../domain/failure.ts';
import { bold, escaped, link } from '../../domain/mrkdwn.ts';
import { slackNames } from '../../domain/slack-names.ts';
import type { CardTicket } from '../../domain/ticket-wish.ts';
import { type Permits, permitted } from './permits.ts';
import { opens, tellBy, tellIn } from './tell.ts';
import { readTicket, ticketView } from './ticket-view.ts';

export function listenToTickets(bolt: Bolt, app: App, permits: Permits, log: Log): void {
  bolt.action<BlockButtonAction>(slackNames.ticket, async ({ ack, action, body, client, respond }) => {
    await ack();
    const tell = tellBy(respond, log);
    const channel = body.channel?.id ?? null;
    if (!(await permitted(permits.may(body.user.id, channel, client), tell))) return;
    const incidentId = action.value ?? '';
    const form = await app.ticketForm(incidentId);
    if (form === null) return tell('I can open no issue for this: the incident is not known any more, or Jira is not connected.');
    if (form.ticket.state === 'made' || form.ticket.state === 'asked') return tell(standsText(incidentId, form.ticket));
    const view = ticketView(incidentId, channel, form);
    if (!(await opens(() => client.views.open({ trigger_id: body.trigger_id, view }), log)))
      await tell('The form could not be opened. Press the button once more.');
  });

  bolt.view(slackNames.ticketView, async ({ ack, view, body, client }) => {
    const asked = readTicket(view);
    if (asked === null) return void (await ack());
    const { incidentId, channel, wish, errors } = asked;
    if (Object.keys(errors).length > 0) return void (await ack({ response_action: 'errors', errors: { ...errors } }));
    await ack();
    const tell = tellIn(client, channel, body.user.id, log);
    if (!(await permitted(permits.may(body.user.id, channel, client), tell))) return;
    try {
      await tell(standsText(incidentId, await app.openTicket({ incidentId, wish, person: `slack:${body.user.id}` })));
    } catch (error) {
      if (!(error instanceof Failure) || error.isRetryable) throw error;
      await tell(`No issue was opened: ${escaped(error.hint ?? error.message, 300)}`);
    }
  });
}

/** How it stood before the press. */
function standsText(incidentId: string, ticket: CardTicket): string {
  const incident = bold(escaped(incidentId, 40));
  if (ticket.state === 'made') return `${incident} has its issue already: ${link(ticket.url, escaped(ticket.key, 60))}.`;
  if (ticket.state === 'asked') return `The issue of ${incident} is being opened already; the card will name it.`;
  return `The issue of ${incident} is being opened; the card will name it.`;
}
