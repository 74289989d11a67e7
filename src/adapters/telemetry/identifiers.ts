/** Trace and span ids as 32-bit words, and a hash index over rows that carry them. */

/** Writes `text` (hex) as words into `into`, from `at` on. */
export function writeHex(text: string, into: Int32Array, at: number): void {
  for (let word = 0; word * 8 < text.length; word++) {
    let value = 0;
    for (let i = word * 8; i < word * 8 + 8; i++) {
      const code = text.charCodeAt(i);
      value = (value << 4) | (code < 58 ? code - 48 : (code | 32) - 87);
    }
    into[at + word] = value;
  }
}

export function readHex(words: Int32Array, at: number, count: number): string {
  let text = '';
  for (let i = 0; i < count; i++) text += (words[at + i]! >>> 0).toString(16).padStart(8, '0');
  return text;
}

export function isZero(words: Int32Array, at: number, count: number): boolean {
  for (let i = 0; i < count; i++) if (words[at + i] !== 0) return false;
  return true;
}

/**
 * Open addressing with linear probing (Knuth, TAOCP 3, 6.4): slots hold row + 1, 0 is free. Keys stay in the rows; whoever
 * asks says how a row is compared. Random ids need no better hash than their own words mixed once.
 */
export class RowIndex {
  #slots = new Int32Array(2_048);
  #used = 0;

  get bytes(): number {
    return this.#slots.byteLength;
  }

  /** Row whose key is the asked one, or -1. */
  find(hash: number, isSame: (row: number) => boolean): number {
    const mask = this.#slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const held = this.#slots[slot]!;
      if (held === 0) return -1;
      if (isSame(held - 1)) return held - 1;
    }
  }

  /** Adds a row that `find` did not find. `hashOf` is needed to move the others when the table grows. */
  add(hash: number, row: number, hashOf: (row: number) => number): void {
    if ((this.#used + 1) * 2 > this.#slots.length) this.#grow(hashOf);
    this.#put(hash, row);
    this.#used++;
  }

  clear(rows: number): void {
    let size = 2_048;
    while (size < rows * 2) size *= 2;
    this.#slots = new Int32Array(size);
    this.#used = 0;
  }

  #put(hash: number, row: number): void {
    const mask = this.#slots.length - 1;
    let slot = hash & mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
    this.#slots[slot] = row + 1;
  }

  #grow(hashOf: (row: number) => number): void {
    const old = this.#slots;
    this.#slots = new Int32Array(old.length * 2);
    for (const held of old) if (held !== 0) this.#put(hashOf(held - 1), held - 1);
  }
}

/** Two multiplications and shifts of MurmurHash3's finaliser (https://github.com/aappleby/smhasher). */
export function mix(a: number, b: number): number {
  let hash = Math.imul(a ^ (a >>> 16), 0x85ebca6b) ^ b;
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
