/** How the shape of an answer is asked for, strictest first; a server that does not know one is asked with the next. */
import type { ChatCompletionCreateParamsNonStreaming } from 'openai/resources/chat/completions';
import { z } from 'zod';

export const forms = ['json_schema', 'json_object', 'plain'] as const;
export type Form = (typeof forms)[number];

export type Format = ChatCompletionCreateParamsNonStreaming['response_format'];

/** OpenAI's nested form everywhere: llama.cpp takes a flat one without a word and heeds it not. */
export function formFor(form: Form, { name, shape }: { readonly name: string; readonly shape: z.ZodType }): Format {
  if (form === 'plain') return undefined;
  if (form === 'json_object') return { type: 'json_object' };
  return { type: 'json_schema', json_schema: { name, strict: true, schema: schemaOf(shape) } };
}

export function schemaOf(shape: z.ZodType): Record<string, unknown> {
  const { $schema: _, ...schema } = z.toJSONSchema(shape, { target: 'draft-7' });
  return schema;
}
