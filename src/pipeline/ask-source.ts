/**
 * How one source that lies elsewhere is asked: under a deadline that all of an investigation share, spared while it keeps
 * failing, and with its failure as a gap. Whoever asks gets an answer, perhaps an empty one; never an exception.
 */
import type { Gap } from '../domain/evidence.ts';
import { Failure } from '../domain/failure.ts';
import { inTime } from '../domain/in-time.ts';
import type { Breaker } from './circuit-breaker.ts';
import type { SourceWatch } from './progress.ts';

/** Leaves most of the five seconds for ranking and delivery. */
const sourceDeadlineMs = 2_000;
/** When sources are told to end with what they have; the rest is for those that listen. */
const askedToEndMs = 1_700;

export interface Deadline {
  /** Sources end with what they have. */
  readonly end: AbortSignal;
  /** Nobody waits any longer. */
  readonly cut: AbortSignal;
}

export function startDeadline(): Deadline {
  return { end: AbortSignal.timeout(askedToEndMs), cut: AbortSignal.timeout(sourceDeadlineMs) };
}

export interface Question<T> {
  readonly id: string;
  /** For people, where it is cut short: `search logs of cart`. */
  readonly attempt: string;
  readonly ask: (signal: AbortSignal) => Promise<T>;
  readonly otherwise: T;
}

export interface Asking {
  readonly breaker: Breaker;
  readonly deadline: Deadline;
  /** Hears who has been asked, and who has answered. */
  readonly watch?: SourceWatch;
}

export async function askSource<T>(question: Question<T>, { breaker, deadline, watch }: Asking): Promise<{ answer: T; gaps: Gap[] }> {
  const { id, attempt, ask, otherwise } = question;
  watch?.asked(id);
  try {
    const asked = async () => {
      try {
        return await ask(deadline.end);
      } catch (error) {
        throw error instanceof Failure ? error : breaker.broke(id, attempt, error);
      }
    };
    const answer = await breaker.ask(id, () => inTime(asked(), deadline.cut, id, attempt));
    return { answer, gaps: [] };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { answer: otherwise, gaps: [{ source: id, reason: error.message }] };
  } finally {
    watch?.answered(id);
  }
}
