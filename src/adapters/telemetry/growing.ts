/** Typed arrays that grow and are cut at the front, all rows of a table together. */
type Column = Int32Array | Float64Array | Float32Array | Uint8Array | Uint16Array;
export type Columns = Record<string, Column>;

/** Growing by a quarter wastes at most a fifth; doubling would hold up to twice what is asked. */
const growth = 1.25;
const leastRows = 1_024;

export class Table<C extends Columns> {
  #columns: C;
  #length = 0;
  #capacity: number;
  readonly #make: (rows: number) => C;

  constructor(make: (rows: number) => C) {
    this.#make = make;
    this.#capacity = leastRows;
    this.#columns = make(leastRows);
  }

  get columns(): C {
    return this.#columns;
  }

  get length(): number {
    return this.#length;
  }

  get bytes(): number {
    return Object.values(this.#columns).reduce((sum, column) => sum + column.byteLength, 0);
  }

  /** A new row's number; its cells are to be filled by the caller. */
  add(): number {
    if (this.#length === this.#capacity) this.#resize(Math.ceil(this.#capacity * growth));
    return this.#length++;
  }

  /** Drops the rows before `count`; all rows move down by as many. */
  cut(count: number): void {
    for (const column of Object.values(this.#columns)) {
      const width = column.length / this.#capacity;
      column.copyWithin(0, count * width, this.#length * width);
    }
    this.#length -= count;
    if (this.#length * 2 < this.#capacity && this.#capacity > leastRows)
      this.#resize(Math.max(leastRows, Math.ceil(this.#length * growth)));
  }

  #resize(rows: number): void {
    const next = this.#make(rows);
    for (const [name, column] of Object.entries(this.#columns)) {
      const width = column.length / this.#capacity;
      next[name]!.set(column.subarray(0, this.#length * width));
    }
    this.#columns = next;
    this.#capacity = rows;
  }
}
