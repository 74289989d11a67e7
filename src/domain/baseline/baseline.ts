/**
 * What normal looks like: counts and sketches per minute, learned from telemetry once it is old enough that an incident
 * would have shown (quarantine), coalesced as they age, and persisted. An investigation reads summaries from it and
 * never goes back to the telemetry of the normal period.
 */
import type { TelemetryWindow } from '../telemetry.ts';

export interface Baseline {
  /** Learns the stretch [fromMs, toMs) from a window that reaches a little further, so that traces are whole. */
  learn(window: TelemetryWindow, fromMs: number, toMs: number): void;
  /** End of what was learned; null before the first. */
  readonly learnedUntil: number | null;
  /** JSON-able state. */
  snapshot(): unknown;
}
