/**
 * Where time goes: a span's own time (less the time of its children) by service and operation, and the gap between a
 * client span and the server span it caused (network, queue, connection pool) by edge. Durations only: no two clocks are
 * ever compared.
 */
import { rowsAStep, type Steps } from '../steps.ts';
import { peerKind, spanKind, type TelemetryWindow } from '../telemetry.ts';
import type { CallTree } from './call-tree.ts';
import { pairKey } from './counts.ts';
import type { Samples } from './histogram.ts';
import { bucketOf } from './histogram.ts';
import { type Lexicon, maskOperation, translator } from './lexicon.ts';

/**
 * Series by name in the lexicon: `D service operation` own time, `G caller callee operation` gap of an edge, `H caller callee
 * operations` the like of a call of which an end was lost, between what is left around it. Values are histogram buckets; the
 * row says where the value was seen.
 */
export type Delays = ReadonlyMap<number, Samples & { readonly rows: Int32Array }>;

/** `bucket` says which bucket of time a span belongs to; -1 leaves it out. */
export function* delaysOf(window: TelemetryWindow, tree: CallTree, lexicon: Lexicon, bucket: (row: number) => number): Steps<Delays> {
  const { spans } = window;
  const { parent, entry, firstChild, nextSibling } = tree;
  const serviceName = translator(window, (text) => lexicon.id(text));
  const operation = translator(window, (text) => lexicon.id(maskOperation(text)));
  const measured = new Measurements(spans.length);
  const series = seriesNames(lexicon);
  const callers = callingOperations(window, tree);
  const { names } = lexicon;
  const measure = (row: number): void => {
    const time = bucket(row);
    if (time < 0 || spans.kind[row] === spanKind.producer) return;
    const remote = remoteChild(window, tree, row);
    // Of a call whose surroundings were lost the two ends are still there.
    const isInner = entry[row] !== row || parent[row] === -2 || tree.adopted[row] === 1;
    const isCall = isInner && (spans.kind[row] === spanKind.client || callers.has(spans.service[row]! * 0x1000000 + spans.operation[row]!));
    const service = serviceName(spans.service[row]!);
    if (remote === guessed) {
      // Around the far end's calls there is the caller's own work as well: only what the call itself encloses is its delay.
      const child = isCall ? onlyRemoteChild(window, tree, row) : -1;
      if (child < 0) return;
      const own = ownTime(spans.durationMs, firstChild, nextSibling, tree.startMs, row);
      const within = lexicon.id(`${names.text(operation(spans.operation[child]!))} in ${names.text(operation(spans.operation[row]!))}`);
      measured.add(series('H', service, serviceName(spans.service[child]!), within), own, row, time);
    } else if (!isCall || spans.peerKind[row] === peerKind.database) {
      const own = ownTime(spans.durationMs, firstChild, nextSibling, tree.startMs, row);
      measured.add(series('D', service, operation(spans.operation[row]!), -1), own, row, time);
    } else if (remote >= 0) {
      const gap = spans.durationMs[row]! - spans.durationMs[remote]!;
      const callee = serviceName(spans.service[remote]!);
      measured.add(series('G', service, callee, operation(spans.operation[remote]!)), gap, row, time);
    } else if (remote === none && parent[row] !== -2 && spans.peer[row]! >= 0) {
      // Nobody at the far side emits: the whole call is all there is to see of it.
      measured.add(series('G', service, serviceName(spans.peer[row]!), lexicon.id('')), spans.durationMs[row]!, row, time);
    }
  };
  for (let row = 0; row < spans.length; row++) {
    if (row % rowsAStep === rowsAStep - 1) yield;
    measure(row);
  }
  return measured.bySeries();
}

/** One value a row at most, in columns; series by series in the end. */
class Measurements {
  readonly #series: Int32Array;
  readonly #values: Int32Array;
  readonly #times: Int32Array;
  readonly #rows: Int32Array;
  readonly #numbers = new Map<number, number>();
  readonly #counts: number[] = [];
  #length = 0;

