/** The Home tab: what is open, what this person said lately, how reports have done, what is connected. Drawn each time it is opened. */
import type { AppHomeOpenedEvent } from '@slack/types';
import type { BlockButtonAction, App as Bolt } from '@slack/bolt';
import type { HomeView, KnownBlock } from '@slack/types';
import type { Log } from '../../adapter.ts';
import type { App, IncidentDetail } from '../../app.ts';
import { bold, escaped, instant, link } from '../../domain/mrkdwn.ts';
import { slackNames } from '../../domain/slack-names.ts';
import { faultWords } from '../../domain/wording.ts';
import { statisticsText } from './act-texts.ts';
import { connectedText, incidentsText } from './command-texts.ts';
import { investigateView } from './shortcuts.ts';
import { opens } from './tell.ts';

const listedOpen = 10;
/** A person's verdicts are looked for in this many of the latest incidents. */
const lookedThrough = 50;
const listedVerdicts = 5;
/** Of a section, by Slack. */
const maxText = 3_000;

export function listenToHome(bolt: Bolt, app: App, log: Log): void {
  bolt.event('app_home_opened', async ({ event, client }) => {
    if (!isHome(event)) return;
    const view = await homeView(app, `slack:${event.user}`);
    await opens(() => client.views.publish({ user_id: event.user, view }), log);
  });
  bolt.action<BlockButtonAction>(slackNames.homeInvestigate, async ({ ack, body, client }) => {
    await ack();
    await opens(() => client.views.open({ trigger_id: body.trigger_id, view: investigateView('', null) }), log);
  });
}

function isHome(event: AppHomeOpenedEvent): boolean {
  return event.tab === 'home';
}

export async function homeView(app: App, person: string): Promise<HomeView> {
  const [open, latest, status, readiness, statistics] = await Promise.all([
    app.incidents({ live: true, limit: listedOpen }),
    app.incidents({ limit: lookedThrough }),
    app.status(),
    app.readiness(),
    app.statistics(),
  ]);
  return {
    type: 'home',
    blocks: [
      header('Open incidents'),
      section(incidentsText(open)),
      {
        type: 'actions',
        elements: [
          {
            type: 'button',
            action_id: slackNames.homeInvestigate,
            style: 'primary',
            text: { type: 'plain_text', text: 'New investigation' },
            accessibility_label: 'Look into a service or a correlation id',
          },
        ],
      },
      header('Your verdicts'),
      section(verdictsText(latest.incidents, person)),
      header('How reports have done'),
      section(statisticsText(statistics)),
      header('Connected'),
      section(connectedText(status, readiness)),
    ],
  };
}

function verdictsText(incidents: readonly IncidentDetail[], person: string): string {
  const own = incidents.flatMap(({ card, votes, receipts }) => {
    const url = receipts.find((receipt) => receipt.url !== null)?.url ?? null;
    return votes
      .filter((vote) => vote.person === person && vote.verdict !== 'withdraw')
      .map((vote) => ({ vote, url, id: card.incident.id }));
  });
  const latest = own.sort((a, b) => b.vote.at - a.vote.at).slice(0, listedVerdicts);
  if (latest.length === 0) return 'None lately. Confirm or reject a suspect under a report, and the ranking learns from it.';
  return latest
    .map(({ vote, url, id }) => {
      const kind = vote.actualKind == null ? '' : faultWords[vote.actualKind];
      const service = vote.actualService === null ? '' : escaped(vote.actualService, 80);
      const was = service === '' ? kind : `${service}${kind === '' ? '' : ` (${kind})`}`;
      const really = was === '' ? '' : `: it was ${was}`;
      return `• ${bold(link(url, id))} ${vote.verdict === 'confirm' ? 'confirmed' : 'rejected'} ${escaped(vote.service, 80)}${really} · ${instant(vote.at)}`;
    })
    .join('\n');
}

function header(text: string): KnownBlock {
  return { type: 'header', text: { type: 'plain_text', text } };
}

/** Rows are cut, never a row. */
function section(text: string): KnownBlock {
  const rows = text.split('\n');
  let fitting = rows;
  while (fitting.join('\n').length > maxText - 20) fitting = fitting.slice(0, -1);
  const left = rows.length - fitting.length;
  return { type: 'section', text: { type: 'mrkdwn', text: left === 0 ? text : `${fitting.join('\n')}\n… ${left} more`, verbatim: true } };
}
