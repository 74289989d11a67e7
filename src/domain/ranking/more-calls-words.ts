/** Calls that are made more often than they were, for each request or by the minute, in words. */
import type { Flood } from './floods.ts';
import { onsetAt, type Scene } from './scene.ts';
import { type Finding, finding } from './suspicion.ts';

/** One service that calls another, or a store, more often for each request than it did. */
export interface Repeated {
  readonly caller: string;
  readonly callee: string;
  /** Calls for each request that makes any, before and since. */
  readonly before: number;
  readonly since: number;
  /** Calls that are too many. */
  readonly extra: number;
  readonly requests: number;
  readonly onset: number;
  readonly strength: number;
  /** Calls since. */
  readonly rows: readonly number[];
}

const times = (n: number): string => (n < 10 ? n.toFixed(1) : String(Math.round(n)));

export function describeRepeated(
  scene: Scene,
  { caller, callee, before, since, requests, rows, onset }: Repeated,
  strength: number,
): Finding {
  return finding({
    ...shownBy(scene, rows, onset),
    subject: `more calls to ${callee}`,
    text: `${caller} calls ${callee} ${times(since)} times for each request that needs it (${requests} requests), before ${times(before)} times.`,
    strength,
  });
}

export function describeFlood(
  scene: Scene,
  { caller, callee, before, since, requests, rows, onset, isTaking }: Flood,
  strength: number,
): Finding {
  return finding({
    ...shownBy(scene, rows, onset),
    subject: `flood of calls to ${callee}`,
    text: `${caller} calls ${callee} ${times(since)} times a minute, before ${times(before)} times, in ${requests} requests that it begins itself.`,
    strength,
    // Somebody may have sent as many messages.
    ambiguous: isTaking,
  });
}

/** The calls that show it, by the first of them. */
function shownBy(scene: Scene, rows: readonly number[], onset: number) {
  const { spans } = scene.recent.window;
  const row = rows[0] ?? -1;
  return {
    kind: 'error',
    source: 'span',
    at: row >= 0 ? scene.recent.tree.startMs[row]! : onsetAt(scene, onset),
    traceId: row >= 0 ? spans.traceId(row) : null,
    spanId: row >= 0 ? spans.spanId(row) : null,
    onset,
    traces: [...new Set(rows.map((one) => spans.trace[one]!))],
  } as const;
}
