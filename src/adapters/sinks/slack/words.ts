/** The words and signs of a card. A sign never stands without its word: not everybody sees colours. */
import type { Severity } from '../../../domain/alert.ts';
import type { FaultKind } from '../../../domain/hypothesis.ts';
import type { Incident } from '../../../domain/incident.ts';
import { escaped, instant } from '../../../domain/mrkdwn.ts';

export const severityMarks: Readonly<Record<Severity, { emoji: string; word: string }>> = {
  critical: { emoji: ':red_circle:', word: 'Critical' },
  warning: { emoji: ':large_orange_circle:', word: 'Warning' },
  info: { emoji: ':large_blue_circle:', word: 'Info' },
};

export const faultWords: Readonly<Record<FaultKind, string>> = {
  error: 'errors',
  latency: 'slow',
  saturation: 'saturated',
  unavailable: 'not answering',
  change: 'after a change',
  configuration: 'configuration',
  dependency: 'a dependency fails',
};

/** Steps of a calibrated probability: at `likely` it is right more often than not. */
export function certainty(confidence: number): string {
  if (confidence >= 0.85) return 'very likely';
  if (confidence >= 0.55) return 'likely';
  return confidence >= 0.25 ? 'possible' : 'unlikely';
}

export function asPercent(confidence: number): string {
  return confidence > 0 && confidence < 0.005 ? 'under 1 %' : `${Math.round(confidence * 100)} %`;
}

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
