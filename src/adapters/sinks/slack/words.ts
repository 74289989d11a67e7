/** The words and signs of a card. A sign never stands without its word: not everybody sees colours. */
import type { Severity } from '../../../domain/alert.ts';
import type { Incident } from '../../../domain/incident.ts';
import { escaped, instant } from '../../../domain/mrkdwn.ts';
import { severityNames } from '../../../domain/wording.ts';

export { asPercent, certainty, faultWords } from '../../../domain/wording.ts';

export const severityMarks: Readonly<Record<Severity, { emoji: string; word: string }>> = {
  critical: { emoji: ':red_circle:', word: severityNames.critical },
  warning: { emoji: ':large_orange_circle:', word: severityNames.warning },
  info: { emoji: ':large_blue_circle:', word: severityNames.info },
};

/** `Firing since today at 10:02 · 3 alerts · alert on checkout`, or `~Firing~ → Resolved today at 10:20`. */
export function stateWords(incident: Incident): string {
  const parts = [stateWord(incident)];
  if (incident.alertCount > 1) parts.push(`${incident.alertCount} alerts`);
  if (incident.service !== null) parts.push(`alert on ${escaped(incident.service, 120)}`);
  return parts.join(' · ');
}

function stateWord(incident: Incident): string {
  if (incident.state === 'resolved') return `~Firing~ → Resolved${incident.resolvedAt === null ? '' : ` ${instant(incident.resolvedAt)}`}`;
  if (incident.state === 'muted') return `~Firing~ → Muted${incident.mutedUntil === null ? '' : ` until ${instant(incident.mutedUntil)}`}`;
  return `Firing since ${instant(incident.alertAt)}`;
}
