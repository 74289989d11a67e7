/** The buttons of a card: a verdict on each suspect, and what can be done with the incident as it stands. */
import type { ActionsBlock, ActionsBlockElement, Button } from '@slack/types';
import type { ContextHypothesis } from '../../../domain/incident-context.ts';
import { plainLine } from '../../../domain/mrkdwn.ts';
import type { Card } from '../../../domain/report.ts';
import { type MoreChoice, moreText, refText, slackNames } from '../../../domain/slack-names.ts';
import { limits } from './details.ts';

/** Block ids are new whenever the card is: clients may otherwise keep showing the old ones (docs: chat.update). */
export function verdictButtons(card: Card, hypothesis: ContextHypothesis, place: number): ActionsBlock {
  const value = refText({ incidentId: card.incident.id, hypothesisId: hypothesis.id });
  const tally = card.tallies.get(hypothesis.id);
  const version = `${card.report?.round ?? 0}.${card.incident.revision}.${tally?.confirm ?? 0}.${tally?.reject ?? 0}`;
  const name = hypothesis.service.replace(/[\s\p{Cc}]+/gu, ' ').toWellFormed();
  const label = (start: string, end: string) => `${start}${shorten(name, limits.label - start.length - end.length)}${end}`;
  return {
    type: 'actions',
    block_id: `${hypothesis.id}.${version}`.slice(0, 255),
    elements: [
      {
        type: 'button',
        action_id: slackNames.confirm,
        text: { type: 'plain_text', text: 'Confirm', emoji: true },
        value,
        accessibility_label: label('Confirm ', ' as the cause'),
        ...(place === 0 ? { style: 'primary' as const } : {}),
      },
      {
        type: 'button',
        action_id: slackNames.reject,
        text: { type: 'plain_text', text: 'Reject', emoji: true },
        value,
        accessibility_label: label('Reject ', ' as the cause'),
      },
    ],
  };
}

function shorten(text: string, max: number): string {
  return text.length <= max ? text : `${text.slice(0, max - 1).toWellFormed()}…`;
}

/** Four at most, by state; what is rarer is in the menu. A resolved incident can only be handed on. */
export function incidentButtons({ incident, report, ticket }: Card): ActionsBlock {
  const button = (action_id: string, text: string): Button => ({
    type: 'button',
    action_id,
    text: { type: 'plain_text', text, emoji: true },
    value: incident.id,
    accessibility_label: `${text}: ${incident.id}`.slice(0, limits.label),
  });
  const byState: Readonly<Record<Card['incident']['state'], readonly ActionsBlockElement[]>> = {
    open: [button(slackNames.resolve, 'Resolve'), button(slackNames.mute, 'Mute 1 h')],
    muted: [button(slackNames.unmute, 'Unmute'), button(slackNames.resolve, 'Resolve')],
    resolved: [],
  };
  const isLive = incident.state !== 'resolved';
  const isUnasked = ticket?.state === 'none' || ticket?.state === 'refused';
  return {
    type: 'actions',
    block_id: `incident.${report?.round ?? 0}.${incident.revision}`,
    elements: [
      ...byState[incident.state],
      button(slackNames.export, 'For my coding agent'),
      ...(isUnasked ? [button(slackNames.ticket, 'Create Jira issue')] : []),
      ...(isLive ? [more(incident.id, report?.context.hypotheses[0] ?? null)] : []),
    ],
  };
}

const moreWords: readonly [readonly [MoreChoice, string], ...(readonly [MoreChoice, string])[]] = [
  ['map', 'Show who calls whom here'],
  ['mute-4h', 'Mute for 4 hours'],
  ['mute-1d', 'Mute for a day'],
];

/** Of an option, by Slack. */
const maxOption = 75;

function more(incidentId: string, first: ContextHypothesis | null): ActionsBlockElement {
  const noted = (name: string) => ['confirm-note', shorten(`Confirm ${name}, with a note`, maxOption)] as const;
  const [map, ...mutes] = moreWords;
  const words = [map, ...(first === null ? [] : [noted(plainLine(first.service, 50))]), ...mutes];
  return {
    type: 'overflow',
    action_id: slackNames.more,
    options: words.map(([what, text]) => ({ text: { type: 'plain_text', text, emoji: true }, value: moreText(what, incidentId) })),
  };
}
