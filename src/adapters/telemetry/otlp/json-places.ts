/**
 * Where a few of many entries stand in a JSON body that was parsed before, so that reading them again makes no objects of all the
 * others. Walks the bytes, level by level, and looks into nothing it is not asked for.
 */
const [quote, backslash, comma, colon] = [0x22, 0x5c, 0x2c, 0x3a];
const [openObject, closeObject, openList, closeList] = [0x7b, 0x7d, 0x5b, 0x5d];
const lastSpace = 0x20;

/** What stands at [from, to). */
export interface JsonPlace {
  readonly from: number;
  readonly to: number;
}

/** Told where a value begins; answers where it ends if it has walked there, else -1. */
type OnValue = (at: number) => number;

export class JsonPlaces {
  readonly #bytes: Buffer;
  /** A key is written with escapes, or comes twice: which value counts takes a parser to tell. */
  isOdd = false;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  /** Of the value behind any spaces. */
  start(at = 0): number {
    const bytes = this.#bytes;
    let start = at;
    while (bytes[start]! <= lastSpace) start++;
    return start;
  }

  place(from: number): JsonPlace {
    return { from, to: this.#end(from) };
  }

  isObject({ from }: JsonPlace): boolean {
    return this.#bytes[from] === openObject;
  }

  /** Calls `visits[key]` for the members of the object at `at` that have one, and answers where it ends. Something else than an object has none. */
  members(at: number, visits: Readonly<Record<string, OnValue>>): number {
    const bytes = this.#bytes;
    if (bytes[at] !== openObject) return this.#end(at);
    const seen = new Set<string>();
    let next = this.start(at + 1);
    while (bytes[next] === quote) {
      const keyEnd = this.#endOfString(next);
      const key = bytes.toString('latin1', next + 1, keyEnd - 1);
      if (key.includes('\\') || seen.has(key)) this.isOdd = true;
      seen.add(key);
      const value = this.#behind(keyEnd, colon);
      const walked = Object.hasOwn(visits, key) ? visits[key]!(value) : -1;
      next = this.#behind(walked < 0 ? this.#end(value) : walked, comma);
    }
    return next + 1;
  }

  /** The same for each entry of the list at `at`. */
  entries(at: number, visit: OnValue): number {
    const bytes = this.#bytes;
    if (bytes[at] !== openList) return this.#end(at);
    let next = this.start(at + 1);
    while (next < bytes.length && bytes[next] !== closeList) {
      const walked = visit(next);
      next = this.#behind(walked < 0 ? this.#end(next) : walked, comma);
    }
    return next + 1;
  }

  /** Behind a mark, if it stands there, and the spaces around it. */
  #behind(at: number, mark: number): number {
    const next = this.start(at);
    return this.#bytes[next] === mark ? this.start(next + 1) : next;
  }

  #end(from: number): number {
    const bytes = this.#bytes;
    let at = from;
    let depth = 0;
    do {
      const byte = bytes[at]!;
      if (byte === quote) at = this.#endOfString(at);
      else {
        if (byte === openObject || byte === openList) depth++;
        else if (byte === closeObject || byte === closeList) depth--;
        at++;
      }
    } while (at < bytes.length && (depth > 0 || this.#isInside(bytes[from]!, bytes[at]!)));
    return at;
  }

  /** Of a number or a word, which end where something else begins; whatever else is no longer open has ended. */
  #isInside(first: number, byte: number): boolean {
    if (first === quote || first === openObject || first === openList) return false;
    return byte > lastSpace && byte !== comma && byte !== closeObject && byte !== closeList;
  }

  #endOfString(from: number): number {
    const bytes = this.#bytes;
    let at = from + 1;
    while (at < bytes.length && bytes[at] !== quote) at += bytes[at] === backslash ? 2 : 1;
    return at + 1;
  }
}
