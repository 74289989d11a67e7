/**
 * The one place where an HTTP answer becomes a value or a Failure. What it guards for every adapter: a deadline on headers
 * and body, a bound on the body, no redirect to another host (it would carry the token along), `Retry-After` kept, and no
 * URL, token or body text in an error.
 */
import type { z } from 'zod';
import { Failure, type FailureCode } from '../domain/failure.ts';

export type Fetch = typeof globalThis.fetch;

export interface HttpQuestion {
  readonly system: string;
  /** What we want, for people: `search logs of checkout`. */
  readonly attempt: string;
  readonly url: string | URL;
  readonly method?: 'GET' | 'POST' | 'DELETE';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Ends the wait: the caller's deadline. */
  readonly signal: AbortSignal;
  /** Only for `Retry-After` given as a date; ms since the epoch. */
  readonly now?: () => number;
  readonly maxBytes?: number;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

const defaultMaxBytes = 32 * 2 ** 20;
/** Renamed things redirect once; more is a loop. */
const maxRedirects = 3;
/** A wait longer than this is a mistake of the other side or an attack. */
const maxRetryAfterMs = 3_600_000;

/** A good answer of the given shape. Fields the schema does not name pass. */
export async function getJson<T>(fetch: Fetch, question: HttpQuestion, shape: z.ZodType<T>): Promise<T> {
  const { text } = await answerOf(fetch, { ...question, headers: { accept: 'application/json', ...question.headers } });
  return jsonIn(text, question, shape);
}

/** Text of an answer as a value of the given shape; junk is a Failure that says where, and not what, it was. */
export function jsonIn<T>(text: string, question: Pick<HttpQuestion, 'system' | 'attempt'>, shape: z.ZodType<T>): T {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Failure('bad_response', question.system, question.attempt, { hint: 'the answer is not JSON' });
  }
  return inShape(value, question, shape);
}

export function inShape<T>(value: unknown, { system, attempt }: Pick<HttpQuestion, 'system' | 'attempt'>, shape: z.ZodType<T>): T {
  const read = shape.safeParse(value);
  if (read.success) return read.data;
  const path = read.error.issues[0]?.path.map(String).join('.') ?? '';
  throw new Failure('bad_response', system, attempt, { hint: `the answer has another shape${path === '' ? '' : ` at ${path}`}` });
}

/** A good answer (2xx) with its body as text, or a Failure. */
export async function answerOf(fetch: Fetch, question: HttpQuestion): Promise<HttpAnswer> {
  const { system, attempt, signal } = question;
  try {
    const response = await onHost(fetch)(question.url, {
      method: question.method ?? 'GET',
      headers: { ...question.headers },
      ...(question.body === undefined ? {} : { body: question.body }),
      signal,
    });
    if (!response.ok) {
      response.body?.cancel().catch(() => {}); // the text of an error is not read, so it cannot reach a log
      throw failureOfStatus(response.status, response.headers, question);
    }
    return { status: response.status, headers: response.headers, text: await boundedText(response, question) };
  } catch (error) {
    throw failureOfError(error, { system, attempt, signal });
  }
}

/** The body as text, no longer than the bound and the deadline allow. */
export async function boundedText(
  response: Response,
  { system, attempt, maxBytes = defaultMaxBytes, signal }: Pick<HttpQuestion, 'system' | 'attempt' | 'maxBytes' | 'signal'>,
): Promise<string> {
  const reader = response.body?.getReader();
  if (reader === undefined) return '';
  const stop = () => void reader.cancel().catch(() => {});
  signal.addEventListener('abort', stop, { once: true });
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      signal.throwIfAborted();
      if (done) return text + decoder.decode();
      bytes += value.length;
      if (bytes > maxBytes) {
        stop();
        throw new Failure('bad_response', system, attempt, { hint: `the answer is larger than ${maxBytes} bytes` });
      }
      text += decoder.decode(value, { stream: true });
    }
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** A fetch that follows redirects only where they stay on the host that was asked; a client library can be given it. */
export function onHost(fetch: Fetch): (url: string | URL, init?: RequestInit) => Promise<Response> {
  return async (url, init) => {
    let at = new URL(url);
    const identity = takeIdentity(at, init?.headers);
    for (let hops = 0; ; hops++) {
      const response = await fetch(at, { ...init, ...identity, redirect: 'manual' });
      if (![301, 302, 303, 307, 308].includes(response.status)) return response;
      response.body?.cancel().catch(() => {});
      const to = redirectTarget(response, at);
      if (to === null || to.origin !== at.origin || hops >= maxRedirects) throw new RedirectRefused();
      at = to;
    }
  };
}

