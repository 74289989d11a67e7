/**
 * What a service did each time a trace came by. A visit is (trace, service, entry operation); its items are the log
 * templates written, the internal spans and the calls made. Presence is kept and not counts, so loops and duplicates
 * vanish and traffic cancels out: a fault shows as an item that nearly every visit had and now has not, or the reverse.
 *
 *   trace 7, cart, GET /items  →  { I "load cart <*>", S SELECT items, C stock GET /level }
 */
import { type Steps, stretches } from '../steps.ts';
import { peerKind, type TelemetryWindow } from '../telemetry.ts';
import type { CallTree } from './call-tree.ts';
import { Counts, pairKey } from './counts.ts';
import { hollowItemsOf } from './hollow-items.ts';
import { gradeOf, type Lexicon, maskOperation, translator } from './lexicon.ts';
import { lostEntries } from './lost-entries.ts';
import { PairTable, widened } from './pair-table.ts';
import { pathsOf } from './visit-paths.ts';

export interface Visits {
  readonly count: number;
  /** By visit: trace, unit (service and entry operation, in the lexicon), service, entry row (-1: known from logs alone). */
  readonly trace: Int32Array;
  readonly unit: Int32Array;
  /** By visit: its path, that is the unit and the steps and calls it took, in the lexicon. Log lines do not matter to it. */
  readonly path: Int32Array;
  readonly service: Int32Array;
  readonly entryRow: Int32Array;
  /** Visit of each span and each log line; -1 where it has none. */
  readonly ofSpan: Int32Array;
  readonly ofLog: Int32Array;
  /** Each item of each visit once, with a row it was seen in: span row, or log row where the item is a log template. */
  readonly itemVisit: Int32Array;
  readonly item: Int32Array;
  readonly itemRow: Int32Array;
  /** 1 for traces with at least one log line of any service. */
  readonly logged: Uint8Array;
  /** Trace of each log line: its own, or a number past the window's traces that stands for its correlation id. */
  readonly traceOfLog: Int32Array;
}

/** `past`: what steps were seen within before (see lost-entries.ts). */
export function* visitsOf(window: TelemetryWindow, tree: CallTree, lexicon: Lexicon, past = new Counts(1)): Steps<Visits> {
  const builder = new VisitBuilder(window, tree, lexicon);
  const lost = lostEntries(window, tree, lexicon, past);
  for (const [from, to] of stretches(window.spans.length)) yield builder.addSpans(from, to, lost);
  for (const [from, to] of stretches(window.spans.length)) yield builder.addCalls(from, to);
  for (const [from, to] of stretches(window.logs.length)) yield builder.addLogs(from, to);
  return builder.done();
}

/** Log lines of one trace are matched with at most this many entries; a trace with more is a loop of the same few. */
const entryLimit = 200;

class VisitBuilder {
  readonly #window: TelemetryWindow;
  readonly #tree: CallTree;
  readonly #lexicon: Lexicon;
  /** (trace, unit) of each visit, (visit, item) of each item. */
  readonly #visits: PairTable;
  readonly #items: PairTable;
  #entryRow: Int32Array;
  #itemRow: Int32Array;
  readonly #ofSpan: Int32Array;
  readonly #ofLog: Int32Array;
  readonly #traceOfLog: Int32Array;
  readonly #serviceName: (id: number) => number;
  readonly #operation: (id: number) => number;
  readonly #hollowItems: (row: number) => readonly number[];
  readonly #units = new Map<number, number>();
  readonly #pairs = new Map<number, number>();
  readonly #correlations = new Map<number, number>();
  /** By operation of the window: the item that a step of it is. */
  readonly #steps: Int32Array;
  #lastTop = -1;
  #lastUnit = -1;
  #traces: number;

