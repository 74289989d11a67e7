/**
 * An incident's card as Slack shows it. Pure: the same card, the same message. `text` is what notifications, search and
 * screen readers get, so it stands alone; blocks are for the eye. Everything that came from outside passes `escaped`.
 */
import type { KnownBlock, MessageMetadata } from '@slack/types';
import { confidenceMeaning } from '../../../domain/confidence-meaning.ts';
import { wordingLine } from '../../../domain/diagnosis/wording-line.ts';
import type { ContextHypothesis, IncidentContext } from '../../../domain/incident-context.ts';
import { incidentButtons, verdictButtons } from './buttons.ts';
import { bold, escaped, instant, utc } from '../../../domain/mrkdwn.ts';
import type { Card } from '../../../domain/report.ts';
import { slackNames } from '../../../domain/slack-names.ts';
import { diagnosisLines } from './diagnosis.ts';
import { type Detail, details, fits, limits } from './details.ts';
import { alsoConsidered, alsoHit, hypothesisLines, listed, missing, noted, seenBefore, tallyLine, ticketLine } from './lines.ts';
import { investigatingLine, stateLine } from './state-line.ts';
import { asPercent, certainty, faultWords } from '../../../domain/wording.ts';
import { severityMarks } from './words.ts';

export interface SlackMessage {
  readonly text: string;
  readonly blocks: KnownBlock[];
  readonly metadata: MessageMetadata;
}

const maxSuspects = 3;
const maxWordingLine = 300;
/** Those behind the first that are this unlikely get a line or two, and their buttons: the reader's screen is small. */
const minorConfidence = 0.1;
/** Behind a clear cause, what is less likely than this is named in one line; rejecting the first brings it back. */
const negligibleConfidence = 0.05;

export function renderCard(card: Card): SlackMessage {
  const message = (blocks: KnownBlock[]) => ({ text: cardText(card), blocks, metadata: metadataOf(card) });
  for (const detail of details) {
    const blocks = draw(card, detail);
    if (fits(blocks)) return message(blocks);
  }
  return plainCard(card);
}

/** Used where Slack refuses the card: one section without any formatting, and the verdict on the first suspect. */
export function plainCard(card: Card): SlackMessage {
  const first = card.report?.context.hypotheses[0];
  return {
    text: cardText(card),
    blocks: [
      { type: 'section', text: { type: 'plain_text', text: cardText(card).slice(0, limits.section), emoji: true } },
      ...(first === undefined ? [] : [verdictButtons(card, first, 0)]),
    ],
    metadata: metadataOf(card),
  };
}

/** The whole message in one or two sentences. */
export function cardText(card: Card): string {
  const { incident, report } = card;
  const { word } = severityMarks[incident.severity];
  const title = escaped(incident.title, 300);
  const subject = `${incident.id} (${title}${incident.service === null ? '' : `, ${escaped(incident.service, 120)}`})`;
  const stage = report === null ? 'Investigating' : incident.state === 'resolved' ? 'Resolved' : null;
  const start = stage === null ? `${word} incident ${subject}` : `${stage} ${word.toLowerCase()} incident ${subject}`;
  return report === null ? `${start}, alert at ${utc(incident.alertAt)}.` : `${start}: ${verdictSentence(report.context)}`;
}

function verdictSentence(context: IncidentContext): string {
  const first = context.hypotheses[0];
  const since = context.onsetAt === null ? '' : ` Begun about ${utc(Date.parse(context.onsetAt))}.`;
  if (context.verdict === 'healthy') return `nothing departs from normal in the telemetry around this alert.${unread(context)}`;
  if (first === undefined) return `the cause is not clear yet.${since}${unread(context)}`;
  const who = `${escaped(first.service, 160)} (${faultWords[first.kind]}), ${certainty(first.confidence)} at ${asPercent(first.confidence)}`;
  return context.verdict === 'cause'
    ? `the most likely cause is ${who}.${since}`
    : `the cause is not clear; most suspect so far is ${who}.${since}`;
}

function unread({ gaps }: IncidentContext): string {
  const sources = [...new Set(gaps.map((gap) => escaped(gap.source, 40)))];
  return sources.length === 0 ? '' : ` Not known: ${listed(sources, 5)}.`;
}

function metadataOf({ incident }: Card): MessageMetadata {
  return { event_type: slackNames.cardMetadata, event_payload: { incident_id: incident.id } };
}

