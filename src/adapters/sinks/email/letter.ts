/**
 * One letter about an incident, whole: headers, text and HTML. Pure: the same card and news, the same letter. Subjects never
 * change, since some mail programs make threads of them.
 */
import { withoutControls } from '../../../domain/control-signs.ts';
import type { IncidentContext } from '../../../domain/incident-context.ts';
import { redact } from '../../../domain/redact.ts';
import type { Card } from '../../../domain/report.ts';
import { reportText } from '../../../domain/report-text.ts';
import type { News } from '../../../domain/told.ts';
import { utc } from '../../../domain/mrkdwn.ts';
import { asPercent, certainty, faultWords, severityNames } from '../../../domain/wording.ts';
import { type Address, headerLine } from './address.ts';
import { letterHtml } from './html.ts';
import type { Picture } from './pictures.ts';

const maxSubject = 160;
/** Far above any report that is composed; a letter of megabytes is refused by servers. */
const maxText = 100_000;

export interface Letter {
  readonly from: Address;
  readonly to: Address;
  readonly subject: string;
  readonly text: string;
  readonly html?: string;
  readonly attachments?: {
    readonly cid: string;
    readonly filename: string;
    readonly content: Buffer;
    readonly contentType: string;
    readonly contentDisposition: 'inline';
  }[];
  readonly messageId: string;
  readonly inReplyTo?: string;
  readonly references?: string[];
  readonly headers: Readonly<Record<string, string>>;
  readonly list: Readonly<Record<string, string | { readonly url: string; readonly comment: string }>>;
}

/** Whom letters come from, and how one gets rid of them. */
export interface Sender {
  readonly from: Address;
  readonly unsubscribeUrl: string | null;
}

export function letterAbout(
  card: Card,
  news: News,
  about: {
    readonly sender: Sender;
    readonly to: Address;
    readonly messageId: string;
    readonly inReplyTo: string | null;
    readonly rootId: string;
    readonly pictures?: readonly Picture[];
  },
): Letter {
  const { sender, to, messageId, inReplyTo, rootId, pictures = [] } = about;
  const shown = redacted(card);
  const { incident, report } = shown;
  const where = incident.service === null ? '' : ` (${incident.service})`;
  const headline = headlineOf(shown, news);
  const text = report === null ? `${withoutControls(facts(shown))}\n` : reportText(report.context);
  return {
    from: sender.from,
    to,
    subject: headerLine(`[TracePulse] ${incident.id} ${incident.title}${where}`, maxSubject),
    text: `${withoutControls(headline)}\n\n${text.slice(0, maxText).toWellFormed()}\n-- \nTracePulse, about ${incident.id}. Further letters come when the cause changes and when it is over.\n`,
    html: letterHtml(shown, headline, facts(shown), pictures),
    attachments: pictures.map(({ cid, png }) => ({
      cid,
      filename: `${cid.split('.')[0]}.png`,
      content: Buffer.from(png),
      contentType: 'image/png',
      contentDisposition: 'inline',
    })),
    messageId,
    ...(inReplyTo === null ? {} : { inReplyTo, references: [...new Set([rootId, inReplyTo])] }),
    ...automatic(sender, incident.id),
  };
}

/** A plain answer within a thread. */
export function letterSaying(
  text: string,
  about: { readonly sender: Sender; readonly to: Address; readonly messageId: string; readonly inReplyTo: string | null },
): Letter {
  const { sender, to, messageId, inReplyTo } = about;
  return {
    from: sender.from,
    to,
    subject: '[TracePulse] Answer',
    text: redact(text).text.slice(0, maxText).toWellFormed(),
    messageId,
    ...(inReplyTo === null ? {} : { inReplyTo, references: [inReplyTo] }),
    ...automatic(sender, 'answers'),
  };
}

/** Keeps vacation replies away (RFC 3834) and lets people leave (RFC 2369, 8058). */
function automatic({ from, unsubscribeUrl }: Sender, what: string): Pick<Letter, 'headers' | 'list'> {
  const isOneClick = unsubscribeUrl?.startsWith('https:') ?? false;
  return {
    headers: {
      'Auto-Submitted': 'auto-generated',
      Precedence: 'bulk',
      'X-TracePulse-Incident': headerLine(what, 60),
      ...(isOneClick ? { 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' } : {}),
    },
    list: {
      unsubscribe: unsubscribeUrl ?? { url: `mailto:${from.address}?subject=unsubscribe`, comment: 'Leave' },
    },
  };
}

/** The alert's own words are stored as they came. */
function redacted(card: Card): Card {
  const { incident } = card;
  const service = incident.service === null ? null : redact(incident.service).text;
  return { ...card, incident: { ...incident, title: redact(incident.title).text, service } };
}

function headlineOf({ incident, report }: Card, news: News): string {
  if (news === 'resolved' || (news === 'opened' && incident.state === 'resolved')) return `${incident.id} is resolved.`;
  const finding = report === null ? 'It is being investigated.' : findingOf(report.context);
  if (news === 'reopened') return `${incident.id} is back: it fires again. ${finding}`;
  if (news === 'changed') return `The most likely cause of ${incident.id} has changed. ${finding}`;
  if (news === 'opened') return `${severityNames[incident.severity]} incident ${incident.id}. ${finding}`;
  return `${incident.id}: ${finding}`;
}

function findingOf({ verdict, hypotheses }: IncidentContext): string {
  const first = hypotheses[0];
  if (verdict === 'healthy') return 'Nothing departs from normal in the telemetry around this alert.';
  if (first === undefined) return 'The cause is not clear yet.';
  const who = `${first.service} (${faultWords[first.kind]}), ${certainty(first.confidence)} at ${asPercent(first.confidence)}`;
  return verdict === 'cause' ? `The most likely cause is ${who}.` : `The cause is not clear; most suspect so far is ${who}.`;
}

function facts({ incident }: Card): string {
  const parts = [severityNames[incident.severity], `alert at ${utc(incident.alertAt)}`];
  if (incident.service !== null) parts.push(`on ${incident.service}`);
  if (incident.alertCount > 1) parts.push(`${incident.alertCount} alerts`);
  if (incident.state === 'resolved' && incident.resolvedAt !== null) parts.push(`resolved at ${utc(incident.resolvedAt)}`);
  return `${incident.title}: ${parts.join(', ')}`;
}
