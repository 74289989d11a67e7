/** Spans as columns, found by trace and span id, in the order they came. */
import { idWords, parentIdAt, type SpanBatch, spanIdAt } from '../../domain/span-batch.ts';
import { rowsAStep, type Steps } from '../../domain/steps.ts';
import type { SpanView } from '../../domain/telemetry.ts';
import { chunkOf, chunkRows, type Chunk, ChunkedTable, type Pieces, placeOf, type Shifts } from './chunks.ts';
import { isZero, readHex, spanHash } from './identifiers.ts';
import type { Intern, Resources } from './resources.ts';
import { SpanIndex } from './span-index.ts';
import { SpanOrigins } from './span-origins.ts';
import { BatchShapes, SpanShapes } from './span-shapes.ts';
import { TraceFilter } from './trace-filter.ts';
import type { TraceNumbers } from './trace-numbers.ts';

const makeColumns = (rows: number) => ({
  /** Trace id, span id and parent span id beside each other: looking a span up then costs one cache miss. */
  ids: new Int32Array(rows * idWords),
  startMs: new Float64Array(rows),
  durationMs: new Float32Array(rows),
  resource: new Int32Array(rows),
  shape: new Int32Array(rows),
});
type SpanColumns = ReturnType<typeof makeColumns>;

/** Told of each call with both ends here: services of caller and callee, and how far apart the middles of their spans are. */
export type OnCall = (caller: number, callee: number, distanceMs: number) => void;

/** Row of the view for each row of a chunk, by the chunk's number; -1: not in the view. */
export type ViewRows = (row: number) => number;

export class SpanTable {
  readonly table: ChunkedTable<SpanColumns>;
  readonly #resources: Resources;
  readonly #index: SpanIndex<SpanColumns>;
  readonly #shapes = new SpanShapes();
  readonly #origins = new SpanOrigins();
  readonly #filter = new TraceFilter();
  /** Most spans link to none: links stand apart, by row. */
  readonly #links = new Map<number, Int32Array>();
  /** Rows of each chunk whose calls were told of. */
  readonly #heard = new WeakMap<Chunk<SpanColumns>, number>();

  constructor(resources: Resources, maxOpenMs: number) {
    this.#resources = resources;
    this.table = new ChunkedTable(makeColumns, maxOpenMs);
    this.#index = new SpanIndex(this.table);
  }

  get length(): number {
    return this.table.length;
  }

  get bytes(): number {
    return this.table.bytes + this.#index.bytes + this.#shapes.bytes + this.#origins.bytes + this.#filter.bytes;
  }

