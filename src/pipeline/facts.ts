/** What people said was done, from the log of acts into the report: beside what was measured, and never evidence by itself. */
import type { Incident } from '../domain/incident.ts';
import type { Report } from '../domain/report.ts';
import type { Ledger } from '../ports.ts';

/** Acts since the incident began that are looked through. */
const maxRead = 5_000;
/** The newest, told oldest first. */
const told = 10;

export async function withFacts(report: Report, { id, openedAt }: Incident, ledger: Ledger): Promise<Report> {
  const acts = await ledger.acts(openedAt, maxRead);
  const facts = acts.flatMap(({ kind, incidentId, person, at, text }) =>
    kind === 'note' && incidentId === id && text !== undefined ? [{ at: new Date(at).toISOString(), person, text }] : [],
  );
  const { facts: _, ...context } = report.context;
  return { ...report, context: facts.length === 0 ? context : { ...context, facts: facts.slice(-told) } };
}
