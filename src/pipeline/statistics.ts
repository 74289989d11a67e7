/** Collects what the statistics are computed from: incidents, their reports and the verdicts that stand. */
import { setImmediate as turn } from 'node:timers/promises';
import { ratingsOf } from '../domain/answer-rating.ts';
import { tallies, type Vote } from '../domain/feedback.ts';
import type { Incident } from '../domain/incident.ts';
import { type IncidentRecord, type Statistics, statisticsOf } from '../domain/statistics.ts';
import type { Ledger } from '../ports.ts';

const periodMs = 8 * 7 * 86_400_000;
const maxIncidents = 1_000;
const maxActs = 5_000;
/** Reports are large, and reading one holds the event loop: alerts come in between. */
const atOnce = 20;

/** Of the last eight weeks; where these had more incidents than are read, of as far back as was read. */
export async function statistics(ledger: Ledger, now: number): Promise<Statistics> {
  const sinceAt = now - periodMs;
  const [{ incidents, next }, votes, learning, acts] = await Promise.all([
    ledger.incidents({ limit: maxIncidents }),
    ledger.votes(),
    ledger.learning(),
    ledger.acts(sinceAt, maxActs),
  ]);
  const votesOf = Map.groupBy(votes, ({ incidentId }) => incidentId);
  const recent = incidents.filter(({ openedAt }) => openedAt >= sinceAt);
  const records: IncidentRecord[] = [];
  for (let from = 0; from < recent.length; from += atOnce) {
    if (from > 0) await turn();
    const batch = recent.slice(from, from + atOnce);
    records.push(...(await Promise.all(batch.map((incident) => recordOf(incident, votesOf.get(incident.id) ?? [], ledger)))));
  }
  const isCut = next !== null && recent.length === incidents.length;
  const told = statisticsOf(records, isCut ? (recent.at(-1)?.openedAt ?? sinceAt) : sinceAt);
  const answers = ratingsOf(acts);
  return {
    ...told,
    ...(learning === null ? {} : { learning }),
    ...(answers.helped + answers.didNotHelp === 0 ? {} : { answers }),
  };
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
