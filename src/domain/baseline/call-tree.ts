/**
 * The traces of a window made ready for counting: clocks set straight, orphans given a parent, and for every span the
 * topmost span of its own service's stretch (the entry of the visit it belongs to).
 *
 *   gateway /orders            entry of a visit to gateway
 *     gateway HTTP GET           same stretch, same entry
 *       cart /items            entry of a visit to cart
 */
import type { TelemetryWindow } from '../telemetry.ts';
import { clockOffsets } from './clock.ts';

export interface CallTree {
  /** Start of each span with clocks set straight. */
  readonly startMs: Float64Array;
  /** As in the view, with orphans adopted where an enclosing span of the trace was found; -1 root, -2 still an orphan. */
  readonly parent: Int32Array;
  /** 1 where the parent is a guess. */
  readonly adopted: Uint8Array;
  readonly entry: Int32Array;
  /** Children as linked lists: first child of a row, next sibling of a row; -1 ends. */
  readonly firstChild: Int32Array;
  readonly nextSibling: Int32Array;
  /** Spans of a trace as linked lists. */
  readonly firstOfTrace: Int32Array;
  readonly nextOfTrace: Int32Array;
  /** When a trace began; +Infinity for one that has no span. */
  readonly traceMs: Float64Array;
  /** 1 for a trace whose beginning lies before the window. */
  readonly cut: Uint8Array;
  /** What to add to a service's clock. */
  readonly offsets: ReadonlyMap<number, number>;
}

/** Traces larger than this are left with their orphans: the search for a parent is quadratic in the worst case. */
const adoptLimit = 3000;

export function callTree(window: TelemetryWindow): CallTree {
  const { spans, traces } = window;
  const n = spans.length;
  const offsets = clockOffsets(window);
  const startMs = offsets.size === 0 ? spans.startMs : spans.startMs.map((t, row) => t + (offsets.get(spans.service[row]!) ?? 0));
  const firstOfTrace = new Int32Array(traces).fill(-1);
  const nextOfTrace = new Int32Array(n).fill(-1);
  const sizes = new Int32Array(traces);
  for (let row = n - 1; row >= 0; row--) {
    const trace = spans.trace[row]!;
    nextOfTrace[row] = firstOfTrace[trace]!;
    firstOfTrace[trace] = row;
    sizes[trace]!++;
  }
  const parent = Int32Array.from(spans.parent);
  const adopted = new Uint8Array(n);
  for (let row = 0; row < n; row++) {
    if (parent[row] === row) parent[row] = -1;
    if (parent[row] !== -2 || sizes[spans.trace[row]!]! > adoptLimit) continue;
    const found = enclosing(window, startMs, firstOfTrace, nextOfTrace, row);
    if (found < 0) continue;
    parent[row] = found;
    adopted[row] = 1;
  }
  const entry = entries(spans.service, parent);
  const firstChild = new Int32Array(n).fill(-1);
  const nextSibling = new Int32Array(n).fill(-1);
  for (let row = n - 1; row >= 0; row--) {
    const p = parent[row]!;
    if (p < 0) continue;
    nextSibling[row] = firstChild[p]!;
    firstChild[p] = row;
  }
  return {
    startMs,
    parent,
    adopted,
    entry,
    firstChild,
    nextSibling,
    firstOfTrace,
    nextOfTrace,
    ...traceTimes(window, startMs, parent),
    offsets,
  };
}

/** The tightest span of the same trace around an orphan, its own service first; -1 where there is none. */
function enclosing(window: TelemetryWindow, startMs: Float64Array, first: Int32Array, next: Int32Array, row: number): number {
  const { spans } = window;
  const from = startMs[row]!;
  const to = from + spans.durationMs[row]!;
  let best = -1;
  let bestLength = Infinity;
  for (let other = first[spans.trace[row]!]!; other >= 0; other = next[other]!) {
    if (other === row) continue;
    const length = spans.durationMs[other]!;
    // An equally long span cannot be told from a child, so it must be strictly longer: no cycles either.
    if (length <= spans.durationMs[row]! || startMs[other]! > from || startMs[other]! + length < to) continue;
    const ranked = length * (spans.service[other] === spans.service[row] ? 1 : 1000);
    if (ranked < bestLength) {
      best = other;
      bestLength = ranked;
    }
  }
  return best;
}

function entries(service: Int32Array, parent: Int32Array): Int32Array {
  const n = parent.length;
  const entry = new Int32Array(n).fill(-1);
  const path: number[] = [];
  for (let row = 0; row < n; row++) {
    let at = row;
    path.length = 0;
    // -3 marks rows on the current path: a parent chain that loops (malformed input) ends there.
    while (entry[at]! === -1) {
      const p = parent[at]!;
      path.push(at);
      entry[at] = -3;
      if (p < 0 || service[p] !== service[at] || entry[p] === -3) {
        entry[at] = at;
        break;
      }
      at = p;
    }
    const top = entry[at]!;
    for (const seen of path) entry[seen] = top;
  }
  return entry;
}

function traceTimes(window: TelemetryWindow, startMs: Float64Array, parent: Int32Array): { traceMs: Float64Array; cut: Uint8Array } {
  const { spans, traces } = window;
  const traceMs = new Float64Array(traces).fill(Infinity);
  const cut = new Uint8Array(traces);
  for (let row = 0; row < spans.length; row++) {
    const trace = spans.trace[row]!;
    if (startMs[row]! >= traceMs[trace]!) continue;
    traceMs[trace] = startMs[row]!;
    // A trace whose first span here lacks its parent, right at the window's edge, began before it.
    cut[trace] = parent[row] === -2 && startMs[row]! < window.fromMs + 5000 ? 1 : 0;
  }
  return { traceMs, cut };
}
