/**
 * One question to a server over the `openai` package, and its answer or Failure: the one place where that package's errors
 * are translated. Nothing but the configured host is spoken to, answers are bounded, and what a server says of an error
 * stays here, since it may repeat what it was sent.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { APIConnectionError, APIError, OpenAI } from 'openai';
import { z } from 'zod';
import type { Tools } from '../../../adapter.ts';
import { Failure } from '../../../domain/failure.ts';
import type { ModelTurn, Tokens } from '../../../ports/model.ts';
import { boundedText, failureOfError, failureOfStatus, inShape, jsonIn, onHost } from '../../http-json.ts';
import type { Format } from './forms.ts';

export interface Place {
  readonly system: string;
  readonly url: URL;
  readonly key: string | undefined;
  /** null: the first of the server's list. */
  readonly model: string | null;
  /** OpenAI's newer models refuse the old name, older servers do not know the new one. */
  readonly limitName: 'max_tokens' | 'max_completion_tokens';
}

export interface ChatQuestion {
  readonly attempt: string;
  readonly system: string;
  readonly turns: readonly ModelTurn[];
  readonly format: Format;
  readonly maxAnswerTokens: number;
  readonly spent: (tokens: Tokens) => void;
}

export interface Completion {
  readonly text: string;
  readonly model: string;
}

export interface Chat {
  complete(request: ChatQuestion, signal: AbortSignal): Promise<Completion>;
  /** Names of what can chat. */
  models(signal: AbortSignal): Promise<string[]>;
}

const maxAnswerBytes = 4 * 2 ** 20;
/** The library's own end; the caller's signal is there before it. */
const libraryTimeoutMs = 120_000;
/** A wait this long still leaves time for an answer within the minute. */
const longestWaitMs = 20_000;
const usualWaitMs = 500;

/** A piece of a streamed answer; the last ones bring the ending and the count of tokens. */
const Chunk = z.object({
  model: z.string().nullish(),
  choices: z.array(
    z.object({
      finish_reason: z.string().nullish(),
      delta: z.object({ content: z.string().nullish(), refusal: z.string().nullish() }).nullish(),
    }),
  ),
  usage: z.object({ prompt_tokens: z.number(), completion_tokens: z.number() }).nullish(),
});

const Listed = z.object({ data: z.array(z.object({ id: z.string() })) });

export function createChat(place: Place, { fetch, now }: Tools): Chat {
  const client = clientFor(place, fetch);
  let { limitName } = place;
  let countsStreams = true;
  let found = place.model;

  async function ask<T>(attempt: string, signal: AbortSignal, question: () => Promise<T>): Promise<T> {
    try {
      return await question();
    } catch (error) {
      throw failureIn(error, { system: place.system, attempt, signal, now });
    }
  }

  async function models(signal: AbortSignal): Promise<string[]> {
    const attempt = 'list models';
    const listed = await ask(attempt, signal, async () => client.get('/models', { signal }) as Promise<unknown>);
    const { data } = inShape(listed, { system: place.system, attempt }, Listed);
    return data.map(({ id }) => id).filter((id) => !/embed|rerank|whisper|tts|image|moderation/i.test(id));
  }

  async function nameOf(signal: AbortSignal): Promise<string> {
    found ??= (await models(signal))[0] ?? null;
    if (found === null)
      throw new Failure('bad_config', place.system, 'choose a model', { hint: 'the server lists none; set OPENAI_MODEL' });
    return found;
  }

  /** Once more where waiting may help: the server was busy, or a connection broke. */
  async function patiently<T>(request: ChatQuestion, signal: AbortSignal, question: () => Promise<T>): Promise<T> {
    try {
      return await ask(request.attempt, signal, question);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      // Two things servers differ in; each is found out once.
      const swapped = error.hint === otherLimit || error.hint === noCount;
      if (error.hint === otherLimit) limitName = limitName === 'max_tokens' ? 'max_completion_tokens' : 'max_tokens';
      if (error.hint === noCount) countsStreams = false;
      const waitMs = swapped ? 0 : (error.retryAfterMs ?? usualWaitMs);
      if (!swapped && (!(error.code === 'rate_limited' || error.code === 'unavailable') || waitMs > longestWaitMs)) throw error;
      return ask(request.attempt, signal, async () => {
        await wait(waitMs, undefined, { signal });
        return question();
      });
    }
  }

  return {
    models,
    async complete(request, signal) {
      const model = await nameOf(signal);
      const said = await patiently(request, signal, async () => {
        const body = {
          model,
          messages: [
            { role: 'system' as const, content: request.system },
            ...request.turns.map(({ role, text }) => ({ role, content: text })),
          ],
          [limitName]: request.maxAnswerTokens,
          // A proxy in between cuts what is silent for a minute, and a connection that dies is noticed.
          stream: true as const,
          ...(countsStreams ? { stream_options: { include_usage: true } } : {}),
          ...(request.format === undefined ? {} : { response_format: request.format }),
        };
        const chunks = (await client.chat.completions.create(body, { signal })) as AsyncIterable<unknown>;
        return writtenIn(chunks, request, place.system);
      });
      return completionIn(said, model, { ...request, system: place.system });
    },
  };
}

interface Written {
  text: string;
  refusal: string;
  ended: string | null;
  model: string;
  tokens: Tokens | null;
}

async function writtenIn(chunks: AsyncIterable<unknown>, question: ChatQuestion, asked: string): Promise<Written> {
  const written: Written = { text: '', refusal: '', ended: null, model: '', tokens: null };
  try {
    return await readInto(written, chunks, { system: asked, attempt: question.attempt });
  } finally {
    question.spent(written.tokens ?? byLength(question, written));
  }
}

