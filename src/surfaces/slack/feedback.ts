/**
 * Verdicts. Confirm is one press; Reject asks what it really was. The same button again takes the verdict back, the other
 * one changes it. The card shows the outcome; the person who pressed is told in a line that only they see.
 */
import type { BlockButtonAction, App as Bolt, Context } from '@slack/bolt';
import type { WebClient } from '@slack/web-api';
import type { Log } from '../../adapter.ts';
import type { App, IncidentDetail, VoteRequest } from '../../app.ts';
import { Failure } from '../../domain/failure.ts';
import type { Vote } from '../../domain/feedback.ts';
import { bold, escaped } from '../../domain/mrkdwn.ts';
import { type HypothesisRef, readRef, refText, slackNames } from '../../domain/slack-names.ts';
import { acceptedAtKey } from './inbox.ts';
import { readRejection, rejectView, servicesFor } from './reject-view.ts';
import { type Permits, permitted } from './permits.ts';
import { opens, type Tell, tellBy, tellIn } from './tell.ts';

export function listenToVerdicts(bolt: Bolt, app: App, permits: Permits, log: Log): void {
  bolt.action<BlockButtonAction>(slackNames.confirm, async ({ ack, action, body, client, respond, context }) => {
    await ack();
    const tell = tellBy(respond, log);
    if (!(await permitted(permits.may(body.user.id, body.channel?.id ?? null, client), tell))) return;
    const found = await find(app, action.value, pressOf(body.user.id, context));
    if (found === null) return tell(gone);
    if (!found.isCast && found.justPressed !== 'confirm')
      await cast(app, found, found.standing === 'confirm' ? 'withdraw' : 'confirm', {}, tell);
  });

  bolt.action<BlockButtonAction>(slackNames.reject, async ({ ack, action, body, client, respond, context }) => {
    await ack();
    const tell = tellBy(respond, log);
    if (!(await permitted(permits.may(body.user.id, body.channel?.id ?? null, client), tell))) return;
    const found = await find(app, action.value, pressOf(body.user.id, context));
    if (found === null) return tell(gone);
    if (found.isCast || found.justPressed === 'reject') return;
    if (found.standing !== 'reject' && (await askWhy(app, found, body.trigger_id, body.channel?.id ?? null, client, log))) return;
    // Taken back, or too late to ask: the press itself must not be lost.
    await cast(app, found, found.standing === 'reject' ? 'withdraw' : 'reject', {}, tell);
  });

  bolt.view(slackNames.rejectView, async ({ ack, view, body, client, context }) => {
    const rejection = readRejection(view);
    const found = rejection === null ? null : await find(app, refText(rejection.ref), pressOf(body.user.id, context));
    if (rejection === null || found === null || found.isCast) return void (await ack());
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
      'reject',
      { actualService, actualKind: rejection.kind, note: rejection.note },
      tellIn(client, rejection.channel, body.user.id, log),
    );
  });
}

export const gone = 'I no longer know this incident, so your verdict could not be kept.';

/** Who acted, and when that was stored. */
export interface Press {
  readonly person: string;
  readonly at: number;
}

export function pressOf(user: string, context: Context): Press {
  const at: unknown = context[acceptedAtKey];
  return { person: `slack:${user}`, at: typeof at === 'number' ? at : Number.POSITIVE_INFINITY };
}

export interface Found {
  readonly ref: HypothesisRef;
  readonly person: string;
  readonly service: string;
  readonly standing: 'confirm' | 'reject' | null;
  /**
   * The person's verdict is younger than this act, so the act is done: it ran before and is run again. The same button twice
   * takes a verdict back, so acting again would undo it.
   */
  readonly isCast: boolean;
  /** The button that this person pressed a moment ago: the same once more is the second click of a double click. */
  readonly justPressed: 'confirm' | 'reject' | null;
}

export async function find(app: App, value: string | undefined, { person, at }: Press): Promise<Found | null> {
  const ref = value === undefined ? null : readRef(value);
  const detail = ref === null ? null : await app.incident(ref.incidentId);
  if (ref === null || detail === null) return null;
  const votes = detail.votes.filter((vote) => vote.hypothesisId === ref.hypothesisId);
  const own = votes.filter((vote) => vote.person === person);
  const hypothesis = detail.card.report?.context.hypotheses.find((h) => h.id === ref.hypothesisId);
  return {
    ref,
    person,
    // A suspect that has left the list since may still be judged: its votes name it.
    service: hypothesis?.service ?? votes[0]?.service ?? 'this suspect',
    standing: standingOf(detail, ref, person),
    isCast: own.some((vote) => vote.at >= at),
    justPressed: justPressed(own, at),
  };
}

function standingOf({ card }: IncidentDetail, { hypothesisId }: HypothesisRef, person: string): Found['standing'] {
  const tally = card.tallies.get(hypothesisId);
  if (tally?.confirmedBy.includes(person)) return 'confirm';
  return tally?.rejectedBy.includes(person) ? 'reject' : null;
}

/** Nobody changes their mind this fast; double clicks are half a second apart at most, and connections add to that. */
const doubleClickMs = 2_000;

function justPressed(own: readonly Vote[], at: number): Found['justPressed'] {
  const [last, before] = own.toSorted((a, b) => b.at - a.at);
  if (last === undefined || at - last.at >= doubleClickMs) return null;
  if (last.verdict !== 'withdraw') return last.verdict;
  // Taken back with the button of the verdict that stood until then.
  return before === undefined || before.verdict === 'withdraw' ? null : before.verdict;
}

async function askWhy(app: App, found: Found, trigger: string, channel: string | null, client: WebClient, log: Log): Promise<boolean> {
  const services = (await servicesFor(app, found.ref.incidentId)).filter((name) => name !== found.service);
  const view = rejectView({ ref: found.ref, channel, service: found.service, services });
  return opens(() => client.views.open({ trigger_id: trigger, view }), log);
}

export async function cast(
  app: App,
  { ref, service, person }: Found,
  verdict: VoteRequest['verdict'],
  more: Pick<VoteRequest, 'actualService' | 'actualKind' | 'note'>,
  tell: Tell,
): Promise<void> {
  try {
    const after = await app.vote({ ...ref, verdict, person, ...more });
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
