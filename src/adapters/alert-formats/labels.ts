/**
 * Labels and annotations: text by name. An alert has two dozen of them, and zod looks at each through objects of its own, so
 * a map that is as it should be is taken without; what is not is shown to zod, which says what is wrong and where.
 */
import { z } from 'zod';
import { maxEntries, maxValueLength, unsafeKeys } from './fields.ts';

type Texts = Readonly<Record<string, string>>;

const TextMap = z.record(z.string(), z.string());

/** `null` is how Go writes an empty one. Keys that name object internals are left out. */
export const Labels = z
  .unknown()
  .optional()
  .transform((map, context) => {
    if (map === null || map === undefined) return {};
    const texts = textsIn(map, context);
    return texts === null ? z.NEVER : bounded(texts, () => true);
  });

/** Of which one at least says something; those that do not are left out. */
export const SayingLabels = z
  .unknown()
  .optional()
  .transform((map, context) => {
    const texts = textsIn(map, context);
    if (texts === null) return z.NEVER;
    if (!Object.values(texts).some(saysSomething)) {
      context.addIssue({ code: 'custom', message: 'expected at least one label' });
      return z.NEVER;
    }
    return bounded(texts, saysSomething);
  });

const saysSomething = (value: string) => value !== '';

/** As `Labels` takes a map that is there and as it should be; null where zod is to look at it. */
export function plainTexts(map: unknown): Readonly<Record<string, string>> | null {
  if (isTakenWhole(map, 0)) return map;
  return isTexts(map) ? bounded(map, () => true) : null;
}

/** The same for `SayingLabels`. */
export function plainSayingTexts(map: unknown): Readonly<Record<string, string>> | null {
  if (isTakenWhole(map, 1)) return map;
  return isTexts(map) && Object.values(map).some(saysSomething) ? bounded(map, saysSomething) : null;
}

/**
 * As it should be, with nothing to leave out or to cut, as nearly all are: then it need not be copied. At least so many entries,
 * and so many letters in each value.
 */
function isTakenWhole(map: unknown, least: number): map is Texts {
  if (typeof map !== 'object' || map === null || Array.isArray(map)) return false;
  let count = 0;
  // What was parsed from JSON has no names but its own.
  for (const key in map) {
    const value: unknown = (map as Readonly<Record<string, unknown>>)[key];
    if (typeof value !== 'string' || value.length < least || value.length > maxValueLength) return false;
    if (++count > maxEntries || key.length > maxValueLength || unsafeKeys.has(key)) return false;
  }
  return count >= least;
}

function textsIn(map: unknown, context: z.RefinementCtx): Texts | null {
  if (isTexts(map)) return map;
  const read = TextMap.safeParse(map);
  if (read.success) return read.data;
  for (const { code: _, ...issue } of read.error.issues) context.addIssue({ ...issue, path: [...issue.path], code: 'custom' });
  return null;
}

function isTexts(map: unknown): map is Texts {
  if (typeof map !== 'object' || map === null || Array.isArray(map)) return false;
  for (const value of Object.values(map)) if (typeof value !== 'string') return false;
  return true;
}

function bounded(texts: Texts, isTaken: (value: string) => boolean): Record<string, string> {
  const taken: Record<string, string> = {};
  let count = 0;
  for (const key of Object.keys(texts)) {
    const value = texts[key] ?? '';
    if (unsafeKeys.has(key) || !isTaken(value)) continue;
    if (++count > maxEntries) break;
    taken[key.length > maxValueLength ? key.slice(0, maxValueLength) : key] =
      value.length > maxValueLength ? value.slice(0, maxValueLength) : value;
  }
  return taken;
}
