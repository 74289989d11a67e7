/**
 * Rows by keys of several words: open addressing with linear probing (Knuth, TAOCP 3, 6.4). Keys stay in an array of the
 * owner's, `width` words a row, so that nothing is held twice. A slot holds row + 1 in as many bits as it takes to number the
 * slots, and the hash's upper bits above them, which spare nearly every look at a key that is not the asked one; 0 is free.
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
    return this.findBy(hashWords(asked, at, this.#width), keys, asked, at);
  }

  /** The same where the caller has `hashWords` of that key already. */
  findBy(hash: number, keys: Int32Array, asked: Int32Array, at: number): number {
    const slots = this.#slots;
    const width = this.#width;
    const mask = slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const held = slots[slot]!;
      if (held === 0) return -1;
      if (((held ^ hash) & ~mask) !== 0) continue;
      const row = (held & mask) - 1;
      const start = row * width;
      let same = width - 1;
      while (same >= 0 && keys[start + same] === asked[at + same]) same--;
      if (same < 0) return row;
    }
  }

  /**
   * Reads the slots to which these hashes lead: in a row such reads wait for memory together, where those between other work
   * wait each by itself. What it answers means nothing, but has to be used, or the reads may be left out.
   */
  readAhead(hashes: Int32Array, length: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let read = 0;
    for (let i = 0; i < length; i++) read ^= slots[hashes[i]! & mask]!;
    return read;
  }

  /** Adds a row that `find` did not find, its key already in place. */
  add(keys: Int32Array, row: number): void {
    this.addBy(hashWords(keys, row * this.#width, this.#width), keys, row);
  }

  addBy(hash: number, keys: Int32Array, row: number): void {
    // Three quarters full: probes stay short, and a row costs 5 to 11 bytes of slots.
    if ((this.#used + 1) * 4 > this.#slots.length * 3) this.#grow(keys);
    this.#makeRoomFor(keys, row);
    this.#put(row, hash);
    this.#used++;
  }

  /** Makes the key of `held` lead to `row`, which has the same. */
  replace(keys: Int32Array, held: number, row: number): void {
    this.#makeRoomFor(keys, row);
    const slots = this.#slots;
    const mask = slots.length - 1;
    const hash = hashWords(keys, held * this.#width, this.#width);
    let slot = hash & mask;
    while ((slots[slot]! & mask) !== held + 1) slot = (slot + 1) & mask;
    slots[slot] = (row + 1) | (hash & ~mask);
  }

  /** Forgets all rows and keeps the room they had. */
  clear(): void {
    this.#slots.fill(0);
    this.#used = 0;
  }

  /** Numbers of rows may run ahead of how many there are. */
  #makeRoomFor(keys: Int32Array, row: number): void {
    while (row + 1 >= this.#slots.length) this.#grow(keys);
  }

  #grow(keys: Int32Array): void {
    const old = this.#slots;
    const mask = old.length - 1;
    this.#slots = new Int32Array(old.length * 2);
    for (let slot = 0; slot < old.length; slot++) {
      const row = (old[slot]! & mask) - 1;
      if (row >= 0) this.#put(row, hashWords(keys, row * this.#width, this.#width));
    }
  }

  #put(row: number, hash: number): void {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = hash & mask;
    while (slots[slot] !== 0) slot = (slot + 1) & mask;
    slots[slot] = (row + 1) | (hash & ~mask);
  }
}
