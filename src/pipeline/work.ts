/**
 * Runs what the ledger says is to be done. Work carries ids only, may run twice, and what fails comes back later; a
 * single entry that keeps failing never holds the others up.
 */
import type { Log } from '../adapter.ts';
import { Failure } from '../domain/failure.ts';
import { tallies } from '../domain/feedback.ts';
import type { Incident } from '../domain/incident.ts';
import type { IncidentContext } from '../domain/incident-context.ts';
import type { Report } from '../domain/report.ts';
import { reweigh } from '../domain/reweigh.ts';
import type { InboxEntry, Work } from '../ports.ts';
import type { Explainer } from './explain.ts';
import { withFacts } from './facts.ts';
import { picturesFor } from './illustrate.ts';
import { type InvestigateOptions, investigate, windowOf } from './investigate.ts';
import { learnAgain } from './learn.ts';
import { lateWorkId } from './late-data.ts';
import type { Progress } from './progress.ts';
import { cardsFor } from './receive.ts';

/** A worker that died is replaced after this, by another replica where there is one: within 15 s in all. */
const leaseMs = 10_000;
/** What takes longer, as a conversation with a model, says so in time, also when the first word of it is lost. */
const prolongEveryMs = 3_000;
/** How many entries are taken at once. */
const batch = 8;
/** After this many tries, half a minute in all, an entry is laid aside for a person to look at. */
const maxAttempts = 5;
/** An entry that takes the process down never gets to fail. One that was begun this often is not begun again. */
const maxStarts = 20;
const longestWaitMs = 60_000;

/** When an incident is ranked again after its alert, counted from the first report (issue: at least 15 and 60 s later). */
const laterRoundsMs = [15_000, 60_000] as const;

export interface WorkerOptions extends InvestigateOptions {
  readonly log: Log;
  readonly inboxHandlers: ReadonlyMap<string, (entry: InboxEntry) => Promise<void>>;
  readonly count: (name: string) => void;
  readonly progress?: Progress;
  /** Ends an alarm whose time has come. */
  readonly expire: (work: Work) => Promise<void>;
  /** Absent where no model is configured. */
  readonly explainer?: Explainer;
}

export interface Worker {
  /** Does what is due, at most so many entries; true when something was. */
  runDue(limit?: number): Promise<boolean>;
}

export function createWorker(options: WorkerOptions): Worker {
  return {
    async runDue(limit = batch) {
      const claimed = await options.ledger.claimWork(options.now(), leaseMs, limit);
      const due = claimed.toSorted((a, b) => Number(isLaterRound(a)) - Number(isLaterRound(b)));
      // Side by side, so that one incident's slow source delays no other's report.
      await Promise.all(due.map((work) => held(work, options)));
      return due.length > 0;
    },
  };
}

/** Of an incident that has a report: who has none yet goes first. */
function isLaterRound({ id, subject }: Work): boolean {
  return id === roundId(subject) || id === lateWorkId(subject);
}

/** While it is being done, nobody else begins it. */
async function held(work: Work, options: WorkerOptions): Promise<void> {
  const { ledger, now, log } = options;
  const prolong = () => ledger.prolong(work, now() + leaseMs);
  const timer = setInterval(() => {
    prolong().catch((error: unknown) => log.warn('a claim could not be lengthened', { work: work.id, error: String(error) }));
  }, prolongEveryMs);
  try {
    await attempt(work, options);
  } finally {
    clearInterval(timer);
  }
}

async function attempt(work: Work, options: WorkerOptions): Promise<void> {
  if (work.attempts > maxStarts) return bury(work, new Error(`it was begun ${maxStarts} times and never came to an end`), options);
  try {
    await options.stages.run('work', { kind: work.kind }, { incident: work.subject }, () => perform(work, options));
  } catch (error) {
    options.count('work_failures_total');
    options.log.error('work failed', {
      incident: incidentOf(work),
      work: work.id,
      attempts: work.attempts,
      error: String(error),
      stack: error instanceof Error ? error.stack : undefined,
    });
    // A store or a system that is away comes back; what is wrong with the entry itself does not mend by waiting.
    const isOutside = error instanceof Failure && error.isRetryable;
    if (work.attempts >= maxAttempts && !isOutside) await bury(work, error, options);
    else await options.ledger.postpone(work, options.now() + Math.min(longestWaitMs, 1_000 * 2 ** work.attempts));
  }
}

/** Out of everybody's way, and kept: readiness names it, and a person may have it tried again. */
async function bury(work: Work, error: unknown, { ledger, now, log, count }: WorkerOptions): Promise<void> {
  log.error('work is laid aside', { incident: incidentOf(work), work: work.id, attempts: work.attempts, error: String(error) });
  count('dead_letters_total{line="work"}');
  await ledger.commit({ buried: [{ id: work.id, at: now(), reason: String(error), entry: work }] });
}

/** Stored messages are of nobody yet. */
function incidentOf({ kind, subject }: Work): string | null {
  return kind === 'inbox' || kind === 'learn' ? null : subject;
}

async function perform(work: Work, options: WorkerOptions): Promise<void> {
  if (work.kind === 'investigate') await rankIncident(work, options);
  else if (work.kind === 'expire') await options.expire(work);
  else if (work.kind === 'learn') await learnAgain(work, options.ledger, options.now());
  else if (work.kind === 'explain') await explain(work, options);
  else await handleInbox(work, options);
}