  constructor(window: TelemetryWindow, tree: CallTree, lexicon: Lexicon) {
    this.#window = window;
    this.#tree = tree;
    this.#lexicon = lexicon;
    this.#traces = window.traces;
    // A visit has two spans or more as a rule, an item is a span or a line.
    const [spans, lines] = [window.spans.length, window.logs.length];
    this.#visits = new PairTable((spans + lines) / 2);
    this.#items = new PairTable(spans + lines);
    this.#entryRow = new Int32Array((spans + lines) / 2 + 64);
    this.#itemRow = new Int32Array(spans + lines + 64);
    this.#steps = new Int32Array(window.strings.size).fill(-1);
    this.#ofSpan = new Int32Array(window.spans.length).fill(-1);
    this.#ofLog = new Int32Array(window.logs.length).fill(-1);
    this.#traceOfLog = Int32Array.from(window.logs.trace);
    this.#serviceName = translator(window, (text) => lexicon.id(text));
    this.#operation = translator(window, (text) => lexicon.id(maskOperation(text)));
    this.#hollowItems = hollowItemsOf(window, lexicon);
  }

  /** `lost`: by row of a visit's top, the entry that was lost above it. */
  addSpans(from: number, to: number, lost: Int32Array | null): undefined {
    const { spans } = this.#window;
    const { entry } = this.#tree;
    for (let row = from; row < to; row++) {
      const top = entry[row]!;
      const own = this.#ownUnit(top);
      const unit = lost !== null && lost[top]! >= 0 ? lost[top]! : own;
      const visit = this.#visit(spans.trace[row]!, unit, top);
      this.#ofSpan[row] = visit;
      if (row !== top || unit !== own) this.#add(visit, this.#step(spans.operation[row]!), row);
    }
  }

  /** Once all spans have their visits. */
  addCalls(from: number, to: number): undefined {
    const { spans } = this.#window;
    const { parent } = this.#tree;
    for (let row = from; row < to; row++) {
      const p = parent[row]!;
      if (p >= 0 && spans.service[p] !== spans.service[row])
        this.#add(this.#ofSpan[p]!, this.#pair('C', this.#serviceName(spans.service[row]!), this.#operation(spans.operation[row]!)), row);
      else if (spans.peerKind[row] !== peerKind.none && spans.peer[row]! >= 0)
        this.#add(this.#ofSpan[row]!, this.#pair('P', this.#serviceName(spans.peer[row]!), -1), row);
    }
  }

