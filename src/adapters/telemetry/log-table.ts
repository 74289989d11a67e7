/** Log records as columns, the lines themselves beside them. */
import type { LogRecord } from '../../domain/records.ts';
import type { LogView, StringTable } from '../../domain/telemetry.ts';
import { type Chunk, ChunkedTable, chunkOf, placeOf, type Shifts } from './chunks.ts';
import { isZero, readHex, writeHex } from './identifiers.ts';
import type { Intern, Resources } from './resources.ts';
import type { SpanTable, ViewRows } from './span-table.ts';
import type { TraceNumbers } from './trace-numbers.ts';

const makeColumns = (rows: number) => ({
  timeMs: new Float64Array(rows),
  resource: new Int32Array(rows),
  severity: new Uint8Array(rows),
  template: new Int32Array(rows),
  component: new Int32Array(rows),
  traceId: new Int32Array(rows * 4),
  spanId: new Int32Array(rows * 2),
});
type LogColumns = ReturnType<typeof makeColumns>;

/** The texts of a chunk's rows. Request ids are as many as requests: kept as they are, not interned for ever. */
interface Texts {
  readonly lines: string[];
  readonly correlations: (string | null)[];
  bytes: number;
}

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

export class LogTable {
  readonly table: ChunkedTable<LogColumns>;
  readonly #resources: Resources;
  readonly #texts: (Texts | undefined)[] = [];
  #textBytes = 0;

  constructor(resources: Resources, maxOpenMs: number) {
    this.#resources = resources;
    this.table = new ChunkedTable(makeColumns, maxOpenMs);
  }

  get length(): number {
    return this.table.length;
  }

  get bytes(): number {
    return this.table.bytes + this.#textBytes;
  }

  add(log: LogRecord, template: number, segment: number, arrivedAt: number, intern: Intern): void {
    const row = this.table.add(log.timeMs, arrivedAt, segment);
    const columns = this.table.at(row);
    const place = placeOf(row);
    columns.timeMs[place] = log.timeMs;
    columns.resource[place] = this.#resources.number(log.resource, intern);
    columns.severity[place] = log.severity;
    columns.template[place] = template;
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
    const times = picked.times('timeMs', shifts);
    const order = Int32Array.from(times, (_, i) => i).sort((a, b) => times[a]! - times[b]! || a - b);
    return { rows: picked.rows(), order, picked };
  }

  /**
   * The order without lines that say the same of the same instant again: two agents on one file, or a sender that was not
   * sure that its first attempt had come.
   */
  #once(rows: Int32Array, order: Int32Array): Int32Array {
    const said = new Set<string>();
    let instant = Number.NaN;
    return order.filter((place, i) => {
      const row = rows[place]!;
      const at = this.timeMs(row);
      if (at !== instant) said.clear();
      instant = at;
      const next = order[i + 1];
      if (said.size === 0 && (next === undefined || this.timeMs(rows[next]!) !== at)) return true;
      const line = `${this.table.at(row).resource[placeOf(row)]} ${this.traceId(row)} ${this.text(row)}`;
      if (said.has(line)) return false;
      said.add(line);
      return true;
    });
  }

  view(fromMs: number, toMs: number, { traces, strings, spans, spanRowOf, shifts }: LogViewParts): LogView {
    const { rows, order: all, picked } = this.rows(fromMs, toMs, shifts);
    const order = this.#once(rows, all);
    const { length } = order;
    const ordered = <T extends Int32Array | Float64Array | Uint8Array>(column: T): T =>
      column.slice(0, length).map((_: number, i: number) => column[order[i]!]!) as T;
    const traceIds = new Int32Array(length * 4);
    const trace = new Int32Array(length).fill(-1);
    const span = new Int32Array(length).fill(-1);
    const correlation = new Int32Array(length).fill(-1);
    const texts: string[] = [];
    for (let i = 0; i < length; i++) {
      const row = rows[order[i]!]!;
      texts.push(this.text(row));
      const id = this.correlation(row);
      if (id !== null) correlation[i] = strings.id(id);
      const columns = this.table.at(row);
      const place = placeOf(row);
      if (isZero(columns.traceId, place * 4, 4)) continue;
      for (let word = 0; word < 4; word++) traceIds[i * 4 + word] = columns.traceId[place * 4 + word]!;
      trace[i] = traces.number(traceIds, i * 4);
      if (isZero(columns.spanId, place * 2, 2)) continue;
      const found = spans.find(traceIds, i * 4, columns.spanId, place * 2);
      if (found >= 0) span[i] = spanRowOf(found);
    }
    return {
      length,
      timeMs: ordered(picked.times('timeMs', shifts)),
      ...this.#resources.spread(ordered(picked.pick('resource'))),
      severity: ordered(picked.pick('severity')),
      template: ordered(picked.pick('template')),
      component: ordered(picked.pick('component')),
      trace,
      span,
      correlation,
      text: (row) => texts[row] ?? '',
      traceId: (row) => readHex(traceIds, row * 4, 4),
    };
  }
}

function textBytes(text: string): number {
  return text.length + stringOverhead;
}
