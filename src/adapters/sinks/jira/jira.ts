/**
 * Issues. One per incident: its label is looked for before one is opened, so that neither a lost answer nor a lost store
 * makes a second. What is news afterwards becomes a comment; where it is configured, the end of the incident and its return
 * move the issue. People's own changes to it are never undone.
 */
import { z } from 'zod';
import type { Log } from '../../../adapter.ts';
import { redact } from '../../../domain/redact.ts';
import type { Card } from '../../../domain/report.ts';
import { reportText } from '../../../domain/report-text.ts';
import { ticketDescription, ticketSummary } from '../../../domain/ticket.ts';
import { type News, newsOf, Told, toldAfter } from '../../../domain/told.ts';
import type { TicketChoices } from '../../../domain/ticket-wish.ts';
import type { Tracker } from '../../../ports/tracker.ts';
import { type Sent, type Shipment, sink } from '../../../ports.ts';
import { createJira, type Jira } from './asking.ts';
import { choicesOf, comment, createIssue, findIssue, type Issue, readIssue, transition } from './issues.ts';

/** Comments count against a limit per issue (REST reference, "Rate limiting"). */
const paceMs = 1_000;

const keptMs = 300_000;

type Shipped<Kind extends Shipment['kind']> = Extract<Shipment, { kind: Kind }>;

const Settings = z.object({
  JIRA_URL: z.url({ protocol: /^https?$/ }).describe('Address of Jira, as `https://acme.atlassian.net` or `https://jira.example.com`'),
  JIRA_EMAIL: z
    .string()
    .min(1)
    .optional()
    .describe('Whose API token it is: on Jira Cloud; not with a personal access token of Data Center'),
  JIRA_TOKEN: z.string().min(1).describe('API token (Cloud) or personal access token (Data Center)'),
  JIRA_PROJECT: z
    .string()
    .regex(/^[A-Z][A-Z0-9_]{0,99}$/, 'must be the key of a project, as OPS')
    .describe('Key of the project that gets issues; routes open them by themselves as `jira:OPS`'),
  JIRA_ISSUE_TYPE: z.string().min(1).default('Task').describe('Type of the issues'),
  JIRA_DONE_TRANSITION: z
    .string()
    .min(1)
    .optional()
    .describe('Transition that an issue takes when its incident is resolved; none without it'),
  JIRA_REOPEN_TRANSITION: z.string().min(1).optional().describe('Transition that it takes when the incident is back; none without it'),
});
type Settings = z.infer<typeof Settings>;

export const jira = sink({
  id: 'jira',
  settings: Settings,
  create(settings, tools) {
    const api = createJira(settings, tools);
    const desk = { api, settings, log: tools.log };
    return {
      // None by itself: an issue is opened by a person or by a route.
      channels: [],
      paceMs,
      tracker: {
        project: settings.JIRA_PROJECT,
        type: settings.JIRA_ISSUE_TYPE,
        choices: remembered((project, signal) => choicesOf(api, project, signal), tools.now),
      },
      async deliver(shipment, { mayExist, signal }) {
        return shipment.kind === 'card' ? show(shipment, { ...desk, mayExist, signal }) : say(shipment, { ...desk, mayExist, signal });
      },
      async probe(signal) {
        const flavour = await api.flavour(signal);
        const shape = z.object({ displayName: z.string().default('known') });
        const { displayName } = await api.get('/myself', {}, { attempt: 'ask who it is', shape, signal });
        return `it is ${displayName} in Jira ${flavour === 'cloud' ? 'Cloud' : 'Data Center'}; issues go to ${settings.JIRA_PROJECT}`;
      },
    };
  },
});

type Choose = Tracker['choices'];

/** What a project offers changes by the week; ten people who press at once ask once. */
function remembered(ask: Choose, now: () => number): Choose {
  const kept = new Map<string, { readonly until: number; readonly choices: TicketChoices }>();
  return async (project, signal) => {
    const known = kept.get(project);
    if (known !== undefined && known.until > now()) return known.choices;
    const choices = await ask(project, signal);
    kept.set(project, { until: now() + keptMs, choices });
    return choices;
  };
}

interface Desk {
  readonly api: Jira;
  readonly settings: Settings;
  readonly log: Log;
  readonly mayExist: boolean;
  readonly signal: AbortSignal;
}

