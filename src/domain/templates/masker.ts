/**
 * Cuts a log line into tokens in one pass over its characters and masks what varies: numbers, ids, addresses, hex, paths,
 * times, quoted words. No regular expressions: cost is per character, whatever the text. A token is a word or one
 * delimiter; white space only separates. Runs of masks become one, so that lists of any length look alike:
 *
 *   `Sent 12 KB (12345 bytes) to 10.0.0.1:80, 10.0.0.2:80`   →   Sent <*> to <*>
 *
 * Tokens are kept as two hashes and a place in the text; strings are made only for a line not seen before.
 */
import * as chars from './characters.ts';
import { characterClass, classes } from './characters.ts';
import { choiceWords, dateWords, longestKnownWord, mayBeChoice, mayBeKnown, unitWords } from './words.ts';

export const tokenKind = { word: 0, mask: 1, delimiter: 2, joiner: 3 } as const;

/** A longer body is cut: what tells templates apart stands at the front, and cost must not follow the longest line. */
const maxBodyChars = 2048;
/** Lines with more tokens are told apart by their first ones only. */
const maxTokens = 192;
/** Brackets opened deeper than this are not matched. */
const maxDepth = 32;

/** Hashes of a mask; any fixed pair does. */
export const maskHash1 = 0x5bd1e995 | 0;
export const maskHash2 = 0x1b873593 | 0;

/** The tokens of one line at a time: arrays are reused, so read them before the next `scan`. */
export class Tokens {
  count = 0;
  readonly kind = new Uint8Array(maxTokens);
  readonly hash1 = new Int32Array(maxTokens);
  readonly hash2 = new Int32Array(maxTokens);
  readonly start = new Int32Array(maxTokens);
  readonly end = new Int32Array(maxTokens);
  /** Token at which each open bracket stands. */
  readonly #open = new Int32Array(maxDepth);
  #depth = 0;
  #structured = false;
  body = '';

  /** The text of a token as it stands in the line; a delimiter may have swallowed what follows it. */
  raw(index: number): string {
    if (this.kind[index] === tokenKind.delimiter) return this.body.charAt(this.start[index]!);
    return this.body.slice(this.start[index], this.end[index]);
  }