  /** Takes a batch in, marks in it what was here already, and answers how many those were. */
  add(batch: SpanBatch, segment: number, arrivedAt: number, intern: Intern): number {
    const { columns: from } = batch;
    const resources = batch.resources.map((record) => this.#resources.number(record, intern));
    const shapes = new BatchShapes(this.#shapes, batch, intern);
    const hashes = this.#index.ahead(from.ids, batch.length);
    let known = 0;
    for (let i = 0; i < batch.length; i++) {
      const at = i * idWords;
      if (this.#index.find(hashes[i]!, from.ids, at, from.ids, at + spanIdAt) >= 0) {
        from.isKnown[i] = 1;
        known++;
        continue;
      }
      const row = this.table.add(from.startMs[i]!, arrivedAt, segment);
      const to = this.table.at(row);
      const place = placeOf(row);
      for (let word = 0; word < idWords; word++) to.ids[place * idWords + word] = from.ids[at + word]!;
      to.startMs[place] = from.startMs[i]!;
      to.durationMs[place] = from.durationMs[i]!;
      to.resource[place] = resources[from.resource[i]!]!;
      to.shape[place] = shapes.number(i);
      this.#origins.add(chunkOf(row), place, segment, from.ordinal[i]!);
      this.#filter.add(chunkOf(row), from.ids, at);
      this.#index.add(hashes[i]!, row);
    }
    for (const [i, link] of batch.links) if (from.isKnown[i] === 0) this.#links.set(this.#rowOf(from.ids, i * idWords), link);
    return known;
  }

  /** Row of the span whose ids stand at these places, or -1. */
  find(trace: Int32Array, traceAt: number, span: Int32Array, spanAt: number): number {
    return this.#index.find(spanHash(trace, traceAt, span, spanAt), trace, traceAt, span, spanAt);
  }

  traceId(row: number): string {
    return readHex(this.table.at(row).ids, placeOf(row) * idWords, 4);
  }

  spanId(row: number): string {
    return readHex(this.table.at(row).ids, placeOf(row) * idWords + spanIdAt, 2);
  }

  parentSpanId(row: number): string | null {
    const at = placeOf(row) * idWords + parentIdAt;
    return isZero(this.table.at(row).ids, at, 2) ? null : readHex(this.table.at(row).ids, at, 2);
  }

  /** What a row says, texts by number. */
  at(row: number) {
    const columns = this.table.at(row);
    const place = placeOf(row);
    return {
      ...this.#shapes.at(columns.shape[place]!),
      ...this.#origins.of(chunkOf(row), place),
      startMs: columns.startMs[place]!,
      durationMs: columns.durationMs[place]!,
      resource: columns.resource[place]!,
    };
  }

  /** Rows of traces whose ids begin with these words; all four of them make it quick. */
  rowsOfTrace(id: Int32Array, words: number): number[] {
    const rows: number[] = [];
    for (const { number, columns, length } of this.table.chunks) {
      if (words === 4 && !this.#filter.mayHold(number, id, 0)) continue;
      const { ids } = columns;
      for (let place = 0, at = 0; place < length; place++, at += idWords) {
        if (ids[at] !== id[0]) continue;
        let same = 1;
        while (same < words && ids[at + same] === id[same]) same++;
        if (same === words) rows.push(number * chunkRows + place);
      }
    }
    return rows;
  }

  dropOldest(): Chunk<SpanColumns> | null {
    const [oldest] = this.table.chunks;
    if (oldest === undefined) return null;
    const first = oldest.number * chunkRows;
    for (let row = first; row < first + oldest.length; row++) {
      this.#index.remove(row);
      if (this.#links.size > 0) this.#links.delete(row);
    }
    this.#origins.drop(oldest.number);
    this.#filter.drop(oldest.number);
    return this.table.dropOldest();
  }

  /** Compact columns of the rows in [fromMs, toMs), clocks set straight, and what became of each row's number. */
  *view(fromMs: number, toMs: number, traces: TraceNumbers, shifts: Shifts | null): Steps<{ view: SpanView; rowOf: ViewRows }> {
    const picked = this.table.within(fromMs, toMs, shifts);
    const rowOf = viewRows(picked, this.table);
    const rows = picked.rows();
    // Rows may be dropped while the view is in use: what it needs of the ids is held.
    const held: Int32Array[] = [];
    for (const { chunk } of picked.pieces) held[chunk.number] = picked.hold(chunk).ids;
    const trace = new Int32Array(picked.length);
    const parent = new Int32Array(picked.length);
    for (let i = 0; i < picked.length; i++) {
      if (i % rowsAStep === rowsAStep - 1) yield;
      const ids = held[chunkOf(rows[i]!)]!;
      const at = placeOf(rows[i]!) * idWords;
      trace[i] = traces.number(ids, at);
      // -1: a root; -2: the parent is not in the window.
      if (isZero(ids, at + parentIdAt, 2)) parent[i] = -1;
      else {
        const found = this.find(ids, at, ids, at + parentIdAt);
        const row = found < 0 ? -1 : rowOf(found);
        parent[i] = row < 0 ? -2 : row;
      }
    }
    const link = new Int32Array(picked.length).fill(-1);
    for (const [row, target] of this.#links) {
      const from = rowOf(row);
      const linked = from < 0 ? -1 : this.find(target, 0, target, spanIdAt);
      if (linked >= 0) link[from] = rowOf(linked);
    }
    yield;
    const view: SpanView = {
      length: picked.length,
      startMs: picked.times('startMs', shifts),
      durationMs: picked.pick('durationMs'),
      ...this.#resources.spread(picked.pick('resource')),
      ...this.#shapes.spread(picked.pick('shape')),
      trace,
      parent,
      link,
      traceId: (row) => readHex(held[chunkOf(rows[row]!)]!, placeOf(rows[row]!) * idWords, 4),
      spanId: (row) => readHex(held[chunkOf(rows[row]!)]!, placeOf(rows[row]!) * idWords + spanIdAt, 2),
    };
    return { view, rowOf };
  }

  /** Tells of the calls into spans that came since it was last asked. */
  *newCalls(onCall: OnCall): Steps<void> {
    for (const chunk of [...this.table.chunks]) {
      const from = this.#heard.get(chunk) ?? 0;
      if (from === chunk.length || this.table.chunk(chunk.number) !== chunk) continue;
      this.#hearCalls(chunk, from, onCall);
      this.#heard.set(chunk, chunk.length);
      yield;
    }
  }

  #hearCalls({ columns, length }: Chunk<SpanColumns>, first: number, onCall: OnCall): void {
    const { ids, startMs, durationMs, resource } = columns;
    for (let place = first; place < length; place++) {
      const at = place * idWords;
      const row = isZero(ids, at + parentIdAt, 2) ? -1 : this.find(ids, at, ids, at + parentIdAt);
      if (row < 0) continue;
      const caller = this.table.at(row);
      const of = placeOf(row);
      const [from, to] = [this.#resources.service(caller.resource[of]!), this.#resources.service(resource[place]!)];
      if (from !== to) onCall(from, to, caller.startMs[of]! + caller.durationMs[of]! / 2 - startMs[place]! - durationMs[place]! / 2);
    }
  }

  #rowOf(ids: Int32Array, at: number): number {
    return this.find(ids, at, ids, at + spanIdAt);
  }
}

/** A row of a chunk that is gone has none: its number may be another's by now. */
function viewRows(picked: Pieces<SpanColumns>, table: ChunkedTable<SpanColumns>): ViewRows {
  const byChunk: ({ readonly chunk: Chunk<SpanColumns>; readonly rows: Int32Array } | undefined)[] = [];
  for (const { chunk, places, length, base } of picked.pieces) {
    const rows = new Int32Array(chunk.length).fill(-1);
    for (let i = 0; i < length; i++) rows[places === null ? i : places[i]!] = base + i;
    byChunk[chunk.number] = { chunk, rows };
  }
  return (row) => {
    const seen = byChunk[chunkOf(row)];
    return seen === undefined || table.chunk(chunkOf(row)) !== seen.chunk ? -1 : (seen.rows[placeOf(row)] ?? -1);
  };
}
