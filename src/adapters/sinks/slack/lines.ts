/** The lines of a card that speak of one suspect, of those who suffer, and of what could not be read. */
import type { Remark, Tally } from '../../../domain/feedback.ts';
import type { ContextHypothesis, IncidentContext } from '../../../domain/incident-context.ts';
import { bold, code, escaped, escapedRows, instant, link, personText } from '../../../domain/mrkdwn.ts';
import type { CardTicket } from '../../../domain/ticket-wish.ts';
import type { Detail } from './details.ts';
import { asPercent, certainty, faultWords } from '../../../domain/wording.ts';

/** Of a name among many. */
const maxNameInRow = 60;
const maxSuspectsInLine = 4;
/** Of a hunk, in characters. */
const maxHunk = 900;
/** Of what could not be read: as much as fits into two lines of about 90 characters. */
const maxReasons = 2;
const maxReasonLength = 80;
/** More names than this make a crowd. */
const maxPersons = 5;
/** Of what people added to their verdicts, the latest. */
const maxRemarks = 2;
const maxNote = 200;

/** `alone`: the headline has said already who it is and how sure that is. */
export function hypothesisLines(
  hypothesis: ContextHypothesis,
  place: number | 'alone',
  context: IncidentContext,
  detail: Detail,
): string[] {
  const part = componentOf(hypothesis, context);
  const component = part === null ? '' : ` (${escaped(part, detail.name)})`;
  const name = escaped(hypothesis.service, detail.name);
  const title =
    place === 'alone'
      ? `${bold(`Why ${name}`)}${component}`
      : `${bold(`${place + 1}. ${name}`)}${component} · ${faultWords[hypothesis.kind]} · ${certainty(hypothesis.confidence)}, ${asPercent(hypothesis.confidence)}`;
  const shown = hypothesis.evidence.slice(0, detail.evidence);
  // Often the summary is the first piece of evidence, word for word, and sometimes the headline.
  const isSaid =
    shown.some((id) => context.evidence[id]?.text === hypothesis.summary) ||
    (context.verdict !== 'cause' && hypothesis.summary === context.summary);
  const summary = isSaid ? [] : [escaped(hypothesis.summary, detail.summary)];
  return [
    title,
    ...summary,
    ...cited(shown, '•', context, detail),
    ...more(hypothesis.evidence.length - detail.evidence, detail.evidence),
    ...cited(hypothesis.against.slice(0, detail.against), '• Against:', context, detail),
    ...changeLine(hypothesis, detail),
    ...hunkLines(hypothesis, detail),
    ...pathLine(hypothesis, detail),
    ...(hypothesis.wouldChangeMyMind === null || detail.hops === 0
      ? []
      : [`Would change my mind: ${escaped(hypothesis.wouldChangeMyMind, detail.line)}`]),
  ];
}

/** A tracer's scope tells parts of a monolith apart; where all suspects have the same one, or it names a library, it says nothing. */
function componentOf({ component }: ContextHypothesis, { hypotheses }: IncidentContext): string | null {
  if (component === null || /opentelemetry|instrumentation/i.test(component)) return null;
  return hypotheses.some((other) => other.component !== null && other.component !== component) ? component : null;
}

/** Those that were looked at and are no cause to look at: one line for all of them. */
export function alsoConsidered(others: readonly ContextHypothesis[], detail: Detail): string {
  const names = others.map(({ service, confidence }) => `${escaped(service, detail.name)} (${asPercent(confidence)})`);
  return names.length === 0 ? '' : `Also considered: ${listed(names, maxSuspectsInLine)}`;
}

function cited(ids: readonly string[], sign: string, context: IncidentContext, detail: Detail): string[] {
  return ids.flatMap((id) => {
    const evidence = context.evidence[id];
    if (evidence === undefined) return [];
    const label = code(escaped(id, 20));
    return [`${sign} ${escaped(evidence.text, detail.line)} ${evidence.url === null ? label : link(evidence.url, escaped(id, 20))}`];
  });
}

function more(count: number, shown: number): string[] {
  return count > 0 && shown > 1 ? [`• and ${count} more: ask _evidence_ in the thread`] : [];
}

function changeLine({ change }: ContextHypothesis, detail: Detail): string[] {
  if (change === null) return [];
  const version = change.version ?? change.sha?.slice(0, 8) ?? '';
  const name = version === '' ? change.kind : `${change.kind} ${code(escaped(version, 60))}`;
  const title = change.title === null ? '' : `: ${escaped(change.title, detail.line)}`;
  const linked = change.url === null ? name : `${change.kind} ${link(change.url, escaped(version === '' ? 'see it' : version, 60))}`;
  return [`Suspect change: ${linked} of ${bold(escaped(change.service, detail.name))}, ${instant(Date.parse(change.startedAt))}${title}`];
}

