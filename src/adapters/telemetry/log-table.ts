/** Log records as columns, the lines themselves beside them. */
import type { LogRecord } from '../../domain/records.ts';
import { rowsAStep, type Steps } from '../../domain/steps.ts';
import type { LogView, StringTable } from '../../domain/telemetry.ts';
import { type Chunk, ChunkedTable, chunkOf, placeOf, type Shifts } from './chunks.ts';
import { HeldLines } from './held-lines.ts';
import { type LogColumns, makeLogColumns, type Texts } from './log-columns.ts';
import { isZero, readHex, writeHex } from './identifiers.ts';
import type { Intern, Resources } from './resources.ts';
import type { SpanTable, ViewRows } from './span-table.ts';
import { timeOrder } from './time-order.ts';
import type { TraceNumbers } from './trace-numbers.ts';

/** What lines are tied to in a view, and what is added to their times. */
interface LogViewParts {
  readonly traces: TraceNumbers;
  readonly strings: StringTable;
  readonly spans: SpanTable;
  readonly spanRowOf: ViewRows;
  readonly shifts: Shifts | null;
}

/** A string costs its characters and about this much beside them. */
const stringOverhead = 24;
/** Different sets of fields that hold nothing. Lines with fields named after data would fill the table of all texts; beyond these none is kept. */
const maxHollowFields = 4_096;

export class LogTable {
  readonly table: ChunkedTable<LogColumns>;
  readonly #resources: Resources;
  readonly #texts: (Texts | undefined)[] = [];
  readonly #hollow = new Map<string, number>();
  #textBytes = 0;

  constructor(resources: Resources, maxOpenMs: number) {
    this.#resources = resources;
    this.table = new ChunkedTable(makeLogColumns, maxOpenMs);
  }

  get length(): number {
    return this.table.length;
  }

  get bytes(): number {
    return this.table.bytes + this.#textBytes;
  }

  add(log: LogRecord, template: number, hollow: number, segment: number, arrivedAt: number, intern: Intern): void {
    const row = this.table.add(log.timeMs, arrivedAt, segment);
    const columns = this.table.at(row);
    const place = placeOf(row);
    columns.timeMs[place] = log.timeMs;
    columns.resource[place] = this.#resources.number(log.resource, intern);
    columns.severity[place] = log.severity;
    columns.template[place] = template;
    columns.hollow[place] = hollow;
    columns.hollowFields[place] = this.#hollowFields(log.hollowFields, intern);
    columns.component[place] = intern(log.component);
    if (log.traceId === null) columns.traceId.fill(0, place * 4, place * 4 + 4);
    else writeHex(log.traceId, columns.traceId, place * 4);
    if (log.spanId === null) columns.spanId.fill(0, place * 2, place * 2 + 2);
    else writeHex(log.spanId, columns.spanId, place * 2);
    let texts = this.#texts[chunkOf(row)];
    if (texts === undefined) {
      texts = { lines: [], correlations: [], bytes: 0 };
      this.#texts[chunkOf(row)] = texts;
    }
    const bytes = textBytes(log.text) + (log.correlationId === null ? 0 : textBytes(log.correlationId));
    texts.lines.push(log.text);
    texts.correlations.push(log.correlationId);
    texts.bytes += bytes;
    this.#textBytes += bytes;
  }

  #hollowFields(text: string | null, intern: Intern): number {
    if (text === null) return -1;
    const known = this.#hollow.get(text);
    if (known !== undefined) return known;
    if (this.#hollow.size >= maxHollowFields) return -1;
    const number = intern(text);
    this.#hollow.set(text, number);
    return number;
  }

  text(row: number): string {
    return this.#texts[chunkOf(row)]?.lines[placeOf(row)] ?? '';
  }

  correlation(row: number): string | null {
    return this.#texts[chunkOf(row)]?.correlations[placeOf(row)] ?? null;
  }

  traceId(row: number): string | null {
    const { traceId } = this.table.at(row);
    return isZero(traceId, placeOf(row) * 4, 4) ? null : readHex(traceId, placeOf(row) * 4, 4);
  }

  service(row: number): number {
    return this.#resources.service(this.table.at(row).resource[placeOf(row)]!);
  }

  timeMs(row: number): number {
    return this.table.at(row).timeMs[placeOf(row)]!;
  }

  severity(row: number): number {
    return this.table.at(row).severity[placeOf(row)]!;
  }

  dropOldest(): Chunk<LogColumns> | null {
    const dropped = this.table.dropOldest();
    if (dropped !== null) {
      this.#textBytes -= this.#texts[dropped.number]?.bytes ?? 0;
      this.#texts[dropped.number] = undefined;
    }
    return dropped;
  }

  /** Rows of [fromMs, toMs) in time order; lines of one instant keep the order they came in. */
  rows(
    fromMs: number,
    toMs: number,
    shifts: Shifts | null = null,
  ): { rows: Int32Array; order: Int32Array; picked: ReturnType<ChunkedTable<LogColumns>['within']> } {
    const picked = this.table.within(fromMs, toMs, shifts);
    return { rows: picked.rows(), order: timeOrder(picked.times('timeMs', shifts)), picked };
  }

  /** The lines of [fromMs, toMs) in time order, each once. */
  *view(fromMs: number, toMs: number, { traces, strings, spans, spanRowOf, shifts }: LogViewParts): Steps<LogView> {
    const { rows: all, order: inTime, picked } = this.rows(fromMs, toMs, shifts);
    const held = new HeldLines(picked, (number) => this.#texts[number]!);
    yield;
    const order = held.once(all, inTime);
    yield;
    const { length } = order;
    const rows = new Int32Array(length);
    const trace = new Int32Array(length).fill(-1);
    const span = new Int32Array(length).fill(-1);
    const correlation = new Int32Array(length).fill(-1);
    for (let i = 0; i < length; i++) {
      if (i % rowsAStep === rowsAStep - 1) yield;
      const row = all[order[i]!]!;
      rows[i] = row;
      const id = held.correlation(row);
      if (id !== null) correlation[i] = strings.id(id);
      const columns = held.columns(row);
      const place = placeOf(row);
      if (isZero(columns.traceId, place * 4, 4)) continue;
      trace[i] = traces.number(columns.traceId, place * 4);
      if (isZero(columns.spanId, place * 2, 2)) continue;
      const found = spans.find(columns.traceId, place * 4, columns.spanId, place * 2);
      if (found >= 0) span[i] = spanRowOf(found);
    }
    yield;
    return {
      length,
      timeMs: ordered(picked.times('timeMs', shifts), order, new Float64Array(length)),
      ...this.#resources.spread(ordered(picked.pick('resource'), order, new Int32Array(length))),
      severity: ordered(picked.pick('severity'), order, new Uint8Array(length)),
      template: ordered(picked.pick('template'), order, new Int32Array(length)),
      hollow: ordered(picked.pick('hollow'), order, new Uint8Array(length)),
      hollowFields: ordered(picked.pick('hollowFields'), order, new Int32Array(length)),
      component: ordered(picked.pick('component'), order, new Int32Array(length)),
      trace,
      span,
      correlation,
      text: (row) => held.text(rows[row]!),
      traceId: (row) => readHex(held.columns(rows[row]!).traceId, placeOf(rows[row]!) * 4, 4),
    };
  }
}

function ordered<T extends Int32Array | Float64Array | Uint8Array>(column: T, order: Int32Array, into: T): T {
  for (let i = 0; i < order.length; i++) into[i] = column[order[i]!]!;
  return into;
}

function textBytes(text: string): number {
  return text.length + stringOverhead;
}
