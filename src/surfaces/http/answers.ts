/** What callers are told when something cannot be done: one error body, one status per reason (contract, HTTP). */
import { HTTPException } from 'hono/http-exception';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { Log } from '../../adapter.ts';
import { Failure } from '../../domain/failure.ts';
import { deadlinesOf } from './deadlines.ts';

export interface Refusal {
  readonly status: ContentfulStatusCode;
  readonly code: string;
  readonly message: string;
  readonly path?: string;
  readonly headers: Readonly<Record<string, string>>;
}

const codes: Readonly<Record<number, string>> = {
  400: 'bad_request',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not_found',
  405: 'method_not_allowed',
  408: 'timeout',
  413: 'too_large',
  415: 'unsupported_media_type',
  429: 'rate_limited',
  503: 'unavailable',
};

const defaultRetryAfterMs = 1_000;

/** Thrown by handlers, turned into an answer in one place. */
export function refuse(status: ContentfulStatusCode, message: string): HTTPException {
  return new HTTPException(status, { message });
}

/**
 * Why a request failed, as the caller may see it. Senders of alerts drop what is answered with 429, so a busy system is
 * always 503. What is neither a refusal nor a Failure is a bug: its stack goes to the log, the caller gets one sentence.
 */
export function refusalOf(error: unknown, log: Log): Refusal {
  if (error instanceof HTTPException) {
    const { status, message } = error;
    const challenge = status === 401 ? { 'WWW-Authenticate': 'Bearer realm="tracepulse"' } : {};
    const retry = status === 503 ? { 'Retry-After': '1' } : {};
    return { status, code: codes[status] ?? 'error', message, headers: { ...challenge, ...retry } };
  }
  if (error instanceof Failure && error.code === 'rejected') {
    const message = error.hint ?? error.message;
    return { status: 400, code: 'bad_request', message, ...(error.path === undefined ? {} : { path: error.path }), headers: {} };
  }
  if (error instanceof Failure && error.isRetryable) {
    log.warn('request not served', { error: error.message });
    const seconds = Math.max(1, Math.ceil((error.retryAfterMs ?? defaultRetryAfterMs) / 1_000));
    return { status: 503, code: error.code, message: 'cannot be taken right now; try again', headers: { 'Retry-After': String(seconds) } };
  }
  log.error('request failed', { error: String(error), stack: error instanceof Error ? error.stack : undefined });
  return { status: 500, code: 'internal', message: 'something went wrong here; the log says what', headers: {} };
}

export function errorAnswer(refusal: Refusal): Response {
  const { status, code, message, path, headers } = refusal;
  return Response.json({ error: { code, message, ...(path === undefined ? {} : { path }) } }, { status, headers });
}

/** Work that takes longer than this is not going to be answered in time for the sender (PROTOCOLS 0: 1 to 15 s). */
const answerDeadlineMs = 10_000;

/** The promise, or a Failure once the deadline is over. */
export function inTime<T>(attempt: string, promise: Promise<T>, deadlineMs = answerDeadlineMs): Promise<T> {
  return deadlinesOf(deadlineMs).hold(promise, () => new Failure('timeout', 'tracepulse', attempt));
}
