/**
 * Cuts a log line into tokens in one pass over its characters and masks what varies: numbers, ids, addresses, hex, paths,
 * times, quoted words. No regular expressions: cost is per character, whatever the text. A token is a word or one
 * delimiter; white space only separates. Runs of masks become one, so that lists of any length look alike:
 *
 *   `Sent 12 KB (12345 bytes) to 10.0.0.1:80, 10.0.0.2:80`   →   Sent <*> to <*>
 *
 * Tokens are kept as two hashes and a place in the text; strings are made only for a line not seen before.
 */
import { choiceWords, dateWords, longestKnownWord, unitWords } from './words.ts';

export const tokenKind = { word: 0, mask: 1, delimiter: 2, joiner: 3 } as const;

/** A longer body is cut: what tells templates apart stands at the front, and cost must not follow the longest line. */
export const maxBodyChars = 2048;
/** Lines with more tokens are told apart by their first ones only. */
export const maxTokens = 192;

const classWord = 0;
const classDigit = 1;
const classSpace = 2;
const classDelimiter = 3;
const classPunctuation = 4;

const classes = new Uint8Array(128);
for (let code = 0; code < 33; code++) classes[code] = classSpace;
classes[127] = classSpace;
for (let code = 48; code < 58; code++) classes[code] = classDigit;
for (const char of '=:,;()[]{}"\'<>|`') classes[char.charCodeAt(0)] = classDelimiter;
for (const char of '-./\\@#%+~$*&!?^_') classes[char.charCodeAt(0)] = classPunctuation;

const slash = 47;
const backslash = 92;
const colon = 58;
const at = 64;
const dot = 46;
const question = 63;
const equals = 61;
const openRound = 40;
const closeRound = 41;
const less = 60;
const quotes = '"\'`';

/** Hashes of a mask; any fixed pair does. */
export const maskHash1 = 0x5bd1e995 | 0;
export const maskHash2 = 0x1b873593 | 0;
const seed1 = 0x811c9dc5 | 0;
const seed2 = 0x2f0b4a27 | 0;

/** The tokens of one line at a time: arrays are reused, so read them before the next `scan`. */
export class Tokens {
  count = 0;
  readonly kind = new Uint8Array(maxTokens);
  readonly hash1 = new Int32Array(maxTokens);
  readonly hash2 = new Int32Array(maxTokens);
  readonly start = new Int32Array(maxTokens);
  readonly end = new Int32Array(maxTokens);
  body = '';

  /** The text of a token as it stands in the line. */
  raw(index: number): string {
    return this.body.slice(this.start[index], this.end[index]);
  }

  scan(body: string): void {
    this.body = body;
    this.count = 0;
    const length = Math.min(body.length, maxBodyChars);
    let position = 0;
    let structured = false;
    while (position < length && this.count < maxTokens) {
      const code = body.charCodeAt(position);
      const kind = code < 128 ? classes[code]! : classWord;
      if (kind === classSpace) {
        if (code === 10 && this.count > 0 && !structured) position = nextKeptLine(body, position, length);
        else position++;
      } else if (kind === classDelimiter) {
        if (this.count === 0 && (code === 123 || code === 91)) structured = true;
        this.#delimiter(code, position);
        position++;
      } else position = this.#word(body, position, length);
    }
  }

