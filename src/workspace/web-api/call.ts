/**
 * One Web API call from request to answer: fault, arguments, token, scope, rate, act. Answers are 200 with `ok`, save 429
 * and injected server errors, as Slack's are.
 */
import type { Core } from '../core.ts';
import type { Fault } from '../faults.ts';
import type { JsonObject } from '../json.ts';
import { ConnectionDropped, Refused } from '../refused.ts';
import { type Arguments, optional, readArguments } from './arguments.ts';
import { type Method, missingScope } from './method.ts';
import { methods } from './methods.ts';

export async function callMethod(core: Core, name: string, request: Request): Promise<Response> {
  let args: Arguments = {};
  try {
    args = await readArguments(request);
    const fault = core.faults.meet(name, optional(args, 'channel'));
    const early = fault === null ? null : answerFault(core, name, args, fault);
    if (early !== null) return early;
    const answer = await act(core, name, request, args);
    if (fault?.kind === 'lost_answer') throw new ConnectionDropped(name);
    return answer;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return refused(core, name, args, error);
  }
}

async function act(core: Core, name: string, request: Request, args: Arguments): Promise<Response> {
  const method = Object.hasOwn(methods, name) ? methods[name] : undefined;
  if (method === undefined) throw new Refused('unknown_method', [`the workspace does not know ${name}`]);
  authorise(core, method, tokenIn(request, args));
  const waitSeconds = core.faults.ratesAreLimited() ? core.rates.take(name, channelId(core, optional(args, 'channel'))) : 0;
  if (waitSeconds > 0) return rateLimited(core, name, args, waitSeconds);
  const answer = await method.act(core, args);
  const scopes = { 'x-oauth-scopes': [...core.app.scopes].join(','), 'x-accepted-oauth-scopes': method.scopes.join(',') };
  return Response.json({ ok: true, ...answer } satisfies JsonObject, { headers: scopes });
}

/** `#debug` and its id share one rate. */
function channelId(core: Core, given: string | null): string | null {
  return core.store.channels().find((channel) => channel.name !== '' && channel.name === given?.replace(/^#/, ''))?.id ?? given;
}

/** A bearer header or a `token` argument. */
function tokenIn(request: Request, args: Arguments): string | null {
  const bearer = /^Bearer\s+(\S+)$/i.exec(request.headers.get('authorization') ?? '');
  return bearer?.[1] ?? optional(args, 'token');
}

function authorise(core: Core, method: Method, token: string | null): void {
  const { tokens, app } = core;
  if (token === null) throw new Refused('not_authed');
  const kind = token === tokens.bot ? 'bot' : token === tokens.app ? 'app' : null;
  if (kind === null) throw new Refused('invalid_auth');
  if (tokens.isRevoked) throw new Refused('token_revoked');
  if (method.token !== 'any' && kind !== (method.token ?? 'bot')) throw new Refused('not_allowed_token_type');
  if (method.scopes.length > 0 && !method.scopes.some((scope) => app.scopes.has(scope))) throw missingScope(core, method.scopes[0] ?? '');
}

function answerFault(core: Core, name: string, args: Arguments, fault: Fault): Response | null {
  if (fault.kind === 'rate_limited') return rateLimited(core, name, args, fault.retryAfterSeconds);
  if (fault.kind === 'server_error') return new Response('upstream trouble', { status: fault.status });
  if (fault.kind === 'refuse') throw new Refused(fault.error);
  if (fault.kind === 'lost_request') throw new ConnectionDropped(name);
  return null;
}

function rateLimited(core: Core, name: string, args: Arguments, seconds: number): Response {
  note(core, name, args, new Refused('ratelimited', [`retry after ${seconds} s`]));
  return Response.json({ ok: false, error: 'ratelimited' }, { status: 429, headers: { 'retry-after': String(seconds) } });
}

function refused(core: Core, name: string, args: Arguments, error: Refused): Response {
  note(core, name, args, error);
  const messages =
    error.reasons.length === 0
      ? {}
      : { response_metadata: { messages: error.reasons }, errors: error.reasons.map((reason) => reason.replace(/^\[ERROR\] /, '')) };
  return Response.json({ ok: false, error: error.code, ...error.fields, ...messages });
}

function note(core: Core, method: string, args: Arguments, error: Refused): void {
  const { token: _secret, ...sent } = args;
  core.refuse({ method, code: error.code, reasons: error.reasons, sent });
}
