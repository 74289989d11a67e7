/**
 * Pairs of numbers, each once, numbered in the order they come: the visits of a window, and the things seen in each. Columns
 * and open addressing with linear probing (Knuth, TAOCP 3, 6.4): a million pairs are 20 MB here and 100 MB as keys of a Map.
 */
export class PairTable {
  #left: Int32Array;
  #right: Int32Array;
  /** Number of a pair + 1; 0 is free. Never more than half full. */
  #slots: Int32Array;
  #length = 0;

  /** Room for about so many from the start: growing copies everything. */
  constructor(expected: number) {
    const room = 2 ** Math.ceil(Math.log2(Math.max(expected, 64)));
    this.#left = new Int32Array(room);
    this.#right = new Int32Array(room);
    this.#slots = new Int32Array(2 * room);
  }

  get length(): number {
    return this.#length;
  }

  /** Views of the columns as they are now. */
  get left(): Int32Array {
    return this.#left.subarray(0, this.#length);
  }
  get right(): Int32Array {
    return this.#right.subarray(0, this.#length);
  }

  /** The number of a pair; a new one has the number that `length` was before. */
  number(left: number, right: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = hash(left, right) & mask;
    for (let held = slots[slot]!; held !== 0; held = slots[slot]!) {
      if (this.#left[held - 1] === left && this.#right[held - 1] === right) return held - 1;
      slot = (slot + 1) & mask;
    }
    const number = this.#length++;
    if (number === this.#left.length) this.#grow();
    this.#left[number] = left;
    this.#right[number] = right;
    if (slots === this.#slots) slots[slot] = number + 1;
    else this.#put(number);
    return number;
  }

  #grow(): void {
    this.#left = widened(this.#left);
    this.#right = widened(this.#right);
    this.#slots = new Int32Array(2 * this.#left.length);
    for (let number = 0; number < this.#length - 1; number++) this.#put(number);
  }

  #put(number: number): void {
    const mask = this.#slots.length - 1;
    let slot = hash(this.#left[number]!, this.#right[number]!) & mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
    this.#slots[slot] = number + 1;
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
