/** What an issue says when nobody words it otherwise. */
import { withoutControls } from './control-signs.ts';
import { plainLine } from './mrkdwn.ts';
import { reportText } from './report-text.ts';
import type { Card } from './report.ts';

/** Jira's own limits (REST reference: summary at most 255, description at most 32,767 characters). */
const ticketLimits = { summary: 255, description: 32_000 } as const;

export function ticketSummary({ incident }: Card): string {
  const where = incident.service === null ? '' : ` (${incident.service})`;
  return plainLine(`${incident.id} ${incident.title}${where}`, ticketLimits.summary);
}

export function ticketDescription({ incident, report }: Card, max: number = ticketLimits.description): string {
  const text =
    report === null
      ? `${withoutControls(incident.title)}\n\nThe investigation is under way; what it finds follows as a comment.`
      : reportText(report.context);
  return text.length <= max ? text : `${text.slice(0, max - 1).toWellFormed()}…`;
}
