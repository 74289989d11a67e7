/** SQLite's result codes → Failure, in this one place. Anything else that is thrown here is a bug and passes through. */
import { Failure, type FailureCode } from '../../../domain/failure.ts';

/** Primary result codes (https://sqlite.org/rescode.html); the upper bytes only refine them. */
const meanings: Readonly<Record<number, { code: FailureCode; hint: string }>> = {
  3: { code: 'bad_config', hint: 'no permission to use the store file' },
  5: { code: 'timeout', hint: 'the store file is locked by another program' },
  8: { code: 'bad_config', hint: 'the store file is read-only' },
  10: { code: 'unavailable', hint: 'the disk refused to read or write' },
  11: { code: 'bad_response', hint: 'the store file is damaged' },
  13: { code: 'unavailable', hint: 'the disk is full' },
  14: { code: 'bad_config', hint: 'the store file cannot be opened; its folder must exist and be writable' },
  26: { code: 'bad_response', hint: 'the file is not a TracePulse store' },
};

/** A program error of ours (a broken constraint, wrong SQL) is not in the list and stays what it is. */
export function translated(error: unknown, attempt: string): unknown {
  const code = sqliteCode(error);
  const meaning = code === null ? undefined : meanings[code];
  return meaning === undefined ? error : new Failure(meaning.code, 'ledger', attempt, { hint: meaning.hint, cause: error });
}

/** Runs `act`; what SQLite throws in it comes out as a Failure. */
export function guarded<T>(attempt: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw translated(error, attempt);
  }
}

export function sqliteCode(error: unknown): number | null {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return null;
  return error.errcode & 0xff;
}
