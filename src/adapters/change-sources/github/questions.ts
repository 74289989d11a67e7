/**
 * Octokit behind our own fetch: one host, one place where its errors become Failures, answers kept by ETag, the limits of
 * GitHub honoured, and no more than a few requests at a time (secondary limits, PROTOCOLS E4).
 */
import { Octokit } from '@octokit/rest';
import type { z } from 'zod';
import type { Tools } from '../../../adapter.ts';
import { Failure } from '../../../domain/failure.ts';
import { boundedText, failureOfError, failureOfStatus, inShape } from '../../http-json.ts';
import { answerCache, onlyAt } from './answer-cache.ts';

export const system = 'github';
export const defaultApiUrl = 'https://api.github.com';

/** Supported for at least two years after the next one (PROTOCOLS E). */
const apiVersion = '2022-11-28';
const maxBytes = 24 * 2 ** 20;
const maxAtOnce = 8;
/** What GitHub asks for when a secondary limit names no time. */
const secondaryWaitMs = 60_000;

export interface GitHubQuestion<T> {
  /** For people: `list deployments of acme/shop`. */
  readonly attempt: string;
  /** As in GitHub's documentation: `GET /repos/{owner}/{repo}/commits`. */
  readonly route: string;
  readonly parameters: Readonly<Record<string, string | number>>;
  readonly shape: z.ZodType<T>;
  /** Where something else than JSON is wanted. */
  readonly accept?: string;
  readonly signal: AbortSignal;
}

export interface GitHub {
  readonly host: string;
  one<T>(question: GitHubQuestion<T>): Promise<T>;
  /** null where GitHub says that there is no such thing (404), or nothing yet (409: an empty repository). */
  maybe<T>(question: GitHubQuestion<T>): Promise<T | null>;
  /** Page by page along `Link: rel="next"`, as long as `isEnough` says no and `maxPages` lasts. */
  pages<T>(question: GitHubQuestion<T>, maxPages: number, isEnough: (page: T) => boolean): Promise<{ pages: T[]; isCut: boolean }>;
}

interface Answer {
  readonly data: unknown;
  readonly headers: Readonly<Record<string, string | number | undefined>>;
}

/** Sends one request to GitHub and reads its answer; throws a Failure. */
export type SendToGitHub = (path: string, init: RequestInit & { readonly signal: AbortSignal }) => Promise<string>;

/** Whose rights a question is asked with: the value of `Authorization`. A key is exchanged for a token by `send`. */
export type Authorize = (send: SendToGitHub, signal: AbortSignal) => Promise<string>;

export function createGitHub(authorize: Authorize, apiUrl: string | undefined, tools: Tools): GitHub {
  const baseUrl = (apiUrl ?? defaultApiUrl).replace(/\/+$/, '');
  const nothing = () => {};
  const log = { debug: nothing, info: nothing, warn: nothing, error: nothing };
  const octokit = new Octokit({ baseUrl, userAgent: 'tracepulse', log });
  const send = limitedSend(onlyAt(new URL(baseUrl).origin, tools.fetch), tools);
  const signIn: SendToGitHub = async (path, init) => (await send(`${baseUrl}${path}`, init)).text;
  const ask = asker(octokit, answerCache(send), (signal) => authorize(signIn, signal));
  const maybe = async <T>(question: GitHubQuestion<T>): Promise<T | null> => {
    const answer = await ask(question, question.route, question.parameters);
    return isMissing(answer) ? null : inShape(answer.data, { system, attempt: question.attempt }, question.shape);
  };
  return {
    host: new URL(baseUrl).hostname.replace(/^api\./, ''),
    maybe,
    async one(question) {
      const found = await maybe(question);
      if (found !== null) return found;
      throw notThere(question.attempt);
    },
    async pages(question, maxPages, isEnough) {
      const { attempt, shape } = question;
      const pages: z.infer<typeof shape>[] = [];
      let answer = await ask(question, question.route, question.parameters);
      if (answer === 'empty') return { pages, isCut: false };
      if (isMissing(answer)) throw notThere(attempt);
      for (;;) {
        const page = inShape(answer.data, { system, attempt }, shape);
        pages.push(page);
        const next = nextOf(answer.headers['link']);
        if (next === null || isEnough(page)) return { pages, isCut: false };
        if (pages.length >= maxPages) return { pages, isCut: true };
        answer = await ask(question, `GET ${next}`, {});
        if (isMissing(answer)) return { pages, isCut: true };
      }
    },
  };
}

type Missing = 'not there' | 'empty';
const isMissing = (answer: Answer | Missing): answer is Missing => typeof answer === 'string';