/** What a server does not count, or had no time to: about three bytes a token. */
function byLength({ system, turns }: ChatQuestion, { text, refusal }: Written): Tokens {
  const tokens = (length: number) => Math.ceil(length / 3);
  return {
    input: tokens(turns.reduce((sum, turn) => sum + turn.text.length, system.length)),
    output: tokens(text.length + refusal.length),
  };
}

async function readInto(
  written: Written,
  chunks: AsyncIterable<unknown>,
  { system, attempt }: Pick<ChatQuestion, 'system' | 'attempt'>,
): Promise<Written> {
  for await (const chunk of chunks) {
    const { choices, model, usage } = inShape(chunk, { system, attempt }, Chunk);
    const [choice] = choices;
    written.text += choice?.delta?.content ?? '';
    written.refusal += choice?.delta?.refusal ?? '';
    written.ended = choice?.finish_reason ?? written.ended;
    written.model = model ?? written.model;
    if (usage) written.tokens = { input: usage.prompt_tokens, output: usage.completion_tokens };
    if (written.text.length > maxAnswerBytes) throw new Failure('bad_response', system, attempt, { hint: 'the answer has no end' });
  }
  if (written.ended === null) throw new Failure('unavailable', system, attempt, { hint: 'it broke off' });
  return written;
}

/** In the order of OpenAI's guide: is it whole, is it a refusal, and only then what it says. */
function completionIn({ text, refusal, ended, model }: Written, asked: string, { system, attempt }: ChatQuestion): Completion {
  if (ended === 'length') throw new Failure('bad_response', system, attempt, { hint: 'the answer was cut off' });
  if (ended === 'content_filter') throw new Failure('rejected', system, attempt, { hint: 'the answer was filtered' });
  if (refusal !== '') throw new Failure('rejected', system, attempt, { hint: 'the model refused' });
  return { text, model: model === '' ? asked : model };
}

function clientFor({ url, key }: Place, fetch: Tools['fetch']): OpenAI {
  const base = new URL(url);
  const query = Object.fromEntries(base.searchParams); // Azure's `api-version`
  base.search = '';
  const isAzure = base.hostname.endsWith('.azure.com');
  const bounded = async (at: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const response = await onHost(fetch)(String(at), init);
    if (response.ok && /event-stream/.test(response.headers.get('content-type') ?? '')) return response;
    const signal = init?.signal ?? AbortSignal.timeout(libraryTimeoutMs);
    const text = await boundedText(response, { system: 'openai', attempt: 'read an answer', maxBytes: maxAnswerBytes, signal });
    const isWhole = response.ok && init?.method?.toUpperCase() === 'POST';
    return new Response(isWhole ? asStream(text) : text, { status: response.status, headers: response.headers });
  };
  return new OpenAI({
    baseURL: base.href.replace(/\/$/, ''),
    apiKey: key ?? 'none', // the package wants one; servers without keys ignore it
    organization: null,
    project: null,
    adminAPIKey: null,
    webhookSecret: null,
    maxRetries: 0,
    timeout: libraryTimeoutMs,
    logLevel: 'off',
    defaultQuery: query,
    ...(isAzure && key !== undefined ? { defaultHeaders: { 'api-key': key } } : {}),
    fetch: bounded as typeof globalThis.fetch,
  });
}

const Whole = z.looseObject({ choices: z.array(z.looseObject({ message: z.looseObject({}) })).min(1) });

/** A server that does not stream answers in one piece: read as a stream of one. */
function asStream(text: string): string {
  const question = { system: 'openai', attempt: 'read an answer' };
  const whole = jsonIn(text, question, Whole);
  const { choices } = whole;
  const chunk = { ...whole, choices: choices.map(({ message, ...choice }) => ({ ...choice, delta: message })) };
  return `data: ${JSON.stringify(chunk)}\n\ndata: [DONE]\n\n`;
}

const noCount = 'it does not count what it streams';
const otherLimit = 'it names its limit of tokens otherwise';

type Asked = Parameters<typeof failureOfStatus>[2] & { readonly signal: AbortSignal };

function failureIn(error: unknown, asked: Asked): unknown {
  const { system, attempt, signal } = asked;
  if (error instanceof Failure) return error;
  if (signal.aborted) return new Failure('timeout', system, attempt);
  if (error instanceof APIConnectionError) return failureOfError(error.cause ?? new TypeError('fetch'), asked);
  if (error instanceof APIError && error.status !== undefined) return failureOfAnswer(error, asked);
  // Within a stream that had begun well.
  if (error instanceof APIError) return new Failure('unavailable', system, attempt, { hint: 'it broke off' });
  if (error instanceof SyntaxError) return new Failure('bad_response', system, attempt, { hint: 'the answer is not JSON' });
  return failureOfError(error, asked);
}

/** What a server says is looked at for what to do next, and goes no further. */
function failureOfAnswer(error: APIError, asked: Asked): Failure {
  const { system, attempt } = asked;
  const said = `${error.code ?? ''} ${error.param ?? ''} ${error.message}`;
  if (error.status === 429 && /insufficient_quota/.test(said))
    return new Failure('rejected', system, attempt, { hint: 'the quota of its key is used up' });
  if (error.status === 400 && /context_length|context length|context window|context size|too long/i.test(said))
    return new Failure('rejected', system, attempt, { hint: 'the prompt is longer than the model takes' });
  if (error.status === 400 && /stream_options/.test(said)) return new Failure('rejected', system, attempt, { hint: noCount });
  if (error.status === 400 && /max_(completion_)?tokens/.test(said) && /unsupported|not supported|unrecognized|instead/i.test(said))
    return new Failure('rejected', system, attempt, { hint: otherLimit });
  return failureOfStatus(error.status ?? 0, error.headers ?? new Headers(), asked);
}
