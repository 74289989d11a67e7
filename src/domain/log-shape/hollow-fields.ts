/**
 * Fields beside a record's message whose values say that nothing is there, as `templates/hollow.ts` has it of values within a line. The
 * message is what is kept of a record, so this is all that is known of its fields later on.
 *
 *   { "message": "rate locked", "amount": 0, "plan": null }   →   amount=0 plan=none
 */
import type { LogValue } from '../log-entry.ts';
import { hollowKind, type HollowKind } from '../templates/hollow.ts';
import type { Fields } from './fields.ts';

const maxHollow = 8;
const maxNameLength = 64;
const longestKind: HollowKind = 'negative';
/** Longer texts are no numbers and no words for nothing. */
const maxTextLength = 12;

/** Names with what they hold instead, the first eight of those that are not said otherwise (ids, times, levels); null: none. */
export function hollowFields({ written, used, absent }: Fields): string | null {
  let found = '';
  let count = 0;
  const add = (name: string, kind: HollowKind): void => {
    if (count >= maxHollow || name.length > maxNameLength || /[\s=]/.test(name)) return;
    count++;
    found += `${found === '' ? '' : ' '}${name}=${kind}`;
  };
  for (const [name, value] of written) {
    const kind = kindOf(value);
    if (kind !== null && !used.has(name)) add(name, kind);
  }
  for (const name of absent) add(name, 'none');
  return found === '' ? null : found;
}

function kindOf(value: LogValue): HollowKind | null {
  if (typeof value === 'number') return value > 0 ? null : value < 0 ? 'negative' : '0';
  if (typeof value === 'boolean') return value ? null : 'none';
  return value.length > maxTextLength ? null : hollowKind(value, 0, value.length);
}

/** What came from outside, said to be such: as it is, or null where nothing of ours would be as long. */
export function givenHollow(text: string | null): string | null {
  return text === null || text.length > maxHollow * (maxNameLength + longestKind.length + 2) ? null : text;
}

/** The names and kinds again. */
export function hollowFieldsIn(text: string): { readonly name: string; readonly kind: HollowKind }[] {
  return text.split(' ', maxHollow).flatMap((part) => {
    const [, name, kind] = /^([^\s=]+)=(0|negative|none)$/.exec(part) ?? [];
    return name === undefined || name.length > maxNameLength ? [] : [{ name, kind: kind as HollowKind }];
  });
}