  #delimiter(code: number, position: number): void {
    const index = this.count;
    // `<*> ()`: a value whose other spelling is not known.
    if (code === closeRound && index >= 2 && this.kind[index - 2] === tokenKind.mask && this.hash1[index - 1] === openRound) {
      this.count = index - 1;
      this.end[this.count - 1] = position + 1;
      return;
    }
    // `<*> (<*>)`: what stands in brackets after a value is the same value again, in another unit or spelling.
    if (
      code === closeRound &&
      index >= 3 &&
      this.kind[index - 1] === tokenKind.mask &&
      this.hash1[index - 2] === openRound &&
      this.kind[index - 3] === tokenKind.mask
    ) {
      this.count = index - 2;
      this.end[this.count - 1] = position + 1;
      return;
    }
    // A quoted single word is a value: the closing quote meets a word whose opening quote is the same.
    if (
      index >= 2 &&
      isQuote(code) &&
      this.kind[index - 1] === tokenKind.word &&
      this.hash1[index - 2] === code &&
      this.end[index - 1] === position &&
      !(index >= 3 && this.hash1[index - 3] === equals)
    ) {
      this.#mask(index - 1, this.start[index - 1]!, position);
    }
    this.#push(tokenKind.delimiter, code, 0, position, position + 1);
  }

  #word(body: string, from: number, length: number): number {
    let h1 = seed1;
    let h2 = seed2;
    let position = from;
    let seen = 0;
    let slashes = 0;
    let dots = 0;
    let ats = 0;
    let letters = 0;
    let query = false;
    while (position < length) {
      const code = body.charCodeAt(position);
      const kind = code < 128 ? classes[code]! : classWord;
      if (kind === classSpace) break;
      if (kind === classDelimiter) {
        if (!query || (code !== equals && code !== colon && code !== 44 && code !== 59 && code !== 124)) break;
        position++;
        continue;
      }
      if (kind === classDigit) seen |= 1;
      else if (kind === classPunctuation) {
        if (code === slash || code === backslash) slashes++;
        else if (code === dot) dots++;
        else if (code === question && slashes > 0) query = true;
        else if (code === at && position > from) ats++;
      } else letters++;
      h1 = Math.imul(h1 ^ code, 0x01000193);
      h2 = Math.imul(h2 + code, 0x5bd1e995) ^ (h2 >>> 15);
      position++;
    }
    const first = body.charCodeAt(from);
    if (
      seen === 1 ||
      ats > 0 ||
      slashes > 1 ||
      ((first === slash || first === backslash) && letters > 0) ||
      (letters >= 8 && isHex(body, from, position))
    ) {
      this.#maskWord(body, from, position, dots);
    } else if (letters === 0) this.#push(tokenKind.joiner, h1, h2, from, position);
    else this.#literal(body, from, position, h1, h2, dots);
    return position;
  }

  #literal(body: string, from: number, to: number, h1: number, h2: number, dots: number): void {
    if (to - from <= longestKnownWord) {
      const index = this.count;
      const code = body.charCodeAt(from);
      const afterMask = index > 0 && this.kind[index - 1] === tokenKind.mask;
      if (afterMask || code === 116 || code === 102 || code === 110 || code === 117 || (code >= 65 && code <= 90)) {
        const word = body.slice(from, to);
        if (choiceWords.has(word) || (afterMask && (unitWords.has(word.toLowerCase()) || dateWords.has(word)))) {
          this.#maskWord(body, from, to, 0);
          return;
        }
      }
    }
    // `rhost=mail.example.com`: a dotted name given as a value is an address or a path in a name space.
    if (
      dots > 0 &&
      this.count > 1 &&
      this.hash1[this.count - 1] === equals &&
      this.kind[this.count - 1] === tokenKind.delimiter &&
      isHostName(body, from, to)
    ) {
      this.#maskWord(body, from, to, dots);
      return;
    }
    this.#push(tokenKind.word, h1, h2, from, to);
  }

  /** Pushes a mask and lets it swallow what belongs to it on its left. */
  #maskWord(body: string, from: number, to: number, dots: number): void {
    let index = this.count - this.#addressBefore(body, from, dots);
    let start = index < this.count ? this.start[index]! : from;
    // `<1 sec`
    if (index > 0 && this.hash1[index - 1] === less && this.kind[index - 1] === tokenKind.delimiter && this.end[index - 1] === start) {
      index--;
      start--;
    }
    // `Fri Jun 17`: names of days and months before a number.
    while (
      index > 0 &&
      this.kind[index - 1] === tokenKind.word &&
      this.end[index - 1]! - this.start[index - 1]! <= 9 &&
      dateWords.has(this.raw(index - 1))
    ) {
      index--;
      start = this.start[index]!;
    }
    // `<*> <*>`, `<*>, <*>`, `<*>:<*>`, `<*> - <*>`: one value or a list of them.
    if (index > 0) {
      let before = index - 1;
      while (
        before > 0 &&
        (this.kind[before] === tokenKind.joiner || (this.kind[before] === tokenKind.delimiter && joins(this.hash1[before]!)))
      )
        before--;
      if (this.kind[before] === tokenKind.mask) {
        index = before;
        start = this.start[before]!;
      }
    }
    this.count = index;
    this.#push(tokenKind.mask, maskHash1, maskHash2, start, to);
  }

  /** How many tokens right before a mask belong to it: `host.name:` before a port, `::ffff:` before an address, `C:` before a path. */
  #addressBefore(body: string, from: number, dots: number): number {
    const colons = this.count - 1;
    if (colons < 0 || this.end[colons] !== from || this.hash1[colons] !== colon || this.kind[colons] !== tokenKind.delimiter) return 0;
    const name = colons - 1;
    if (name >= 0 && this.kind[name] === tokenKind.word && this.end[name] === from - 1) {
      const length = this.end[name]! - this.start[name]!;
      if (dots === 0 && isHostName(body, this.start[name]!, this.end[name]!)) return 2;
      if (length === 1 && body.charCodeAt(from) === backslash) return 2;
    }
    let index = colons;
    let count = 0;
    for (; index >= 0 && this.end[index] === from - (count === 0 ? 0 : from - this.start[index + 1]!); index--) {
      if (this.hash1[index] === colon && this.kind[index] === tokenKind.delimiter) count++;
      else if (this.end[index]! - this.start[index]! > 4 || !isHex(body, this.start[index]!, this.end[index]!)) break;
    }
    return count >= 2 ? colons - index : 0;
  }

  #mask(index: number, from: number, to: number): void {
    this.kind[index] = tokenKind.mask;
    this.hash1[index] = maskHash1;
    this.hash2[index] = maskHash2;
    this.start[index] = from;
    this.end[index] = to;
  }

  #push(kind: number, h1: number, h2: number, from: number, to: number): void {
    const index = this.count;
    if (index >= maxTokens) return;
    this.kind[index] = kind;
    this.hash1[index] = h1;
    this.hash2[index] = h2;
    this.start[index] = from;
    this.end[index] = to;
    this.count = index + 1;
  }
}

function isQuote(code: number): boolean {
  return quotes.charCodeAt(0) === code || quotes.charCodeAt(1) === code || quotes.charCodeAt(2) === code;
}

/** `: , ; |` between two values. */
function joins(code: number): boolean {
  return code === 58 || code === 44 || code === 59 || code === 124;
}

function isHex(body: string, from: number, to: number): boolean {
  for (let position = from; position < to; position++) {
    const code = body.charCodeAt(position) | 32;
    if (!((code >= 97 && code <= 102) || (code >= 48 && code <= 57))) return false;
  }
  return true;
}

/** Two labels or more with dots between them, letters and hyphens only. */
function isHostName(body: string, from: number, to: number): boolean {
  let dots = 0;
  for (let position = from; position < to; position++) {
    const code = body.charCodeAt(position);
    if (code === dot) dots++;
    else if (!(code === 45 || ((code | 32) >= 97 && (code | 32) <= 122))) return false;
  }
  return dots > 0 && body.charCodeAt(to - 1) !== dot && body.charCodeAt(from) !== dot;
}

/** After a line break: stack frames and other indented lines are skipped, the next line at the margin goes on. */
function nextKeptLine(body: string, newline: number, length: number): number {
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