/** The part of the change that touches what the evidence names, as a diff shows it. */
function hunkLines({ change }: ContextHypothesis, detail: Detail): string[] {
  const suspect = change?.suspect;
  if (suspect === null || suspect === undefined || detail.hunkRows === 0) return [];
  const rows = suspect.hunk.trimEnd().split('\n');
  const shown = escapedRows(rows.slice(0, detail.hunkRows), maxHunk);
  const more = rows.length > detail.hunkRows ? `\n… ${rows.length - detail.hunkRows} more lines` : '';
  return [`In ${code(escaped(suspect.file, detail.name))}: ${escaped(suspect.why, detail.line)}\n\`\`\`\n${shown}${more}\n\`\`\``];
}

/** Cause to symptom; the middle of a long way is left out, its ends never. */
function pathLine({ path }: ContextHypothesis, detail: Detail): string[] {
  const start = path[0];
  if (start === undefined || detail.hops === 0) return [];
  const stops = [start.from, ...path.map((hop) => hop.to)].map((stop) => escaped(stop, Math.min(detail.name, maxNameInRow)));
  const kept = stops.length <= detail.hops ? stops : [...stops.slice(0, detail.hops - 1), '…', stops.at(-1) ?? ''];
  return [`Path: ${kept.join(' → ')}`];
}

export function tallyLine(tally: Tally | undefined): string {
  if (tally === undefined) return '';
  const side = (mark: string, word: string, persons: readonly string[]) =>
    persons.length === 0 ? [] : [`${mark} ${word} by ${listed(persons.map(personText), maxPersons)}`];
  const sides = [...side(':white_check_mark:', 'Confirmed', tally.confirmedBy), ...side(':x:', 'Rejected', tally.rejectedBy)].join(' · ');
  return [sides, ...(tally.remarks ?? []).slice(-maxRemarks).map(remarkLine)].join('\n');
}

/** `@ben: it was checkout (slow). “The cache was cold.”` */
function remarkLine({ person, actualService, actualKind, note }: Remark): string {
  const kind = actualKind == null ? '' : faultWords[actualKind];
  const service = actualService === null ? '' : escaped(actualService, maxNameInRow);
  const was = service === '' ? kind : `${service}${kind === '' ? '' : ` (${kind})`}`;
  const parts = [...(was === '' ? [] : [`it was ${was}.`]), ...(note === null ? [] : [`“${escaped(note, maxNote)}”`])];
  return `${personText(person)}: ${parts.join(' ')}`;
}

export function alsoHit({ blastRadius }: IncidentContext, detail: Detail): string {
  return blastRadius.length === 0
    ? ''
    : `Also hit: ${listed(
        blastRadius.map((service) => escaped(service, Math.min(detail.name, maxNameInRow))),
        detail.others,
      )}`;
}

/** What looked like this before, as people explained it then: `Seen before: INC-12, it was payment: the pool size`. */
export function seenBefore({ similar }: IncidentContext, detail: Detail): string {
  const told = (similar ?? []).map(({ id, service, note }) => {
    const who = service === null ? '' : `it was ${bold(escaped(service, Math.min(detail.name, maxNameInRow)))}`;
    const why = note === null ? '' : `“${escaped(note, maxReasonLength)}”`;
    return `${escaped(id, 40)}, ${[who, why].filter((part) => part !== '').join(': ')}`;
  });
  return told.length === 0 ? '' : `Seen before: ${told.join('; ')}`;
}

/** `Noted: “we restarted payment at 10:02” (@ben)`: the newest, as they were agreed to. */
export function noted({ facts }: IncidentContext): string {
  const told = (facts ?? []).slice(-maxRemarks).map(({ person, text }) => `“${escaped(text, maxNote)}” (${personText(person)})`);
  return told.length === 0 ? '' : `:memo: Noted: ${told.join('; ')}`;
}

/** Two lines on a screen at most: sources that fail alike share their reason, and past the second reason names have to do. */
export function missing({ gaps }: IncidentContext, detail: Detail): string {
  const byReason = Map.groupBy(gaps, (gap) => gap.reason);
  const sources = (of: typeof gaps) => listed([...new Set(of.map((gap) => escaped(gap.source, 40)))], detail.gaps);
  const [...reasons] = byReason.entries();
  const explained = reasons.slice(0, maxReasons).map(([reason, of]) => `${sources(of)} (${escaped(reason, maxReasonLength)})`);
  const rest = reasons.slice(maxReasons).flatMap(([, of]) => of);
  const shown = [...explained, ...(rest.length === 0 ? [] : [sources(rest)])];
  return shown.length === 0 ? '' : `:warning: Not known: ${shown.join('; ')}`;
}

/** Empty where there is no issue, and none on its way. */
export function ticketLine(ticket: CardTicket | undefined): string {
  if (ticket?.state === 'made')
    return `:ticket: Jira: ${link(ticket.url, escaped(ticket.key, 60))}${ticket.status === null ? '' : ` · ${escaped(ticket.status, 60)}`}`;
  if (ticket?.state === 'refused') return `:ticket: Jira did not open an issue: ${escaped(ticket.reason, 200)}`;
  return ticket?.state === 'asked' ? ':ticket: A Jira issue is being opened …' : '';
}

export function listed(names: readonly string[], max: number): string {
  const rest = names.length - max;
  return rest > 0 ? `${names.slice(0, max).join(', ')} and ${rest} more` : names.join(', ');
}
