/** The adapter against a stand-in server: forms it degrades through, endings of an answer, failures, and who is spoken to. */
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { models } from '../../../src/adapters/models/index.ts';
import { openai } from '../../../src/adapters/models/openai/openai.ts';
import { enabled } from '../../../src/config.ts';
import { Failure } from '../../../src/domain/failure.ts';
import type { Model, ModelQuestion, Tokens } from '../../../src/ports/model.ts';
import { faultTable } from '../../stand-ins/faults.ts';
import { type Habits, type StandInModel, startOpenai } from '../../stand-ins/openai.ts';

const never = () => {};
const log = { debug: never, info: never, warn: never, error: never };
const tools = { fetch: globalThis.fetch, now: () => 0, log };
const Fruit = z.object({ fruit: z.string(), seeds: z.number().nullable() });
const good = '{"fruit":"apple","seeds":5}';
const key = 'sk-proj-thisIsTheKeyOfThisTest';

const servers: StandInModel[] = [];
afterEach(() => servers.splice(0).forEach((server) => void server.stop()));

async function connected(habits: Habits = {}, settings: Record<string, string> = {}): Promise<{ server: StandInModel; model: Model }> {
  const server = await startOpenai(habits);
  servers.push(server);
  const values = { OPENAI_BASE_URL: server.url, OPENAI_API_KEY: key, ...settings };
  return { server, model: openai.create(openai.settings.parse(values), tools) };
}

function question(over: Partial<ModelQuestion<z.infer<typeof Fruit>>> = {}): ModelQuestion<z.infer<typeof Fruit>> {
  const turns = [{ role: 'user', text: 'Which fruit?' }] as const;
  return {
    attempt: 'name a fruit',
    system: 'You name fruit.',
    turns,
    name: 'fruit',
    shape: Fruit,
    maxAnswerTokens: 100,
    spent: never,
    ...over,
  };
}
const signal = () => new AbortController().signal;
const thrownBy = (asked: Promise<unknown>) => asked.then(never, (error: unknown) => error);

describe('the shape of an answer', () => {
  it('is asked for in the strictest form, which keeps to the rules of strict mode', async () => {
    const { server, model } = await connected({ key });
    server.write(good);
    expect(await model.answer(question(), signal())).toEqual({ value: { fruit: 'apple', seeds: 5 }, text: good, model: 'small-1' });
    const [asked] = server.questions();
    expect(asked?.response_format).toMatchObject({ type: 'json_schema', json_schema: { name: 'fruit', strict: true } });
    expect(asked?.messages.map(({ role }) => role)).toEqual(['system', 'user']);
  });

  it.each([
    { forms: ['json_object', 'text'], tried: ['json_schema', 'json_object'] },
    { forms: ['text'], tried: ['json_schema', 'json_object', undefined] },
  ])('falls back to what the server takes, $forms, and remembers it', async ({ forms, tried }) => {
    const { server, model } = await connected({ forms });
    server.write(good);
    await model.answer(question(), signal());
    expect(server.questions().map((asked) => asked.response_format?.type)).toEqual(tried);
    await model.answer(question(), signal());
    expect(server.questions().at(-1)?.response_format?.type).toBe(tried.at(-1));
    expect(server.questions()).toHaveLength(tried.length + 1);
  });

  it.each([
    ['in a code fence', '```json\n{"fruit":"apple","seeds":5}\n```'],
    ['behind thoughts', '<think>{"fruit": maybe a pear?}</think>{"fruit":"apple","seeds":5}'],
    ['between polite words', 'Here you are: {"fruit":"apple","seeds":5} Anything else?'],
  ])('is found %s', async (_, text) => {
    const { server, model } = await connected({ forms: ['text'] });
    server.write(text);
    expect((await model.answer(question(), signal())).value).toEqual({ fruit: 'apple', seeds: 5 });
  });

  it.each([
    ['of another shape', '{"fruit":7,"seeds":null}'],
    ['no JSON', '{"fruit":"app'],
    ['nothing at all', ''],
  ])('is asked for once more when it is %s', async (_, bad) => {
    const { server, model } = await connected();
    server.write(bad, good);
    const spent: Tokens[] = [];
    expect((await model.answer(question({ spent: (tokens) => void spent.push(tokens) }), signal())).value.fruit).toBe('apple');
    expect(server.questions()[1]?.messages.at(-1)?.content).toMatch(/does not fit/);
    expect(spent).toHaveLength(2);
    server.write(bad);
    expect(await thrownBy(model.answer(question(), signal()))).toMatchObject({ code: 'bad_response' });
    expect(server.questions()).toHaveLength(4);
  });
});