function draw(card: Card, detail: Detail): KnownBlock[] {
  const { report, incident } = card;
  const head = section(headLines(card, detail));
  if (report === null) return incident.state === 'resolved' ? [head] : [head, context(investigatingLine(card))];
  const { hypotheses, verdict } = report.context;
  const isCondensed = incident.state === 'resolved' || verdict === 'healthy';
  const shown = worthReading(card, report.context, isCondensed);
  const isAlone = shown.length === 1 && verdict === 'cause';
  const suspects = shown.flatMap((hypothesis, place) => {
    const isMinor = isCondensed || (place > 0 && hypothesis.confidence < minorConfidence);
    return suspectBlocks(card, report.context, hypothesis, isAlone ? 'alone' : place, isMinor ? condensed(detail) : detail);
  });
  const others = isCondensed ? [] : hypotheses.filter((hypothesis) => !shown.includes(hypothesis));
  // What could not be read is always said: "nothing found" must never mean "nothing read".
  const foot = [
    alsoConsidered(others, detail),
    isCondensed ? '' : alsoHit(report.context, detail),
    seenBefore(report.context, detail),
    noted(report.context),
    missing(report.context, detail),
  ].filter((line) => line !== '');
  const words = escaped(wordingLine(report.context.diagnosis), maxWordingLine);
  const wording = words === '' || isCondensed ? [] : [context(words)];
  return [head, ...suspects, ...foot.map(context), incidentButtons(card), ...wording, context(updatedLine(report.context))];
}

/** Suspects that get a block of their own. One that somebody judged keeps it, so that the verdict stays in sight. */
function worthReading({ tallies }: Card, { hypotheses, verdict }: IncidentContext, isCondensed: boolean): ContextHypothesis[] {
  const isJudged = ({ id }: ContextHypothesis) => tallyLine(tallies.get(id)) !== '';
  const isSuspect = ({ confidence }: ContextHypothesis, place: number) =>
    place === 0 || (!isCondensed && place < maxSuspects && (verdict !== 'cause' || confidence >= negligibleConfidence));
  return hypotheses.filter((hypothesis, place) => isSuspect(hypothesis, place) || isJudged(hypothesis));
}

function condensed(detail: Detail): Detail {
  return { ...detail, evidence: Math.min(1, detail.evidence), against: 0, hops: 0, hunkRows: 0 };
}

/** Severity, state, what is broken and since when. */
function headLines(card: Card, detail: Detail): string[] {
  const { incident, report } = card;
  const { emoji, word } = severityMarks[incident.severity];
  const mark = incident.state === 'resolved' ? ':large_green_circle:' : emoji;
  const lines = [`${mark} ${bold(`${word} · ${escaped(incident.title, detail.name * 2)}`)} · ${incident.id}`, stateLine(card)];
  const issue = ticketLine(card.ticket);
  if (issue !== '') lines.push(issue);
  if (report === null) return lines;
  const { context } = report;
  const begun = context.onsetAt === null ? '' : ` Begun about ${instant(Date.parse(context.onsetAt))}.`;
  lines.push(`${headline(context, detail)}${begun}`);
  if (incident.state !== 'resolved' && context.verdict !== 'healthy') lines.push(...diagnosisLines(context, detail));
  const before = context.ranking.previousFirst;
  if (before !== null && before !== context.hypotheses[0]?.service)
    lines.push(`:arrows_counterclockwise: Changed: first place was ${bold(escaped(before, detail.name))} before.`);
  return lines;
}

/** The suspect's own lines say why; up here it is enough to say who, and how sure that is. */
function headline(context: IncidentContext, detail: Detail): string {
  const first = context.hypotheses[0];
  if (context.verdict !== 'cause' || first === undefined) return escaped(context.summary, detail.summary);
  const meaning = confidenceMeaning(first.confidence);
  return `Most likely cause: ${bold(escaped(first.service, detail.name))} (${faultWords[first.kind]}), ${certainty(first.confidence)} at ${asPercent(first.confidence)}${meaning === null ? '' : ` (${meaning})`}.`;
}

function suspectBlocks(
  card: Card,
  context: IncidentContext,
  hypothesis: ContextHypothesis,
  place: number | 'alone',
  detail: Detail,
): KnownBlock[] {
  const tally = tallyLine(card.tallies.get(hypothesis.id));
  return [
    section(hypothesisLines(hypothesis, place, context, detail)),
    verdictButtons(card, hypothesis, place === 'alone' ? 0 : place),
    ...(tally === '' ? [] : [contextBlock(tally)]),
  ];
}

function updatedLine({ ranking, hypotheses }: IncidentContext): string {
  const first = hypotheses[0]?.service ?? '';
  // Only a name that cannot end the italics it stands in.
  const example = /^[a-z0-9](?:[\w.-]{0,60}[a-z0-9])?$/i.test(first) ? ` or _logs of ${first}_` : '';
  return `As of ${instant(Date.parse(ranking.rankedAt))} · Ask in this thread, for example _what changed_${example}`;
}

function section(lines: readonly string[]): KnownBlock {
  return { type: 'section', text: { type: 'mrkdwn', text: lines.join('\n'), verbatim: true } };
}

function context(text: string): KnownBlock {
  return contextBlock(text);
}

function contextBlock(text: string): KnownBlock {
  return { type: 'context', elements: [{ type: 'mrkdwn', text, verbatim: true }] };
}
