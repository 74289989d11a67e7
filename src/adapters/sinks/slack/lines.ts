/** The lines of a card that speak of one suspect, of those who suffer, and of what could not be read. */
import type { Tally } from '../../../domain/feedback.ts';
import type { ContextHypothesis, IncidentContext } from '../../../domain/incident-context.ts';
import { bold, code, escaped, instant, link, personText } from '../../../domain/mrkdwn.ts';
import type { Detail } from './details.ts';
import { asPercent, certainty, faultWords } from './words.ts';

/** More names than this make a crowd. */
const maxPersons = 5;

export function hypothesisLines(hypothesis: ContextHypothesis, place: number, context: IncidentContext, detail: Detail): string[] {
  const component = hypothesis.component === null ? '' : ` (${escaped(hypothesis.component, detail.name)})`;
  const name = bold(`${place + 1}. ${escaped(hypothesis.service, detail.name)}`);
  const title = `${name}${component} · ${faultWords[hypothesis.kind]} · ${certainty(hypothesis.confidence)}, ${asPercent(hypothesis.confidence)}`;
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
    ...pathLine(hypothesis, detail),
    ...(hypothesis.wouldChangeMyMind === null || detail.hops === 0
      ? []
      : [`Would change my mind: ${escaped(hypothesis.wouldChangeMyMind, detail.line)}`]),
  ];
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

/** Cause to symptom; the middle of a long way is left out, its ends never. */
function pathLine({ path }: ContextHypothesis, detail: Detail): string[] {
  const start = path[0];
  if (start === undefined || detail.hops === 0) return [];
  const stops = [start.from, ...path.map((hop) => hop.to)].map((stop) => escaped(stop, detail.name));
  const kept = stops.length <= detail.hops ? stops : [...stops.slice(0, detail.hops - 1), '…', stops.at(-1) ?? ''];
  return [`Path: ${kept.join(' → ')}`];
}

export function tallyLine(tally: Tally | undefined): string {
  if (tally === undefined) return '';
  const side = (mark: string, word: string, persons: readonly string[]) =>
    persons.length === 0 ? [] : [`${mark} ${word} by ${listed(persons.map(personText), maxPersons)}`];
  return [...side(':white_check_mark:', 'Confirmed', tally.confirmedBy), ...side(':x:', 'Rejected', tally.rejectedBy)].join(' · ');
}

export function alsoHit({ blastRadius }: IncidentContext, detail: Detail): string {
  return blastRadius.length === 0
    ? ''
    : `Also hit: ${listed(
        blastRadius.map((service) => escaped(service, detail.name)),
        detail.others,
      )}`;
}

export function missing({ gaps }: IncidentContext, detail: Detail): string {
  const shown = gaps.map((gap) => `${escaped(gap.source, 60)} (${escaped(gap.reason, detail.line)})`);
  return shown.length === 0 ? '' : `:warning: Not known: ${listed(shown, detail.gaps)}`;
}

export function listed(names: readonly string[], max: number): string {
  const rest = names.length - max;
  return rest > 0 ? `${names.slice(0, max).join(', ')} and ${rest} more` : names.join(', ');
}
