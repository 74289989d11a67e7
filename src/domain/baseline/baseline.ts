/**
 * What normal looks like: counts and sketches per minute, learned from telemetry once it is old enough that an incident
 * would have shown (quarantine), coalesced as they age, and persisted. An investigation reads summaries from it and
 * never goes back to the telemetry of the normal period.
 */
import type { Steps } from '../steps.ts';
import type { TelemetryWindow } from '../telemetry.ts';
import { Lexicon } from './lexicon.ts';
import { stepsWithin } from './lost-entries.ts';
import { absorb, emptyNormal, fade, joinTemplates, type Normal } from './normal.ts';
import { summarise } from './period.ts';
import { makeRoom } from './room.ts';
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
/** Names that nothing counts any more are let go when there are a quarter more than were in use, and at least this many. */
const leastNames = 40_000;

/** Minutes whose counts are as much as what is left of those learned: of what is older, part has faded. */
export function rememberedMinutes({ minutes }: Baseline): number {
  const faded = Math.floor(minutes / fadeEvery);
  return (fadeEvery * fadeFactor * (1 - fadeFactor ** faded)) / (1 - fadeFactor) + (minutes - faded * fadeEvery);
}

export interface Baseline {
  /**
   * Learns the stretch [fromMs, toMs) from a window that reaches a little further, so that traces are whole. Between the steps
   * nobody else may learn or rank.
   */
  learn(window: TelemetryWindow, fromMs: number, toMs: number): Steps<void>;
  /** Templates that have become one since they were counted are counted as one from here on. */
  follow(window: TelemetryWindow): void;
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
  #nameLimit = leastNames;

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

  *learn(window: TelemetryWindow, fromMs: number, toMs: number): Steps<void> {
    const state = this.#state;
    this.follow(window);
    const period = yield* summarise(window, state.lexicon, 1, (at) => (at >= fromMs && at < toMs ? 0 : -1), state.normal.within);
    state.normal.within.absorb(stepsWithin(window, period.tree, state.lexicon));
    absorb(state.normal, period, state.lexicon, fromMs, toMs);
    this.follow(window);
    if (state.learnedUntil === null || toMs > state.learnedUntil) state.learnedUntil = toMs;
    const before = state.minutes;
    if (period.traces.size + period.lines.size > 0) state.minutes += (toMs - fromMs) / 60_000;
    if (Math.floor(before / fadeEvery) !== Math.floor(state.minutes / fadeEvery)) fade(state.normal, fadeFactor);
    makeRoom(state.normal, state.lexicon);
    if (state.lexicon.names.size > this.#nameLimit) this.#renumber();
  }

  follow(window: TelemetryWindow): void {
    const givenUp = this.#state.lexicon.refresh(window);
    if (givenUp.size > 0) joinTemplates(this.#state.normal, this.#state.lexicon, givenUp);
  }

  snapshot(): unknown {
    return stateOf(this.#state);
  }

  /** Names that nothing counts any more are let go by writing the state out and reading it back. */
  #renumber(): void {
    const fresh = restoreState(stateOf(this.#state));
    if (fresh) Object.assign(this.#state, fresh);
    this.#nameLimit = Math.max(leastNames, 1.25 * this.#state.lexicon.names.size);
  }
}