describe('an answer that ends otherwise', () => {
  it.each([
    ['a refusal', { refusal: 'I cannot help with that.' }, 'rejected'],
    ['one cut off in the middle', { cutOff: good }, 'bad_response'],
    ['a filtered one', { filtered: true }, 'rejected'],
    ['a prompt too long', { status: 400, error: { message: 'too much', code: 'context_length_exceeded' } }, 'rejected'],
    ['one that breaks off', { brokenOff: good.slice(0, 9) }, 'unavailable'],
    ['one whose server breaks', { brokenOff: good.slice(0, 9), says: 'out of memory near sk-secret' }, 'unavailable'],
    ['a used-up quota', { status: 429, error: { message: 'pay', code: 'insufficient_quota' } }, 'rejected'],
  ] as const)('%s is a Failure, and is asked for again only where that may help', async (_, written, code) => {
    const { server, model } = await connected();
    server.write(written);
    expect(await thrownBy(model.answer(question(), signal()))).toMatchObject({ code, system: 'openai' });
    expect(server.questions()).toHaveLength(code === 'unavailable' ? 2 : 1);
  });

  it('and one in a single piece, from a server that does not stream, is as good', async () => {
    const { server, model } = await connected({ streams: false });
    const spent: Tokens[] = [];
    server.write(good);
    expect((await model.answer(question({ spent: (tokens) => void spent.push(tokens) }), signal())).value.fruit).toBe('apple');
    expect([server.questions()[0]?.stream, spent.length]).toEqual([true, 1]);
    server.write({ refusal: 'no' });
    expect(await thrownBy(model.answer(question(), signal()))).toMatchObject({ code: 'rejected' });
  });
});

it('what breaks off has cost what was read and written until then', async () => {
  const { server, model } = await connected();
  server.write({ brokenOff: good.slice(0, 9) });
  const spent: Tokens[] = [];
  await thrownBy(model.answer(question({ spent: (tokens) => void spent.push(tokens) }), signal()));
  expect(spent).toEqual([3, 3].map((output) => ({ input: expect.any(Number), output })));
});

it('a server that does not count what it streams is not asked to, and its tokens are counted by length', async () => {
  const { server, model } = await connected({ knowsStreamOptions: false });
  server.write(good);
  const spent: Tokens[] = [];
  expect((await model.answer(question({ spent: (tokens) => void spent.push(tokens) }), signal())).value.fruit).toBe('apple');
  expect(spent).toEqual([{ input: expect.any(Number), output: Math.ceil(good.length / 3) }]);
  expect(spent[0]?.input).toBeGreaterThan(50);
  expect(server.questions().map(({ stream_options }) => stream_options?.include_usage)).toEqual([true, undefined]);
});

describe('failures', () => {
  // A wait of five seconds would be kept; this one is too long to be.
  const faults = faultTable.map(([name, fault, code, waitMs]) =>
    waitMs === undefined
      ? ([name, fault, code, waitMs] as const)
      : ([name, { ...fault, headers: { 'retry-after': '60' } }, code, 60_000] as const),
  );

  it.each(faults)('%s becomes the right Failure and keeps its secrets', async (_, fault, code, retryAfterMs) => {
    const { server, model } = await connected({}, { OPENAI_MODEL: 'small-1' });
    server.fail(fault);
    const error = await thrownBy(model.answer(question(), signal()));
    expect(error).toBeInstanceOf(Failure);
    const failure = error as Failure;
    expect([failure.code, failure.retryAfterMs, failure.system]).toEqual([code, retryAfterMs, 'openai']);
    expect([failure.message, failure.hint, failure.stack, String(failure.cause)].join('\n')).not.toContain(key);
  });

  it('asks once more where the server was busy for a moment, and not where asking cannot help', async () => {
    const { server, model } = await connected({}, { OPENAI_MODEL: 'small-1' });
    const busy = { status: 503, error: { message: 'loading model' } };
    server.write(busy, good);
    expect((await model.answer(question(), signal())).value.fruit).toBe('apple');
    expect(server.questions()).toHaveLength(2);
    server.write({ status: 404, error: { message: 'no such model' } });
    expect(await thrownBy(model.answer(question(), signal()))).toMatchObject({ code: 'rejected' });
    expect(server.questions()).toHaveLength(3);
  });

  it('ends with the deadline of whoever asks', async () => {
    const { server, model } = await connected({}, { OPENAI_MODEL: 'small-1' });
    server.hang();
    const controller = new AbortController();
    const asked = thrownBy(model.answer(question(), controller.signal));
    setImmediate(() => controller.abort());
    expect(await asked).toMatchObject({ code: 'timeout' });
  });

  it('says that nobody is there', async () => {
    const { server, model } = await connected({}, { OPENAI_MODEL: 'small-1' });
    server.stop();
    expect(await thrownBy(model.answer(question(), signal()))).toMatchObject({ code: 'unavailable' });
  });
});

