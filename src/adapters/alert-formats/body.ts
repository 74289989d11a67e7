/**
 * Bytes → a value of the format's schema, or a Failure `rejected` that names the place. Parsed here once; what the schema
 * does not list is dropped, so nothing behind this point meets a field nobody checked.
 */
import type { z } from 'zod';
import type { Delivery } from '../../domain/alert.ts';
import { Failure } from '../../domain/failure.ts';
import { isCrowded, isDeeperThan } from '../../domain/json-text.ts';

/** No sender nests deeper than about 10; a deeper body is an attack on whatever walks it. */
const maxDepth = 64;

export function readBody<Schema extends z.ZodType>(format: string, delivery: Delivery, schema: Schema): z.infer<Schema> {
  return readValue(format, readJson(format, delivery.body), schema);
}

/** `at`: where the value stands in the body, so that a path leads there from the top. */
export function readValue<Schema extends z.ZodType>(
  format: string,
  value: unknown,
  schema: Schema,
  at: readonly PropertyKey[] = [],
): z.infer<Schema> {
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  const issue = read.error.issues[0];
  throw rejected(format, sayIssue(issue?.message), jsonPath([...at, ...(issue?.path ?? [])]));
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * What `plain` makes of the body, and where it makes nothing of it what `closely` does. `plain` walks into nothing that it does not know,
 * so it may have a body whose depth nobody has looked at, as long as reading that costs no more than reading any other.
 */
export function readUsual<T>(format: string, body: Uint8Array, plain: (json: unknown) => T | null, closely: (json: unknown) => T): T {
  if (isCrowded(body)) refuseDeep(format, body);
  const json = parsed(format, body);
  const usual = plain(json);
  if (usual !== null) return usual;
  refuseDeep(format, body);
  return closely(json);
}

export function readJson(format: string, body: Uint8Array): unknown {
  refuseDeep(format, body);
  return parsed(format, body);
}

function refuseDeep(format: string, body: Uint8Array): void {
  if (isDeeperThan(maxDepth, body)) throw rejected(format, `nested deeper than ${maxDepth} levels`, '');
}

function parsed(format: string, body: Uint8Array): unknown {
  try {
    return JSON.parse(utf8.decode(body));
  } catch {
    // The parser's own message quotes the body, which may hold anything.
    throw rejected(format, 'the body is not JSON in UTF-8', '');
  }
}

/** Text that holds JSON, as templates write an object into a string; anything else stays what it is. */
export function unquoted(value: unknown): unknown {
  if (typeof value !== 'string' || !/^\s*[{[]/.test(value)) return value;
  try {
    return readJson('text', new TextEncoder().encode(value));
  } catch {
    return value;
  }
}

export function rejected(format: string, hint: string, path: string): Failure {
  return new Failure('rejected', format, 'read the body', path === '' ? { hint } : { hint, path });
}

/** `Invalid input: expected string, received undefined` → `missing, expected string` */
function sayIssue(message = 'not as expected'): string {
  const [, expected] = /^Invalid input: (expected .+), received undefined$/.exec(message) ?? [];
  return expected === undefined ? message.replace(/^Invalid input: /, '') : `missing, ${expected}`;
}

/** `['alerts', 0, 'labels']` → `alerts[0].labels` */
function jsonPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`;
    return text === '' ? String(key) : `${text}.${String(key)}`;
  }, '');
}
