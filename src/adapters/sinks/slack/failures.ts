/** Slack's refusals and the network's, as Failures that say what to do. The one place where the sink translates. */
import { WebAPIHTTPError, WebAPIPlatformError, WebAPIRateLimitedError, WebAPIRequestError } from '@slack/web-api';
import { Failure, type FailureCode, type FailureDetails } from '../../../domain/failure.ts';

const system = 'slack';
/** Slack names no time with some refusals; its own advice for an unknown wait is half a minute. */
const unknownWaitMs = 30_000;
/** People see the card soon after they have invited the app; a call in each such channel every half a minute is no burden. */
const lookAgainMs = 30_000;

interface Refusal {
  readonly code: FailureCode;
  readonly hint: string;
  /** Where somebody has to change something in Slack: how often it is worth looking whether they have. */
  readonly waitMs?: number;
}

const token = (what: string): Refusal => ({
  code: 'unauthorized',
  hint: `SLACK_BOT_TOKEN ${what}; copy the bot token from the app's OAuth page again`,
});
const unknownChannel = {
  code: 'rejected',
  hint: 'there is no such channel that the app can see (SLACK_CHANNEL, or a route); a private one must have the app in it: /invite @tracepulse',
  waitMs: lookAgainMs,
} as const satisfies Refusal;
const busy: Refusal = { code: 'unavailable', hint: 'Slack has trouble of its own' };

/** Error words of docs.slack.dev for the methods used here; any other word is a plain refusal. */
const refusals: Readonly<Record<string, Refusal>> = {
  invalid_auth: token('was refused'),
  not_authed: token('is missing'),
  account_inactive: token('belongs to an app or workspace that is switched off'),
  token_revoked: token('was revoked'),
  token_expired: token('has expired'),
  not_allowed_token_type: token('is not a bot token (xoxb-…)'),
  channel_not_found: unknownChannel,
  not_in_channel: { code: 'rejected', hint: 'the app is not in the channel; type /invite @tracepulse there', waitMs: lookAgainMs },
  is_archived: { code: 'rejected', hint: 'the channel is archived; choose another in SLACK_CHANNEL or unarchive it', waitMs: lookAgainMs },
  // A place in a list is known for a while only; the next try begins with the first page.
  invalid_cursor: { code: 'unavailable', hint: 'Slack forgot how far a list was read' },
  restricted_action: { code: 'rejected', hint: 'the workspace does not let the app post in this channel' },
  ratelimited: { code: 'rate_limited', hint: 'too many calls' },
  rate_limited: { code: 'rate_limited', hint: 'too many messages' },
  message_limit_exceeded: { code: 'rate_limited', hint: 'the workspace is over its message limit' },
  internal_error: busy,
  fatal_error: busy,
  service_unavailable: busy,
  request_timeout: busy,
  team_added_to_org: busy,
};

/** The message is no longer there, or may no longer be edited: post anew. */
export const goneWords: ReadonlySet<string> = new Set([
  'message_not_found',
  'edit_window_closed',
  'cant_update_message',
  'thread_not_found',
]);

/** The blocks are not to Slack's liking: send a plainer form. */
export const blockWords: ReadonlySet<string> = new Set([
  'invalid_blocks',
  'invalid_blocks_format',
  'msg_blocks_too_long',
  'msg_too_long',
  'invalid_attachments',
]);

/** What Slack says of a channel it does not know, where we look for one by its name. */
export function channelNotFound(channel: string): Failure {
  const { code, hint, waitMs } = unknownChannel;
  const details = { hint: `${hint} (channel_not_found)`, retryAfterMs: waitMs };
  return new Failure(code, system, `find channel ${channel.slice(0, 80)}`, details);
}

/** Slack's own word for a refusal; null when this is not one. */
export function refusalWord(error: unknown): string | null {
  return error instanceof WebAPIPlatformError && typeof error.data.error === 'string' ? error.data.error : null;
}

/** Anything that is not Slack's or the network's doing is a bug and passes unchanged. */
export function failureFrom(error: unknown, attempt: string): unknown {
  const fail = (code: FailureCode, details: FailureDetails) => new Failure(code, system, attempt, { ...details, cause: error });
  if (error instanceof WebAPIRateLimitedError) return fail('rate_limited', { retryAfterMs: error.retryAfter * 1_000 });
  if (error instanceof WebAPIHTTPError) return fail(httpCode(error.statusCode), { hint: `Slack answered HTTP ${error.statusCode}` });
  if (error instanceof WebAPIRequestError) {
    // What our own fetch said; the client only wraps it.
    if (error.original instanceof Failure) return error.original;
    const isTimeout = error.original.name === 'TimeoutError' || error.original.name === 'AbortError';
    return isTimeout ? fail('timeout', { hint: 'no answer in time' }) : fail('unavailable', { hint: 'SLACK_API_URL cannot be reached' });
  }
  if (!(error instanceof WebAPIPlatformError)) return error;
  return refused(error, fail);
}

function refused(error: WebAPIPlatformError, fail: (code: FailureCode, details: FailureDetails) => Failure): Failure {
  const word = refusalWord(error) ?? '';
  // A proxy's error page arrives here as the "word": it is not Slack speaking, and may hold anything.
  if (!/^[a-z0-9_]{1,60}$/.test(word)) return fail('bad_response', { hint: 'the answer was not one of Slack; is SLACK_API_URL right?' });
  if (word === 'missing_scope') {
    const needed =
      'needed' in error.data && typeof error.data.needed === 'string' ? error.data.needed.slice(0, 200) : 'one of the manifest';
    return fail('unauthorized', { hint: `the app lacks the scope ${needed}; install it again from manifest.json` });
  }
  const known = refusals[word];
  if (known === undefined) return fail('rejected', { hint: word });
  const waitMs = known.code === 'rate_limited' ? unknownWaitMs : known.waitMs;
  return fail(known.code, { hint: `${known.hint} (${word})`, ...(waitMs === undefined ? {} : { retryAfterMs: waitMs }) });
}

function httpCode(status: number): FailureCode {
  if (status === 401 || status === 403) return 'unauthorized';
  return status >= 500 ? 'unavailable' : 'bad_response';
}
