/**
 * Verdicts. Confirm is one press; Reject asks what it really was. The same button again takes the verdict back, the other
 * one changes it. The card shows the outcome; the person who pressed is told in a line that only they see.
 */
import type { App as Bolt, BlockButtonAction } from '@slack/bolt';
import type { WebClient } from '@slack/web-api';
import type { Log } from '../../adapter.ts';
import type { App, IncidentDetail, VoteRequest } from '../../app.ts';
import { Failure } from '../../domain/failure.ts';
import { bold, escaped } from '../../domain/mrkdwn.ts';
import { type HypothesisRef, readRef, refText, slackNames } from '../../domain/slack-names.ts';
import { readRejection, rejectView, servicesFor } from './reject-view.ts';
import { opens, type Tell, tellBy, tellIn } from './tell.ts';

export function listenToVerdicts(bolt: Bolt, app: App, log: Log): void {
  bolt.action<BlockButtonAction>(slackNames.confirm, async ({ ack, action, body, respond }) => {
    await ack();
    await press(app, action.value, body.user.id, 'confirm', tellBy(respond, log));
  });

  bolt.action<BlockButtonAction>(slackNames.reject, async ({ ack, action, body, client, respond }) => {
    await ack();
    const tell = tellBy(respond, log);
    const found = await find(app, action.value, body.user.id);
    if (found === null) return tell(gone);
    if (found.standing !== 'reject' && (await askWhy(app, found, body.trigger_id, body.channel?.id ?? null, client, log))) return;
    // Taken back, or too late to ask: the press itself must not be lost.
    await cast(app, found, body.user.id, found.standing === 'reject' ? 'withdraw' : 'reject', {}, tell);
  });

  bolt.view(slackNames.rejectView, async ({ ack, view, body, client }) => {
    const rejection = readRejection(view);
    const found = rejection === null ? null : await find(app, refText(rejection.ref), body.user.id);
    if (rejection === null || found === null) return void (await ack());
    const services = await servicesFor(app, found.ref.incidentId);
    const actualService = services.find((name) => rejection.isChosen(name)) ?? null;
    if (actualService === found.service)
      return void (await ack({
        response_action: 'errors',
        errors: { [rejection.serviceBlock]: 'This is the service you are rejecting. Choose another, or none.' },
      }));
    await ack();
    await cast(
      app,
      found,
      body.user.id,
      'reject',
      { actualService, note: rejection.note },
      tellIn(client, rejection.channel, body.user.id, log),
    );
  });
}

const gone = 'I no longer know this incident, so your verdict could not be kept.';

interface Found {
  readonly ref: HypothesisRef;
  readonly service: string;
  readonly standing: 'confirm' | 'reject' | null;
}

async function press(app: App, value: string | undefined, user: string, verdict: 'confirm', tell: Tell): Promise<void> {
  const found = await find(app, value, user);
  if (found === null) return tell(gone);
  await cast(app, found, user, found.standing === verdict ? 'withdraw' : verdict, {}, tell);
}

async function find(app: App, value: string | undefined, user: string): Promise<Found | null> {
  const ref = value === undefined ? null : readRef(value);
  const detail = ref === null ? null : await app.incident(ref.incidentId);
  if (ref === null || detail === null) return null;
  const hypothesis = detail.card.report?.context.hypotheses.find((h) => h.id === ref.hypothesisId);
  // A suspect that has left the list since may still be judged: its votes name it.
  const service = hypothesis?.service ?? detail.votes.find((vote) => vote.hypothesisId === ref.hypothesisId)?.service;
  return service === undefined
    ? { ref, service: 'this suspect', standing: null }
    : { ref, service, standing: standingOf(detail, ref, `slack:${user}`) };
}

function standingOf({ card }: IncidentDetail, { hypothesisId }: HypothesisRef, person: string): Found['standing'] {
  const tally = card.tallies.get(hypothesisId);
  if (tally?.confirmedBy.includes(person)) return 'confirm';
  return tally?.rejectedBy.includes(person) ? 'reject' : null;
}

async function askWhy(app: App, found: Found, trigger: string, channel: string | null, client: WebClient, log: Log): Promise<boolean> {
  const services = (await servicesFor(app, found.ref.incidentId)).filter((name) => name !== found.service);
  const view = rejectView({ ref: found.ref, channel, service: found.service, services });
  return opens(() => client.views.open({ trigger_id: trigger, view }), log);
}

async function cast(
  app: App,
  { ref, service }: Found,
  user: string,
  verdict: VoteRequest['verdict'],
  more: Pick<VoteRequest, 'actualService' | 'note'>,
  tell: Tell,
): Promise<void> {
  try {
    const after = await app.vote({ ...ref, verdict, person: `slack:${user}`, ...more });
    await tell(`${said[verdict](bold(escaped(service, 80)))} ${firstNow(after)}`.trim());
  } catch (error) {
    if (!(error instanceof Failure) || error.isRetryable) throw error;
    await tell(`Your verdict could not be kept: ${escaped(error.hint ?? error.message, 300)}`);
  }
}

const said: Readonly<Record<VoteRequest['verdict'], (service: string) => string>> = {
  confirm: (service) => `Noted: you confirmed ${service}. Press Confirm again to take it back.`,
  reject: (service) => `Noted: you rejected ${service}. Press Reject again to take it back.`,
  withdraw: (service) => `Your verdict on ${service} is taken back.`,
};

function firstNow({ card }: IncidentDetail): string {
  return card.incident.state === 'resolved' ? '' : 'The report is ranked again with it.';
}
