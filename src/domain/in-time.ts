/**
 * The deadline of everything that is asked outside: whoever is asked hears the signal and should end by itself; nobody waits
 * for one that does not. What it says afterwards is heard by nobody, an error either.
 */
import { Failure } from './failure.ts';

/** The answer, or a 'timeout' Failure of that system once the signal is given. */
export async function inTime<T>(answer: Promise<T>, signal: AbortSignal, system: string, attempt: string): Promise<T> {
  let stop = () => {};
  const late = new Promise<never>((_, reject) => {
    stop = () => reject(new Failure('timeout', system, attempt));
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    // A signal may outlive many questions.
    signal.removeEventListener('abort', stop);
  }
}
