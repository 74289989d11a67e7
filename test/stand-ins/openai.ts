/**
 * A stand-in of a server that speaks OpenAI's Chat Completions: which forms it takes is set, strict schemas are held to
 * OpenAI's rules, and what the model "writes" is a list a test hands in, or a function of what it was asked.
 */
import { type Asked, type Said, type StandInServer, startServer } from './stand-in-server.ts';

export interface ChatBody {
  readonly model: string;
  readonly messages: readonly { readonly role: string; readonly content: string }[];
  readonly response_format?: { readonly type: string; readonly json_schema?: { readonly name: string; readonly schema: unknown } };
  readonly stream?: boolean;
  readonly stream_options?: { readonly include_usage?: boolean };
  readonly max_tokens?: number;
  readonly max_completion_tokens?: number;
}

/** What is written, or how writing ends otherwise. */
export type Written =
  | string
  | { readonly refusal: string }
  | { readonly cutOff: string }
  | { readonly filtered: true }
  /** The connection ends in the middle, or the server says so. */
  | { readonly brokenOff: string; readonly says?: string }
  | { readonly status: number; readonly error: { readonly message: string; readonly code?: string; readonly param?: string } };

export interface StandInModel extends StandInServer {
  /** What is written to the next questions; the last is repeated. */
  write(...written: (Written | ((body: ChatBody) => Written))[]): void;
  /** Bodies of the questions, in order. */
  questions(): ChatBody[];
}

export interface Habits {
  readonly models?: readonly string[];
  readonly key?: string;
  /** Forms it knows; others are status 400. */
  readonly forms?: readonly string[];
  /** The name of the limit it insists on. */
  readonly limitName?: 'max_tokens' | 'max_completion_tokens';
  readonly path?: string;
  /** An old server, which answers in one piece whatever it is asked. */
  readonly streams?: boolean;
  /** An Azure of before autumn 2024 does not. */
  readonly knowsStreamOptions?: boolean;
}

export async function startOpenai({
  models = ['small-1'],
  key,
  forms,
  limitName,
  path = '/v1',
  streams = true,
  knowsStreamOptions = true,
}: Habits = {}): Promise<StandInModel> {
  let written: (Written | ((body: ChatBody) => Written))[] = ['{}'];
  const bodies: ChatBody[] = [];
  const isKnown = ({ headers }: Asked) => key === undefined || headers.authorization === `Bearer ${key}`;
  const chat = (asked: Asked): Said => {
    const body = JSON.parse(asked.body) as ChatBody;
    bodies.push(body);
    const problem = problemIn(body, forms ?? ['json_schema', 'json_object', 'text'], limitName);
    if (!knowsStreamOptions && body.stream_options !== undefined)
      return { status: 400, body: { error: { message: 'Unrecognized request argument supplied: stream_options' } } };
    if (problem !== null) return { status: 400, body: { error: problem } };
    const next = written.length > 1 ? written.shift() : written[0];
    return answerOf(typeof next === 'function' ? next(body) : (next ?? '{}'), body, streams);
  };
  const server = await startServer((asked) => {
    if (!isKnown(asked)) return { status: 401, body: { error: { message: `Incorrect API key provided: ${asked.headers.authorization}` } } };
    if (asked.method === 'GET' && asked.url.pathname === `${path}/models`)
      return { body: { object: 'list', data: models.map((id) => ({ id, object: 'model' })) } };
    return asked.method === 'POST' && asked.url.pathname === `${path}/chat/completions` ? chat(asked) : null;
  });
  return {
    ...server,
    url: `${server.url}${path}`,
    write(...next) {
      written = next;
    },
    questions: () => bodies,
  };
}

function problemIn(body: ChatBody, forms: readonly string[], limitName: Habits['limitName']): { message: string; param?: string } | null {
  const form = body.response_format?.type ?? 'text';
  if (!forms.includes(form)) return { message: `response_format type ${form} is not supported`, param: 'response_format' };
  if (form === 'json_object' && !body.messages.some(({ content }) => /json/i.test(content)))
    return { message: "'messages' must contain the word 'json' in some form" };
  if (form === 'json_schema') {
    const breach = strictBreach(body.response_format?.json_schema?.schema, 'root');
    if (breach !== null) return { message: `Invalid schema for response_format: ${breach}` };
  }
  const other = limitName === 'max_tokens' ? 'max_completion_tokens' : 'max_tokens';
  if (limitName !== undefined && body[other] !== undefined)
    return { message: `Unsupported parameter: '${other}' is not supported with this model. Use '${limitName}' instead.`, param: other };
  return null;
}

