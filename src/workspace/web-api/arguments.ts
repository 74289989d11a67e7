/**
 * Arguments as Slack takes them: form-encoded, JSON or multipart, with lists and objects as JSON text in a form. One
 * reader per shape; what is missing is refused in Slack's words.
 */
import { isObject, type JsonObject, objectsIn, parseJson } from '../json.ts';
import { Refused } from '../refused.ts';

export type Arguments = Readonly<Record<string, unknown>>;

/** Slack takes a megabyte; views and messages are far smaller. */
const maxBodyBytes = 1_000_000;

export async function readArguments(request: Request): Promise<Arguments> {
  const query = Object.fromEntries(new URL(request.url).searchParams);
  if (request.method === 'GET') return query;
  const kind = request.headers.get('content-type') ?? '';
  if (kind.includes('multipart/form-data')) return { ...query, ...Object.fromEntries(await request.formData()) };
  const body = await request.text();
  if (body.length > maxBodyBytes) throw new Refused('request_too_large');
  if (!kind.includes('json')) return { ...query, ...Object.fromEntries(new URLSearchParams(body)) };
  const parsed = parseJson(body === '' ? '{}' : body);
  if (parsed === undefined) throw new Refused('invalid_json');
  if (!isObject(parsed)) throw new Refused('json_not_object');
  return { ...query, ...parsed };
}

export function optional(args: Arguments, name: string): string | null {
  const value = args[name];
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return typeof value === 'string' && value !== '' ? value : null;
}

export function required(args: Arguments, name: string): string {
  const value = optional(args, name);
  if (value === null) throw new Refused('invalid_arguments', [`[ERROR] missing required field: ${name}`]);
  return value;
}

export function flag(args: Arguments, name: string): boolean {
  return ['true', '1'].includes(String(args[name] ?? ''));
}

export function count(args: Arguments, name: string, fallback: number, highest: number): number {
  const value = Number(optional(args, name) ?? fallback);
  if (!Number.isInteger(value) || value < 1) throw new Refused('invalid_limit');
  return Math.min(value, highest);
}

/** A list or object that a form carries as text. `undefined` where absent or empty, `null` where it is not JSON. */
function structure(args: Arguments, name: string): unknown {
  const value = args[name];
  if (value === undefined || value === null || value === '') return undefined;
  return typeof value === 'string' ? (parseJson(value) ?? null) : value;
}

export function listOf(args: Arguments, name: string, refusal: string): readonly JsonObject[] | undefined {
  const value = structure(args, name);
  if (value === undefined) return undefined;
  if (!Array.isArray(value) || objectsIn(value).length !== value.length) throw new Refused(refusal);
  return objectsIn(value);
}

export function objectOf(args: Arguments, name: string, refusal: string): JsonObject | undefined {
  const value = structure(args, name);
  if (value === undefined) return undefined;
  if (!isObject(value)) throw new Refused(refusal, [`[ERROR] must be an object [json-pointer:/${name}]`]);
  return value;
}

/** `a,b` or a JSON list of texts. */
export function words(args: Arguments, name: string): readonly string[] {
  const value = args[name];
  const list = typeof value === 'string' && value.startsWith('[') ? parseJson(value) : value;
  if (Array.isArray(list)) return list.filter((entry) => typeof entry === 'string');
  return typeof list === 'string' ? list.split(',').filter((entry) => entry !== '') : [];
}

/** Pages by a cursor that is the position in base64, as opaque to the caller as Slack's. */
export function page<Entry>(entries: readonly Entry[], args: Arguments, limit: number): { entries: readonly Entry[]; next: string } {
  const cursor = optional(args, 'cursor');
  const start = cursor === null ? 0 : Number(Buffer.from(cursor, 'base64').toString().replace('at:', ''));
  if (!Number.isInteger(start) || start < 0) throw new Refused('invalid_cursor');
  const end = start + limit;
  return { entries: entries.slice(start, end), next: end < entries.length ? Buffer.from(`at:${end}`).toString('base64') : '' };
}
