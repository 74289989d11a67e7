/** Trace and span ids as 32-bit words, and a hash index over rows that carry them. */

/** Value of each character code below 128 as a hexadecimal digit; -1: it is none. */
const digitOf = Int8Array.from({ length: 128 }, (_, code) => '0123456789abcdef'.indexOf(String.fromCharCode(code).toLowerCase()));

/** Writes `text` as `count` words into `into`, from `at` on. False: it is not that many digits, or all of them are zero. */
export function hexInto(text: string, into: Int32Array, at: number, count: number): boolean {
  if (text.length !== count * 8) return false;
  let any = 0;
  let wrong = 0;
  for (let word = 0; word < count; word++) {
    let value = 0;
    for (let i = word * 8; i < word * 8 + 8; i++) {
      const code = text.charCodeAt(i);
      const digit = code < 128 ? digitOf[code]! : -1;
      wrong |= digit;
      value = (value << 4) | digit;
    }
    into[at + word] = value;
    any |= value;
  }
  return wrong >= 0 && any !== 0;
}

/** Writes `text`, known to be hexadecimal, as words into `into`, from `at` on. */
export function writeHex(text: string, into: Int32Array, at: number): void {
  hexInto(text, into, at, text.length >> 3);
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

const leastSlots = 2_048;

/**
 * Open addressing with linear probing (Knuth, TAOCP 3, 6.4): slots hold row + 1, 0 is free. Keys stay in the rows; whoever
 * asks says how a row is compared. A byte of the hash beside each slot spares most looks at rows that are not the asked one,
 * each of which would be a cache miss.
 */
export class RowIndex {
  #slots = new Int32Array(leastSlots);
  #tags = new Uint8Array(leastSlots);
  #used = 0;

  get bytes(): number {
    return this.#slots.byteLength + this.#tags.byteLength;
  }

  /** Row whose key is the asked one, or -1. */
  find(hash: number, isSame: (row: number) => boolean): number {
    const slots = this.#slots;
    const tags = this.#tags;
    const mask = slots.length - 1;
    const tag = hash >>> 24;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const held = slots[slot]!;
      if (held === 0) return -1;
      if (tags[slot] === tag && isSame(held - 1)) return held - 1;
    }
  }

  /** Adds a row that `find` did not find. `hashOf` is needed to move the others when the table grows. */
  add(hash: number, row: number, hashOf: (row: number) => number): void {
    // Three quarters full: probes stay short, and a row costs 7 to 13 bytes.
    if ((this.#used + 1) * 4 > this.#slots.length * 3) this.#grow(hashOf);
    this.#put(hash, row);
    this.#used++;
  }

  /** Takes a row out and closes the gap (Knuth, 6.4, algorithm R), so that no search ends before its row. */
  remove(hash: number, row: number, hashOf: (row: number) => number): void {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let gap = hash & mask;
    while (slots[gap] !== row + 1) {
      if (slots[gap] === 0) return;
      gap = (gap + 1) & mask;
    }
    this.#used--;
    for (let slot = (gap + 1) & mask; slots[slot] !== 0; slot = (slot + 1) & mask) {
      const home = hashOf(slots[slot]! - 1) & mask;
      // It may move up unless its home lies between the gap and where it is.
      if (((slot - home) & mask) < ((slot - gap) & mask)) continue;
      slots[gap] = slots[slot]!;
      this.#tags[gap] = this.#tags[slot]!;
      gap = slot;
    }
    slots[gap] = 0;
  }

  #put(hash: number, row: number): void {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = hash & mask;
    while (slots[slot] !== 0) slot = (slot + 1) & mask;
    slots[slot] = row + 1;
    this.#tags[slot] = hash >>> 24;
  }

  #grow(hashOf: (row: number) => number): void {
    const old = this.#slots;
    this.#slots = new Int32Array(old.length * 2);
    this.#tags = new Uint8Array(old.length * 2);
    for (let slot = 0; slot < old.length; slot++) if (old[slot] !== 0) this.#put(hashOf(old[slot]! - 1), old[slot]! - 1);
  }
}

/** Two multiplications and shifts of MurmurHash3's finaliser (https://github.com/aappleby/smhasher). */
export function mix(a: number, b: number): number {
  let hash = Math.imul(a ^ (a >>> 16), 0x85ebca6b) ^ b;
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
