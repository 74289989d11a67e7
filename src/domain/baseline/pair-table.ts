/**
 * Pairs of numbers, each once, numbered in the order they come: the visits of a window, and the things seen in each. Open
 * addressing with linear probing (Knuth, TAOCP 3, 6.4): a million pairs are 16 MiB here and 100 MiB as keys of a Map.
 */
export class PairTable {
  /** Left, right, left, right ...: side by side, so that a look costs one cache miss. */
  #pairs: Int32Array;
  /** Number of a pair + 1; 0 is free. Never more than half full. */
  #slots: Int32Array;
  #length = 0;

  /** Room for about so many from the start: growing copies everything. */
  constructor(expected: number) {
    const room = 2 ** Math.ceil(Math.log2(Math.max(expected, 64)));
    this.#pairs = new Int32Array(2 * room);
    this.#slots = new Int32Array(2 * room);
  }

  get length(): number {
    return this.#length;
  }

  /** The number of a pair; a new one has the number that `length` was before. */
  number(left: number, right: number): number {
    const slots = this.#slots;
    const pairs = this.#pairs;
    const mask = slots.length - 1;
    let slot = hash(left, right) & mask;
    for (let held = slots[slot]!; held !== 0; held = slots[slot]!) {
      const at = 2 * (held - 1);
      if (pairs[at] === left && pairs[at + 1] === right) return held - 1;
      slot = (slot + 1) & mask;
    }
    if (2 * this.#length === pairs.length) {
      this.#grow();
      return this.number(left, right);
    }
    const number = this.#length++;
    pairs[2 * number] = left;
    pairs[2 * number + 1] = right;
    slots[slot] = number + 1;
    return number;
  }

  /** The columns as they are now. */
  columns(): { left: Int32Array; right: Int32Array } {
    const left = new Int32Array(this.#length);
    const right = new Int32Array(this.#length);
    for (let number = 0; number < this.#length; number++) {
      left[number] = this.#pairs[2 * number]!;
      right[number] = this.#pairs[2 * number + 1]!;
    }
    return { left, right };
  }

  #grow(): void {
    this.#pairs = widened(this.#pairs);
    this.#slots = new Int32Array(this.#pairs.length);
    const mask = this.#slots.length - 1;
    for (let number = 0; number < this.#length; number++) {
      let slot = hash(this.#pairs[2 * number]!, this.#pairs[2 * number + 1]!) & mask;
      while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
      this.#slots[slot] = number + 1;
    }
  }
}

export function widened(column: Int32Array): Int32Array<ArrayBuffer> {
  const wider = new Int32Array(2 * column.length);
  wider.set(column);
  return wider;
}

/** The finaliser of MurmurHash3 (https://github.com/aappleby/smhasher). */
function hash(left: number, right: number): number {
  let mixed = Math.imul(left, 0x9e3779b1) ^ Math.imul(right, 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0xc2b2ae35);
  return mixed ^ (mixed >>> 15);
}