async function show({ card: stored, channel, receipt }: Shipped<'card'>, desk: Desk): Promise<Sent> {
  const card = redacted(stored);
  if (receipt === null) return firstShown(card, channel, desk);
  const issue = await readIssue(desk.api, receipt.messageId, desk.signal);
  const told = toldIn(receipt.state);
  const url = desk.api.browse(receipt.messageId);
  // People took it away: they do not want another.
  if (issue === null) return { messageId: receipt.messageId, url, state: receipt.state ?? '', status: 'gone' };
  const news = newsOf(card, told);
  if (news === null) return sentFor(issue, told, desk);
  return sentFor(await tell(card, issue, news, told.count + 1, desk), toldAfter(card, told), desk);
}

async function firstShown(card: Card, channel: string, desk: Desk): Promise<Sent> {
  const { api, settings, signal } = desk;
  const { incident } = card;
  const label = labelOf(incident.id);
  const found = await findIssue(api, { project: channel, label, since: incident.openedAt }, signal);
  if (found !== null) return sentFor(found, toldAfter(card, null), desk);
  const wish = incident.ticket;
  const asked = wish?.project === channel ? wish : null;
  const key = await createIssue(
    api,
    {
      project: channel,
      type: asked?.type ?? settings.JIRA_ISSUE_TYPE,
      summary: asked?.summary ?? ticketSummary(card),
      description: asked?.description ?? ticketDescription(card),
      labels: ['tracepulse', label],
      priority: asked?.priority ?? null,
      assignee: asked?.assignee ?? null,
    },
    signal,
  );
  return sentFor({ key, status: null }, toldAfter(card, null), desk);
}

/** Comments, and moves the issue where that is configured; answers how it stands afterwards. */
async function tell(card: Card, issue: Issue, news: News, count: number, desk: Desk): Promise<Issue> {
  const { api, settings, signal, mayExist, log } = desk;
  const { key } = issue;
  const { incident, report } = card;
  const said = sentences[news];
  // A report without a cause is nothing to bother an issue's watchers with.
  if (said === null) return issue;
  const text = `${incident.id}: ${said}${report === null || news === 'resolved' ? '' : `\n\n${reportText(report.context)}`}`;
  await comment(api, { key, text, mark: `TracePulse ${incident.id}, note ${count}`, mayExist }, signal);
  const wanted = news === 'resolved' ? settings.JIRA_DONE_TRANSITION : news === 'reopened' ? settings.JIRA_REOPEN_TRANSITION : undefined;
  if (wanted === undefined) return issue;
  if (!(await transition(api, key, wanted, signal)))
    log.info('an issue has no such transition from where it stands', { key, transition: wanted });
  return (await readIssue(api, key, signal)) ?? issue;
}

const sentences: Readonly<Record<News, string | null>> = {
  opened: null,
  reported: null,
  caused: 'the most likely cause is known.',
  changed: 'another cause is more likely now.',
  resolved: 'the incident is resolved.',
  reopened: 'the incident is back.',
};

async function say({ text, threadId, id }: Shipped<'text'>, { api, mayExist, signal }: Desk): Promise<Sent> {
  if (threadId === null) return { messageId: id, url: null };
  await comment(api, { key: threadId, text: redact(text).text, mark: `TracePulse ${id}`, mayExist }, signal);
  return { messageId: `${threadId}/${id}`, url: api.browse(threadId) };
}

/** Labels hold no spaces. */
function labelOf(incidentId: string): string {
  return `tracepulse-${incidentId.replace(/[^\w-]/g, '')}`;
}

function sentFor({ key, status }: Issue, told: Told, { api }: Desk): Sent {
  return {
    messageId: key,
    url: api.browse(key),
    state: JSON.stringify(told),
    ...(status === null ? {} : { status }),
  };
}

/** A store of ours always holds it; without it everything counts as told. */
function toldIn(state: string | undefined): Told {
  try {
    return Told.parse(JSON.parse(state ?? ''));
  } catch {
    return { count: 1, isReported: true, cause: null, isResolved: false };
  }
}

/** The report was redacted when it was made; what the alert itself said, and what people wrote, is stored as it came. */
function redacted(card: Card): Card {
  const { incident } = card;
  const clean = (text: string) => redact(text).text;
  const { ticket } = incident;
  return {
    ...card,
    incident: {
      ...incident,
      title: clean(incident.title),
      service: incident.service === null ? null : clean(incident.service),
      ...(ticket === undefined ? {} : { ticket: { ...ticket, summary: clean(ticket.summary), description: clean(ticket.description) } }),
    },
  };
}
