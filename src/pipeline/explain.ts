/**
 * Has a model word the reports. Nothing waits for it: the report stands in the rules' words, and the card is edited in place
 * when an answer comes within the minute and holds. Whatever goes wrong is said in the report and breaks nothing else. Each
 * question is kept with its answer, which is also how the day's budget is known after a restart.
 */
import type { Log } from '../adapter.ts';
import { checkedWords, standing } from '../domain/diagnosis/check-words.ts';
import type { ContextDiagnosis } from '../domain/diagnosis/context-diagnosis.ts';
import { ModelWords } from '../domain/diagnosis/model-words.ts';
import { caseOf, promptVersion, systemText, turnsFor } from '../domain/diagnosis/prompt.ts';
import { Failure } from '../domain/failure.ts';
import { fitContext } from '../domain/fit-context.ts';
import type { Incident } from '../domain/incident.ts';
import type { IncidentContext } from '../domain/incident-context.ts';
import type { Report } from '../domain/report.ts';
import type { Ledger, LedgerChange, Work } from '../ports.ts';
import type { Model, Tokens } from '../ports/model.ts';
import { askInTime, modelSource, tokensIn } from './ask-model.ts';
import type { Breaker } from './circuit-breaker.ts';
import type { ModelBudget } from './model-budget.ts';
import { modelProblem } from './model-problem.ts';
import { cardsFor } from './receive.ts';

export interface ExplainOptions {
  readonly ledger: Ledger;
  readonly model: Model;
  readonly breaker: Breaker;
  readonly now: () => number;
  readonly log: Log;
  readonly count: (name: string) => void;
  readonly redactDeep: <T>(value: T) => { readonly value: T };
  readonly tokensPerReport: number;
  readonly budget: ModelBudget;
  /** A name for fences that nobody can know before. */
  readonly fence: () => string;
  /** Wakes whoever delivers. */
  readonly poke: () => void;
  /** A signal that ends after so many ms; a test's own does not wait. */
  readonly deadline: (ms: number) => AbortSignal;
}

export interface Explainer {
  /** The report with what still holds of the words before it, or with the note that the model is being asked. */
  worded(report: Report, before: Report | null, incident: Incident): Report;
  /** What is to be done for that note. */
  workFor(report: Report, before: Report | null): Work[];
  /** Begins to ask and does not wait. */
  start(work: Work): Promise<void>;
  /** Waits for what is being asked; false when nothing was. */
  idle(): Promise<boolean>;
  stop(): Promise<void>;
}

/** A report is read in the minute after it came; what is written later is not waited for. */
const withinMs = 60_000;
/** Leaves time to deliver the edit. */
const longestMs = 50_000;
const shortestMs = 3_000;
/** Rankings follow each other within seconds while an incident begins. */
const askAgainMs = 1_000;
/** Several incidents at once are one storm: a local model answers one after the other anyway. */
const maxAtOnce = 4;
/** Beside it stand the rules, the examples and the schema, about 2,500. */
const maxCaseTokens = 6_000;
/** Models that think count that too. */
const maxAnswerTokens = 4_000;
const about = 'word the report';

export function createExplainer(options: ExplainOptions): Explainer {
  const { ledger, now } = options;
  const running = new Map<string, Promise<void>>();
  const stopping = new AbortController();
  return {
    worded(report, before, incident) {
      const earlier = before?.context.diagnosis ?? null;
      const held = earlier === null ? null : standing(earlier, report.context);
      if (held !== null) return withDiagnosis(report, held);
      const hasGround = Object.keys(report.context.evidence).length > 0 && report.context.hypotheses.length > 0;
      return hasGround && incident.state === 'open' ? withDiagnosis(report, asked(report, earlier, now())) : report;
    },
    workFor(report, before) {
      const { diagnosis } = report.context;
      const isNew = before?.context.diagnosis?.state !== 'asked' || before.context.diagnosis.about !== diagnosis?.about;
      if (diagnosis?.state !== 'asked' || !isNew) return [];
      return [{ id: `explain:${report.incidentId}`, kind: 'explain', subject: report.incidentId, dueAt: now(), attempts: 0 }];
    },
    async start(work) {
      if (running.has(work.subject) || running.size >= maxAtOnce) {
        await ledger.postpone(work, now() + 1_000, 'untried');
        return;
      }
      // Held past the end of the question; whoever finds it then knows that this process is gone.
      const held = { ...work, dueAt: now() + withinMs };
      await ledger.postpone(work, held.dueAt);
      const done = explain(held, options, stopping.signal)
        .catch((error: unknown) => options.log.error('wording a report failed', { incident: work.subject, error: String(error) }))
        .finally(() => void running.delete(work.subject));
      running.set(work.subject, done);
    },
    async idle() {
      const all = [...running.values()];
      await Promise.all(all);
      return all.length > 0;
    },
    async stop() {
      stopping.abort();
      await Promise.all(running.values());
    },
  };
}

function withDiagnosis(report: Report, diagnosis: ContextDiagnosis): Report {
  return { ...report, context: { ...report.context, diagnosis } };
}

/** What was spent before stays counted. */
function asked({ context }: Report, earlier: ContextDiagnosis | null, at: number): ContextDiagnosis {
  return {
    state: 'asked',
    model: null,
    promptVersion,
    at: new Date(at).toISOString(),
    about: context.hypotheses[0]?.id ?? null,
    ...noWords,
    tokens: earlier?.tokens ?? { input: 0, output: 0 },
    cost: earlier?.cost ?? null,
    problem: null,
  };
}