  addLogs(from: number, to: number): undefined {
    const { logs } = this.#window;
    for (let row = from; row < to; row++) {
      const trace = this.#traceOf(row);
      if (trace < 0) continue;
      const span = logs.span[row]!;
      const visit =
        span >= 0 && this.#window.spans.service[span] === logs.service[row] ? this.#ofSpan[span]! : this.#visitOfLine(row, trace);
      this.#ofLog[row] = visit;
      this.#add(visit, this.#lineItem(row), row);
      for (const item of this.#hollowItems(row)) this.#add(visit, item, row);
    }
  }

  done(): Visits {
    const logged = new Uint8Array(this.#traces);
    for (const trace of this.#traceOfLog) if (trace >= 0) logged[trace] = 1;
    const services = new Map<number, number>();
    const { left: trace, right: unit } = this.#visits.columns();
    const { left: itemVisit, right: item } = this.#items.columns();
    return {
      count: trace.length,
      trace,
      unit,
      path: pathsOf(this.#lexicon, unit, itemVisit, item),
      service: unit.map((number) => this.#serviceOf(number, services)),
      entryRow: this.#entryRow.subarray(0, this.#visits.length),
      ofSpan: this.#ofSpan,
      ofLog: this.#ofLog,
      itemVisit,
      item,
      itemRow: this.#itemRow.subarray(0, this.#items.length),
      logged,
      traceOfLog: this.#traceOfLog,
    };
  }

  /** The line's trace, or a trace of its own for all lines that share a correlation id. */
  #traceOf(row: number): number {
    const { logs } = this.#window;
    if (logs.trace[row]! >= 0) return logs.trace[row]!;
    const correlation = logs.correlation[row]!;
    if (correlation < 0) return -1;
    let trace = this.#correlations.get(correlation);
    if (trace === undefined) {
      trace = this.#traces++;
      this.#correlations.set(correlation, trace);
    }
    this.#traceOfLog[row] = trace;
    return trace;
  }

  /** The latest visit of the line's service in its trace that had begun and not ended when the line was written. */
  #visitOfLine(row: number, trace: number): number {
    const { logs, spans } = this.#window;
    const { startMs, entry, firstOfTrace, nextOfTrace } = this.#tree;
    const service = logs.service[row]!;
    const at = logs.timeMs[row]! + (this.#tree.offsets.get(service) ?? 0);
    let best = -1;
    let any = -1;
    let steps = 0;
    for (
      let other = trace < this.#window.traces ? firstOfTrace[trace]! : -1;
      other >= 0 && steps < entryLimit;
      other = nextOfTrace[other]!
    ) {
      if (entry[other] !== other || spans.service[other] !== service) continue;
      steps++;
      if (any < 0) any = other;
      const begun = startMs[other]! <= at + 5 && at <= startMs[other]! + spans.durationMs[other]! + 50;
      if (begun && (best < 0 || startMs[other]! > startMs[best]!)) best = other;
    }
    const found = best >= 0 ? best : any;
    if (found >= 0) return this.#ofSpan[found]!;
    const name = this.#serviceName(service);
    return this.#visit(trace, this.#unitOf(name, this.#lexicon.id('')), -1);
  }

  #lineItem(row: number): number {
    const { logs } = this.#window;
    const template = this.#lexicon.template(this.#window, logs.template[row]!);
    const severity = logs.severity[row]!;
    const grade = gradeOf(severity, severity > 0 ? '' : this.#lexicon.templateText(template));
    return this.#pair(grade, template, -1);
  }

  /** Where a visit begins with this span. Neighbours are mostly of one visit. */
  #ownUnit(top: number): number {
    if (top !== this.#lastTop) {
      const { spans } = this.#window;
      this.#lastTop = top;
      this.#lastUnit = this.#unitOf(this.#serviceName(spans.service[top]!), this.#operation(spans.operation[top]!));
    }
    return this.#lastUnit;
  }

  #step(operation: number): number {
    const known = this.#steps[operation] ?? -1;
    if (known >= 0) return known;
    const item = this.#pair('S', this.#operation(operation), -1);
    this.#steps[operation] = item;
    return item;
  }

  #unitOf(service: number, operation: number): number {
    const key = pairKey(service, operation);
    let unit = this.#units.get(key);
    if (unit === undefined) {
      const { names } = this.#lexicon;
      unit = this.#lexicon.id('U', names.text(service), names.text(operation));
      this.#units.set(key, unit);
    }
    return unit;
  }

  /** An item's name: its kind, and the names it is made of. */
  #pair(kind: string, left: number, right: number): number {
    const key = pairKey(left, right + 1) * 8 + 'SCPEWI'.indexOf(kind);
    let item = this.#pairs.get(key);
    if (item === undefined) {
      const { names } = this.#lexicon;
      const text = kind === 'E' || kind === 'W' || kind === 'I' ? this.#lexicon.templateText(left) : names.text(left);
      item = right < 0 ? this.#lexicon.id(kind, text) : this.#lexicon.id(kind, text, names.text(right));
      this.#pairs.set(key, item);
    }
    return item;
  }

  #visit(trace: number, unit: number, entryRow: number): number {
    const before = this.#visits.length;
    const visit = this.#visits.number(trace, unit);
    if (visit < before) return visit;
    if (visit === this.#entryRow.length) this.#entryRow = widened(this.#entryRow);
    this.#entryRow[visit] = entryRow;
    return visit;
  }

  #serviceOf(unit: number, known: Map<number, number>): number {
    let service = known.get(unit);
    if (service === undefined) {
      service = this.#lexicon.id(this.#lexicon.parts(unit)[1] ?? '');
      known.set(unit, service);
    }
    return service;
  }

  #add(visit: number, item: number, row: number): void {
    const before = this.#items.length;
    const number = this.#items.number(visit, item);
    if (number < before) return;
    if (number === this.#itemRow.length) this.#itemRow = widened(this.#itemRow);
    this.#itemRow[number] = row;
  }
}
