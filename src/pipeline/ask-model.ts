/** Asks a model and waits no longer than for the signal; whatever becomes of the question, its tokens are counted. */
import { Failure } from '../domain/failure.ts';
import { inTime } from '../domain/in-time.ts';
import type { Model, ModelAnswer, ModelQuestion, Tokens } from '../ports/model.ts';

export const modelSource = 'model';

/** About three bytes a token, as in `fitContext`. */
export function tokensIn({ system, turns }: Pick<ModelQuestion<unknown>, 'system' | 'turns'>): number {
  return Math.ceil(turns.reduce((sum, turn) => sum + turn.text.length, system.length) / 3);
}

export async function askInTime<T>(model: Model, question: ModelQuestion<T>, signal: AbortSignal): Promise<ModelAnswer<T>> {
  let isCounted = false;
  let isOver = false;
  const spent = (tokens: Tokens) => {
    if (isOver) return;
    isCounted = true;
    question.spent(tokens);
  };
  try {
    return await inTime(model.answer({ ...question, spent }, signal), signal, modelSource, question.attempt);
  } catch (error) {
    isOver = true;
    // What did not answer in time has read the question: a dead slow model uses up its budget like any other.
    if (error instanceof Failure && error.code === 'timeout' && !isCounted) question.spent({ input: tokensIn(question), output: 0 });
    throw error;
  }
}
