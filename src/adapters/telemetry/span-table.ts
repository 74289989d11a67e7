/** Spans as columns, found by trace and span id, in the order they came. */
import type { SpanRecord } from '../../domain/records.ts';
import type { SpanView } from '../../domain/telemetry.ts';
import { Table } from './growing.ts';
import { isZero, mix, readHex, RowIndex, writeHex } from './identifiers.ts';
import type { TraceNumbers } from './trace-numbers.ts';

const makeColumns = (rows: number) => ({
  traceId: new Int32Array(rows * 4),
  spanId: new Int32Array(rows * 2),
  parentId: new Int32Array(rows * 2),
  startMs: new Float64Array(rows),
  durationMs: new Float32Array(rows),
  service: new Int32Array(rows),
  operation: new Int32Array(rows),
  kind: new Uint8Array(rows),
  status: new Uint8Array(rows),
  statusCode: new Uint16Array(rows),
  peer: new Int32Array(rows),
  peerKind: new Uint8Array(rows),
  instance: new Int32Array(rows),
  version: new Int32Array(rows),
  component: new Int32Array(rows),
  problem: new Int32Array(rows),
  segment: new Int32Array(rows),
  ordinal: new Int32Array(rows),
});

/** Most spans link to none: links stand apart, by row. */
type Links = Map<number, { readonly traceId: string; readonly spanId: string }>;

export class SpanTable {
  readonly #table = new Table(makeColumns);
  readonly #index = new RowIndex();
  readonly #scratch = new Int32Array(6);
  #links: Links = new Map();

  get length(): number {
    return this.#table.length;
  }

  get bytes(): number {
    return this.#table.bytes + this.#index.bytes;
  }

  get columns() {
    return this.#table.columns;
  }

