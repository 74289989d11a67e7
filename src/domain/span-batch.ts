/**
 * Spans of one body between decoder and store: columns that any decoder can fill, texts by numbers of the batch's own. A
 * decoder that gives up half-way has touched nothing but this. A batch is used again and again: what is read from it is
 * copied before the next `clear`.
 */
import { StringTable } from './telemetry.ts';

export interface ResourceRecord {
  /** `serviceKey()` of the resource. */
  readonly service: string;
  readonly instance: string | null;
  readonly version: string | null;
}

/** Words of a row in `ids`: trace id 4, span id 2, parent span id 2 (zero: a root). */
export const idWords = 8;
export const spanIdAt = 4;
export const parentIdAt = 6;

const leastRows = 512;

const makeColumns = (rows: number) => ({
  ids: new Int32Array(rows * idWords),
  startMs: new Float64Array(rows),
  durationMs: new Float32Array(rows),
  /** Number into `resources`. */
  resource: new Int32Array(rows),
  operation: new Int32Array(rows),
  kind: new Uint8Array(rows),
  status: new Uint8Array(rows),
  statusCode: new Uint16Array(rows),
  peer: new Int32Array(rows),
  peerKind: new Uint8Array(rows),
  /** 1: this span takes out of the queue it names; 0: it puts in. */
  isReceiving: new Uint8Array(rows),
  component: new Int32Array(rows),
  problem: new Int32Array(rows),
  /** Place among the entries of the body, for reading attributes again. */
  ordinal: new Int32Array(rows),
  /** 1: the store has it already, so it counts nowhere again. */
  isKnown: new Uint8Array(rows),
});

export class SpanBatch {
  columns = makeColumns(leastRows);
  #capacity = leastRows;
  length = 0;
  texts = new StringTable();
  readonly resources: ResourceRecord[] = [];
  /** Row → trace id (4 words) and span id (2 words) of the first span it links to. Most spans link to none. */
  readonly links = new Map<number, Int32Array>();

  clear(): void {
    this.length = 0;
    if (this.texts.size > 0) this.texts = new StringTable();
    this.resources.length = 0;
    this.links.clear();
  }

  /** Columns with room for the row after the last; it counts once the caller has raised `length`. */
  room(): ReturnType<typeof makeColumns> {
    if (this.length === this.#capacity) this.#grow();
    return this.columns;
  }

  /** Takes out the spans that began earlier; answers how many those were. */
  dropBefore(startMs: number): number {
    const cells = Object.values(this.columns);
    const links = [...this.links];
    this.links.clear();
    const placeOf = new Map<number, number>();
    let kept = 0;
    for (let row = 0; row < this.length; row++) {
      if (this.columns.startMs[row]! < startMs) continue;
      for (const column of cells) {
        const width = column.length / this.#capacity;
        column.copyWithin(kept * width, row * width, (row + 1) * width);
      }
      placeOf.set(row, kept++);
    }
    for (const [row, link] of links) {
      const place = placeOf.get(row);
      if (place !== undefined) this.links.set(place, link);
    }
    const gone = this.length - kept;
    this.length = kept;
    return gone;
  }

  #grow(): void {
    this.#capacity *= 2;
    const grown = makeColumns(this.#capacity);
    for (const name of Object.keys(grown) as (keyof typeof grown)[]) grown[name].set(this.columns[name]);
    this.columns = grown;
  }
}
