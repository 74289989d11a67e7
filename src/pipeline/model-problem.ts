/** Why a model was of no help, in words for people. */
import type { Failure } from '../domain/failure.ts';

const problems: Readonly<Record<Failure['code'], string>> = {
  bad_config: 'it is not set up',
  unauthorized: 'it refuses the key',
  rejected: 'it would not answer',
  bad_response: 'its answer was of no use',
  rate_limited: 'it is rate-limited',
  unavailable: 'it cannot be reached',
  timeout: 'it did not answer in time',
};

export function modelProblem({ code, hint }: Failure): string {
  return hint === undefined || /^status \d+$/.test(hint) ? problems[code] : `${problems[code]} (${hint})`;
}