  scan(body: string): void {
    this.body = body;
    this.count = 0;
    this.#depth = 0;
    this.#structured = false;
    const length = Math.min(body.length, maxBodyChars);
    let position = 0;
    while (position < length && this.count < maxTokens) {
      const code = body.charCodeAt(position);
      const kind = code < 128 ? classes[code]! : characterClass.word;
      if (kind === characterClass.space) {
        if (code === 10 && this.count > 0 && !this.#structured) position = chars.nextKeptLine(body, position, length);
        else position++;
      } else if (kind === characterClass.delimiter) {
        this.#delimiter(code, position);
        position++;
      } else position = this.#word(body, position, length);
    }
  }

  #delimiter(code: number, position: number): void {
    if (chars.isQuote(code)) this.#quote(code, position);
    else if (code === chars.openRound || code === chars.openSquare || code === chars.openCurly) {
      if (this.count === 0 && code !== chars.openRound) this.#structured = true;
      if (this.#depth < maxDepth) this.#open[this.#depth] = this.count;
      this.#depth++;
      this.#push(tokenKind.delimiter, code, 0, position, position + 1);
    } else if (code === chars.closeRound || code === chars.closeSquare || code === chars.closeCurly) this.#close(code, position);
    else this.#push(tokenKind.delimiter, code, 0, position, position + 1);
  }

  /** A quoted single word is a value at once; not a key (`"a":`), and not what stands after `=` or `:`, often one of few choices. */
  #quote(code: number, position: number): void {
    const inner = this.count - 1;
    const open = inner - 1;
    if (open < 0 || this.kind[inner]! > tokenKind.mask || !this.#isDelimiter(open, code) || this.end[inner] !== position) {
      this.#push(tokenKind.delimiter, code, 0, position, position + 1);
      return;
    }
    const next = position + 1 < this.body.length ? this.body.charCodeAt(position + 1) : chars.space;
    const closes = !(next < 128 && classes[next]! < characterClass.space);
    if (this.kind[inner] === tokenKind.word && closes && next !== chars.colon) {
      const isChoice = open > 0 && (this.#isDelimiter(open - 1, chars.equals) || this.#isDelimiter(open - 1, chars.colon));
      const adjacent = open > 0 && (this.#structured || this.end[open - 1] === this.start[open]);
      if (!(isChoice && adjacent)) this.#set(inner, tokenKind.mask, maskHash1, maskHash2, this.start[inner]!, position);
    }
    this.#push(tokenKind.delimiter, code, 0, position, position + 1);
    if (this.kind[inner] === tokenKind.mask) this.#dropRepeat(open);
  }

  #close(code: number, position: number): void {
    const open = --this.#depth >= 0 && this.#depth < maxDepth ? this.#open[this.#depth]! : -1;
    if (this.#depth < 0) this.#depth = 0;
    if (open < 0 || open >= this.count) {
      this.#push(tokenKind.delimiter, code, 0, position, position + 1);
      return;
    }
    // `<*> (<*>)`, `<*> ()`: what stands in brackets after a value is the same value again, in another unit or spelling.
    const onlyValue = open === this.count - 1 || (open === this.count - 2 && this.kind[open + 1] === tokenKind.mask);
    if (code === chars.closeRound && onlyValue && open > 0 && this.kind[open - 1] === tokenKind.mask) {
      this.count = open;
      this.end[open - 1] = position + 1;
      return;
    }
    if (code !== chars.closeRound && this.#isList(open)) {
      this.count = open + 1;
      this.#push(tokenKind.mask, maskHash1, maskHash2, this.end[open]!, position);
    }
    this.#push(tokenKind.delimiter, code, 0, position, position + 1);
    this.#dropRepeat(open);
  }

  /** `[a, b, c]`: single words or values with commas between them. */
  #isList(open: number): boolean {
    if (this.count - open < 4 || (this.count - open) % 2 !== 0) return false;
    for (let index = open + 1; index < this.count; index++) {
      const isComma = this.#isDelimiter(index, chars.comma);
      if ((index - open) % 2 === 0 ? !isComma : isComma || this.kind[index] === tokenKind.delimiter) return false;
    }
    return true;
  }

  /** `Ticket(no=<*>), Ticket(no=<*>)`: a group equal to the one before it is a list's next entry and goes. */
  #dropRepeat(open: number): void {
    const named = open > 0 && this.kind[open - 1] === tokenKind.word && this.end[open - 1] === this.start[open];
    const from = named ? open - 1 : open;
    const length = this.count - from;
    const before = from - 1 - length;
    if (before < 0 || !this.#isDelimiter(from - 1, chars.comma)) return;
    for (let index = 0; index < length; index++) {
      if (this.hash1[before + index] !== this.hash1[from + index] || this.hash2[before + index] !== this.hash2[from + index]) return;
    }
    const end = this.end[this.count - 1]!;
    this.count = from - 1;
    this.end[this.count - 1] = end;
  }

  #word(body: string, from: number, length: number): number {
    let hash1 = chars.seed1;
    let hash2 = chars.seed2;
    let position = from;
    let code = 0;
    // Most words are letters alone, for which nothing else is to be counted.
    for (; position < length; position++) {
      code = body.charCodeAt(position);
      if (!chars.isLetter(code)) break;
      hash1 = Math.imul(hash1 ^ code, 0x01000193);
      hash2 = Math.imul(hash2 + code, 0x5bd1e995) ^ (hash2 >>> 15);
    }
    const isWhole = position > from && (position === length || (code < 128 && chars.isEnd[code] === 1));
    if (!isWhole) return this.#mixed(body, from, position, length, hash1, hash2);
    if (position - from >= 8 && chars.isHex(body, from, position)) this.#value(body, from, position, false);
    else this.#literal(body, from, position, hash1, hash2);
    return position;
  }

