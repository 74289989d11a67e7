/**
 * Masked line → slot, in typed arrays: the one look-up every line makes. Open addressing over two 32-bit sums; the second
 * is the check, so two lines share an entry by accident once in 2^64. Grows by doubling; nothing is ever removed.
 */
export class LineTable {
  #sums = new Int32Array(2 * 1024);
  #slots = new Int32Array(1024).fill(-1);
  #mask = 1023;
  size = 0;

  /** The slot entered for these sums, or -1. */
  get(sum1: number, sum2: number): number {
    for (let index = spread(sum1, sum2) & this.#mask; ; index = (index + 1) & this.#mask) {
      const slot = this.#slots[index]!;
      if (slot < 0 || (this.#sums[2 * index] === sum1 && this.#sums[2 * index + 1] === sum2)) return slot;
    }
  }

  set(sum1: number, sum2: number, slot: number): void {
    if (2 * (this.size + 1) > this.#mask) this.#grow();
    let index = spread(sum1, sum2) & this.#mask;
    while (this.#slots[index]! >= 0 && !(this.#sums[2 * index] === sum1 && this.#sums[2 * index + 1] === sum2))
      index = (index + 1) & this.#mask;
    if (this.#slots[index]! < 0) this.size++;
    this.#sums[2 * index] = sum1;
    this.#sums[2 * index + 1] = sum2;
    this.#slots[index] = slot;
  }

  #grow(): void {
    const sums = this.#sums;
    const slots = this.#slots;
    this.#mask = 2 * slots.length - 1;
    this.#sums = new Int32Array(4 * slots.length);
    this.#slots = new Int32Array(2 * slots.length).fill(-1);
    this.size = 0;
    slots.forEach((slot, index) => {
      if (slot >= 0) this.set(sums[2 * index]!, sums[2 * index + 1]!, slot);
    });
  }
}

function spread(sum1: number, sum2: number): number {
  const mixed = Math.imul(sum1 ^ (sum2 >>> 7), 0x9e3779b1);
  return mixed ^ (mixed >>> 15);
}
