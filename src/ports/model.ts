/** A language model, as the pipeline needs one: it is asked for a value of a given shape, and what it costs is counted. */
import type { z } from 'zod';
import { definer, type Probed } from '../adapter.ts';

export interface Tokens {
  readonly input: number;
  readonly output: number;
}

export interface ModelTurn {
  readonly role: 'user' | 'assistant';
  readonly text: string;
}

export interface ModelQuestion<T> {
  /** For people, where it fails: `word the diagnosis`. */
  readonly attempt: string;
  /** What is ours to say: nothing from outside stands here. */
  readonly system: string;
  /** Examples first, as turns that were; the question last. */
  readonly turns: readonly ModelTurn[];
  /** A name for the shape: letters, digits, `_`. Objects whose fields are all there, null where empty. */
  readonly name: string;
  readonly shape: z.ZodType<T>;
  readonly maxAnswerTokens: number;
  /** Called with each answer's count, also where the answer turns out to be of no use. */
  readonly spent: (tokens: Tokens) => void;
}

export interface ModelAnswer<T> {
  readonly value: T;
  /** As the model wrote it. */
  readonly text: string;
  /** As the server names what answered. */
  readonly model: string;
}

/**
 * `answer` resolves to a value of the shape or throws a Failure: a refusal is `rejected`, an answer that is cut off or still
 * of another shape when asked again is `bad_response`. It ends with the signal. `costOf` is null where no price is set.
 */
export interface Model extends Probed {
  answer<T>(question: ModelQuestion<T>, signal: AbortSignal): Promise<ModelAnswer<T>>;
  costOf(tokens: Tokens): number | null;
}
export const model = definer<Model>();
