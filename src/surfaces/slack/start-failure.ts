/** Why Slack could not be reached at the start, as a Failure that names the variable to look at. */
import { WebAPIHTTPError, WebAPIPlatformError, WebAPIRateLimitedError } from '@slack/web-api';
import { Failure } from '../../domain/failure.ts';

export type TokenVariable = 'SLACK_BOT_TOKEN' | 'SLACK_APP_TOKEN';

const kinds: Readonly<Record<TokenVariable, { prefix: string; words: string }>> = {
  SLACK_BOT_TOKEN: { prefix: 'xoxb-', words: 'the bot token of the app (xoxb-…), from its page "OAuth & Permissions"' },
  SLACK_APP_TOKEN: { prefix: 'xapp-', words: 'an app-level token (xapp-…) with connections:write, from its page "Basic Information"' },
};

const attemptOf: Readonly<Record<TokenVariable, string>> = { SLACK_BOT_TOKEN: 'log in', SLACK_APP_TOKEN: 'open a connection' };

/** Slack's words for a token that will not work however often it is tried. */
export const refusedTokens: ReadonlySet<string> = new Set([
  'invalid_auth',
  'not_authed',
  'account_inactive',
  'token_revoked',
  'token_expired',
  'not_allowed_token_type',
  'user_removed_from_team',
  'team_disabled',
  'no_permission',
  'missing_scope',
]);

/** The usual mix-up is caught before Slack is asked. */
export function wrongKind(variable: TokenVariable, token: string): Failure | null {
  const { prefix, words } = kinds[variable];
  return token.startsWith(prefix) ? null : new Failure('bad_config', 'slack', 'read the tokens', { hint: `${variable} must be ${words}` });
}

/** Slack's word was one of `refusedTokens`. */
export function refusedToken(word: string, variable: TokenVariable): Failure {
  const hint = `Slack refuses ${variable} (${word}); it must be ${kinds[variable].words}`;
  return new Failure('unauthorized', 'slack', attemptOf[variable], { hint });
}

export function startFailure(error: unknown, variable: TokenVariable): Failure {
  if (error instanceof Failure) return error;
  const attempt = attemptOf[variable];
  const fail = (code: Failure['code'], hint: string) => new Failure(code, 'slack', attempt, { hint, cause: error });
  if (error instanceof WebAPIPlatformError) {
    const word = typeof error.data.error === 'string' && /^[a-z_]{1,60}$/.test(error.data.error) ? error.data.error : null;
    if (word === null) return fail('bad_response', 'the answer was not one of Slack; is SLACK_API_URL right?');
    if (refusedTokens.has(word)) return refusedToken(word, variable);
    return fail('unavailable', word);
  }
  if (error instanceof WebAPIHTTPError && error.statusCode < 500)
    return fail('bad_response', `HTTP ${error.statusCode}; is SLACK_API_URL right?`);
  if (error instanceof WebAPIRateLimitedError)
    return new Failure('rate_limited', 'slack', attempt, { retryAfterMs: error.retryAfter * 1_000 });
  return fail('unavailable', 'SLACK_API_URL cannot be reached');
}
