/** A trace as indented rows a person can read in a thread. */
import type { Span } from './telemetry.ts';
import { duration } from './wording.ts';

const maxTraceRows = 30;

/** Indented by depth; failed spans are marked, and shown before others where not all fit. */
export function traceTree(spans: readonly Span[], start: number): string[] {
  const byId = new Map(spans.map((s) => [s.spanId, s]));
  const depth = (s: Span): number => {
    let up = 0;
    for (let at = s; up < 12; up++) {
      const parent = at.parentSpanId === null ? undefined : byId.get(at.parentSpanId);
      if (parent === undefined) return up;
      at = parent;
    }
    return up;
  };
  const shown = new Set([...spans].sort((a, b) => Number(b.status === 2) - Number(a.status === 2)).slice(0, maxTraceRows));
  const rows = spans
    .filter((s) => shown.has(s))
    .map(
      (s) =>
        `${'  '.repeat(depth(s))}${s.status === 2 ? 'FAILED ' : ''}${s.service} ${s.operation} +${duration(s.startMs - start)} took ${duration(s.durationMs)}${s.problem === null ? '' : `: ${s.problem.slice(0, 160)}`}`,
    );
  return shown.size < spans.length ? [...rows, `… and ${spans.length - shown.size} more spans`] : rows;
}
