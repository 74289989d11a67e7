/**
 * Quantiles of positive values in constant space: counts in buckets that grow by 4 %, so a quantile is off by at most
 * 2 %, which is far below what separates a fault from noise. The idea is DDSketch's (https://arxiv.org/abs/1908.10693).
 */
const growth = Math.log(1.04);
/** Values below 10 µs count as 10 µs: clocks do not resolve less. */
const floorMs = 0.01;
const lowest = Math.round(Math.log(floorMs) / growth);

export const bucketOf = (value: number): number => Math.round(Math.log(Math.max(value, floorMs)) / growth) - lowest;
const valueOfBucket = (bucket: number): number => Math.exp((bucket + lowest) * growth);

export class Histogram {
  #cells: Float64Array;
  #first = 0;
  #total = 0;

  constructor() {
    this.#cells = new Float64Array(0);
  }

  get total(): number {
    return this.#total;
  }

  add(bucket: number, amount = 1): void {
    this.#reach(bucket);
    this.#cells[bucket - this.#first] = (this.#cells[bucket - this.#first] ?? 0) + amount;
    this.#total += amount;
  }

  absorb(other: Histogram, factor = 1): void {
    other.each((bucket, amount) => this.add(bucket, amount * factor));
  }

  each(visit: (bucket: number, amount: number) => void): void {
    for (let i = 0; i < this.#cells.length; i++) {
      const amount = this.#cells[i] ?? 0;
      if (amount !== 0) visit(i + this.#first, amount);
    }
  }

  /** Bucket, amount, bucket, amount ... */
  toList(): number[] {
    const list: number[] = [];
    this.each((bucket, amount) => list.push(bucket, Math.round(amount * 1000) / 1000));
    return list;
  }

  static fromList(list: readonly number[]): Histogram {
    const histogram = new Histogram();
    for (let i = 0; i + 1 < list.length; i += 2) histogram.add(list[i]!, list[i + 1]!);
    return histogram;
  }

  scale(factor: number): void {
    for (let i = 0; i < this.#cells.length; i++) this.#cells[i] = (this.#cells[i] ?? 0) * factor;
    this.#total *= factor;
  }

  /** Values at ascending fractions in one walk. */
  quantiles(...fractions: number[]): number[] {
    const found: number[] = [];
    let seen = 0;
    let at = 0;
    for (const fraction of fractions) {
      const wanted = fraction * (this.#total - 1) + 0.5;
      while (at < this.#cells.length - 1 && seen + (this.#cells[at] ?? 0) < wanted) seen += this.#cells[at++] ?? 0;
      found.push(valueOfBucket(at + this.#first));
    }
    return found;
  }

  /** How many values lie above. */
  above(value: number): number {
    const edge = bucketOf(value);
    let count = 0;
    this.each((bucket, amount) => {
      if (bucket > edge) count += amount;
    });
    return count;
  }

  #reach(bucket: number): void {
    if (this.#cells.length === 0) {
      this.#first = bucket - 4;
      this.#cells = new Float64Array(16);
    }
    if (bucket >= this.#first && bucket < this.#first + this.#cells.length) return;
    const first = Math.min(this.#first, bucket - 8);
    const end = Math.max(this.#first + this.#cells.length, bucket + 9);
    const wider = new Float64Array(end - first);
    wider.set(this.#cells, this.#first - first);
    this.#cells = wider;
    this.#first = first;
  }
}

/** Values of one series with the bucket of time each belongs to, kept raw: the recent minutes are scanned many ways. */
export interface Samples {
  readonly values: Int32Array;
  readonly times: Int32Array;
}
