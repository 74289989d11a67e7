/** The report as it was made, with what has changed since: the incident's state and counts, and what people said of it. */
import type { IncidentContext } from './incident-context.ts';
import type { Card } from './report.ts';

/** Null before the first ranking. */
export function contextAsItStands({ incident, report, tallies }: Card): IncidentContext | null {
  if (report === null) return null;
  const { context } = report;
  const resolvedAt = incident.resolvedAt === null ? null : new Date(incident.resolvedAt).toISOString();
  const feedback = (hypothesis: string) => ({
    confirm: tallies.get(hypothesis)?.confirm ?? 0,
    reject: tallies.get(hypothesis)?.reject ?? 0,
  });
  return {
    ...context,
    incident: { ...context.incident, state: incident.state, alertCount: incident.alertCount, resolvedAt },
    hypotheses: context.hypotheses.map((h) => ({ ...h, feedback: feedback(h.id) })),
  };
}