  /** False: the span is there already. `intern` answers -1 for null. */
  add(span: SpanRecord, segment: number, intern: (text: string | null) => number): boolean {
    writeHex(span.traceId, this.#scratch, 0);
    writeHex(span.spanId, this.#scratch, 4);
    const hash = mix(this.#scratch[4]! ^ this.#scratch[0]!, this.#scratch[5]! ^ this.#scratch[3]!);
    if (this.#index.find(hash, this.#isScratch) >= 0) return false;
    const row = this.#table.add();
    const columns = this.#table.columns;
    columns.traceId.set(this.#scratch.subarray(0, 4), row * 4);
    columns.spanId.set(this.#scratch.subarray(4, 6), row * 2);
    if (span.parentSpanId === null) columns.parentId.fill(0, row * 2, row * 2 + 2);
    else writeHex(span.parentSpanId, columns.parentId, row * 2);
    columns.startMs[row] = span.startMs;
    columns.durationMs[row] = span.durationMs;
    columns.service[row] = intern(span.resource.service);
    columns.operation[row] = intern(span.operation);
    columns.kind[row] = span.kind;
    columns.status[row] = span.status;
    columns.statusCode[row] = span.statusCode;
    columns.peer[row] = intern(span.peer);
    columns.peerKind[row] = span.peerKind;
    columns.instance[row] = intern(span.resource.instance);
    columns.version[row] = intern(span.resource.version);
    columns.component[row] = intern(span.component);
    columns.problem[row] = intern(span.problem);
    columns.segment[row] = segment;
    columns.ordinal[row] = span.ordinal;
    if (span.link !== null) this.#links.set(row, span.link);
    this.#index.add(hash, row, this.#hashOf);
    return true;
  }

  /** Row of the span with these ids, or -1. */
  find(traceId: string, spanId: string): number {
    writeHex(traceId, this.#scratch, 0);
    writeHex(spanId, this.#scratch, 4);
    return this.#findScratch();
  }

  traceId(row: number): string {
    return readHex(this.columns.traceId, row * 4, 4);
  }

  spanId(row: number): string {
    return readHex(this.columns.spanId, row * 2, 2);
  }

  parentSpanId(row: number): string | null {
    return isZero(this.columns.parentId, row * 2, 2) ? null : readHex(this.columns.parentId, row * 2, 2);
  }

  /** Drops the first `count` rows. */
  cut(count: number): void {
    this.#table.cut(count);
    this.#links = new Map([...this.#links].filter(([row]) => row >= count).map(([row, link]) => [row - count, link]));
    this.#index.clear(this.length);
    for (let row = 0; row < this.length; row++) this.#index.add(this.#hashOf(row), row, this.#hashOf);
  }

  /** Compact columns of the rows in [fromMs, toMs), and what became of each row's number. */
  view(fromMs: number, toMs: number, traces: TraceNumbers): { view: SpanView; rowOf: Int32Array } {
    const columns = this.columns;
    const rowOf = new Int32Array(this.length).fill(-1);
    let count = 0;
    for (let row = 0; row < this.length; row++) if (columns.startMs[row]! >= fromMs && columns.startMs[row]! < toMs) rowOf[row] = count++;
    const rows = new Int32Array(count);
    for (let row = 0; row < this.length; row++) if (rowOf[row]! >= 0) rows[rowOf[row]!] = row;
    const trace = new Int32Array(count);
    const parent = new Int32Array(count);
    const link = new Int32Array(count).fill(-1);
    for (let i = 0; i < count; i++) {
      trace[i] = traces.number(columns.traceId, rows[i]! * 4);
      parent[i] = this.#parentRow(rows[i]!, rowOf);
    }
    for (const [row, target] of this.#links) {
      const linked = rowOf[row]! >= 0 ? this.find(target.traceId, target.spanId) : -1;
      if (linked >= 0) link[rowOf[row]!] = rowOf[linked]!;
    }
    // Rows may be cut while the view is in use: what it needs of the ids is copied.
    const ids = { trace: pick(columns.traceId, rows, 4), span: pick(columns.spanId, rows, 2) };
    const view: SpanView = {
      length: count,
      startMs: pick(columns.startMs, rows, 1),
      durationMs: pick(columns.durationMs, rows, 1),
      service: pick(columns.service, rows, 1),
      operation: pick(columns.operation, rows, 1),
      kind: pick(columns.kind, rows, 1),
      status: pick(columns.status, rows, 1),
      statusCode: pick(columns.statusCode, rows, 1),
      peer: pick(columns.peer, rows, 1),
      peerKind: pick(columns.peerKind, rows, 1),
      instance: pick(columns.instance, rows, 1),
      version: pick(columns.version, rows, 1),
      component: pick(columns.component, rows, 1),
      problem: pick(columns.problem, rows, 1),
      trace,
      parent,
      link,
      traceId: (row) => readHex(ids.trace, row * 4, 4),
      spanId: (row) => readHex(ids.span, row * 2, 2),
    };
    return { view, rowOf };
  }

  /** -1: a root; -2: the parent is not in the window. */
  #parentRow(row: number, rowOf: Int32Array): number {
    const { traceId, parentId } = this.columns;
    if (isZero(parentId, row * 2, 2)) return -1;
    this.#scratch.set(traceId.subarray(row * 4, row * 4 + 4), 0);
    this.#scratch.set(parentId.subarray(row * 2, row * 2 + 2), 4);
    const parent = this.#findScratch();
    return parent < 0 || rowOf[parent]! < 0 ? -2 : rowOf[parent]!;
  }

  #findScratch(): number {
    const hash = mix(this.#scratch[4]! ^ this.#scratch[0]!, this.#scratch[5]! ^ this.#scratch[3]!);
    return this.#index.find(hash, this.#isScratch);
  }

  readonly #isScratch = (row: number): boolean => {
    const { traceId, spanId } = this.columns;
    const scratch = this.#scratch;
    return (
      spanId[row * 2] === scratch[4] &&
      spanId[row * 2 + 1] === scratch[5] &&
      traceId[row * 4] === scratch[0] &&
      traceId[row * 4 + 1] === scratch[1] &&
      traceId[row * 4 + 2] === scratch[2] &&
      traceId[row * 4 + 3] === scratch[3]
    );
  };

  readonly #hashOf = (row: number): number => {
    const { traceId, spanId } = this.columns;
    return mix(spanId[row * 2]! ^ traceId[row * 4]!, spanId[row * 2 + 1]! ^ traceId[row * 4 + 3]!);
  };
}

type Typed = Int32Array | Float64Array | Float32Array | Uint8Array | Uint16Array;

/** The cells of `rows`, `width` to a row, in a new array of the same kind. */
export function pick<T extends Typed>(column: T, rows: Int32Array, width: number): T {
  const picked = new (column.constructor as new (length: number) => T)(rows.length * width);
  for (let i = 0; i < rows.length; i++) for (let w = 0; w < width; w++) picked[i * width + w] = column[rows[i]! * width + w]!;
  return picked;
}
