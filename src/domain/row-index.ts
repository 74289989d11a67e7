/**
 * Rows by keys of several words: open addressing with linear probing (Knuth, TAOCP 3, 6.4). Slots hold row + 1, 0 is free.
 * Keys stay in an array of the owner's, `width` words a row, so that nothing is held twice.
 */

/** Steps of Fibonacci hashing (Knuth, TAOCP 3, 6.4) and the finaliser of MurmurHash3 (https://github.com/aappleby/smhasher). */
export function hashWords(words: Int32Array, at: number, width: number): number {
  let hash = 0;
  for (let i = 0; i < width; i++) hash = Math.imul(hash ^ words[at + i]!, 0x9e3779b1) ^ (hash >>> 15);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return hash ^ (hash >>> 13);
}

const leastSlots = 2_048;

export class RowIndex {
  readonly #width: number;
  #slots = new Int32Array(leastSlots);
  #used = 0;

  constructor(width: number) {
    this.#width = width;
  }

  get bytes(): number {
    return this.#slots.byteLength;
  }

  /** The row whose key stands at `asked[at…]`, or -1. */
  find(keys: Int32Array, asked: Int32Array, at: number): number {
    const slots = this.#slots;
    const width = this.#width;
    const mask = slots.length - 1;
    for (let slot = hashWords(asked, at, width) & mask; ; slot = (slot + 1) & mask) {
      const row = slots[slot]! - 1;
      if (row < 0) return -1;
      const start = row * width;
      let same = width - 1;
      while (same >= 0 && keys[start + same] === asked[at + same]) same--;
      if (same < 0) return row;
    }
  }

  /** Adds a row that `find` did not find, its key already in place. */
  add(keys: Int32Array, row: number): void {
    // Three quarters full: probes stay short, and a row costs 5 to 11 bytes of slots.
    if ((this.#used + 1) * 4 > this.#slots.length * 3) {
      const old = this.#slots;
      this.#slots = new Int32Array(old.length * 2);
      for (const held of old) if (held !== 0) this.#put(keys, held - 1);
    }
    this.#put(keys, row);
    this.#used++;
  }

  /** Makes the key of `held` lead to `row`, which has the same. */
  replace(keys: Int32Array, held: number, row: number): void {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = hashWords(keys, held * this.#width, this.#width) & mask;
    while (slots[slot] !== held + 1) slot = (slot + 1) & mask;
    slots[slot] = row + 1;
  }

  /** Forgets all rows and keeps the room they had. */
  clear(): void {
    this.#slots.fill(0);
    this.#used = 0;
  }

  #put(keys: Int32Array, row: number): void {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = hashWords(keys, row * this.#width, this.#width) & mask;
    while (slots[slot] !== 0) slot = (slot + 1) & mask;
    slots[slot] = row + 1;
  }
}
