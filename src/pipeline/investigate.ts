/** One investigation, top to bottom. Only gather and the ledger touch the world; the rest is arithmetic. */
import type { Window } from '../domain/evidence.ts';
import { composeReport } from '../domain/compose-report.ts';
import { tallies, type Vote, type Weights } from '../domain/feedback.ts';
import { askedLookbackMs, type Incident } from '../domain/incident.ts';
import type { IncidentContext } from '../domain/incident-context.ts';
import { type Ranking, rankInSteps } from '../domain/ranking/rank.ts';
import { inSlices } from '../domain/steps.ts';
import { suspectsAmong } from '../domain/suspect-change.ts';
import type { Report } from '../domain/report.ts';
import { timelineOf } from '../domain/timeline.ts';
import type { Ledger } from '../ports.ts';
import type { Stages } from '../ports/stages.ts';
import { gather, type Gathered, type GatherSources } from './gather.ts';
import { weightsFor } from './learn.ts';
import { recall } from './look-up.ts';
import type { Subject } from './read-elsewhere.ts';
import { type Turn, type Turnstile, urgencies } from './turnstile.ts';

export interface InvestigateOptions extends GatherSources {
  readonly ledger: Ledger;
  readonly now: () => number;
  /** Elapsed ms of unspecified origin, for the timings in the report. */
  readonly clock: () => number;
  readonly lookbackMs: number;
  /** How far before the alert log sources are searched; as far as everything else where it is not given. */
  readonly logLookbackMs?: number;
  readonly redact: (context: IncidentContext) => IncidentContext;
  readonly stages: Stages;
  /** Whose turn it is to keep the processor. */
  readonly turnstile: Turnstile;
}

/**
 * An event from an application comes with the very first failure. Later rounds may therefore look this far past the alert,
 * but never past the newest telemetry: a stretch without any would look like recovery.
 */
const afterAlertMs = 15_000;

/** An alert that was firing this long before we heard of it began in telemetry we may not have; what is broken still shows. */
const staleMs = 900_000;

/** Each of them may become the first by people's verdicts, when telemetry is no longer kept. */
const drawnSuspects = 3;

export function windowOf(incident: Incident, newestAt: number | null, now: number, lookbackMs: number): Window {
  const since = incident.openedAt - incident.alertAt > staleMs ? incident.openedAt : incident.alertAt;
  const toMs = Math.max(since, Math.min(now, since + afterAlertMs, newestAt ?? since));
  // Windows end before `toMs`; what was measured at the very instant of the alert is known at the alert.
  return { fromMs: toMs - Math.max(lookbackMs, askedLookbackMs(incident) ?? 0), toMs: toMs + 1 };
}

export async function investigate(incident: Incident, options: InvestigateOptions): Promise<Report> {
  const { ledger, now, turnstile } = options;
  const rankedAt = now();
  const [votes, before, learning] = await Promise.all([ledger.votes(incident.id), ledger.report(incident.id), ledger.learning()]);
  const turn = turnstile.turn(urgencyOf(incident, before));
  try {
    const asked: Asked = { incident, rankedAt, votes, before, weights: weightsFor(incident.id, votes, learning) };
    const worked = await work(asked, options, turn);
    turn.end();
    // Asked once: later rounds tell of the same earlier incidents, and nobody waits for them again.
    const similar = before?.context.similar ?? (await recall(worked.context, ledger));
    return reportOf(asked, worked, similar, options);
  } finally {
    turn.end();
  }
}

/** What is known before anything is looked at. */
interface Asked {
  readonly incident: Incident;
  readonly rankedAt: number;
  readonly votes: readonly Vote[];
  readonly before: Report | null;
  readonly weights: Weights;
}

interface Worked {
  readonly gathered: Gathered;
  readonly ranking: Ranking;
  readonly context: IncidentContext;
}

/** From the window to what is to be said, in one turn but for the time that other systems take to answer. */
async function work({ incident, rankedAt, votes, before, weights }: Asked, options: InvestigateOptions, turn: Turn): Promise<Worked> {
  const { clock, stages } = options;
  const begun = clock();
  const window = windowOf(incident, options.telemetry.stats().newestAt, rankedAt, options.lookbackMs);
  const subject = subjectOf(incident, window, options.logLookbackMs ?? options.lookbackMs);
  const gathered = await stages.run('gather', {}, { incident: incident.id }, () => gather(window, options, subject, turn));
  const gatheredAt = clock();
  const { map, baseline, directory } = gathered.knowledge;
  const changes = gathered.changes.filter((change) => change.startedAt <= incident.alertAt);
  const steps = rankInSteps({
    incidentId: incident.id,
    window: gathered.window,
    baseline,
    map,
    directory,
    changes,
    conditions: gathered.conditions,
    isLogComplete: gathered.isLogComplete,
    weights,
    alertAt: window.toMs - 1,
    focus: { service: incident.service, correlationIds: incident.correlationIds },
  });
  const ranking = await stages.run('rank', {}, { incident: incident.id }, () => inSlices(steps, turn.breathe));
  const rankedIn = clock() - gatheredAt;
  const context = composeReport({
    incident,
    ranking,
    map,
    changes,
    suspects: suspectsAmong(changes, gathered.window, ranking),
    gaps: gathered.gaps,
    tallies: tallies(votes),
    round: (before?.round ?? 0) + 1,
    rankedAt,
    previousFirst: previousFirst(before, ranking.hypotheses[0]?.service ?? null),
    weightsVersion: weights.version,
    timings: { gather: Math.round(gatheredAt - begun), rank: Math.round(rankedIn), total: Math.round(clock() - begun) },
  });
  return { gathered, ranking, context };
}

function reportOf(
  { incident, rankedAt, before }: Asked,
  { gathered, ranking, context }: Worked,
  similar: NonNullable<IncidentContext['similar']>,
  { redact }: InvestigateOptions,
): Report {
  return {
    incidentId: incident.id,
    round: context.ranking.round,
    rankedAt,
    firstRankedAt: before?.firstRankedAt ?? before?.rankedAt ?? rankedAt,
    context: redact({ ...context, ...(similar.length === 0 ? {} : { similar }) }),
    timeline: timelineOf(gathered.window, [
      ...ranking.hypotheses.slice(0, drawnSuspects).map(({ id, service }) => ({ hypothesisId: id, service })),
      ...(incident.service === null ? [] : [{ hypothesisId: null, service: incident.service }]),
    ]),
    features: Object.fromEntries(ranking.hypotheses.map((h) => [h.id, h.features])),
  };
}

function urgencyOf({ severity }: Incident, before: Report | null): number {
  if (before !== null) return urgencies.laterRound;
  return severity === 'critical' ? urgencies.critical : urgencies.first;
}

function subjectOf(incident: Incident, { toMs }: Window, logLookbackMs: number): Subject {
  const fromMs = toMs - Math.max(logLookbackMs, askedLookbackMs(incident) ?? 0);
  return { service: incident.service, correlationIds: incident.correlationIds, logs: { fromMs, toMs } };
}

/** The service that was first before, where that has changed; stays marked until the first place changes again. */
function previousFirst(before: Report | null, first: string | null): string | null {
  const was = before?.context.hypotheses[0]?.service ?? null;
  if (was === null) return null;
  return was === first ? (before?.context.ranking.previousFirst ?? null) : was;
}
