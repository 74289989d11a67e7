/**
 * Which chunks may hold spans of a trace: a bit for each trace id in a chunk's own field of bits (Bloom 1970, with one hash), so
 * that looking a trace up reads the chunks it is in and one in a hundred besides, not all of them.
 */
import { chunkRows } from './chunks.ts';
import { mix } from './identifiers.ts';

/** Eight bits a row: of 16,384 traces of one span each, one in nine asks for a chunk in vain; of ten spans each, one in eighty. */
const bits = chunkRows * 8;

export class TraceFilter {
  readonly #byChunk: (Int32Array | undefined)[] = [];
  #count = 0;

  get bytes(): number {
    return (this.#count * bits) / 8;
  }

  add(chunk: number, ids: Int32Array, at: number): void {
    let field = this.#byChunk[chunk];
    if (field === undefined) {
      field = new Int32Array(bits / 32);
      this.#byChunk[chunk] = field;
      this.#count++;
    }
    const bit = bitOf(ids, at);
    field[bit >>> 5]! |= 1 << (bit & 31);
  }

  mayHold(chunk: number, ids: Int32Array, at: number): boolean {
    const bit = bitOf(ids, at);
    return ((this.#byChunk[chunk]?.[bit >>> 5] ?? 0) & (1 << (bit & 31))) !== 0;
  }

  drop(chunk: number): void {
    if (this.#byChunk[chunk] !== undefined) this.#count--;
    this.#byChunk[chunk] = undefined;
  }
}

function bitOf(ids: Int32Array, at: number): number {
  return mix(ids[at]! ^ ids[at + 1]!, ids[at + 2]! ^ ids[at + 3]!) & (bits - 1);
}