type Schema = Readonly<Record<string, unknown>>;

/** The rules of strict mode that are easily broken. */
function strictBreach(schema: unknown, at: string): string | null {
  if (typeof schema !== 'object' || schema === null) return `${at} is no schema`;
  const { type, properties, required, additionalProperties, items, anyOf, ...rest } = schema as Schema;
  for (const word of ['allOf', 'oneOf', 'not', 'patternProperties', 'propertyNames', '$schema'])
    if (word in rest) return `${at}: ${word} is not permitted`;
  if (at === 'root' && type !== 'object') return 'the root must be an object';
  if (Array.isArray(anyOf)) return anyOf.map((one, i) => strictBreach(one, `${at}.anyOf${i}`)).find((breach) => breach !== null) ?? null;
  if (type === 'array') return strictBreach(items, `${at}[]`);
  if (type !== 'object') return null;
  if (additionalProperties !== false) return `${at}: 'additionalProperties' is required to be false`;
  const names = Object.keys((properties ?? {}) as Schema);
  if (!names.every((name) => (required as string[] | undefined)?.includes(name))) return `${at}: 'required' must name every property`;
  return names.map((name) => strictBreach((properties as Schema)[name], `${at}.${name}`)).find((breach) => breach !== null) ?? null;
}

function answerOf(written: Written, body: ChatBody, streams: boolean): Said {
  if (typeof written === 'object' && 'status' in written) return { status: written.status, body: { error: written.error } };
  return body.stream === true && streams ? streamed(written, body) : { body: whole(written, body) };
}

function partsOf(written: Exclude<Written, { status: number }>) {
  const said = typeof written === 'string' ? { content: written } : written;
  const content = 'content' in said ? said.content : 'cutOff' in said ? said.cutOff : 'brokenOff' in said ? said.brokenOff : null;
  const ended = 'brokenOff' in said ? null : 'cutOff' in said ? 'length' : 'filtered' in said ? 'content_filter' : 'stop';
  return { content, ended, refusal: 'refusal' in said ? said.refusal : null, says: 'brokenOff' in said ? said.says : undefined };
}

const frame = (model: string, object: string) => ({ id: 'chatcmpl-1', object, created: 1_772_366_400, model });

function usageOf({ messages }: ChatBody, content: string | null) {
  const input = Math.ceil(messages.reduce((sum, message) => sum + message.content.length, 0) / 4);
  const output = Math.ceil((content ?? '').length / 4);
  return { prompt_tokens: input, completion_tokens: output, total_tokens: input + output };
}

function whole(written: Exclude<Written, { status: number }>, body: ChatBody) {
  const { content, ended, refusal } = partsOf(written);
  const message = { role: 'assistant', content, refusal };
  const choices = [{ index: 0, finish_reason: ended, message }];
  return { ...frame(body.model, 'chat.completion'), choices, usage: usageOf(body, content) };
}

/** A few letters a chunk, the ending in one of its own, then the count when it was asked for. */
function streamed(written: Exclude<Written, { status: number }>, body: ChatBody): Said {
  const { content, ended, refusal, says } = partsOf(written);
  const chunk = (choices: unknown[], more: object = {}) => ({ ...frame(body.model, 'chat.completion.chunk'), choices, ...more });
  const delta = (part: object, finish: string | null = null) => chunk([{ index: 0, delta: part, finish_reason: finish }]);
  const pieces = (content ?? '').match(/[\s\S]{1,7}/gu) ?? [];
  const chunks: unknown[] = [delta({ role: 'assistant', content: '' }), ...pieces.map((piece) => delta({ content: piece }))];
  if (refusal !== null) chunks.push(delta({ refusal }));
  if (says !== undefined) chunks.push({ error: { message: says, type: 'server_error' } });
  if (ended !== null) {
    chunks.push(delta({}, ended));
    if (body.stream_options?.include_usage === true) chunks.push(chunk([], { usage: usageOf(body, content) }));
  }
  const text = chunks.map((one) => `data: ${JSON.stringify(one)}\n\n`).join('');
  return { headers: { 'content-type': 'text/event-stream' }, body: ended === null ? text : `${text}data: [DONE]\n\n` };
}
