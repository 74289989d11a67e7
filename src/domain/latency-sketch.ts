/**
 * Quantiles of durations in little space: counts per logarithmic bucket (the idea of DDSketch, VLDB 2019,
 * https://www.vldb.org/pvldb/vol12/p2195-masson.pdf). Buckets are 5 % wide, so a quantile is within 2.5 %; mergeable, and
 * from 1 µs to 10 min there are under 420 buckets, of which only the stretch in use is held.
 */
const growth = Math.log(1.05);
const leastMs = 0.001;
/** Room on each side of a new bucket, so that neighbours do not each move the others. */
const slack = 8;

export class LatencySketch {
  #counts = new Float64Array(0);
  /** Bucket of `#counts[0]`. */
  #first = 0;
  #total = 0;

  constructor(counts: Iterable<readonly [number, number]> = []) {
    for (const [bucket, count] of counts) this.#add(bucket, count);
  }

  add(ms: number): void {
    this.#add(bucketOf(ms), 1);
  }

  /** Takes back what was added before. */
  remove(ms: number): void {
    this.#add(bucketOf(ms), -1);
  }

  /** Takes in all that another has counted. */
  merge(other: LatencySketch): this {
    for (const [bucket, count] of other.counts()) this.#add(bucket, count);
    return this;
  }

  /** `share` in [0, 1]; null where nothing was added. */
  quantile(share: number): number | null {
    if (this.#total === 0) return null;
    let left = Math.max(1, Math.ceil(share * this.#total));
    for (let i = 0; i < this.#counts.length; i++) {
      left -= this.#counts[i]!;
      if (left <= 0) return Math.exp((this.#first + i) * growth);
    }
    return null;
  }

  /** Buckets in use, lowest first. */
  counts(): [number, number][] {
    const counts: [number, number][] = [];
    this.#counts.forEach((count, i) => {
      if (count > 0) counts.push([this.#first + i, count]);
    });
    return counts;
  }

  #add(bucket: number, count: number): void {
    let at = bucket - this.#first;
    if (at < 0 || at >= this.#counts.length) {
      this.#reach(bucket);
      at = bucket - this.#first;
    }
    this.#counts[at]! += count;
    this.#total += count;
  }

  #reach(bucket: number): void {
    const isEmpty = this.#counts.length === 0;
    const first = Math.min(isEmpty ? bucket : this.#first, bucket - slack);
    const last = Math.max(isEmpty ? bucket : this.#first + this.#counts.length - 1, bucket + slack);
    const counts = new Float64Array(last - first + 1);
    counts.set(this.#counts, isEmpty ? 0 : this.#first - first);
    this.#counts = counts;
    this.#first = first;
  }
}

function bucketOf(ms: number): number {
  return Math.round(Math.log(Math.max(ms, leastMs)) / growth);
}
