/**
 * Rows of typed columns in chunks of one size, in order of arrival. The oldest chunk is let go whole: nothing is moved, so
 * space stays flat once the oldest goes as the newest comes. A row keeps its number, chunk and place in it, for life.
 */
type Column = Int32Array | Float64Array | Float32Array | Uint8Array | Uint16Array;
export type Columns = Record<string, Column>;

const shift = 14;
export const chunkRows = 1 << shift;
const within = chunkRows - 1;

export const chunkOf = (row: number): number => row >>> shift;
export const placeOf = (row: number): number => row & within;

export interface Chunk<C extends Columns> {
  /** `row = number × chunkRows + place`; numbers of chunks that are gone are used again. */
  readonly number: number;
  readonly columns: C;
  length: number;
  oldestMs: number;
  newestMs: number;
  /** Newest time, as far as it had come when it arrived: a clock that runs ahead must not keep rows for ever. */
  expiresMs: number;
  /** Somebody reads its columns for longer than a moment: they are not used again. */
  isHeld: boolean;
  readonly openedAt: number;
  /** Body its first row came in; later rows came in this or later ones. */
  readonly firstSegment: number;
}

/** What to add to the times of rows with clocks that are off, by resource number. */
export interface Shifts {
  readonly byResource: Float64Array;
  readonly least: number;
  readonly most: number;
}

export class ChunkedTable<C extends Columns> {
  readonly #make: (rows: number) => C;
  readonly #maxOpenMs: number;
  readonly #byNumber: (Chunk<C> | undefined)[] = [];
  #inOrder: Chunk<C>[] = [];
  readonly #free: number[] = [];
  #spare: C | null = null;
  #chunkBytes = 0;
  length = 0;

  /** A chunk takes rows for `maxOpenMs` at most, so that a trickle of rows expires too. */
  constructor(make: (rows: number) => C, maxOpenMs: number) {
    this.#make = make;
    this.#maxOpenMs = maxOpenMs;
  }

  /** Oldest first. */
  get chunks(): readonly Chunk<C>[] {
    return this.#inOrder;
  }

  get bytes(): number {
    return this.#inOrder.length * this.#chunkBytes;
  }

  get oldestMs(): number {
    return this.#inOrder.reduce((oldest, chunk) => Math.min(oldest, chunk.oldestMs), Number.POSITIVE_INFINITY);
  }

  get newestMs(): number {
    return this.#inOrder.reduce((newest, chunk) => Math.max(newest, chunk.newestMs), Number.NEGATIVE_INFINITY);
  }

  at(row: number): C {
    return this.#byNumber[row >>> shift]!.columns;
  }

  chunk(number: number): Chunk<C> {
    return this.#byNumber[number]!;
  }

