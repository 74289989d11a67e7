/**
 * What happened in a stretch of time, as counts: one fold over a window, used for the normal period (one bucket, added
 * to what was learned before) and for the recent minutes (a bucket for each moment the fault may have begun at).
 */
import type { Steps } from '../steps.ts';
import type { TelemetryWindow } from '../telemetry.ts';
import { type CallOrder, callOrder } from './call-order.ts';
import { type CallTree, callTree } from './call-tree.ts';
import { Counts, pairKey } from './counts.ts';
import { type Delays, delaysOf } from './delays.ts';
import { originsOf, type Origins } from './error-origins.ts';
import { type Unreached, unreachedIn, wordlessly } from './failure-text.ts';
import { gradeOf, type Lexicon, translator } from './lexicon.ts';
import { noteCallers } from './lost-entries.ts';
import { type Visits, visitsOf } from './visits.ts';

/** One line that says somebody could not be reached. */
export interface Failing extends Unreached {
  readonly row: number;
  readonly reporter: number;
  readonly bucket: number;
  readonly at: number;
}

export interface Period {
  readonly window: TelemetryWindow;
  readonly tree: CallTree;
  readonly visits: Visits;
  readonly delays: Delays;
  readonly origins: Origins;
  readonly failing: readonly Failing[];
  readonly order: CallOrder;
  /** By path (see visits.ts): visits, and visits in traces that have log lines at all. */
  readonly visited: Counts;
  readonly covered: Counts;
  /** By (path, item). */
  readonly items: Counts;
  /** By service: log lines, spans. */
  readonly lines: Counts;
  readonly spans: Counts;
  /** By service: shares of failed traces that began there. */
  readonly began: Counts;
  /** See `ofTraces`. */
  readonly traces: Counts;
  /** Bucket of each trace (also of those that are a correlation id), -1 for one that is left out. */
  readonly bucketOfTrace: Int32Array;
}

/** Keys of what is counted of traces: they themselves, those with an error, spans that have a caller, those whose caller's span was lost. */
export const ofTraces = { all: 0, failed: 1, called: 2, lost: 3 } as const;

/** Below this share, spans are late or cut off at an edge. */
export const usualLoss = 0.05;

/** Share of spans that were lost on their way here, in the buckets [from, to). */
export function lostShare(traces: Counts, from = 0, to = traces.buckets): number {
  const called = traces.sum(ofTraces.called, from, to);
  return called === 0 ? 0 : traces.sum(ofTraces.lost, from, to) / called;
}

/**
 * `bucketAt` says which bucket an instant belongs to, -1 for none; a trace belongs where its first span does. `past`: what
 * steps were seen within before. In steps, since a window may hold a million rows.
 */
export function* summarise(
  window: TelemetryWindow,
  lexicon: Lexicon,
  buckets: number,
  bucketAt: (at: number) => number,
  past = new Counts(1),
): Steps<Period> {
  const tree = callTree(window);
  yield;
  const visits = yield* visitsOf(window, tree, lexicon, past);
  yield;
  const bucketOfTrace = traceBuckets(window, tree, visits, bucketAt);
  const nameOf = translator(window, (text) => lexicon.id(text));
  const delays = yield* delaysOf(window, tree, lexicon, (row) => bucketOfTrace[window.spans.trace[row]!]!);
  yield;
  const origins = originsOf(window, tree);
  yield;
  const order = callOrder(visits, tree, lexicon, (trace) => bucketOfTrace[trace]! >= 0);
  yield;
  const failing = failingIn(window, tree, bucketAt, bucketOfTrace);
  yield;
  const counted = countVisits(visits, bucketOfTrace, buckets);
  yield;
  const period: Period = {
    window,
    tree,
    visits,
    delays,
    origins,
    order,
    failing,
    ...counted,
    lines: new Counts(buckets),
    spans: new Counts(buckets),
    began: new Counts(buckets),
    traces: new Counts(buckets),
    bucketOfTrace,
  };
  for (let trace = 0; trace < window.traces; trace++) {
    const bucket = bucketOfTrace[trace]!;
    if (bucket < 0) continue;
    period.traces.add(ofTraces.all, bucket);
    if (origins.failed[trace] === 1) period.traces.add(ofTraces.failed, bucket);
  }
  noteCallers(window, tree, (trace, isLost) => {
    const bucket = bucketOfTrace[trace]!;
    if (bucket < 0) return;
    period.traces.add(ofTraces.called, bucket);
    if (isLost) period.traces.add(ofTraces.lost, bucket);
  });
  for (const { trace, service, weight } of origins.votes)
    if (bucketOfTrace[trace]! >= 0) period.began.add(nameOf(service), bucketOfTrace[trace]!, weight);
  for (let row = 0; row < window.spans.length; row++) {
    const bucket = bucketOfTrace[window.spans.trace[row]!]!;
    if (bucket >= 0) period.spans.add(nameOf(window.spans.service[row]!), bucket);
  }
  for (let row = 0; row < window.logs.length; row++) {
    const bucket = bucketAt(window.logs.timeMs[row]! + (tree.offsets.get(window.logs.service[row]!) ?? 0));
    if (bucket >= 0) period.lines.add(nameOf(window.logs.service[row]!), bucket);
  }
  return period;
}

