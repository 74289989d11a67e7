/**
 * Pairs of numbers, each once, numbered in the order they come: the visits of a window, and the things seen in each. Pairs with
 * the same left number are few and come close together, so they are kept as a list of their own, the newest first: what is asked
 * for is mostly at hand, where a hash table of a million pairs costs a cache miss a look.
 * Left numbers begin at 0.
 *
 *   left 7:  (7, 4) number 9 → (7, 2) number 3 → (7, 8) number 2
 */
export class PairTable {
  /** By left number: its newest pair, -1 for none. */
  #newest: Int32Array = new Int32Array(leastRoom).fill(-1);
  #left: Int32Array;
  #right: Int32Array;
  /** By pair: the one before it with the same left number. */
  #before: Int32Array;
  /** Where a list has grown long: number of each of its pairs by right number. */
  readonly #long = new Map<number, Map<number, number>>();
  #length = 0;

  /** Room for about so many from the start: growing copies everything. */
  constructor(expected: number) {
    const room = Math.max(Math.ceil(expected), leastRoom);
    this.#left = new Int32Array(room);
    this.#right = new Int32Array(room);
    this.#before = new Int32Array(room);
  }

  get length(): number {
    return this.#length;
  }

  /** The number of a pair; a new one has the number that `length` was before. */
  number(left: number, right: number): number {
    if (left >= this.#newest.length) this.#widenLeft(left);
    const newest = this.#newest[left]!;
    let steps = 0;
    for (let pair = newest; pair >= 0; pair = this.#before[pair]!) {
      if (this.#right[pair] === right) return pair;
      if (++steps === longList) return this.#inLong(left, right);
    }
    return this.#add(left, right);
  }

  /** The columns as they are now. */
  columns(): { left: Int32Array; right: Int32Array } {
    return { left: this.#left.slice(0, this.#length), right: this.#right.slice(0, this.#length) };
  }

  #inLong(left: number, right: number): number {
    let numbers = this.#long.get(left);
    if (numbers === undefined) {
      numbers = new Map();
      for (let pair = this.#newest[left]!; pair >= 0; pair = this.#before[pair]!) numbers.set(this.#right[pair]!, pair);
      this.#long.set(left, numbers);
    }
    const known = numbers.get(right);
    if (known !== undefined) return known;
    numbers.set(right, this.#length);
    return this.#add(left, right);
  }

  #add(left: number, right: number): number {
    const pair = this.#length++;
    if (pair === this.#left.length) {
      this.#left = widened(this.#left);
      this.#right = widened(this.#right);
      this.#before = widened(this.#before);
    }
    this.#left[pair] = left;
    this.#right[pair] = right;
    this.#before[pair] = this.#newest[left]!;
    this.#newest[left] = pair;
    return pair;
  }

  #widenLeft(left: number): void {
    const wider = new Int32Array(2 * left + leastRoom).fill(-1);
    wider.set(this.#newest);
    this.#newest = wider;
  }
}

const leastRoom = 64;
/** A list longer than this is looked up by number. */
const longList = 24;

export function widened(column: Int32Array): Int32Array<ArrayBuffer> {
  const wider = new Int32Array(2 * column.length);
  wider.set(column);
  return wider;
}