  /** A new row's number; the caller fills its cells, all of them. */
  add(atMs: number, arrivedAt: number, segment: number): number {
    let chunk = this.#inOrder.at(-1);
    if (chunk === undefined || chunk.length === chunkRows || arrivedAt - chunk.openedAt > this.#maxOpenMs)
      chunk = this.#open(arrivedAt, segment);
    if (atMs < chunk.oldestMs) chunk.oldestMs = atMs;
    if (atMs > chunk.newestMs) chunk.newestMs = atMs;
    const expiresMs = Math.min(atMs, arrivedAt);
    if (expiresMs > chunk.expiresMs) chunk.expiresMs = expiresMs;
    this.length++;
    return chunk.number * chunkRows + chunk.length++;
  }

  /** Lets the oldest chunk go. Its columns are used again unless they are held: what is needed of them is read before the next `add`. */
  dropOldest(): Chunk<C> | null {
    const chunk = this.#inOrder.shift();
    if (chunk === undefined) return null;
    this.#byNumber[chunk.number] = undefined;
    this.#free.push(chunk.number);
    if (!chunk.isHeld) this.#spare = chunk.columns;
    this.length -= chunk.length;
    return chunk;
  }

  /** False: no row is in [fromMs, toMs). */
  mayHave(fromMs: number, toMs: number): boolean {
    return this.#inOrder.some((chunk) => chunk.newestMs >= fromMs && chunk.oldestMs < toMs);
  }

  /** Those of the rows in [fromMs, toMs), clocks set straight, piece by piece. */
  within(fromMs: number, toMs: number, shifts: Shifts | null = null): Pieces<C> {
    const pieces: Piece<C>[] = [];
    let count = 0;
    const [least, most] = [shifts?.least ?? 0, shifts?.most ?? 0];
    for (const chunk of this.#inOrder) {
      if (chunk.newestMs + most < fromMs || chunk.oldestMs + least >= toMs) continue;
      const times = chunk.columns['startMs'] ?? chunk.columns['timeMs']!;
      const resources = chunk.columns['resource']!;
      let places: Int32Array | null = null;
      let length = chunk.length;
      if (chunk.oldestMs + least < fromMs || chunk.newestMs + most >= toMs) {
        places = new Int32Array(chunk.length);
        length = 0;
        for (let place = 0; place < chunk.length; place++) {
          const at = times[place]! + (shifts === null ? 0 : (shifts.byResource[resources[place]!] ?? 0));
          if (at >= fromMs && at < toMs) places[length++] = place;
        }
      }
      if (length > 0) pieces.push({ chunk, places, length, base: count });
      count += length;
    }
    return new Pieces(pieces, count);
  }

  #open(arrivedAt: number, segment: number): Chunk<C> {
    const columns = this.#spare ?? this.#make(chunkRows);
    this.#spare = null;
    this.#chunkBytes = Object.values(columns).reduce((sum, column) => sum + column.byteLength, 0);
    const chunk: Chunk<C> = {
      number: this.#free.pop() ?? this.#byNumber.length,
      columns,
      length: 0,
      oldestMs: Number.POSITIVE_INFINITY,
      newestMs: Number.NEGATIVE_INFINITY,
      expiresMs: Number.NEGATIVE_INFINITY,
      isHeld: false,
      openedAt: arrivedAt,
      firstSegment: segment,
    };
    this.#byNumber[chunk.number] = chunk;
    this.#inOrder.push(chunk);
    return chunk;
  }
}

/** Rows picked out of one chunk. `places` null: all of them. `base`: how many were picked before. */
export interface Piece<C extends Columns> {
  readonly chunk: Chunk<C>;
  readonly places: Int32Array | null;
  readonly length: number;
  readonly base: number;
}

export class Pieces<C extends Columns> {
  readonly pieces: readonly Piece<C>[];
  readonly length: number;

  constructor(pieces: readonly Piece<C>[], length: number) {
    this.pieces = pieces;
    this.length = length;
  }

  /** A chunk's columns, also when its rows are dropped meanwhile. */
  hold(chunk: Chunk<C>): C {
    chunk.isHeld = true;
    return chunk.columns;
  }

  /** The picked rows' numbers. */
  rows(): Int32Array {
    const rows = new Int32Array(this.length);
    for (const { chunk, places, length, base } of this.pieces)
      for (let i = 0; i < length; i++) rows[base + i] = chunk.number * chunkRows + (places === null ? i : places[i]!);
    return rows;
  }

  /** The picked rows' times with clocks set straight. */
  times(name: 'startMs' | 'timeMs', shifts: Shifts | null): Float64Array {
    const times = this.pick(name) as Float64Array;
    if (shifts !== null) {
      const resources = this.pick('resource');
      for (let i = 0; i < times.length; i++) times[i]! += shifts.byResource[resources[i]!] ?? 0;
    }
    return times;
  }

  /** A column's cells of the picked rows, `width` to a row, in a new array. */
  pick<N extends keyof C>(name: N, width = 1): C[N] {
    const Kind = this.pieces[0]?.chunk.columns[name]?.constructor ?? Int32Array;
    const picked = new (Kind as new (length: number) => C[N])(this.length * width);
    for (const { chunk, places, length, base } of this.pieces) {
      const column = chunk.columns[name] as Column;
      if (places === null) picked.set(column.subarray(0, length * width), base * width);
      else
        for (let i = 0; i < length; i++) for (let w = 0; w < width; w++) picked[(base + i) * width + w] = column[places[i]! * width + w]!;
    }
    return picked;
  }
}
