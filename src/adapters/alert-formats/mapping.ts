/**
 * Reads a body of any shape by JSON pointers (RFC 6901), without code:
 *
 *   { title: /check/name, status: /state, resolved: [OK], labels: { host: /host } }
 *   over { "check": { "name": "Disk" }, "state": "OK", "host": "db-1" }
 *   →    { title: 'Disk', status: 'resolved', labels: { host: 'db-1' } }
 *
 * What no pointer finds is left out; what is needed and missing is then said by the schema of our own form.
 */
import { z } from 'zod';
import { structured } from '../../domain/structured-setting.ts';
import { isWebUrl, severityOf, statusOf, unsafeKeys, When } from './fields.ts';

const Pointer = z.string().regex(/^(?:\/(?:[^~/]|~[01])*)*$/, 'must be a JSON pointer such as /alert/name');
/** Several: the first that finds something. */
const Pointers = z.union([Pointer, z.array(Pointer).min(1)], 'must be a JSON pointer such as /alert/name, or a list of them');
const Words = z.array(z.union([z.string(), z.number(), z.boolean()]).transform(String));

export const Mapping = z.strictObject({
  /** Applies only where each pointer finds this value. */
  when: z.record(Pointer, z.union([z.string(), z.number(), z.boolean()])).optional(),
  /** A list in the body, each entry of which is an alert; the other pointers then begin there. */
  each: Pointer.optional(),
  title: Pointers,
  description: Pointers.optional(),
  status: Pointers.optional(),
  /** Words of `status` that mean that it is over, besides the usual ones. */
  resolved: Words.optional(),
  severity: Pointers.optional(),
  /** Words of `severity` besides the usual ones. */
  severities: z.strictObject({ critical: Words.optional(), warning: Words.optional(), info: Words.optional() }).optional(),
  service: Pointers.optional(),
  environment: Pointers.optional(),
  correlationId: Pointers.optional(),
  startsAt: Pointers.optional(),
  endsAt: Pointers.optional(),
  fingerprint: Pointers.optional(),
  links: z.array(Pointer).optional(),
  labels: z.record(z.string(), Pointers).optional(),
  annotations: z.record(z.string(), Pointers).optional(),
});
export type Mapping = z.infer<typeof Mapping>;

/** One mapping may stand without its list. */
export const MappingsText = structured(
  z.preprocess((value) => [value].flat(), z.array(Mapping)),
  'a list of mappings',
);

/** The value a pointer leads to; undefined where it leads nowhere. Only own fields are walked. */
export function at(pointer: string, value: unknown): unknown {
  if (pointer === '') return value;
  return pointer
    .slice(1)
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce<unknown>(fieldOf, value);
}

function fieldOf(inner: unknown, key: string): unknown {
  if (typeof inner !== 'object' || inner === null || !Object.hasOwn(inner, key) || unsafeKeys.has(key)) return undefined;
  return Array.isArray(inner) && !/^\d+$/.test(key) ? undefined : (inner as Record<string, unknown>)[key];
}

export function applies({ when = {}, each, title }: Mapping, body: unknown): boolean {
  if (!Object.entries(when).every(([pointer, wanted]) => at(pointer, body) === wanted)) return false;
  return each === undefined ? found(title, body) !== undefined : Array.isArray(at(each, body));
}

/** Bodies in our own form, unchecked: one, or one for each entry. */
export function mapped(mapping: Mapping, body: unknown): unknown[] {
  const list = mapping.each === undefined ? [body] : at(mapping.each, body);
  return (Array.isArray(list) ? list : []).map((entry) => ownForm(mapping, entry));
}

function ownForm(mapping: Mapping, entry: unknown): unknown {
  const text = (pointers: string | string[] | undefined) => textOf(found(pointers, entry));
  const word = text(mapping.status);
  const labels = (pointers: Readonly<Record<string, string | string[]>> | undefined) =>
    Object.fromEntries(Object.entries(pointers ?? {}).flatMap(([name, where]) => (text(where) === undefined ? [] : [[name, text(where)]])));
  return {
    title: text(mapping.title),
    description: text(mapping.description),
    status: word !== undefined && mapping.resolved?.includes(word) ? 'resolved' : statusOf(word),
    severity: severityIn(mapping, text(mapping.severity)),
    service: text(mapping.service),
    environment: text(mapping.environment),
    correlationId: text(mapping.correlationId),
    startsAt: instant(found(mapping.startsAt, entry)),
    endsAt: instant(found(mapping.endsAt, entry)),
    fingerprint: text(mapping.fingerprint)?.slice(0, 200),
    // An address that is none costs the link and not the alert.
    links: (mapping.links ?? []).flatMap((pointer) => (isWebUrl(text(pointer) ?? '') ? [text(pointer)] : [])),
    labels: labels(mapping.labels),
    annotations: labels(mapping.annotations),
  };
}

/** The first pointer that finds something other than null and empty text. */
function found(pointers: string | readonly string[] | undefined, entry: unknown): unknown {
  return [pointers ?? []]
    .flat()
    .map((pointer) => at(pointer, entry))
    .find((value) => value !== undefined && value !== null && value !== '');
}

function textOf(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value).trim();
  return text === '' ? undefined : text;
}

function severityIn({ severities }: Mapping, word: string | undefined): string | undefined {
  if (word === undefined) return undefined;
  const named = Object.entries(severities ?? {}).find(([, words]) => words?.includes(word))?.[0];
  return named ?? severityOf(word) ?? undefined;
}

/** A time of any form, as the schema of our own form wants it; what is none is passed on for the schema to refuse. */
function instant(value: unknown): unknown {
  const read = When.safeParse(value);
  return read.success && read.data !== null ? new Date(read.data).toISOString() : value;
}
