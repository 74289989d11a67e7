/**
 * Asks Jira through jira-client, which knows its addresses and forms. The asking itself is ours: the library waits without
 * end, and its errors repeat the request with the token in it. Nothing it throws is read or shown.
 *
 * Cloud speaks version 3 (rich text, people by account id), Data Center version 2 (wiki markup, people by name).
 */
import JiraClient, { type JiraRequest } from 'jira-client';
import { z } from 'zod';
import type { Tools } from '../../../adapter.ts';
import { Failure } from '../../../domain/failure.ts';
import { boundedText, failureOfError, failureOfStatus, inShape, jsonIn, onHost } from '../../http-json.ts';

const system = 'jira';
const maxBytes = 8 * 2 ** 20;

export interface JiraSettings {
  readonly JIRA_URL: string;
  readonly JIRA_TOKEN: string;
  readonly JIRA_EMAIL?: string | undefined;
}

export type Flavour = 'cloud' | 'server';

export interface Question<T> {
  /** What we want, for people. */
  readonly attempt: string;
  readonly shape: z.ZodType<T>;
  readonly signal: AbortSignal;
  readonly call: (client: JiraClient) => Promise<unknown>;
}

export interface Jira {
  flavour(signal: AbortSignal): Promise<Flavour>;
  ask<T>(question: Question<T>): Promise<T>;
  /** One that jira-client has no method for, or an outdated one. */
  get<T>(path: string, query: Readonly<Record<string, string>>, question: Omit<Question<T>, 'call'>): Promise<T>;
  post<T>(path: string, body: unknown, question: Omit<Question<T>, 'call'>): Promise<T>;
  /** Where people see an issue. */
  browse(key: string): string;
  /** Data Center that has become Cloud says so by having given up an address. */
  isCloudAfterAll(): void;
}

const ServerInfo = z.object({ deploymentType: z.string().optional() });

export function createJira({ JIRA_URL, JIRA_TOKEN, JIRA_EMAIL }: JiraSettings, tools: Pick<Tools, 'fetch' | 'now'>): Jira {
  const address = new URL(JIRA_URL);
  const base = address.pathname.replace(/\/+$/, '');
  let known: Flavour | null = /(^|\.)atlassian\.(net|com)$/.test(address.hostname) ? 'cloud' : null;

  const clientFor = (flavour: Flavour, ask: (request: JiraRequest) => Promise<unknown>) =>
    new JiraClient({
      protocol: address.protocol.replace(':', ''),
      host: address.hostname,
      ...(address.port === '' ? {} : { port: address.port }),
      ...(base === '' ? {} : { base }),
      apiVersion: flavour === 'cloud' ? '3' : '2',
      ...(JIRA_EMAIL === undefined ? { bearer: JIRA_TOKEN } : { username: JIRA_EMAIL, password: JIRA_TOKEN }),
      request: ask,
    });

  async function askAs<T>(flavour: Flavour, { attempt, shape, signal, call }: Question<T>): Promise<T> {
    let outcome: { readonly text: string } | { readonly error: unknown } | null = null;
    const client = clientFor(flavour, async (request) => {
      outcome = await answerTo(request, { attempt, signal }, tools).then(
        (text) => ({ text }),
        (error: unknown) => ({ error }),
      );
      // jira-client would make text of an error, token and all: it is thrown past it.
      return null;
    });
    await call(client);
    const given = outcome as { readonly text: string } | { readonly error: unknown } | null;
    if (given === null) throw new Error('jira-client asked nothing');
    if ('error' in given) throw given.error;
    const question = { system, attempt };
    return given.text === '' ? inShape(null, question, shape) : jsonIn(given.text, question, shape);
  }

  /** Anybody may ask which of the two it is. A proxy may forbid it: then a token that belongs to an address is one of Cloud. */
  async function flavour(signal: AbortSignal): Promise<Flavour> {
    if (known !== null) return known;
    const attempt = 'ask what sort of Jira it is';
    try {
      const call = (client: JiraClient) => client.doRequest(client.makeRequestHeader(client.makeUri({ pathname: '/serverInfo' })));
      const { deploymentType } = await askAs('server', { attempt, shape: ServerInfo, signal, call });
      known = deploymentType === undefined ? byToken() : deploymentType === 'Cloud' ? 'cloud' : 'server';
    } catch (error) {
      if (!(error instanceof Failure) || error.isRetryable) throw error;
      if (error.code === 'unauthorized') throw error;
      known = byToken();
    }
    return known;
  }
  const byToken = (): Flavour => (JIRA_EMAIL === undefined ? 'server' : 'cloud');
  const ask = async <T>(question: Question<T>): Promise<T> => askAs(await flavour(question.signal), question);
  const at = (client: JiraClient, pathname: string, query?: Readonly<Record<string, string>>) =>
    client.makeUri({ pathname, ...(query === undefined ? {} : { query }) });
  return {
    flavour,
    ask,
    get: (path, query, question) =>
      ask({ ...question, call: (client) => client.doRequest(client.makeRequestHeader(at(client, path, query))) }),
    post: (path, body, question) =>
      ask({ ...question, call: (client) => client.doRequest(client.makeRequestHeader(at(client, path), { method: 'POST', body })) }),
    browse: (key) => new URL(`${base}/browse/${encodeURIComponent(key)}`, address).href,
    isCloudAfterAll() {
      known = 'cloud';
    },
  };
}

