/** The line of a card that says how things stand, and since when: what was crossed out was true before. */
import { escaped, instant, personText } from '../../../domain/mrkdwn.ts';
import type { Card } from '../../../domain/report.ts';
import { listed } from './lines.ts';

const maxPersons = 3;

/** `Firing since today at 10:02 · 3 alerts · alert on checkout`, or `~Firing~ → Confirmed by @ana → Resolved today at 10:20`. */
export function stateLine(card: Card): string {
  const { incident } = card;
  const steps = [...confirmedWords(card), ...endWords(card)];
  const parts = [steps.length === 0 ? `Firing since ${instant(incident.alertAt)}` : ['~Firing~', ...steps].join(' → ')];
  if (steps.length > 0 && incident.state === 'open') parts.push(`since ${instant(incident.alertAt)}`);
  if (incident.alertCount > 1) parts.push(`${incident.alertCount} alerts`);
  if (incident.service !== null) parts.push(`alert on ${escaped(incident.service, 120)}`);
  return parts.join(' · ');
}

const maxSources = 6;

/** While sources are asked that take their time, which of them have answered. */
export function investigatingLine({ incident, progress }: Card): string {
  const names = (ids: readonly string[]) =>
    listed(
      ids.map((id) => escaped(id, 40)),
      maxSources,
    );
  const start = ':mag: Investigating …';
  if (progress == null || progress.waiting.length === 0)
    return `${start} reading traces, logs and metrics up to ${instant(incident.alertAt)}`;
  const answered = progress.answered.length === 0 ? '' : ` ${names(progress.answered)} answered;`;
  return `${start}${answered} waiting for ${names(progress.waiting)}`;
}

/** A suspect that more people confirm than reject. Another than the first is named. */
function confirmedWords({ report, tallies }: Card): string[] {
  const hypotheses = report?.context.hypotheses ?? [];
  const found = hypotheses.find(({ id }) => (tallies.get(id)?.confirm ?? 0) > (tallies.get(id)?.reject ?? 0));
  const persons = found === undefined ? [] : (tallies.get(found.id)?.confirmedBy ?? []);
  if (found === undefined || persons.length === 0) return [];
  const which = found === hypotheses[0] ? '' : `: ${escaped(found.service, 60)}`;
  return [`Confirmed by ${listed(persons.map(personText), maxPersons)}${which}`];
}

function endWords({ incident }: Card): string[] {
  const { state, resolvedAt, mutedUntil } = incident;
  if (state === 'resolved') return [`Resolved${resolvedAt === null ? '' : ` ${instant(resolvedAt)}`}`];
  return state === 'muted' ? [`Muted${mutedUntil === null ? '' : ` until ${instant(mutedUntil)}`}`] : [];
}
