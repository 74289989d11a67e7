/** What Slack answers instead of doing something: a code, and for the curious the reasons. Never a bug of the workspace. */

export class Refused extends Error {
  readonly code: string;
  /** As in Slack's `response_metadata.messages`. */
  readonly reasons: readonly string[];
  /** Further fields of the answer: `needed` and `provided` of missing_scope, … */
  readonly fields: Readonly<Record<string, string>>;

  constructor(code: string, reasons: readonly string[] = [], fields: Readonly<Record<string, string>> = {}) {
    super(reasons.length > 0 ? `${code}: ${reasons.join('; ')}` : code);
    this.name = 'Refused';
    this.code = code;
    this.reasons = reasons;
    this.fields = fields;
  }
}

/** The caller hung up on purpose: the act was done (or not) and no answer leaves. A fetch sees a network error. */
export class ConnectionDropped extends Error {
  constructor(method: string) {
    super(`the answer to ${method} was dropped`);
    this.name = 'ConnectionDropped';
  }
}

/** One line of the log of what Slack would have refused. */
export interface Refusal {
  readonly at: number;
  /** A Web API method, `response_url`, `ack` or a person's act. */
  readonly method: string;
  readonly code: string;
  readonly reasons: readonly string[];
  /** What was sent, for the page to show next to the reasons. Tokens are never part of it. */
  readonly sent: Readonly<Record<string, unknown>>;
}