async function answerTo(
  { uri, method, body, auth }: JiraRequest,
  { attempt, signal }: { readonly attempt: string; readonly signal: AbortSignal },
  { fetch, now }: Pick<Tools, 'fetch' | 'now'>,
): Promise<string> {
  const question = { system, attempt, signal, now, maxBytes };
  try {
    const answer = await onHost(fetch)(uri, {
      method,
      headers: {
        accept: 'application/json',
        // Names of statuses and transitions are settings of ours: they must not follow the token owner's language.
        'accept-language': 'en',
        ...(auth === undefined ? {} : { authorization: identity(auth) }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal,
    });
    if (answer.ok) return await boundedText(answer, question);
    if (answer.status === 400) throw refused(await boundedText(answer, { ...question, maxBytes: maxRefusalBytes }), attempt);
    answer.body?.cancel().catch(() => {});
    throw explained(failureOfStatus(answer.status, answer.headers, question), answer);
  } catch (error) {
    throw failureOfError(error, question);
  }
}

function identity(auth: NonNullable<JiraRequest['auth']>): string {
  return auth.bearer === undefined ? `Basic ${Buffer.from(`${auth.user}:${auth.pass}`).toString('base64')}` : `Bearer ${auth.bearer}`;
}

const maxRefusalBytes = 100_000;
const Refusal = z.object({ errors: z.record(z.string(), z.unknown()).default({}) });

/** Which fields it will not have. Its sentences repeat what it was sent, and are not passed on. */
function refused(text: string, attempt: string): Failure {
  let fields: string[] = [];
  try {
    fields = Object.keys(Refusal.parse(JSON.parse(text)).errors).filter((name) => /^[\w. -]{1,60}$/.test(name));
  } catch {
    // It is refused, whatever it says.
  }
  const hint =
    fields.length === 0 ? 'Jira refuses it (status 400)' : `Jira refuses what it was given for: ${fields.slice(0, 8).join(', ')}`;
  return new Failure('rejected', system, attempt, { hint });
}

function explained(failure: Failure, answer: Response): Failure {
  const hint = hintFor(answer);
  if (hint === null) return failure;
  const wait = failure.retryAfterMs === undefined ? {} : { retryAfterMs: failure.retryAfterMs };
  return new Failure(failure.code, system, failure.attempt, { hint: `${hint} (status ${answer.status})`, ...wait });
}

function hintFor({ status, headers }: Response): string | null {
  if (/denied/i.test(headers.get('x-seraph-loginreason') ?? '')) return 'Jira wants a CAPTCHA solved: log in once in a browser';
  if (status === 401) return 'Jira refuses JIRA_TOKEN; on Cloud it goes with JIRA_EMAIL, on Data Center it stands alone';
  if (status === 403) return 'the token may not do that';
  return status === 404 ? 'it is not there, or the token may not see it' : null;
}
