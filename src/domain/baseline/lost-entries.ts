/**
 * Visits whose entry span was lost (a sampled, dropped or late span): what is left of one begins at some inner step and
 * would be a visit of its own kind, each time another. Where a step nearly always
 * leads up to one and the same entry of its service, that is the entry the visit must have had.
 */
import type { TelemetryWindow } from '../telemetry.ts';
import type { CallTree } from './call-tree.ts';

/** Share of a step's spans that must lead to the same entry. */
const usualShare = 0.8;
/** SDKs deliver up to 5 s late (OTel's batch processors): what ended less than this before the newest span may have its entry, or its far side, yet to come. */
const deliveredMs = 5_000;
const deepest = 16;

/** By row of an entry: the operation its visit is named after, its own unless the entry it stands for was lost. */
export function entryOperations({ spans, traces }: TelemetryWindow, tree: CallTree): Int32Array {
  const lastEndMs = new Float64Array(traces).fill(Number.NEGATIVE_INFINITY);
  const isOver = new Uint8Array(traces);
  let newestMs = Number.NEGATIVE_INFINITY;
  for (let row = 0; row < spans.length; row++) {
    const trace = spans.trace[row]!;
    const endMs = tree.startMs[row]! + spans.durationMs[row]!;
    if (endMs > lastEndMs[trace]!) lastEndMs[trace] = endMs;
    if (endMs > newestMs) newestMs = endMs;
    if (spans.parent[row] === -1) isOver[trace] = 1;
  }
  const isTop = (row: number): boolean => tree.entry[row] === row && (tree.parent[row] === -2 || tree.adopted[row] === 1);
  // An entry ends after its steps: of a request that may be under way (its root is not here) it is not lost, and neither is
  // what it has yet to do.
  const isLost = (row: number): boolean =>
    isTop(row) && (isOver[spans.trace[row]!] === 1 || lastEndMs[spans.trace[row]!]! < newestMs - deliveredMs);
  const operations = Int32Array.from(spans.operation);
  if (!operations.some((_, row) => isLost(row))) return operations;
  // By (service, step): what it was seen within, itself where it was an entry.
  const within = new Map<number, Map<number, number>>();
  const keyOf = (service: number, operation: number): number => service * 0x1000000 + operation;
  for (let row = 0; row < spans.length; row++) {
    if (isTop(row)) continue;
    const outer = spans.operation[tree.entry[row] === row ? row : tree.parent[row]!]!;
    const key = keyOf(spans.service[row]!, spans.operation[row]!);
    const seen = within.get(key) ?? new Map<number, number>();
    within.set(key, seen);
    seen.set(outer, (seen.get(outer) ?? 0) + 1);
  }
  const found = new Map<number, number | null>();
  /** The entry that nearly all spans of a step lead to; null: now this, now that. */
  const entryOf = (service: number, operation: number, depth: number): number | null => {
    const key = keyOf(service, operation);
    const known = found.get(key);
    if (known !== undefined) return known;
    found.set(key, null);
    const votes = new Map<number, number>();
    let total = 0;
    for (const [outer, times] of within.get(key) ?? []) {
      const entry = outer === operation || depth === deepest ? outer : entryOf(service, outer, depth + 1);
      total += times;
      if (entry !== null) votes.set(entry, (votes.get(entry) ?? 0) + times);
    }
    const [best] = [...votes].sort(([, a], [, b]) => b - a);
    const entry = best !== undefined && best[1] >= usualShare * total ? best[0] : null;
    found.set(key, entry);
    return entry;
  };
  for (let row = 0; row < spans.length; row++)
    if (isLost(row)) operations[row] = entryOf(spans.service[row]!, spans.operation[row]!, 0) ?? spans.operation[row]!;
  return operations;
}

/** Tells for a span row whether it ended so lately that what others send of it may have yet to come. */
export function endedJustNow({ spans }: TelemetryWindow, tree: CallTree): (row: number) => boolean {
  const endMs = (row: number): number => tree.startMs[row]! + spans.durationMs[row]!;
  let newestMs = Number.NEGATIVE_INFINITY;
  for (let row = 0; row < spans.length; row++) if (endMs(row) > newestMs) newestMs = endMs(row);
  return (row) => endMs(row) > newestMs - deliveredMs;
}

/** Share of the spans with a caller whose caller's span is not here, those at the window's edge left out. */
export function lostShare({ spans }: TelemetryWindow, tree: CallTree): number {
  let called = 0;
  let lost = 0;
  for (let row = 0; row < spans.length; row++) {
    if (spans.parent[row] === -1 || tree.cut[spans.trace[row]!] === 1) continue;
    called++;
    if (spans.parent[row] === -2) lost++;
  }
  return called === 0 ? 0 : lost / called;
}
