/**
 * Visits whose entry span was lost (a sampled, dropped or late span): what is left of one begins at some inner step and
 * would be a visit of its own kind, each time another. Where a step nearly always leads up to one and the same entry of its
 * service, that is the entry the visit must have had. A minute shows rare steps too seldom to tell, so what steps were seen
 * within is part of what is normal.
 *
 *   past      GET /items ⊃ ItemController.get ⊃ ItemRepository.find
 *   now       ItemRepository.find alone in its trace        →  a visit to GET /items
 */
import type { TelemetryWindow } from '../telemetry.ts';
import type { CallTree } from './call-tree.ts';
import { Counts, leftOf, pairKey, rightOf } from './counts.ts';
import { type Lexicon, maskOperation, translator } from './lexicon.ts';

/** Share of a step's spans that must lead to the same entry. */
const usualShare = 0.8;
/** SDKs deliver up to 5 s late (OTel's batch processors): what ended less than this before the newest span may have its entry, or its far side, yet to come. */
const deliveredMs = 5_000;
const deepest = 16;

/** By row: its operation in its service, as the name of a visit that would begin there. */
function unitNames({ strings, spans }: TelemetryWindow, lexicon: Lexicon): (row: number) => number {
  const operation = translator({ strings } as TelemetryWindow, (text) => lexicon.id(maskOperation(text)));
  const known = new Map<number, number>();
  return (row) => {
    const key = pairKey(spans.service[row]!, spans.operation[row]!);
    let name = known.get(key);
    if (name === undefined) {
      name = lexicon.id('U', strings.text(spans.service[row]!), lexicon.names.text(operation(spans.operation[row]!)));
      known.set(key, name);
    }
    return name;
  };
}

const isTop = ({ entry, parent, adopted }: CallTree, row: number): boolean =>
  entry[row] === row && (parent[row] === -2 || adopted[row] === 1);

/** By (step, what it was seen directly within), both named as visits; an entry was seen within itself. */
export function stepsWithin(window: TelemetryWindow, tree: CallTree, lexicon: Lexicon): Counts {
  const within = new Counts(1);
  const unitOf = unitNames(window, lexicon);
  for (let row = 0; row < window.spans.length; row++)
    if (!isTop(tree, row)) within.add(pairKey(unitOf(row), unitOf(tree.entry[row] === row ? row : tree.parent[row]!)), 0);
  return within;
}

/** The entry that nearly all spans of a step lead to; null: now this, now that, or never seen within anything. */
export function entryFinder(...seen: readonly Counts[]): (step: number) => number | null {
  const within = new Map<number, Map<number, number>>();
  for (const counts of seen)
    for (const key of counts.keys()) {
      const of = within.get(leftOf(key)) ?? new Map<number, number>();
      within.set(leftOf(key), of);
      of.set(rightOf(key), (of.get(rightOf(key)) ?? 0) + counts.sum(key));
    }
  const found = new Map<number, number | null>();
  const entryOf = (step: number, depth: number): number | null => {
    const known = found.get(step);
    if (known !== undefined) return known;
    found.set(step, null);
    const votes = new Map<number, number>();
    let total = 0;
    for (const [outer, times] of within.get(step) ?? []) {
      const entry = outer === step || depth === deepest ? outer : entryOf(outer, depth + 1);
      total += times;
      if (entry !== null) votes.set(entry, (votes.get(entry) ?? 0) + times);
    }
    const [best] = [...votes].sort(([, a], [, b]) => b - a);
    const entry = best !== undefined && best[1] >= usualShare * total ? best[0] : null;
    found.set(step, entry);
    return entry;
  };
  return (step) => entryOf(step, 0);
}

/** By row of a lost visit's top: the entry it must have had; -1 elsewhere. null where no entry was lost. */
export function lostEntries(window: TelemetryWindow, tree: CallTree, lexicon: Lexicon, past: Counts): Int32Array | null {
  const { spans } = window;
  const isOver = overTraces(window, tree);
  // An entry ends after its steps: of a request that may be under way (its root is not here) it is not lost, and neither is
  // what it has yet to do.
  const isLost = (row: number): boolean => isTop(tree, row) && isOver[spans.trace[row]!] === 1;
  const entries = new Int32Array(spans.length).fill(-1);
  let entryOf: ((step: number) => number | null) | null = null;
  const unitOf = unitNames(window, lexicon);
  for (let row = 0; row < spans.length; row++) {
    if (!isLost(row)) continue;
    entryOf ??= entryFinder(stepsWithin(window, tree, lexicon), past);
    entries[row] = entryOf(unitOf(row)) ?? -1;
  }
  return entryOf === null ? null : entries;
}

/** 1 for traces that have come whole, or will not: their root is here, or nothing of them is new. */
function overTraces({ spans, traces }: TelemetryWindow, tree: CallTree): Uint8Array {
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
  for (let trace = 0; trace < traces; trace++) if (lastEndMs[trace]! < newestMs - deliveredMs) isOver[trace] = 1;
  return isOver;
}

/** Tells for a span row whether it ended so lately that what others send of it may have yet to come. */
export function endedJustNow({ spans }: TelemetryWindow, tree: CallTree): (row: number) => boolean {
  const endMs = (row: number): number => tree.startMs[row]! + spans.durationMs[row]!;
  let newestMs = Number.NEGATIVE_INFINITY;
  for (let row = 0; row < spans.length; row++) if (endMs(row) > newestMs) newestMs = endMs(row);
  return (row) => endMs(row) > newestMs - deliveredMs;
}

/** Notes each span that has a caller, and whether the caller's span is lost; traces at the window's edge, or under way, are left out. */
export function noteCallers(window: TelemetryWindow, tree: CallTree, note: (trace: number, isLost: boolean) => void): void {
  const { spans } = window;
  const isOver = overTraces(window, tree);
  for (let row = 0; row < spans.length; row++) {
    const trace = spans.trace[row]!;
    if (spans.parent[row] !== -1 && tree.cut[trace] !== 1 && isOver[trace] === 1) note(trace, spans.parent[row] === -2);
  }
}
