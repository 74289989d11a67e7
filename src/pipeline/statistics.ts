/** Collects what the statistics are computed from: incidents, their reports and the verdicts that stand. */
import { tallies, type Vote } from '../domain/feedback.ts';
import type { Incident } from '../domain/incident.ts';
import { type IncidentRecord, type Statistics, statisticsOf } from '../domain/statistics.ts';
import type { Ledger } from '../ports.ts';

const periodMs = 8 * 7 * 86_400_000;
const maxIncidents = 1_000;

export async function statistics(ledger: Ledger, now: number): Promise<Statistics> {
  const sinceAt = now - periodMs;
  const [{ incidents }, votes] = await Promise.all([ledger.incidents({ limit: maxIncidents }), ledger.votes()]);
  const votesOf = Map.groupBy(votes, ({ incidentId }) => incidentId);
  const recent = incidents.filter(({ openedAt }) => openedAt >= sinceAt);
  const records = await Promise.all(recent.map((incident) => recordOf(incident, votesOf.get(incident.id) ?? [], ledger)));
  return statisticsOf(records, sinceAt);
}

async function recordOf(incident: Incident, votes: readonly Vote[], ledger: Ledger): Promise<IncidentRecord> {
  const report = await ledger.report(incident.id);
  const standing = tallies(votes);
  const confirmed = [...standing].filter(([, tally]) => tally.confirm > 0).map(([id]) => id);
  const first = votes.find((vote) => vote.verdict === 'confirm' && confirmed.includes(vote.hypothesisId));
  return {
    service: incident.service,
    openedAt: incident.openedAt,
    reportedAt: report?.firstRankedAt ?? null,
    confirmedAt: first?.at ?? null,
    wasFirst: first !== undefined && report?.context.hypotheses[0]?.id === first.hypothesisId,
    isJudged: [...standing.values()].some(({ confirm, reject }) => confirm + reject > 0),
  };
}
