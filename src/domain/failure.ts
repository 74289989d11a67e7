/**
 * The outside did not do what we asked. A Failure is expected and typed; everything else that is thrown is a bug.
 * Caught in three places only: gather (becomes a Gap), explain (template wording), deliver (retry, or "not delivered").
 */
const retryable = {
  bad_config: false,
  unauthorized: false,
  rejected: false,
  bad_response: false,
  rate_limited: true,
  unavailable: true,
  timeout: true,
} as const;

/** The closed list of reasons; also the label on failure metrics. */
export type FailureCode = keyof typeof retryable;

/** `hint` is shown to operators and must hold no secret, URL query or log body. */
export interface FailureDetails {
  readonly hint?: string;
  /** How long the other side asked us to wait. */
  readonly retryAfterMs?: number;
  /** Where in the input the problem is, as a JSON path such as `details.service`. */
  readonly path?: string;
  readonly cause?: unknown;
}

/** Reads as `slack: post the report (rate_limited)`: on whom, what, why. */
export class Failure extends Error {
  readonly code: FailureCode;
  readonly system: string;
  readonly attempt: string;
  readonly hint: string | undefined;
  readonly path: string | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(code: FailureCode, system: string, attempt: string, details: FailureDetails = {}) {
    super(`${system}: ${attempt} (${code})${details.hint === undefined ? '' : `: ${details.hint}`}`, { cause: details.cause });
    this.name = 'Failure';
    this.code = code;
    this.system = system;
    this.attempt = attempt;
    this.hint = details.hint;
    this.path = details.path;
    this.retryAfterMs = details.retryAfterMs;
  }

  get isRetryable(): boolean {
    return retryable[this.code];
  }
}
