/**
 * Spans by their ids: open addressing with linear probing (Knuth, TAOCP 3, 6.4). Slots hold row + 1, 0 is free; ids stay in the
 * rows. A byte of the hash beside each slot spares most looks at rows that are not the asked one, each of which would be a
 * cache miss.
 */
import { idWords, spanIdAt } from '../../domain/span-batch.ts';
import { type ChunkedTable, chunkRows, placeOf } from './chunks.ts';
import { spanHash } from './identifiers.ts';

const leastSlots = 2_048;
const leastHashes = 512;

export class SpanIndex<C extends { readonly ids: Int32Array } & Record<string, Int32Array | Float64Array | Float32Array>> {
  readonly #table: ChunkedTable<C>;
  #slots = new Int32Array(leastSlots);
  #tags = new Uint8Array(leastSlots);
  #used = 0;
  #hashes = new Int32Array(leastHashes);

  /** Over rows of `table`, whose ids stand as a batch's do. */
  constructor(table: ChunkedTable<C>) {
    this.#table = table;
  }

  get bytes(): number {
    return this.#slots.byteLength + this.#tags.byteLength;
  }

  /**
   * Hashes of the spans of a batch, for `find` and `add`, and room for all of them. Reads the slots they lead to: in a row such
   * reads wait for memory together, where those between other work wait each by itself. Good until it is asked again.
   */
  ahead(ids: Int32Array, length: number): Int32Array {
    this.#makeRoom(length);
    if (this.#hashes.length <= length) this.#hashes = new Int32Array(length + 1);
    const hashes = this.#hashes;
    const slots = this.#slots;
    const tags = this.#tags;
    const mask = slots.length - 1;
    for (let i = 0, at = 0; i < length; i++, at += idWords) hashes[i] = spanHash(ids, at, ids, at + spanIdAt);
    let read = 0;
    for (let i = 0; i < length; i++) read ^= slots[hashes[i]! & mask]!;
    for (let i = 0; i < length; i++) read ^= tags[hashes[i]! & mask]!;
    // Used nowhere, but a read whose outcome goes nowhere may be left out.
    hashes[length] = read;
    return hashes;
  }

  /** Row of the span whose ids stand at these places and have this hash, or -1. */
  find(hash: number, trace: Int32Array, traceAt: number, span: Int32Array, spanAt: number): number {
    const slots = this.#slots;
    const tags = this.#tags;
    const mask = slots.length - 1;
    const tag = hash >>> 24;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const held = slots[slot]!;
      if (held === 0) return -1;
      if (tags[slot] === tag && this.#isAt(held - 1, trace, traceAt, span, spanAt)) return held - 1;
    }
  }

  /** Adds a row that `find` did not find; `ahead` has made room for it. */
  add(hash: number, row: number): void {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = hash & mask;
    while (slots[slot] !== 0) slot = (slot + 1) & mask;
    slots[slot] = row + 1;
    this.#tags[slot] = hash >>> 24;
    this.#used++;
  }

  /** Takes a row out and closes the gap (Knuth, 6.4, algorithm R), so that no search ends before its row. */
  remove(row: number): void {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let gap = this.#hashOf(row) & mask;
    while (slots[gap] !== row + 1) {
      if (slots[gap] === 0) return;
      gap = (gap + 1) & mask;
    }
    this.#used--;
    for (let slot = (gap + 1) & mask; slots[slot] !== 0; slot = (slot + 1) & mask) {
      const home = this.#hashOf(slots[slot]! - 1) & mask;
      // It may move up unless its home lies between the gap and where it is.
      if (((slot - home) & mask) < ((slot - gap) & mask)) continue;
      slots[gap] = slots[slot]!;
      this.#tags[gap] = this.#tags[slot]!;
      gap = slot;
    }
    slots[gap] = 0;
  }

  /** Three quarters full at most: probes stay short, and a row costs 7 to 13 bytes. */
  #makeRoom(more: number): void {
    let slots = this.#slots.length;
    while ((this.#used + more) * 4 > slots * 3) slots *= 2;
    if (slots === this.#slots.length) return;
    this.#slots = new Int32Array(slots);
    this.#tags = new Uint8Array(slots);
    this.#used = 0;
    // Row by row and not slot by slot: their ids are then read one after the other.
    for (const { number, columns, length } of this.#table.chunks)
      for (let place = 0, at = 0; place < length; place++, at += idWords)
        this.add(spanHash(columns.ids, at, columns.ids, at + spanIdAt), number * chunkRows + place);
  }

  #isAt(row: number, trace: Int32Array, traceAt: number, span: Int32Array, spanAt: number): boolean {
    const { ids } = this.#table.at(row);
    const at = placeOf(row) * idWords;
    return (
      ids[at + spanIdAt] === span[spanAt] &&
      ids[at + spanIdAt + 1] === span[spanAt + 1] &&
      ids[at] === trace[traceAt] &&
      ids[at + 1] === trace[traceAt + 1] &&
      ids[at + 2] === trace[traceAt + 2] &&
      ids[at + 3] === trace[traceAt + 3]
    );
  }

  #hashOf(row: number): number {
    const { ids } = this.#table.at(row);
    const at = placeOf(row) * idWords;
    return spanHash(ids, at, ids, at + spanIdAt);
  }
}
