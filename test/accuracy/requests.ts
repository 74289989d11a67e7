/**
 * Requests as trees of spans with their log lines, times in ms from the request's start, and the few ways faults bend
 * them. Recorded and made-up requests have the same form, so that a fault is laid onto both by the same code.
 */
import type { KeyValue } from './folder.ts';

export interface RequestSpan {
  /** Index of the parent in the request, -1 at the root. */
  parent: number;
  readonly service: string;
  readonly instance: string | null;
  readonly scope: string | null;
  readonly name: string;
  readonly kind: number;
  status: number;
  message: string | null;
  readonly attributes: KeyValue[];
  start: number;
  end: number;
  gone: boolean;
}

export interface RequestLog {
  readonly service: string;
  readonly instance: string | null;
  readonly scope: string | null;
  readonly span: number;
  at: number;
  severity: number;
  readonly text: string;
  gone: boolean;
}

export interface Request {
  readonly spans: RequestSpan[];
  readonly logs: RequestLog[];
  /** The trace id as it may stand inside log texts. */
  readonly recordedId: string;
}

export function copyOf(request: Request, stretch: number): Request {
  return {
    recordedId: request.recordedId,
    spans: request.spans.map((span) => ({
      ...span,
      attributes: [...span.attributes],
      start: span.start * stretch,
      end: span.end * stretch,
    })),
    logs: request.logs.map((log) => ({ ...log, at: log.at * stretch })),
  };
}

/** Spans where a service is entered: their parent is another service's, or none. */
export function entriesOf(request: Request, service: string): number[] {
  return request.spans.flatMap((span, index) => {
    if (span.gone || span.service !== service) return [];
    return span.parent < 0 || request.spans[span.parent]!.service !== service ? [index] : [];
  });
}

export function isWithin(request: Request, index: number, ancestor: number): boolean {
  for (let at = index; at >= 0; at = request.spans[at]!.parent) if (at === ancestor) return true;
  return false;
}

export function subtreeOf(request: Request, root: number): number[] {
  return request.spans.flatMap((span, index) => (!span.gone && isWithin(request, index, root) ? [index] : []));
}

export function childrenOf(request: Request, index: number): number[] {
  return request.spans.flatMap((span, child) => (!span.gone && span.parent === index ? [child] : []));
}

/**
 * Lets time pass (or, with a negative `by`, not pass) at one moment inside a span: it and its callers grow, what starts
 * later starts later. Spans that run beside it are left alone.
 */
export function insertTime(request: Request, at: number, by: number, inside: number): void {
  const growing = new Set<number>();
  for (let index = inside; index >= 0; index = request.spans[index]!.parent) growing.add(index);
  request.spans.forEach((span, index) => {
    if (growing.has(index)) {
      if (span.start > at) span.start += by;
      span.end += by;
    } else if (span.start >= at) {
      span.start += by;
      span.end += by;
    }
  });
  for (const log of request.logs) if (log.at >= at) log.at += by;
}

/** Takes spans away with everything below them and the lines written in them. */
export function remove(request: Request, root: number): void {
  for (const index of subtreeOf(request, root)) request.spans[index]!.gone = true;
  for (const log of request.logs) if (log.span >= 0 && request.spans[log.span]!.gone) log.gone = true;
}

/** Ends a span at a moment: what it and those below it would have done later does not happen, callers go on earlier. */
export function cutShort(request: Request, root: number, at: number): void {
  const span = request.spans[root]!;
  const end = span.end;
  if (at >= end) return;
  for (const index of subtreeOf(request, root)) {
    const below = request.spans[index]!;
    if (below.start >= at && index !== root) below.gone = true;
    else if (below.end > at) below.end = at;
  }
  for (const log of request.logs) {
    if (log.span < 0 || log.gone) continue;
    if (request.spans[log.span]!.gone || (isWithin(request, log.span, root) && log.at > at)) log.gone = true;
  }
  span.end = at;
  if (span.parent >= 0) insertTime(request, end, at - end, span.parent);
}

/** Ends a span right after one of its calls came back; dealing with the answer takes a moment. */
export function stopAfter(request: Request, root: number, call: number, handlingMs: number): void {
  const at = request.spans[call]!.end;
  cutShort(request, root, at);
  insertTime(request, at, handlingMs, root);
}

/** A moment in a visit at which its own code runs: not while it waits for a call or a store to answer. */
export function ownMoment(request: Request, entry: number, share: number): number {
  const { service, start, end } = request.spans[entry]!;
  let at = start + share * (end - start);
  for (const index of subtreeOf(request, entry)) {
    const span = request.spans[index]!;
    const waits = index !== entry && (span.service !== service || childrenOf(request, index).length === 0);
    if (waits && span.start < at && at < span.end) at = span.end;
  }
  return at;
}

/** What stays the same in a line from request to request: letters only. */
export function shapeOf(text: string): string {
  return text.replace(/[0-9a-f]*\d[0-9a-z-]*/gi, '#').slice(0, 160);
}
