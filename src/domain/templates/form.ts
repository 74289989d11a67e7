/** One template as it stands: its tokens, what it is called for ever, and the hashes it is found by. */
import type { Tokens } from './masker.ts';
import { dot, hashWord } from './characters.ts';
import { maskHash1, maskHash2, tokenKind } from './masker.ts';
import type { PathStep } from './token-tree.ts';

export const wildcard = '<*>';

export interface Form {
  readonly number: number;
  /** Made from the first form, unchanged by generalising. */
  readonly id: string;
  readonly tokens: string[];
  /** Whether white space stands before the token. */
  readonly spaced: boolean[];
  readonly kinds: number[];
  /** Ways through the token tree that lead here: token texts, null for a wild place. */
  readonly paths: (string | null)[][];
  lastUse: number;
  /** Place in the miner's table, dealt anew at times. */
  slot: number;
}

/** Odd multipliers make a token's share of a line's hash depend on its place. */
const multiplier1 = new Int32Array(256);
const multiplier2 = new Int32Array(256);
for (let index = 0, a = 0x9e3779b1, b = 0x85ebca6b; index < 256; index++) {
  a = Math.imul(a, 0x01000193) ^ (a >>> 13);
  b = Math.imul(b, 0x5bd1e995) ^ (b >>> 15);
  multiplier1[index] = a | 1;
  multiplier2[index] = b | 1;
}

export function share1(hash: number, index: number): number {
  return Math.imul(hash ^ (hash >>> 15), multiplier1[index]!);
}

export function share2(hash: number, index: number): number {
  return Math.imul(hash ^ (hash >>> 13), multiplier2[index]!);
}

/** 53 bits of the two sums, as a key for maps. */
export function lineKey(sum1: number, sum2: number): number {
  return (sum1 >>> 0) * 0x200000 + (sum2 >>> 11);
}

/** What a template is called for ever: its first form's sums. */
export function idOf(sum1: number, sum2: number): string {
  return (sum1 >>> 0).toString(16).padStart(8, '0') + (sum2 >>> 0).toString(16).padStart(8, '0');
}

export function formOf(tokens: Tokens, number: number, id: string): Form {
  const texts: string[] = [];
  const spaced: boolean[] = [];
  const kinds: number[] = [];
  for (let index = 0; index < tokens.count; index++) {
    texts.push(tokens.kind[index] === tokenKind.mask ? wildcard : tokens.raw(index));
    kinds.push(tokens.kind[index]!);
    spaced.push(index > 0 && tokens.start[index]! > tokens.end[index - 1]!);
  }
  // A slice keeps its whole line alive; a copy by way of JSON does not.
  return { number, id, tokens: JSON.parse(JSON.stringify(texts)) as string[], spaced, kinds, paths: [], lastUse: 0, slot: -1 };
}

export function textOf(form: Form): string {
  let text = '';
  for (let index = 0; index < form.tokens.length; index++) text += (form.spaced[index] ? ' ' : '') + form.tokens[index]!;
  return text;
}

export function tokenHashes(text: string, kind: number): { hash1: number; hash2: number } {
  if (kind === tokenKind.mask) return { hash1: maskHash1, hash2: maskHash2 };
  if (kind === tokenKind.delimiter) return { hash1: text.charCodeAt(0), hash2: 0 };
  return kind === tokenKind.joiner && text.startsWith('..') ? { hash1: dot, hash2: 0 } : hashWord(text);
}

/** The sums a line of exactly these tokens has. */
export function sumsOf(form: Form): { sum1: number; sum2: number } {
  let sum1 = form.tokens.length;
  let sum2 = form.tokens.length;
  for (let index = 0; index < form.tokens.length; index++) {
    const { hash1, hash2 } = tokenHashes(form.tokens[index]!, form.kinds[index]!);
    sum1 = (sum1 + share1(hash1, index)) | 0;
    sum2 = (sum2 + share2(hash2, index)) | 0;
  }
  return { sum1, sum2 };
}

export function stepsOf(path: readonly (string | null)[]): PathStep[] {
  return path.map((text) => {
    if (text === null) return { hash1: 0, hash2: 0, wild: true };
    return { ...delimiterOrWord(text), wild: false };
  });
}

function delimiterOrWord(text: string): { hash1: number; hash2: number } {
  if (text.startsWith('..')) return tokenHashes(text, tokenKind.joiner);
  return text.length === 1 && '=:,;()[]{}"\'<>|`'.includes(text) ? { hash1: text.charCodeAt(0), hash2: 0 } : hashWord(text);
}

/** Puts a mask at a place and joins it with masks beside it, as the masker would have. */
export function generalise(form: Form, place: number): void {
  form.tokens[place] = wildcard;
  form.kinds[place] = tokenKind.mask;
  for (let index = 1; index < form.tokens.length; ) {
    const previous = index - 1;
    if (form.kinds[index] === tokenKind.mask && form.kinds[previous] === tokenKind.mask) {
      drop(form, index, 1);
    } else if (
      index >= 2 &&
      form.kinds[index] === tokenKind.mask &&
      form.kinds[index - 2] === tokenKind.mask &&
      joinsText(form, previous)
    ) {
      drop(form, previous, 2);
    } else if (bracketedTwin(form, index)) {
      drop(form, index - 2, 3);
      index -= 2;
    } else index++;
  }
}

/** `<*> (<*>)`, seen from the closing bracket. */
function bracketedTwin(form: Form, index: number): boolean {
  return (
    index >= 3 &&
    form.tokens[index] === ')' &&
    form.kinds[index - 1] === tokenKind.mask &&
    form.tokens[index - 2] === '(' &&
    form.kinds[index - 3] === tokenKind.mask
  );
}

function joinsText(form: Form, index: number): boolean {
  return form.kinds[index] === tokenKind.joiner || ':,;|'.includes(form.tokens[index]!);
}

function drop(form: Form, index: number, count: number): void {
  form.tokens.splice(index, count);
  form.kinds.splice(index, count);
  form.spaced.splice(index, count);
}

/** Gives a form the tokens of another; number and id stay. */
export function become(form: Form, shape: Form): void {
  form.tokens.splice(0, form.tokens.length, ...shape.tokens);
  form.kinds.splice(0, form.kinds.length, ...shape.kinds);
  form.spaced.splice(0, form.spaced.length, ...shape.spaced);
}

export function equalBut(a: Form, b: Form, place: number): boolean {
  if (a.tokens.length !== b.tokens.length) return false;
  for (let index = 0; index < a.tokens.length; index++) if (index !== place && a.tokens[index] !== b.tokens[index]) return false;
  return true;
}