async function rankIncident(work: Work, options: WorkerOptions): Promise<void> {
  const { ledger, now } = options;
  const incident = await ledger.incident(work.subject);
  if (incident === null) {
    await ledger.commit({ workDone: [work] });
    return;
  }
  const before = await ledger.report(incident.id);
  const bare =
    before !== null && isGone(incident, options)
      ? reweigh(before, tallies(await ledger.votes(incident.id)), now())
      : await watched(incident, before === null, options);
  const ranked = await withFacts(bare, incident, ledger);
  const next = work.id === lateWorkId(incident.id) ? null : nextRoundAt(incident, now());
  // Read again: words may have come while it was ranked.
  const latest = await ledger.report(incident.id);
  const report = options.explainer?.worded(ranked, latest, incident) ?? ranked;
  const rounds = roundsAfter(work, incident.id, next);
  const outcome = await ledger.commit({
    about: [incident.id],
    reports: [report],
    ...rounds,
    work: [...(rounds.work ?? []), ...(options.explainer?.workFor(report, latest) ?? [])],
    outbox: [
      ...(isNews(before?.context ?? null, report.context) ? cardsFor(incident, now(), false) : []),
      ...picturesFor(incident, report, now(), before),
    ],
  });
  // Forgotten while it was ranked: nobody waits for a report of it.
  if (outcome === 'conflict') {
    await ledger.commit({ workDone: [work] });
    return;
  }
  options.count('reports_total');
  if (before === null || isNews(before.context, report.context)) tellOfRanking(report, options.log);
  if (before === null) options.stages.observe('alert_to_report', {}, (now() - incident.openedAt) / 1_000);
}

/** Who follows the log sees incidents go by, not failures alone. Names of services are redacted as all fields are. */
function tellOfRanking({ incidentId, context: { verdict, hypotheses } }: Report, log: Log): void {
  const [first] = hypotheses;
  const cause = first === undefined ? {} : { cause: first.service, kind: first.kind, confidence: first.confidence };
  log.info('ranked', { incident: incidentId, verdict, ...cause });
}

/** Words that were asked for, and no model is configured any more. */
async function explain(work: Work, { explainer, ledger }: WorkerOptions): Promise<void> {
  if (explainer === undefined) await ledger.commit({ workDone: [work] });
  else await explainer.start(work);
}

/** Who waits for the first report hears what it waits for. */
async function watched(incident: Incident, isFirst: boolean, options: WorkerOptions) {
  const reading = isFirst ? options.progress?.begin(incident) : undefined;
  try {
    return await investigate(incident, reading === undefined ? options : { ...options, watch: reading.watch });
  } finally {
    reading?.end();
  }
}

/** Half the shortest retention there may be: before this nothing of a window can have expired. */
const keptForMs = 600_000;

/** Whether part of the telemetry a ranking would stand on is no longer kept: what is left would look like another story. */
function isGone(incident: Incident, { telemetry, now, lookbackMs }: WorkerOptions): boolean {
  const { oldestAt, newestAt } = telemetry.stats();
  if (oldestAt === null || now() - incident.openedAt < keptForMs) return false;
  return windowOf(incident, newestAt, now(), lookbackMs).fromMs + lookbackMs / 4 < oldestAt;
}

const roundId = (incidentId: string) => `round:${incidentId}`;

/**
 * Fixed rounds have an id of their own: a verdict given while a ranking runs asks under `investigate:…`, and must not be
 * overwritten by a round that is due later.
 */
function roundsAfter(work: Work, incidentId: string, next: number | null) {
  if (next === null) return { workDone: [work] };
  const round = { id: roundId(incidentId), kind: 'investigate', subject: incidentId, dueAt: next, attempts: 0 } as const;
  return work.id === round.id ? { work: [round] } : { workDone: [work], work: [round] };
}

/** A confidence that moves by less is the same to a reader. */
const noticeable = 0.05;

/** Whether a card drawn from `after` would tell people something that the one from `before` does not. */
function isNews(before: IncidentContext | null, after: IncidentContext): boolean {
  if (before === null || before.verdict !== after.verdict || before.hypotheses.length !== after.hypotheses.length) return true;
  const shown = (context: IncidentContext) =>
    JSON.stringify([
      context.hypotheses.map((h) => [h.service, h.kind, h.change?.version, h.feedback, [...h.evidence].sort()]),
      context.gaps,
      context.facts,
      context.incident.state,
    ]);
  if (shown(before) !== shown(after)) return true;
  return after.hypotheses.some((h, i) => Math.abs(h.confidence - (before.hypotheses[i]?.confidence ?? 0)) >= noticeable);
}

/** The next fixed round that is still ahead; null when all have been. */
function nextRoundAt(incident: Incident, now: number): number | null {
  return laterRoundsMs.map((after) => incident.openedAt + after).find((at) => at > now) ?? null;
}

async function handleInbox(work: Work, { ledger, inboxHandlers, log }: WorkerOptions): Promise<void> {
  const entry = await ledger.inbox(work.subject);
  if (entry === null) log.warn('a stored message is gone', { work: work.id });
  else {
    const handle = inboxHandlers.get(entry.kind);
    if (handle === undefined) throw new Error(`nobody takes messages of kind ${entry.kind}`);
    await handle(entry);
  }
  await ledger.commit({ workDone: [work] });
}
