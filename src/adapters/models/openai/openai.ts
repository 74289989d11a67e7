/**
 * OpenAI and every server that speaks its Chat Completions: Ollama, vLLM, llama.cpp, Azure. The shape of an answer is asked
 * for in the strictest form the server takes, stands in the prompt besides, and is checked here whatever the server promised
 * (a llama.cpp that does not know the form it is given ignores it silently). What does not fit is asked for once more.
 */
import { z } from 'zod';
import type { Tools } from '../../../adapter.ts';
import { Failure } from '../../../domain/failure.ts';
import { type ModelAnswer, type ModelQuestion, type ModelTurn, model, type Tokens } from '../../../ports/model.ts';
import { httpAddress } from '../../json-api.ts';
import { jsonObjectIn } from './answer-text.ts';
import { type Completion, createChat, type Place } from './chat.ts';
import { type Form, forms, formFor, schemaOf } from './forms.ts';

const system = 'openai';
const openaiUrl = 'https://api.openai.com/v1';
/** Small, and more than enough for wording. */
const openaiModel = 'gpt-5-mini';
const price = (what: string) =>
  z.coerce.number().min(0).optional().describe(`US dollars for a million tokens ${what}; with both, reports say what their words cost`);

export const openai = model({
  id: system,
  anyOf: ['OPENAI_API_KEY', 'OPENAI_BASE_URL'],
  settings: z.object({
    OPENAI_API_KEY: z.string().optional().describe('Key of OpenAI or of a server that speaks like it; turns the model on'),
    OPENAI_BASE_URL: httpAddress()
      .optional()
      .describe('A server that speaks like OpenAI, with `/v1` where it has one, as `http://localhost:11434/v1`; turns the model on'),
    OPENAI_MODEL: z
      .string()
      .optional()
      .describe(`Model (on Azure: deployment) to ask; ${openaiModel} at OpenAI, elsewhere the first the server lists`),
    OPENAI_PRICE_INPUT: price('that are read'),
    OPENAI_PRICE_OUTPUT: price('that are written'),
  }),
  create(settings, tools: Tools) {
    const url = new URL(settings.OPENAI_BASE_URL ?? openaiUrl);
    const isOpenai = url.hostname.endsWith('.openai.com') || url.hostname.endsWith('.azure.com');
    const place: Place = {
      system,
      url,
      key: settings.OPENAI_API_KEY,
      model: settings.OPENAI_MODEL ?? (url.hostname === 'api.openai.com' ? openaiModel : null),
      limitName: isOpenai ? 'max_completion_tokens' : 'max_tokens',
    };
    const chat = createChat(place, tools);
    // What the server was found to take; a start finds it out anew.
    let strictest: Form = forms[0];

    async function firstAnswer<T>(question: ModelQuestion<T>, turns: readonly ModelTurn[], signal: AbortSignal): Promise<Completion> {
      for (let place = forms.indexOf(strictest); ; place++) {
        const form = forms[place] ?? 'plain';
        try {
          const completion = await chat.complete({ ...question, turns, format: formFor(form, question) }, signal);
          strictest = form;
          return completion;
        } catch (error) {
          if (!(error instanceof Failure) || form === 'plain' || !isForm(error)) throw error;
        }
      }
    }

    return {
      async answer<T>(asked: ModelQuestion<T>, signal: AbortSignal): Promise<ModelAnswer<T>> {
        const question = { ...asked, system: withShape(asked) };
        const first = await firstAnswer(question, question.turns, signal);
        const read = readIn(first.text, question);
        if (read.problem === null) return { value: read.value, text: first.text, model: first.model };
        const second = await firstAnswer(question, [...question.turns, ...repair(first.text, read.problem)], signal);
        const again = readIn(second.text, question);
        if (again.problem === null) return { value: again.value, text: second.text, model: second.model };
        throw new Failure('bad_response', system, question.attempt, { hint: 'twice the answer had another shape' });
      },
      costOf: ({ input, output }: Tokens) =>
        settings.OPENAI_PRICE_INPUT === undefined || settings.OPENAI_PRICE_OUTPUT === undefined
          ? null
          : (input * settings.OPENAI_PRICE_INPUT + output * settings.OPENAI_PRICE_OUTPUT) / 1e6,
      async probe(signal) {
        const listed = await chat.models(signal);
        const name = place.model ?? listed[0] ?? '';
        return listed.includes(name) ? `${name} is there` : `answers; ${name === '' ? 'no model' : name} is not in its list`;
      },
    };
  },
});

/** What servers answer to a form they do not know. */
function isForm({ hint }: Failure): boolean {
  return ['status 400', 'status 422', 'status 501'].includes(hint ?? '');
}

function withShape<T>({ system: text, name, shape }: ModelQuestion<T>): string {
  const schema = JSON.stringify(schemaOf(shape));
  return `${text}\n\nAnswer with one JSON object, "${name}", that fits this JSON Schema, and with nothing else:\n${schema}`;
}

type Read<T> = { readonly problem: null; readonly value: T } | { readonly problem: string };

function readIn<T>(text: string, { shape }: ModelQuestion<T>): Read<T> {
  const found = jsonObjectIn(text);
  if (found === null) return { problem: 'it holds no JSON object' };
  const read = shape.safeParse(found);
  if (read.success) return { problem: null, value: read.data };
  const { path = [], message = '' } = read.error.issues[0] ?? {};
  return { problem: `${path.map(String).join('.') || 'the whole'}: ${message}` };
}

const maxRepeated = 4_000;

function repair(text: string, problem: string): ModelTurn[] {
  return [
    { role: 'assistant', text: text.slice(0, maxRepeated) },
    { role: 'user', text: `That does not fit the schema (${problem}). Answer again with the JSON object alone.` },
  ];
}
