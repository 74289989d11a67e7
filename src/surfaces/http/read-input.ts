/** Query strings and bodies of our own API → values of a schema, or 400 with the path. */
import type { z } from 'zod';
import { Failure } from '../../domain/failure.ts';
import { problemText } from '../../domain/problem-text.ts';
import { refuse } from './answers.ts';
import type { HttpParts } from './parts.ts';
import { isJson, withBody } from './request-body.ts';

export function readInput<Schema extends z.ZodType>(schema: Schema, input: unknown): z.infer<Schema> {
  const read = schema.safeParse(input);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const path = issue?.path.map(String).join('.') ?? '';
  const hint = issue === undefined ? 'not as expected' : isThere(input, issue.path) ? problemText(issue) : 'is missing';
  throw new Failure('rejected', 'api', 'read the request', { hint, ...(path === '' ? {} : { path }) });
}

function isThere(input: unknown, path: readonly PropertyKey[]): boolean {
  let value = input;
  for (const key of path) value = (value as Readonly<Record<PropertyKey, unknown>> | null | undefined)?.[key];
  return value !== undefined;
}

export async function readJsonBody<Schema extends z.ZodType>(request: Request, parts: HttpParts, schema: Schema): Promise<z.infer<Schema>> {
  if (!isJson(request)) throw refuse(415, 'Content-Type must be application/json in UTF-8');
  return withBody(request, { limits: parts.limits.api, budget: parts.budgets.alerts }, async (body) => readInput(schema, parsed(body)));
}

function parsed(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    throw refuse(400, 'the body is not JSON in UTF-8');
  }
}
