/**
 * Answers what the grammar does not understand with a model that may look things up: read-only, a dozen times at most, in
 * twenty seconds. What the grammar understands it answers itself: at once, exactly, and for nothing. Where the model does not
 * help, or says a figure that was not looked up, people are told what can be asked.
 */
import {
  conversationText,
  conversationVersion,
  groundedAnswer,
  type Look,
  questionOf,
  questionTurn,
  type Seen,
  seenTurn,
  Step,
} from '../domain/conversation/step.ts';
import { Failure } from '../domain/failure.ts';
import { inTime } from '../domain/in-time.ts';
import { readQuestion } from '../domain/question.ts';
import type { Model, ModelTurn, Tokens } from '../ports/model.ts';
import { askInTime, modelSource } from './ask-model.ts';
import { type Answer, type AnswerOptions, answer, answerTo, questionTitle, type Step as Told } from './answer.ts';
import { outcomeOf } from './asked-question.ts';
import type { ModelBudget } from './model-budget.ts';
import { modelProblem } from './model-problem.ts';

export interface ConverseOptions extends AnswerOptions {
  readonly model?: Model;
  readonly budget: ModelBudget;
  readonly fence: () => string;
  readonly count: (name: string) => void;
  readonly deadline: (ms: number) => AbortSignal;
}

const withinMs = 20_000;
const maxLooks = 12;
/** Each is a question to the model; several things can be looked up at once. */
const maxSteps = 6;
const maxAnswerTokens = 2_000;
/** Of a whole conversation: what is looked up is read again with each step. */
const maxTokens = 40_000;
const maxServices = 60;
const attempt = 'answer a question';

export async function converse(text: string, incidentId: string | null, options: ConverseOptions): Promise<Answer> {
  const { model } = options;
  const otherwise = await answer(text, incidentId, options);
  if (model === undefined || readQuestion(text) !== null) return otherwise;
  const reason = (why: string): Answer => ({
    ...otherwise,
    text: `${otherwise.text.replace(/:$/, '')} (the model was of no help: ${why}):`,
  });
  options.tell?.(thinking('asking', null));
  try {
    const told = await options.budget.within(maxTokens, () =>
      options.breaker.ask(modelSource, () => talk(text, incidentId, model, options)),
    );
    options.count(told === null ? 'model_answers_dropped_total' : 'model_answers_total');
    options.tell?.(told === null ? thinking('failed', 'it said what it had not read') : thinking('answered', null));
    return told ?? reason('what it said was not in what it read');
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    options.count(`model_failures_total{code="${error.code}"}`);
    options.tell?.(thinking('failed', modelProblem(error)));
    return reason(modelProblem(error));
  }
}

async function talk(text: string, incidentId: string | null, model: Model, options: ConverseOptions): Promise<Answer | null> {
  const fence = options.fence();
  const signal = options.deadline(withinMs);
  const { map } = await options.telemetry.knowledge();
  const services = map.services.slice(0, maxServices).map(({ name }) => name);
  const turns: ModelTurn[] = [{ role: 'user', text: options.redactDeep(questionTurn(text, services, fence)).value }];
  const seen: (Seen & { readonly sources: readonly string[] })[] = [];
  const spent = { input: 0, output: 0 };
  let by: string | null = null;
  const add = ({ input, output }: Tokens) => {
    spent.input += input;
    spent.output += output;
  };
  try {
    for (let step = 0; step < maxSteps && spent.input + spent.output < maxTokens; step++) {
      const question = { attempt, system: conversationText, turns, name: 'step', shape: Step, maxAnswerTokens, spent: add };
      const { value, text: said, model: name } = await askInTime(model, question, signal);
      by = name;
      turns.push({ role: 'assistant', text: said });
      if (value.answer !== null && value.look.length === 0) {
        const told = groundedAnswer(options.redactDeep(value.answer).value, seen);
        return told === null ? null : { text: told, lines: [], sources: [...new Set([...seen.flatMap((one) => one.sources), name])] };
      }
      const left = maxLooks - seen.length;
      const looks = value.look.slice(0, Math.max(0, left)).map((look) => lookUp(look, incidentId, options));
      const found = await inTime(Promise.all(looks), signal, modelSource, attempt);
      seen.push(...found);
      turns.push({ role: 'user', text: seenTurn(found, maxLooks - seen.length, fence) });
    }
    return null;
  } finally {
    await keep(incidentId, { turns, model: by, spent }, options);
  }
}

async function lookUp(look: Look, incidentId: string | null, options: ConverseOptions): Promise<Seen & { sources: readonly string[] }> {
  const asked = [look.tool, look.service, look.id, look.contains, look.window].filter((part) => part !== null).join(' ');
  const question = questionOf(look);
  if (question === null)
    return { question: asked, text: 'That needs the name of a service, and a window as it is said above.', lines: [], sources: [] };
  const { tell, ...quiet } = options;
  const told = { id: crypto.randomUUID(), title: questionTitle(question) };
  tell?.({ ...told, state: 'asking', outcome: null });
  const found = await answerTo(question, incidentId, quiet);
  tell?.({ ...told, state: 'answered', outcome: outcomeOf(found) });
  const { text, lines, sources } = found;
  return options.redactDeep({ question: asked, text, lines: [...lines], sources: [...sources] }).value;
}

/** That it is being thought about, told as the first of the steps. */
function thinking(state: Told['state'], outcome: string | null): Told {
  return { id: 'model', title: 'Thinking', state, outcome };
}

/** For the audit and for the day's budget. */
async function keep(
  incidentId: string | null,
  { turns, ...asked }: { readonly turns: readonly ModelTurn[]; readonly model: string | null; readonly spent: Tokens },
  { ledger, now, redactDeep }: ConverseOptions,
) {
  const { value: body } = redactDeep({
    incidentId,
    promptVersion: conversationVersion,
    system: conversationText,
    turns: [...turns],
    ...asked,
  });
  await ledger.commit({ inbox: [{ id: `conversation:${crypto.randomUUID()}`, kind: 'model', body, at: now() }] });
}