/** `https://user:password@host`: Node's fetch refuses it with the password in its words, so it leaves as the header it stands for. */
function takeIdentity(url: URL, given: RequestInit['headers']): { headers: Headers } | null {
  if (url.username === '' && url.password === '') return null;
  const headers = new Headers(given);
  const identity = [url.username, url.password].map(plain).join(':');
  if (!headers.has('authorization')) headers.set('authorization', `Basic ${Buffer.from(identity).toString('base64')}`);
  url.username = '';
  url.password = '';
  return { headers };
}

function plain(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function redirectTarget(response: Response, at: URL): URL | null {
  const location = response.headers.get('location');
  return location !== null && URL.canParse(location, at.href) ? new URL(location, at) : null;
}

/** Thrown by `onHost`; becomes a Failure in `failureOfError`. */
export class RedirectRefused extends Error {}

/** What a status means. 403 and 429 with a used-up quota or a `Retry-After` ask for patience, other 403s for rights. */
export function failureOfStatus(
  status: number,
  headers: Headers,
  { system, attempt, now }: Pick<HttpQuestion, 'system' | 'attempt' | 'now'>,
): Failure {
  const retryAfterMs = retryAfter(headers, now);
  const isLimited = status === 429 || (status === 403 && retryAfterMs !== null);
  const code: FailureCode = isLimited ? 'rate_limited' : (codes.find(([statuses]) => statuses.includes(status))?.[1] ?? rest(status));
  return new Failure(code, system, attempt, { hint: `status ${status}`, ...(retryAfterMs === null ? {} : { retryAfterMs }) });
}

const codes: readonly (readonly [readonly number[], FailureCode])[] = [
  [[401, 403, 407], 'unauthorized'],
  [[408, 504], 'timeout'],
];
const rest = (status: number): FailureCode => (status >= 500 ? 'unavailable' : status >= 400 ? 'rejected' : 'bad_response');

/** Seconds or a date (RFC 9110, 10.2.3). */
function retryAfter(headers: Headers, now: (() => number) | undefined): number | null {
  const value = headers.get('retry-after')?.trim() ?? '';
  const ms = /^\d+$/.test(value) ? Number(value) * 1_000 : now === undefined ? Number.NaN : Date.parse(value) - now();
  return Number.isFinite(ms) ? Math.min(maxRetryAfterMs, Math.max(0, ms)) : null;
}

/** Anything thrown on the way to an answer. A `TypeError` is how fetch says that there is no connection; its text may hold the URL. */
export function failureOfError(error: unknown, { system, attempt, signal }: Pick<HttpQuestion, 'system' | 'attempt' | 'signal'>): unknown {
  if (error instanceof Failure) return error;
  if (signal.aborted || isTimeout(error)) return new Failure('timeout', system, attempt);
  if (error instanceof RedirectRefused)
    return new Failure('bad_response', system, attempt, { hint: 'it redirects to another host, which is not followed' });
  if (isNetworkError(error)) return new Failure('unavailable', system, attempt, { hint: 'no connection' });
  return error;
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && (error.name === 'TimeoutError' || error.name === 'AbortError');
}

/** Node throws `TypeError: fetch failed` with a cause, Bun an `Error` with a `code` such as `ConnectionRefused`. */
function isNetworkError(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = (error as { code?: unknown }).code;
  // `ERR_…` is Node's own word for a wrong call: a bug.
  if (typeof code === 'string' && !code.startsWith('ERR_') && /^(E[A-Z]+|UND_[A-Z_]+|[A-Z][a-zA-Z]+)$/.test(code)) return true;
  return error instanceof TypeError && (/fetch|network|terminated/i.test(error.message) || error.cause !== undefined);
}
