/** What single characters and short stretches of them are to the masker, by character code: no regular expressions. */

export const characterClass = { word: 0, digit: 1, space: 2, delimiter: 3, punctuation: 4 } as const;

/** Class of each ASCII character; anything beyond counts as a letter. */
export const classes = new Uint8Array(128);
for (let code = 0; code < 33; code++) classes[code] = characterClass.space;
classes[127] = characterClass.space;
for (let code = 48; code < 58; code++) classes[code] = characterClass.digit;
for (const char of '=:,;()[]{}"\'<>|`') classes[char.charCodeAt(0)] = characterClass.delimiter;
for (const char of '-./\\@#%+~$*&!?^_') classes[char.charCodeAt(0)] = characterClass.punctuation;

/** 1 for what ends a word: space and delimiters. */
export const isEnd = classes.map((kind) => (kind === characterClass.space || kind === characterClass.delimiter ? 1 : 0));

export const slash = 47;
export const backslash = 92;
export const colon = 58;
export const comma = 44;
export const semicolon = 59;
export const bar = 124;
export const at = 64;
export const dot = 46;
export const minus = 45;
export const zero = 48;
export const hash = 35;
export const star = 42;
export const question = 63;
export const equals = 61;
export const less = 60;
export const openRound = 40;
export const closeRound = 41;
export const openSquare = 91;
export const closeSquare = 93;
export const openCurly = 123;
export const closeCurly = 125;

const singleQuote = 39;
const doubleQuote = 34;
const backQuote = 96;

export const space = 32;
export const percent = 37;

export const isDigit = (code: number): boolean => code >= 48 && code <= 57;
export const isLetter = (code: number): boolean => (code | 32) >= 97 && (code | 32) <= 122;

export function isQuote(code: number): boolean {
  return code === doubleQuote || code === singleQuote || code === backQuote;
}

/** `: , ; |` between two values. */
export function joinsValues(code: number): boolean {
  return code === colon || code === comma || code === semicolon || code === bar;
}

/** Characters of a query string that end a word elsewhere. */
export function isQueryCharacter(code: number): boolean {
  return code === equals || code === colon || code === comma || code === semicolon || code === bar;
}

export function isHex(body: string, from: number, to: number): boolean {
  for (let position = from; position < to; position++) {
    const code = body.charCodeAt(position) | 32;
    if (!((code >= 97 && code <= 102) || (code >= 48 && code <= 57))) return false;
  }
  return true;
}

/** Two labels or more with dots between them, letters and hyphens only. */
export function isHostName(body: string, from: number, to: number): boolean {
  let dots = 0;
  for (let position = from; position < to; position++) {
    const code = body.charCodeAt(position);
    if (code === dot) dots++;
    else if (!(code === 45 || ((code | 32) >= 97 && (code | 32) <= 122))) return false;
  }
  return dots > 0 && body.charCodeAt(to - 1) !== dot && body.charCodeAt(from) !== dot;
}

/**
 * `a.b.OrderController#129`: a logger with the line that wrote the message. Its number is no value: it names the statement.
 * A name in mixed case, a hash, digits to the end.
 */
export function isCodePlace(body: string, from: number, to: number): boolean {
  let position = to;
  while (position > from && classes[body.charCodeAt(position - 1)] === characterClass.digit) position--;
  if (position === to || position - 2 < from || body.charCodeAt(position - 1) !== hash) return false;
  let upper = false;
  for (let index = from; index < position - 1; index++) {
    const code = body.charCodeAt(index);
    if (code >= 65 && code <= 90) upper = true;
    else if (upper && code >= 97 && code <= 122) return true;
  }
  return false;
}

/** Only stars or question marks: a value that was hidden or did not fit. */
export function isBlankedOut(body: string, from: number, to: number): boolean {
  for (let position = from; position < to; position++) {
    const code = body.charCodeAt(position);
    if (code !== star && code !== question) return false;
  }
  return true;
}

/** After a line break: stack frames and other indented lines are skipped, the next line at the margin goes on. */
export function nextKeptLine(body: string, newline: number, length: number): number {
  let position = newline + 1;
  while (position < length) {
    const code = body.charCodeAt(position);
    if (code !== 32 && code !== 9) return position;
    const end = body.indexOf('\n', position);
    if (end < 0 || end >= length) return length;
    position = end + 1;
  }
  return position;
}

export const seed1 = 0x811c9dc5 | 0;
export const seed2 = 0x2f0b4a27 | 0;

/** The hashes the masker gives a word. */
export function hashWord(text: string): { hash1: number; hash2: number } {
  let hash1 = seed1;
  let hash2 = seed2;
  for (let position = 0; position < text.length; position++) {
    const code = text.charCodeAt(position);
    hash1 = Math.imul(hash1 ^ code, 0x01000193);
    hash2 = Math.imul(hash2 + code, 0x5bd1e995) ^ (hash2 >>> 15);
  }
  return { hash1, hash2 };
}

/** `/a`, `\a`, `a/b/c`, `a/b.c`; not `read/write` or `and/or.` */
export function isPath(body: string, from: number, to: number, slashes: number, dots: number): boolean {
  if (slashes === 0) return false;
  const first = body.charCodeAt(from);
  if (slashes > 1 || first === slash || first === backslash) return true;
  return dots > (body.charCodeAt(to - 1) === dot ? 1 : 0);
}
