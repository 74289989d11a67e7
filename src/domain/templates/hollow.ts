/**
 * Values that say nothing is there: zero, a negative number, `false`, `null`. A service that answers wrong often says so in a line it
 * always writes, and only such a value tells that line from the good ones:
 *
 *   convert pair=EURUSD rate=1.08        convert pair=EURUSD rate=-1
 */
import { dot, isDigit, isLetter, minus, percent, space, zero } from './characters.ts';
import { tokenKind, type Tokens } from './masker.ts';
import { absentWords } from './words.ts';

/** Of a line's masked places this many are looked at: one bit each in a byte. */
export const hollowPlaces = 8;

/** 1 for the characters a hollow value begins with: most values begin with others. */
const begins = new Uint8Array(128);
for (const first of '0-fnuFN') begins[first.charCodeAt(0)] = 1;

/** What a hollow value is: zero, below zero, or a word for nothing. */
export type HollowKind = '0' | 'negative' | 'none';

/** A bit for each of the first masked places of the line scanned last that holds a hollow value; bit 0 is the first place. */
export function hollowBits({ body, count, kind, start, end }: Tokens): number {
  let bits = 0;
  let place = 0;
  for (let index = 0; index < count && place < hollowPlaces; index++) {
    if (kind[index] !== tokenKind.mask) continue;
    const first = body.charCodeAt(start[index]!);
    if (first < 128 && begins[first] === 1 && hollowKind(body, start[index]!, end[index]!) !== null) bits |= 1 << place;
    place++;
  }
  return bits;
}

/** A value as it stands in its line, and the word before it. */
interface MaskedValue {
  readonly value: string;
  readonly name: string | null;
}

/** What stands at a masked place (from 0) of the line scanned last, and its name as a rule; null where there is no such place. */
export function maskedValue(tokens: Tokens, place: number): MaskedValue | null {
  let left = place;
  let name: string | null = null;
  for (let index = 0; index < tokens.count; index++) {
    const kind = tokens.kind[index];
    if (kind === tokenKind.word) name = tokens.raw(index);
    if (kind !== tokenKind.mask) continue;
    if (left-- === 0) return { value: tokens.raw(index), name };
    name = null;
  }
  return null;
}

const longestAbsentWord = 9;

/** What the stretch [from, to) of a text is; null where it is a value like any other. */
export function hollowKind(body: string, from: number, to: number): HollowKind | null {
  const first = body.charCodeAt(from);
  if (first === zero) return isZero(body, from, to) ? '0' : null;
  if (first === minus) return isNumber(body, from + 1, to) ? 'negative' : null;
  return to - from <= longestAbsentWord && absentWords.has(body.slice(from, to)) ? 'none' : null;
}

/** `0`, `0.00`, `0 ms`, `0%`; not `00:12` or an id. */
function isZero(body: string, from: number, to: number): boolean {
  let position = from;
  while (position < to && (body.charCodeAt(position) === zero || body.charCodeAt(position) === dot)) position++;
  if (position === to) return true;
  const code = body.charCodeAt(position);
  if (code === percent) return position + 1 === to;
  if (code !== space) return false;
  for (position++; position < to; position++) if (!isLetter(body.charCodeAt(position))) return false;
  return true;
}

/** `1`, `0.5`. */
function isNumber(body: string, from: number, to: number): boolean {
  if (from === to || !isDigit(body.charCodeAt(from))) return false;
  let dots = 0;
  for (let position = from; position < to; position++) {
    const code = body.charCodeAt(position);
    if (code === dot) dots++;
    else if (!isDigit(code)) return false;
  }
  return dots <= 1;
}
