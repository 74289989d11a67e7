/**
 * A structured record, whoever wrote it, as one flat list of names. Loggers and shippers agree on what they say and not on
 * how they spell or nest it, so names are compared by their letters and digits alone:
 *
 *   { "trace": { "id": x } }   trace.id   trace_id   traceId   TraceId   →  traceid
 *
 * What stands in a container that says nothing itself (`mdc`, `labels`, `fields`, …) counts under its own name too.
 */
import type { LogValue } from '../log-entry.ts';

export type Json = Readonly<Record<string, unknown>>;

export interface Fields {
  /** Dotted name as written → value; what counts as an attribute. */
  readonly written: ReadonlyMap<string, LogValue>;
  /** What `read` makes of the first of several names that it can read. */
  pick<T>(list: NameList, read: (value: LogValue) => T | null): T | null;
  /** Dotted names of the first few that are null. */
  readonly absent: readonly string[];
  /** Dotted names of what was picked: said already, so no attribute. */
  readonly used: ReadonlySet<string>;
}

/** A record of more leaves than this is data, not a log line; the rest is left out. */
const maxFields = 256;
const maxAbsent = 8;
const maxDepth = 5;
const maxKeyLength = 128;

const containers = new Set(
  (
    'mdc contextmap context ctx fields extra extras properties meta metadata data labels attributes resource tags ' +
    'state scope scopes span details http httprequest log event msg message params kubernetes record custom req'
  ).split(' '),
);

/** Names that mean the same, as `plainName` has them, best first. A record that has none of them is told by one bit of 31. */
export interface NameList {
  readonly names: readonly string[];
  /** 0: not known beforehand, so it has to be looked for. */
  readonly bit: number;
}

/** Which lists hold a name. */
const listsOf = new Map<string, number>();
let listed = 0;

/** To be made before the first record is read, 31 at most. */
export function nameList(names: string): NameList {
  const list = { names: names.split(' '), bit: 1 << listed++ };
  for (const name of list.names) listsOf.set(name, (listsOf.get(name) ?? 0) | list.bit);
  return list;
}

export const plainName = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, '');

/** What a dotted name comes to. */
interface FieldName {
  readonly plain: string;
  /** Without the containers it stands in: `labels.correlation_id` → `correlationid`; null: it stands in none. */
  readonly own: string | null;
  /** The lists that hold one of the two. */
  readonly lists: number;
}

/** Names come again with every line; those that do not are not worth keeping. */
const fieldNames = new Map<string, FieldName>();
const maxFieldNames = 10_000;

function fieldName(dotted: string): FieldName {
  const known = fieldNames.get(dotted);
  if (known !== undefined) return known;
  const plain = plainName(dotted);
  const own = ownName(dotted);
  const name = { plain, own, lists: (listsOf.get(plain) ?? 0) | (listsOf.get(own ?? '') ?? 0) };
  if (fieldNames.size < maxFieldNames) fieldNames.set(dotted, name);
  return name;
}

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function fieldsOf(record: Json): Fields {
  const written = new Map<string, LogValue>();
  const byName = new Map<string, string>();
  const lesser = new Map<string, string>();
  const absent: string[] = [];
  let present = 0;
  flatten(record, '', 0, (dotted, value) => {
    if (value === null) {
      if (absent.length < maxAbsent) absent.push(dotted);
      return;
    }
    if (written.size >= maxFields) return;
    written.set(dotted, value);
    const { plain, own, lists } = fieldName(dotted);
    present |= lists;
    if (!byName.has(plain)) byName.set(plain, dotted);
    if (own !== null && !lesser.has(own)) lesser.set(own, dotted);
  });
  for (const [own, dotted] of lesser) if (!byName.has(own)) byName.set(own, dotted);
  const used = new Set<string>();
  const pick = <T>({ names, bit }: NameList, read: (value: LogValue) => T | null): T | null => {
    if (bit !== 0 && (present & bit) === 0) return null;
    for (const name of names) {
      const dotted = byName.get(name);
      if (dotted === undefined) continue;
      const found = read(written.get(dotted) ?? '');
      if (found === null) continue;
      used.add(dotted);
      return found;
    }
    return null;
  };
  return { written, used, absent, pick };
}

function ownName(dotted: string): string | null {
  const parts = dotted.split('.');
  const first = parts.findIndex((part, i) => i === parts.length - 1 || !containers.has(plainName(part)));
  return first === 0 ? null : plainName(parts.slice(first).join('.'));
}

type Visit = (dotted: string, value: LogValue | null) => void;

function flatten(record: Json, path: string, depth: number, visit: Visit): void {
  for (const [key, value] of Object.entries(record)) {
    if (key.length > maxKeyLength || key === '__proto__') continue;
    const dotted = path === '' ? key : `${path}.${key}`;
    if (isObject(value) && depth < maxDepth) flatten(value, dotted, depth + 1, visit);
    else {
      const plain = plainLeaf(value);
      if (plain !== null || value === null) visit(dotted, plain);
    }
  }
}

function plainLeaf(value: unknown): LogValue | null {
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  return value === null || value === undefined ? null : jsonText(value);
}

/** As JSON; null for what is nested too deep to be written. */
export function jsonText(value: unknown): string | null {
  try {
    return JSON.stringify(value) ?? null;
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}
