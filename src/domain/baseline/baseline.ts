/**
 * What normal looks like: counts and sketches per minute, learned from telemetry once it is old enough that an incident
 * would have shown (quarantine), coalesced as they age, and persisted. An investigation reads summaries from it and
 * never goes back to the telemetry of the normal period.
 */
import type { TelemetryWindow } from '../telemetry.ts';
import { Lexicon } from './lexicon.ts';
import { absorb, condense, emptyNormal, fade, type Normal } from './normal.ts';
import { summarise } from './period.ts';
import { restoreState, type State, stateOf } from './snapshot.ts';

/**
 * Telemetry younger than this is not learned, so that an incident is noticed before it becomes normal. Alerts come two to
 * five minutes after a fault begins (recorded incidents; Prometheus rules with `for: 5m`); ten leaves room for slow ones.
 */
export const quarantineMs = 10 * 60_000;
/** How far back of an alert the raw telemetry must reach: the quarantine and the minute that is being waited for. */
export const lookbackMs = quarantineMs + 60_000;
/** How far past the end of a stretch the window given to `learn` should reach, so that its traces are whole. */
export const overlapMs = 30_000;

/** Once in this many learned minutes the past fades; with the factor below half of it is gone after a day. */
const fadeEvery = 60;
const fadeFactor = 0.5 ** (fadeEvery / (24 * 60));
/** Above this many item counters rare ones are dropped: 16 bytes each and the map's overhead keep 64 MiB for 300 services. */
const itemLimit = 250_000;
const nameLimit = 400_000;

export interface Baseline {
  /** Learns the stretch [fromMs, toMs) from a window that reaches a little further, so that traces are whole. */
  learn(window: TelemetryWindow, fromMs: number, toMs: number): void;
  /** End of what was learned; null before the first. */
  readonly learnedUntil: number | null;
  /** Minutes of telemetry learned so far, empty ones not counted. */
  readonly minutes: number;
  readonly lexicon: Lexicon;
  readonly normal: Normal;
  /** JSON-able state. */
  snapshot(): unknown;
}

export function createBaseline(): Baseline {
  return new Learned({ lexicon: new Lexicon(), normal: emptyNormal(), minutes: 0, learnedUntil: null });
}

/** From `snapshot()`, after JSON and back. Anything else gives an empty baseline: it is learned anew within the hour. */
export function restoreBaseline(snapshot: unknown): Baseline {
  const state = restoreState(snapshot);
  return state ? new Learned(state) : createBaseline();
}

class Learned implements Baseline {
  readonly #state: State;

  constructor(state: State) {
    this.#state = state;
  }

  get learnedUntil(): number | null {
    return this.#state.learnedUntil;
  }
  get minutes(): number {
    return this.#state.minutes;
  }
  get lexicon(): Lexicon {
    return this.#state.lexicon;
  }
  get normal(): Normal {
    return this.#state.normal;
  }

  learn(window: TelemetryWindow, fromMs: number, toMs: number): void {
    const state = this.#state;
    const period = summarise(window, state.lexicon, 1, (at) => (at >= fromMs && at < toMs ? 0 : -1));
    absorb(state.normal, period, state.lexicon, fromMs, toMs);
    state.lexicon.refresh(window);
    if (state.learnedUntil === null || toMs > state.learnedUntil) state.learnedUntil = toMs;
    const before = state.minutes;
    if (period.traces.size + period.lines.size > 0) state.minutes += (toMs - fromMs) / 60_000;
    if (Math.floor(before / fadeEvery) !== Math.floor(state.minutes / fadeEvery)) fade(state.normal, fadeFactor);
    if (state.normal.items.size > itemLimit) condense(state.normal, state.lexicon);
    if (state.lexicon.names.size > nameLimit) this.#renumber();
  }

  snapshot(): unknown {
    return stateOf(this.#state);
  }

  /** Names that nothing counts any more are let go by writing the state out and reading it back. */
  #renumber(): void {
    const fresh = restoreState(stateOf(this.#state));
    if (fresh) Object.assign(this.#state, fresh);
  }
}