function notThere(attempt: string): Failure {
  return new Failure('rejected', system, attempt, { hint: 'it is not there, or we may not read it' });
}

function nextOf(link: string | number | undefined): string | null {
  return /<([^<>]+)>;\s*rel="next"/.exec(String(link ?? ''))?.[1] ?? null;
}

/** Each request's own fetch and signal; what it threw is kept, since Octokit words it anew as status 500. */
function asker(
  octokit: Octokit,
  fetch: (url: string, init: RequestInit) => Promise<Response>,
  authorize: (signal: AbortSignal) => Promise<string>,
) {
  return async (
    { attempt, signal, accept = 'application/vnd.github+json' }: Pick<GitHubQuestion<unknown>, 'attempt' | 'signal' | 'accept'>,
    route: string,
    parameters: Readonly<Record<string, string | number>>,
  ): Promise<Answer | Missing> => {
    let thrown: unknown = null;
    const watched = async (url: string, init: RequestInit) => {
      try {
        const headers = new Headers(init.headers);
        headers.set('authorization', await authorize(signal));
        return await fetch(url, { ...init, headers, signal });
      } catch (error) {
        const failure = failureOfError(error, { system, attempt, signal });
        thrown = failure instanceof Failure ? toldOf(failure, attempt) : failure;
        throw thrown;
      }
    };
    const wanted = { accept, 'x-github-api-version': apiVersion };
    try {
      const { data, headers } = await octokit.request(route, { ...parameters, headers: wanted, request: { fetch: watched, signal } });
      return { data, headers };
    } catch (error) {
      if (thrown !== null) throw thrown;
      const status = (error as { status?: unknown }).status;
      if (status === 404) return 'not there';
      if (status === 409) return 'empty';
      if (typeof status !== 'number') throw failureOfError(error, { system, attempt, signal });
      throw new Failure('bad_response', system, attempt, { hint: `status ${status}` });
    }
  };
}

/** The same failure, said of what was asked. */
function toldOf({ code, hint, retryAfterMs }: Failure, attempt: string): Failure {
  return new Failure(code, system, attempt, {
    ...(hint === undefined ? {} : { hint }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

/**
 * Sends, reads the body, and knows GitHub's limits: once one is used up nothing is sent until it begins anew, whatever
 * question comes. A refusal is thrown here, where the headers are.
 */
function limitedSend(fetch: ReturnType<typeof onlyAt>, { now }: Tools) {
  let limitedUntil = 0;
  let running = 0;
  const waiting: (() => void)[] = [];
  const turn = async () => {
    if (running >= maxAtOnce) await new Promise<void>((go) => waiting.push(go));
    running++;
  };
  const done = () => {
    running--;
    waiting.shift()?.();
  };
  return async (url: string, init: RequestInit) => {
    await turn();
    try {
      const signal = init.signal as AbortSignal;
      const attempt = 'ask';
      signal.throwIfAborted();
      if (limitedUntil > now())
        throw new Failure('rate_limited', system, attempt, {
          hint: 'the limit of requests is used up',
          retryAfterMs: limitedUntil - now(),
        });
      const response = await fetch(url, init);
      const text = await boundedText(response, { system, attempt, maxBytes, signal });
      const waitMs = waitAfter(response, text, now());
      if (waitMs !== null) limitedUntil = now() + waitMs;
      const isRefusal = !response.ok && ![304, 404, 409].includes(response.status);
      if (isRefusal && waitMs !== null)
        throw new Failure('rate_limited', system, attempt, { hint: `status ${response.status}`, retryAfterMs: waitMs });
      if (isRefusal) throw failureOfStatus(response.status, response.headers, { system, attempt, now });
      return { response, text };
    } finally {
      done();
    }
  };
}

/** How long nothing may be asked after this answer; null: no wait. */
function waitAfter(response: Response, text: string, now: number): number | null {
  const { status, headers } = response;
  const isRefusal = status === 403 || status === 429;
  const retryAfter = Number(headers.get('retry-after') ?? Number.NaN);
  if (isRefusal && Number.isFinite(retryAfter)) return retryAfter * 1_000;
  if (headers.get('x-ratelimit-remaining') === '0' && (isRefusal || response.ok || status === 304)) {
    const reset = Number(headers.get('x-ratelimit-reset') ?? Number.NaN) * 1_000;
    // Search and others have limits of their own and are not asked here.
    return Number.isFinite(reset) ? Math.max(0, reset - now) : secondaryWaitMs;
  }
  return status === 429 || (status === 403 && /rate limit/i.test(text)) ? secondaryWaitMs : null;
}