  constructor(most: number) {
    [this.#series, this.#values, this.#times, this.#rows] = [0, 1, 2, 3].map(() => new Int32Array(most)) as FourColumns;
  }

  add(name: number, ms: number, row: number, time: number): void {
    let number = this.#numbers.get(name);
    if (number === undefined) {
      number = this.#numbers.size;
      this.#numbers.set(name, number);
      this.#counts.push(0);
    }
    this.#counts[number]!++;
    const at = this.#length++;
    this.#series[at] = number;
    this.#values[at] = bucketOf(ms);
    this.#times[at] = time;
    this.#rows[at] = row;
  }

  bySeries(): Delays {
    const ends: number[] = [];
    for (const count of this.#counts) ends.push((ends.at(-1) ?? 0) + count);
    const [values, times, rows] = [0, 1, 2].map(() => new Int32Array(this.#length)) as FourColumns;
    const next = ends.map((last, number) => last - this.#counts[number]!);
    for (let i = 0; i < this.#length; i++) {
      const at = next[this.#series[i]!]!++;
      values[at] = this.#values[i]!;
      times[at] = this.#times[i]!;
      rows[at] = this.#rows[i]!;
    }
    const delays = new Map<number, Samples & { readonly rows: Int32Array }>();
    for (const [name, number] of this.#numbers) {
      const [from, to] = [ends[number]! - this.#counts[number]!, ends[number]!];
      delays.set(name, { values: values.subarray(from, to), times: times.subarray(from, to), rows: rows.subarray(from, to) });
    }
    return delays;
  }
}
type FourColumns = [Int32Array, Int32Array, Int32Array, Int32Array];

function seriesNames(lexicon: Lexicon): (kind: 'D' | 'G' | 'H', a: number, b: number, c: number) => number {
  const { names } = lexicon;
  const known = new Map<number, Map<number, number>>();
  return (kind, a, b, c) => {
    // `D` has no third part, `G` and `H` always have; `H` is kept below it.
    const pair = pairKey(a, b);
    let series = known.get(pair);
    if (series === undefined) {
      series = new Map();
      known.set(pair, series);
    }
    const third = kind === 'H' ? -2 - c : c;
    let name = series.get(third);
    if (name === undefined) {
      name = c < 0 ? lexicon.id(kind, names.text(a), names.text(b)) : lexicon.id(kind, names.text(a), names.text(b), names.text(c));
      series.set(third, name);
    }
    return name;
  };
}

/** Operations that are calls to other services: their spans have a remote child at least now and then. */
function callingOperations(window: TelemetryWindow, tree: CallTree): Set<number> {
  const { spans } = window;
  const found = new Set<number>();
  for (let row = 0; row < spans.length; row++) {
    const p = tree.parent[row]!;
    if (p < 0 || spans.service[p] === spans.service[row] || tree.adopted[row] === 1 || tree.entry[p] === p) continue;
    found.add(spans.service[p]! * 0x1000000 + spans.operation[p]!);
  }
  return found;
}

const none = -1;
const several = -2;
const guessed = -3;

/** The only child in another service, or `none`, `several`, or `guessed` where one was adopted: its place is not certain. */
function remoteChild({ spans }: TelemetryWindow, tree: CallTree, row: number): number {
  let found = none;
  for (let child = tree.firstChild[row]!; child >= 0; child = tree.nextSibling[child]!) {
    if (spans.service[child] === spans.service[row] || spans.kind[child] === spanKind.consumer) continue;
    if (tree.adopted[child] === 1) return guessed;
    found = found === none ? child : several;
  }
  return found;
}

/** The only child in another service where it was adopted, -1 for none or several. */
function onlyRemoteChild({ spans }: TelemetryWindow, { firstChild, nextSibling }: CallTree, row: number): number {
  let found = -1;
  for (let child = firstChild[row]!; child >= 0; child = nextSibling[child]!) {
    if (spans.service[child] === spans.service[row]) continue;
    if (found >= 0 || spans.kind[child] === spanKind.consumer) return -1;
    found = child;
  }
  return found;
}

/** Duration less the union of the children's; a child's clock may be off, so it is clipped to its parent. */
function ownTime(duration: Float32Array, firstChild: Int32Array, nextSibling: Int32Array, startMs: Float64Array, row: number): number {
  const from = startMs[row]!;
  const to = from + duration[row]!;
  let covered = 0;
  let reached = from;
  let sorted = true;
  let previous = -Infinity;
  for (let child = firstChild[row]!; child >= 0; child = nextSibling[child]!) {
    if (startMs[child]! < previous) sorted = false;
    previous = startMs[child]!;
  }
  const cover = (start: number, end: number): void => {
    const low = Math.max(start, reached);
    const high = Math.min(end, to);
    if (high > low) {
      covered += high - low;
      reached = high;
    }
  };
  if (sorted) {
    for (let child = firstChild[row]!; child >= 0; child = nextSibling[child]!) cover(startMs[child]!, startMs[child]! + duration[child]!);
  } else {
    const children: number[] = [];
    for (let child = firstChild[row]!; child >= 0; child = nextSibling[child]!) children.push(child);
    children.sort((a, b) => startMs[a]! - startMs[b]!);
    for (const child of children) cover(startMs[child]!, startMs[child]! + duration[child]!);
  }
  return Math.max(0, duration[row]! - covered);
}