/** Null: the product is being stopped; after the restart it is asked again. */
type Outcome = Pick<ContextDiagnosis, 'state' | 'model' | 'problem' | 'claims' | 'alternative' | 'doubt' | 'dropped'> & {
  readonly text: string;
};

async function explain(work: Work, options: ExplainOptions, stopping: AbortSignal): Promise<void> {
  const { ledger, now } = options;
  const report = await ledger.report(work.subject);
  const earlier = report?.context.diagnosis;
  if (report === null || earlier?.state !== 'asked') {
    await ledger.commit({ workDone: [work] });
    return;
  }
  const context = fitContext(withoutDiagnosis(report.context), maxCaseTokens);
  const question = { system: systemText, turns: turnsFor(caseOf(context), options.fence()) };
  let spent: Tokens = { input: 0, output: 0 };
  const add = ({ input, output }: Tokens) => {
    spent = { input: spent.input + input, output: spent.output + output };
  };
  const spentBefore = earlier.tokens.input + earlier.tokens.output;
  const leftMs = Math.min(longestMs, report.rankedAt + withinMs - now());
  const outcome = await outcomeOf(context, { question, leftMs, spentBefore, add, stopping }, options);
  if (outcome === null) return;
  const { text, ...words } = outcome;
  const diagnosis: ContextDiagnosis = {
    ...earlier,
    ...words,
    at: new Date(now()).toISOString(),
    tokens: { input: earlier.tokens.input + spent.input, output: earlier.tokens.output + spent.output },
    cost: total(earlier.cost, options.model.costOf(spent)),
  };
  await keep(work, diagnosis, { ...question, text, spent, round: report.round }, options);
}

interface Asking {
  readonly question: { readonly system: string; readonly turns: ReturnType<typeof turnsFor> };
  readonly leftMs: number;
  readonly spentBefore: number;
  readonly add: (tokens: Tokens) => void;
  readonly stopping: AbortSignal;
}

async function outcomeOf(context: IncidentContext, asking: Asking, options: ExplainOptions): Promise<Outcome | null> {
  const { question, leftMs, spentBefore, stopping } = asking;
  try {
    if (leftMs < shortestMs) throw new Failure('timeout', modelSource, about);
    const need = tokensIn(question) + maxAnswerTokens;
    if (spentBefore + need > options.tokensPerReport)
      throw new Failure('rejected', modelSource, about, { hint: 'the budget of this report is used up' });
    const answer = await options.budget.within(need, () => options.breaker.ask(modelSource, () => ask(asking, options)));
    const words = checkedWords(options.redactDeep(answer.value).value, context);
    const isEmpty = words.claims.length === 0;
    options.count(isEmpty ? 'model_answers_dropped_total' : 'model_answers_total');
    const problem = isEmpty ? 'nothing it said stood on evidence' : null;
    return { ...words, state: isEmpty ? 'failed' : 'written', model: answer.model, problem, text: answer.text };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    if (stopping.aborted) return null;
    options.count(`model_failures_total{code="${error.code}"}`);
    return { ...noWords, state: 'failed', model: null, problem: modelProblem(error), text: '' };
  }
}

const noWords = { claims: [], alternative: null, doubt: null, dropped: 0 };

function withoutDiagnosis({ diagnosis: _, ...context }: IncidentContext): IncidentContext {
  return context;
}

async function ask({ question, leftMs, add, stopping }: Asking, { model, deadline }: ExplainOptions) {
  const signal = AbortSignal.any([stopping, deadline(leftMs)]);
  return askInTime(model, { ...question, attempt: about, name: 'diagnosis', shape: ModelWords, maxAnswerTokens, spent: add }, signal);
}

function total(before: number | null, added: number | null): number | null {
  return before === null && added === null ? null : (before ?? 0) + (added ?? 0);
}

interface Asked {
  readonly system: string;
  readonly turns: ReturnType<typeof turnsFor>;
  readonly text: string;
  readonly spent: Tokens;
  readonly round: number;
}

/** A ranking may have come in between; what is said is held against the newest report, and written there. */
const maxTries = 4;

/** The ranking has moved on, and what was said of it is not true any more: its words are asked for, and what was spent counts. */
function askedAgain(work: Work, report: Report, { tokens, cost }: ContextDiagnosis, at: number): LedgerChange {
  const { diagnosis } = report.context;
  if (diagnosis?.state !== 'asked') return { workDone: [work] };
  return {
    reports: [withDiagnosis(report, { ...diagnosis, tokens, cost })],
    work: [{ id: work.id, kind: work.kind, subject: work.subject, dueAt: at + askAgainMs, attempts: 0 }],
  };
}

async function keep(work: Work, diagnosis: ContextDiagnosis, asked: Asked, options: ExplainOptions): Promise<void> {
  const { ledger, now } = options;
  const id = work.subject;
  const audit = {
    id: `diagnosis:${id}:${diagnosis.at}`,
    kind: 'model',
    body: options.redactDeep({ incidentId: id, ...asked, diagnosis }).value,
    at: now(),
  };
  for (let tries = 1; ; tries++) {
    const [report, incident] = await Promise.all([ledger.report(id), ledger.incident(id)]);
    if (report === null || incident === null) return;
    const held = diagnosis.state === 'failed' ? diagnosis : standing(diagnosis, report.context);
    await ledger.commit({
      about: [id],
      inbox: [audit],
      ...(held === null
        ? askedAgain(work, report, diagnosis, now())
        : { workDone: [work], reports: [withDiagnosis(report, held)], outbox: cardsFor(incident, now(), false) }),
    });
    const stored = await ledger.report(id);
    if (held === null || stored?.context.diagnosis?.at === held.at || tries >= maxTries) break;
  }
  options.poke();
}