  /** A word that is not letters alone, of which [from, at) are, with their hashes. */
  #mixed(body: string, from: number, at: number, length: number, first1: number, first2: number): number {
    let hash1 = first1;
    let hash2 = first2;
    let position = at;
    let letters = at - from;
    let digits = 0;
    let slashes = 0;
    let dots = 0;
    let address = false;
    let query = false;
    for (; position < length; position++) {
      const code = body.charCodeAt(position);
      const kind = code < 128 ? classes[code]! : characterClass.word;
      if (kind === characterClass.space) break;
      if (kind === characterClass.delimiter) {
        if (query && chars.isQueryCharacter(code)) continue;
        break;
      }
      // `enable...0`: dots that fill a line up stand for a space.
      if (code === chars.dot && position + 1 < length && body.charCodeAt(position + 1) === chars.dot) {
        if (position === from) return this.#dots(body, from, length);
        break;
      }
      if (kind === characterClass.digit) digits++;
      else if (kind === characterClass.punctuation) {
        if (code === chars.slash || code === chars.backslash) slashes++;
        else if (code === chars.dot) dots++;
        else if (code === chars.question) query = slashes > 0;
        else if (code === chars.at) address = position > from;
      } else letters++;
      hash1 = Math.imul(hash1 ^ code, 0x01000193);
      hash2 = Math.imul(hash2 + code, 0x5bd1e995) ^ (hash2 >>> 15);
    }
    if (digits > 0) {
      if (letters > 2 && chars.isCodePlace(body, from, position)) this.#push(tokenKind.word, hash1, hash2, from, position);
      else this.#value(body, from, position, dots > 0);
    } else if (letters === 0) this.#joiner(body, from, position, hash1, hash2);
    else if (address || chars.isPath(body, from, position, slashes, dots) || (letters >= 8 && chars.isHex(body, from, position))) {
      this.#value(body, from, position, dots > 0);
    } else this.#literal(body, from, position, hash1, hash2);
    return position;
  }

  #dots(body: string, from: number, length: number): number {
    let position = from;
    while (position < length && body.charCodeAt(position) === chars.dot) position++;
    this.#push(tokenKind.joiner, chars.dot, 0, from, position);
    return position;
  }

  #joiner(body: string, from: number, to: number, hash1: number, hash2: number): void {
    const last = this.count - 1;
    if (last >= 0 && this.kind[last] === tokenKind.mask && chars.isBlankedOut(body, from, to)) this.end[last] = to;
    else this.#push(tokenKind.joiner, hash1, hash2, from, to);
  }

  #literal(body: string, from: number, to: number, hash1: number, hash2: number): void {
    if (to - from <= longestKnownWord) {
      const last = this.count - 1;
      const afterValue = last >= 0 && this.kind[last] === tokenKind.mask;
      if (mayBeChoice(hash1) || (afterValue && mayBeKnown(to - from, body.charCodeAt(from)))) {
        const word = body.slice(from, to);
        if (choiceWords.has(word) || (afterValue && (unitWords.has(word.toLowerCase()) || dateWords.has(word)))) {
          this.#value(body, from, to, true);
          return;
        }
      }
    }
    this.#push(tokenKind.word, hash1, hash2, from, to);
  }

  /** Pushes a mask and lets it swallow what belongs to it on its left. */
  #value(body: string, from: number, to: number, dotted: boolean): void {
    let index = this.count - this.#addressBefore(body, from, dotted);
    let start = index < this.count ? this.start[index]! : from;
    // `<1 sec`
    if (index > 0 && this.#isDelimiter(index - 1, chars.less) && this.end[index - 1] === start) start = this.start[--index]!;
    // `Fri Jun 17`: names of days and months before a number; `*** 3534`: an entry that did not fit.
    while (index > 0 && this.#belongsBefore(body, index - 1)) start = this.start[--index]!;
    // `<*> <*>`, `<*>, <*>`, `<*>:<*>`, `<*> - <*>`: one value or a list of them.
    let before = index - 1;
    while (before > 0 && (this.kind[before] === tokenKind.joiner || this.#joins(before))) before--;
    if (before >= 0 && this.kind[before] === tokenKind.mask) {
      index = before;
      start = this.start[before]!;
    }
    this.count = index;
    this.#push(tokenKind.mask, maskHash1, maskHash2, start, to);
  }

  #belongsBefore(body: string, index: number): boolean {
    const from = this.start[index]!;
    const to = this.end[index]!;
    if (this.kind[index] === tokenKind.word) return to - from <= 9 && dateWords.has(this.raw(index));
    return this.kind[index] === tokenKind.joiner && to - from > 1 && chars.isBlankedOut(body, from, to);
  }

  /** How many tokens right before a value belong to it: `host.name:` before a port, `::ffff:` before an address, `C:` before a path. */
  #addressBefore(body: string, from: number, dotted: boolean): number {
    const colons = this.count - 1;
    if (colons < 0 || this.end[colons] !== from || !this.#isDelimiter(colons, chars.colon)) return 0;
    const name = colons - 1;
    if (name >= 0 && this.kind[name] === tokenKind.word && this.end[name] === from - 1) {
      if (!dotted && chars.isHostName(body, this.start[name]!, this.end[name]!)) return 2;
      if (this.end[name]! - this.start[name]! === 1 && body.charCodeAt(from) === chars.backslash) return 2;
    }
    let index = colons;
    let edge = from;
    let seen = 0;
    for (; index >= 0 && this.end[index] === edge; edge = this.start[index--]!) {
      if (this.#isDelimiter(index, chars.colon)) seen++;
      else if (edge - this.start[index]! > 4 || !chars.isHex(body, this.start[index]!, edge)) break;
    }
    return seen >= 2 ? colons - index : 0;
  }

  #joins(index: number): boolean {
    return this.kind[index] === tokenKind.delimiter && chars.joinsValues(this.hash1[index]!);
  }

  #isDelimiter(index: number, code: number): boolean {
    return this.hash1[index] === code && this.kind[index] === tokenKind.delimiter;
  }

  #push(kind: number, hash1: number, hash2: number, from: number, to: number): void {
    if (this.count < maxTokens) this.#set(this.count++, kind, hash1, hash2, from, to);
  }

  #set(index: number, kind: number, hash1: number, hash2: number, from: number, to: number): void {
    this.kind[index] = kind;
    this.hash1[index] = hash1;
    this.hash2[index] = hash2;
    this.start[index] = from;
    this.end[index] = to;
  }
}
