/** A nested object as names with dots: what a document of another tool says, in the form of labels. */
import { unsafeKeys } from './fields.ts';

const maxLevels = 3;

/** `{ details: { userId: 'a' } }` → `details.userId = a`; what nests deeper or is a list is kept as its JSON. */
export function flatten(value: object, prefix = '', level = 1): [string, string][] {
  return Object.entries(value).flatMap(([key, inner]): [string, string][] => {
    const name = prefix === '' ? key : `${prefix}.${key}`;
    if (inner === null || inner === undefined || unsafeKeys.has(key)) return [];
    if (typeof inner !== 'object') return [[name, String(inner)]];
    if (Array.isArray(inner) || level >= maxLevels) return [[name, JSON.stringify(inner)]];
    return flatten(inner, name, level + 1);
  });
}

/** `details.userId` → `userId`, where only the last part says what it is. */
export function lastNames(map: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(map).map(([name, value]) => [name.split('.').pop() ?? name, value]));
}
