/** Log records as columns, the lines themselves beside them. */
import type { LogRecord } from '../../domain/records.ts';
import type { LogView, StringTable } from '../../domain/telemetry.ts';
import { Table } from './growing.ts';
import { isZero, readHex, writeHex } from './identifiers.ts';
import { pick, type SpanTable } from './span-table.ts';
import type { TraceNumbers } from './trace-numbers.ts';

const makeColumns = (rows: number) => ({
  timeMs: new Float64Array(rows),
  service: new Int32Array(rows),
  severity: new Uint8Array(rows),
  template: new Int32Array(rows),
  instance: new Int32Array(rows),
  version: new Int32Array(rows),
  component: new Int32Array(rows),
  traceId: new Int32Array(rows * 4),
  spanId: new Int32Array(rows * 2),
});

/** A string costs its characters and about this much beside them. */
const stringOverhead = 24;

export class LogTable {
  readonly #table = new Table(makeColumns);
  #texts: string[] = [];
  /** Request ids are as many as requests: kept as they are, not interned for ever. */
  #correlations: (string | null)[] = [];
  #textBytes = 0;

  get length(): number {
    return this.#table.length;
  }

  get bytes(): number {
    return this.#table.bytes + this.#textBytes;
  }

  get columns() {
    return this.#table.columns;
  }

  add(log: LogRecord, template: number, intern: (text: string | null) => number): void {
    const row = this.#table.add();
    const columns = this.#table.columns;
    columns.timeMs[row] = log.timeMs;
    columns.service[row] = intern(log.resource.service);
    columns.severity[row] = log.severity;
    columns.template[row] = template;
    columns.instance[row] = intern(log.resource.instance);
    columns.version[row] = intern(log.resource.version);
    columns.component[row] = intern(log.component);
    if (log.traceId === null) columns.traceId.fill(0, row * 4, row * 4 + 4);
    else writeHex(log.traceId, columns.traceId, row * 4);
    if (log.spanId === null) columns.spanId.fill(0, row * 2, row * 2 + 2);
    else writeHex(log.spanId, columns.spanId, row * 2);
    this.#texts.push(log.text);
    this.#correlations.push(log.correlationId);
    this.#textBytes += textBytes(log.text, log.correlationId);
  }

  text(row: number): string {
    return this.#texts[row] ?? '';
  }

  correlation(row: number): string | null {
    return this.#correlations[row] ?? null;
  }

  traceId(row: number): string | null {
    return isZero(this.columns.traceId, row * 4, 4) ? null : readHex(this.columns.traceId, row * 4, 4);
  }

  cut(count: number): void {
    for (let row = 0; row < count; row++) this.#textBytes -= textBytes(this.text(row), this.correlation(row));
    this.#table.cut(count);
    this.#texts = this.#texts.slice(count);
    this.#correlations = this.#correlations.slice(count);
  }

  /** Rows of [fromMs, toMs) in time order; lines of one instant keep the order they came in. */
  view(fromMs: number, toMs: number, traces: TraceNumbers, strings: StringTable, spans: SpanTable, spanRowOf: Int32Array): LogView {
    const { columns } = this;
    const found: number[] = [];
    for (let row = 0; row < this.length; row++) if (columns.timeMs[row]! >= fromMs && columns.timeMs[row]! < toMs) found.push(row);
    found.sort((a, b) => columns.timeMs[a]! - columns.timeMs[b]! || a - b);
    const rows = Int32Array.from(found);
    const trace = new Int32Array(rows.length).fill(-1);
    const span = new Int32Array(rows.length).fill(-1);
    const correlation = new Int32Array(rows.length).fill(-1);
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i]!;
      const id = this.correlation(row);
      if (id !== null) correlation[i] = strings.id(id);
      if (isZero(columns.traceId, row * 4, 4)) continue;
      trace[i] = traces.number(columns.traceId, row * 4);
      if (isZero(columns.spanId, row * 2, 2)) continue;
      const at = spans.find(readHex(columns.traceId, row * 4, 4), readHex(columns.spanId, row * 2, 2));
      if (at >= 0) span[i] = spanRowOf[at]!;
    }
    const texts = found.map((row) => this.text(row));
    const traceIds = pick(columns.traceId, rows, 4);
    return {
      length: rows.length,
      timeMs: pick(columns.timeMs, rows, 1),
      service: pick(columns.service, rows, 1),
      severity: pick(columns.severity, rows, 1),
      template: pick(columns.template, rows, 1),
      instance: pick(columns.instance, rows, 1),
      version: pick(columns.version, rows, 1),
      component: pick(columns.component, rows, 1),
      trace,
      span,
      correlation,
      text: (row) => texts[row] ?? '',
      traceId: (row) => readHex(traceIds, row * 4, 4),
    };
  }
}

function textBytes(text: string, correlation: string | null): number {
  return text.length + stringOverhead + (correlation === null ? 0 : correlation.length + stringOverhead);
}