describe('which model', () => {
  it('is the setting, else the first of the list that can chat', async () => {
    const { server, model } = await connected({ models: ['nomic-embed-text', 'llama-9'] });
    server.write(good);
    expect((await model.answer(question(), signal())).model).toBe('llama-9');
    const chosen = await connected({ models: ['a', 'b'] }, { OPENAI_MODEL: 'b' });
    chosen.server.write(good);
    expect((await chosen.model.answer(question(), signal())).model).toBe('b');
    expect(chosen.server.asked.map(({ url }) => url.pathname)).toEqual(['/v1/chat/completions']);
  });

  it('is said by the harmless question', async () => {
    const { model } = await connected({ models: ['a'] }, { OPENAI_MODEL: 'b' });
    expect(await model.probe?.(signal())).toMatch(/b is not in its list/);
  });

  it('has a limit under the name its server knows', async () => {
    const { server, model } = await connected({ limitName: 'max_completion_tokens' });
    server.write(good);
    await model.answer(question(), signal());
    await model.answer(question(), signal());
    expect(server.questions().map(({ max_completion_tokens }) => max_completion_tokens)).toEqual([undefined, 100, 100]);
  });
});

describe('settings', () => {
  const stateOf = (environment: Record<string, string>) => enabled('model', models, environment, tools);

  it('a key or an address turns it on', () => {
    expect(stateOf({}).states).toMatchObject([{ isOn: false, missing: ['OPENAI_API_KEY or OPENAI_BASE_URL'] }]);
    expect(stateOf({ OPENAI_MODEL: 'b' }).states).toMatchObject([{ isOn: false }]);
    expect(stateOf({ OPENAI_API_KEY: key }).on.size).toBe(1);
    expect(stateOf({ OPENAI_BASE_URL: 'http://localhost:11434/v1' }).on.size).toBe(1);
    expect(stateOf({ OPENAI_BASE_URL: 'localhost:11434' }).problems).toMatchObject([{ variable: 'OPENAI_BASE_URL' }]);
  });

  it('a price makes a cost, and without one there is none', async () => {
    const tokens = { input: 2_000_000, output: 500_000 };
    expect((await connected()).model.costOf(tokens)).toBeNull();
    const priced = await connected({}, { OPENAI_PRICE_INPUT: '0.25', OPENAI_PRICE_OUTPUT: '2' });
    expect(priced.model.costOf(tokens)).toBeCloseTo(1.5);
  });
});

it('Azure is sent its version and its key in the header it knows, at its own host alone', async () => {
  const asked: { url: string; headers: Headers }[] = [];
  const fetch = (async (url: URL, init: RequestInit) => {
    asked.push({ url: String(url), headers: new Headers(init.headers) });
    return Response.json({ model: 'm', choices: [{ finish_reason: 'stop', message: { content: good } }] });
  }) as unknown as typeof globalThis.fetch;
  const settings = {
    OPENAI_BASE_URL: 'https://north.openai.azure.com/openai/deployments/words?api-version=2024-10-21',
    OPENAI_API_KEY: key,
    OPENAI_MODEL: 'words',
  };
  await openai.create(openai.settings.parse(settings), { ...tools, fetch }).answer(question(), signal());
  expect(asked.map(({ url }) => url)).toEqual([
    'https://north.openai.azure.com/openai/deployments/words/chat/completions?api-version=2024-10-21',
  ]);
  expect(asked[0]?.headers.get('api-key')).toBe(key);
});
