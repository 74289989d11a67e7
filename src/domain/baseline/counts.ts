/**
 * Counters by number, one row of buckets a key. The same shape holds one learned stretch (one bucket) and the recent
 * minutes before an alert (a bucket for each moment at which the fault may have begun).
 */
export class Counts {
  readonly buckets: number;
  readonly #slots = new Map<number, number>();
  #cells: Float64Array;

  constructor(buckets: number) {
    this.buckets = buckets;
    this.#cells = new Float64Array(64 * buckets);
  }

  get size(): number {
    return this.#slots.size;
  }

  add(key: number, bucket: number, amount = 1): void {
    let slot = this.#slots.get(key);
    if (slot === undefined) {
      slot = this.#slots.size;
      this.#slots.set(key, slot);
      if ((slot + 1) * this.buckets > this.#cells.length) {
        const wider = new Float64Array(this.#cells.length * 2);
        wider.set(this.#cells);
        this.#cells = wider;
      }
    }
    const cell = slot * this.buckets + bucket;
    this.#cells[cell] = (this.#cells[cell] ?? 0) + amount;
  }

  /** Sum over the buckets [from, to). */
  sum(key: number, from = 0, to = this.buckets): number {
    const slot = this.#slots.get(key);
    if (slot === undefined) return 0;
    let total = 0;
    for (let i = slot * this.buckets + from; i < slot * this.buckets + to; i++) total += this.#cells[i] ?? 0;
    return total;
  }

  /** Adds, for each bucket, the sum from that bucket on. */
  addSuffixes(key: number, into: number[]): void {
    const slot = this.#slots.get(key);
    if (slot === undefined) return;
    let total = 0;
    for (let bucket = this.buckets - 1; bucket >= 0; bucket--) {
      total += this.#cells[slot * this.buckets + bucket] ?? 0;
      into[bucket] = (into[bucket] ?? 0) + total;
    }
  }

  keys(): IterableIterator<number> {
    return this.#slots.keys();
  }

  /** Multiplies everything and forgets what has become less than `least`. Only for one bucket. */
  fade(factor: number, least: number): void {
    const kept: [number, number][] = [];
    for (const key of this.#slots.keys()) {
      const amount = this.sum(key) * factor;
      if (amount >= least) kept.push([key, amount]);
    }
    this.#slots.clear();
    this.#cells = new Float64Array(Math.max(64, kept.length));
    for (const [key, amount] of kept) this.add(key, 0, amount);
  }

  has(key: number): boolean {
    return this.#slots.has(key);
  }

  /** Forgets the other keys. Only for one bucket. */
  retain(isKept: (key: number) => boolean): void {
    const kept: [number, number][] = [];
    for (const key of this.#slots.keys()) if (isKept(key)) kept.push([key, this.sum(key)]);
    this.#slots.clear();
    this.#cells = new Float64Array(Math.max(64, kept.length));
    for (const [key, amount] of kept) this.add(key, 0, amount);
  }

  /** Key, amount, key, amount ... of all buckets together. */
  toList(): number[] {
    const list: number[] = [];
    for (const key of this.#slots.keys()) list.push(key, round(this.sum(key)));
    return list;
  }

  static fromList(list: readonly number[]): Counts {
    const counts = new Counts(1);
    for (let i = 0; i + 1 < list.length; i += 2) counts.add(list[i]!, 0, list[i + 1]!);
    return counts;
  }

  /** Adds another's totals, all buckets together, into bucket 0 of this one. */
  absorb(other: Counts): void {
    for (const key of other.keys()) this.add(key, 0, other.sum(key));
  }
}

const round = (amount: number): number => Math.round(amount * 1000) / 1000;

/**
 * Two names as one number. Both stay below 2^24 (a baseline names far fewer things), so the pair is exact in a double.
 */
export const pairKey = (left: number, right: number): number => left * 16_777_216 + right;
export const leftOf = (pair: number): number => Math.floor(pair / 16_777_216);
export const rightOf = (pair: number): number => pair % 16_777_216;
