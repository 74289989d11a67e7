/** A trace as indented rows a person can read in a thread: each span under the one that caused it. */
import { type Span, spanStatus } from './telemetry.ts';
import { duration } from './wording.ts';

const maxRows = 30;
/** Deeper calls are shown at this depth: further indentation would push the text off the line. */
const maxIndent = 12;

/** `spans` in start order. Where not all fit, failed spans and what leads to them are kept first. */
export function traceTree(spans: readonly Span[], start: number): string[] {
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  const children = new Map<Span | null, Span[]>();
  for (const span of spans) {
    const parent = (span.parentSpanId === null ? undefined : byId.get(span.parentSpanId)) ?? null;
    const siblings = children.get(parent);
    if (siblings === undefined) children.set(parent, [span]);
    else siblings.push(span);
  }
  const kept = worthShowing(spans, byId);
  const rows: string[] = [];
  // Depth first with a stack of its own: a trace may be deeper than the call stack.
  const stack = [...(children.get(null) ?? [])].reverse().map((span) => ({ span, depth: 0 }));
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const { span, depth } = next;
    if (kept.has(span)) rows.push(row(span, depth, start));
    for (const child of [...(children.get(span) ?? [])].reverse()) stack.push({ span: child, depth: depth + 1 });
  }
  return kept.size < spans.length ? [...rows, `… and ${spans.length - kept.size} more spans`] : rows;
}

function worthShowing(spans: readonly Span[], byId: ReadonlyMap<string, Span>): ReadonlySet<Span> {
  const kept = new Set<Span>();
  const ordered = [...spans].sort((a, b) => Number(b.status === spanStatus.error) - Number(a.status === spanStatus.error));
  for (const span of ordered) {
    const line: Span[] = [];
    for (let at: Span | undefined = span; at !== undefined && !kept.has(at) && !line.includes(at); ) {
      line.push(at);
      at = at.parentSpanId === null ? undefined : byId.get(at.parentSpanId);
    }
    if (kept.size + line.length > maxRows) break;
    for (const each of line) kept.add(each);
  }
  return kept;
}

function row(span: Span, depth: number, start: number): string {
  const failed = span.status === spanStatus.error ? 'FAILED ' : '';
  const problem = span.problem === null ? '' : `: ${span.problem.slice(0, 160)}`;
  const times = `+${duration(span.startMs - start)} took ${duration(span.durationMs)}`;
  return `${'  '.repeat(Math.min(depth, maxIndent))}${failed}${span.service} ${span.operation} ${times}${problem}`;
}