function traceBuckets(window: TelemetryWindow, tree: CallTree, visits: Visits, bucketAt: (at: number) => number): Int32Array {
  const first = new Float64Array(visits.logged.length).fill(Infinity);
  for (let row = 0; row < window.logs.length; row++) {
    const trace = visits.traceOfLog[row]!;
    const at = window.logs.timeMs[row]!;
    if (trace >= 0 && at < first[trace]!) first[trace] = at;
  }
  return Int32Array.from(first, (at, trace) => {
    if (tree.cut[trace] === 1) return -1;
    const began = trace < window.traces && tree.traceMs[trace]! < Infinity ? tree.traceMs[trace]! : at;
    return began === Infinity ? -1 : bucketAt(began);
  });
}

/** What is counted of visits; those marked in `skip` are left out. */
export type VisitCounts = Pick<Period, 'visited' | 'covered' | 'items'>;
export function countVisits(visits: Visits, bucketOfTrace: Int32Array, buckets: number, skip?: Uint8Array): VisitCounts {
  const visited = new Counts(buckets);
  const covered = new Counts(buckets);
  const items = new Counts(buckets);
  for (let visit = 0; visit < visits.count; visit++) {
    const trace = visits.trace[visit]!;
    const bucket = bucketOfTrace[trace]!;
    if (bucket < 0 || skip?.[visit] === 1) continue;
    visited.add(visits.path[visit]!, bucket);
    if (visits.logged[trace] === 1) covered.add(visits.path[visit]!, bucket);
  }
  for (let i = 0; i < visits.item.length; i++) {
    const visit = visits.itemVisit[i]!;
    const bucket = bucketOfTrace[visits.trace[visit]!]!;
    if (bucket >= 0 && skip?.[visit] !== 1) items.add(pairKey(visits.path[visit]!, visits.item[i]!), bucket);
  }
  return { visited, covered, items };
}

/** Failure lines, each trace and place once. */
function failingIn(window: TelemetryWindow, tree: CallTree, bucketAt: (at: number) => number, bucketOfTrace: Int32Array): Failing[] {
  const { logs } = window;
  const failing: Failing[] = [];
  const seen = new Set<string>();
  for (let row = 0; row < logs.length; row++) {
    const severity = logs.severity[row]!;
    if (severity > 0 && severity < 13) continue;
    if (severity === 0 && gradeOf(0, window.templateText(logs.template[row]!)) !== 'E' && !wordlessly.test(logs.text(row))) continue;
    const unreached = unreachedIn(logs.text(row));
    if (!unreached) continue;
    const reporter = logs.service[row]!;
    const trace = logs.trace[row]!;
    if (trace >= 0) {
      const key = `${trace} ${reporter} ${unreached.host}:${unreached.port}`;
      if (seen.has(key)) continue;
      seen.add(key);
    }
    const at = logs.timeMs[row]! + (tree.offsets.get(reporter) ?? 0);
    const bucket = trace >= 0 && bucketOfTrace[trace]! >= 0 ? bucketOfTrace[trace]! : bucketAt(at);
    if (bucket >= 0) failing.push({ ...unreached, row, reporter, bucket, at });
  }
  return failing;
}
