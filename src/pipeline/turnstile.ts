/**
 * Whose turn it is to keep the processor: long arithmetic goes through one at a time, the most urgent first, and in slices, so
 * that the event loop sees to everything else in between. What is about to be called out to people goes before all of it:
 *
 *   card of INC-7      claimed ─▶ call ─┐
 *   ranking of INC-7            waits ──┘▶ slice ▶ slice ▶ slice
 *   ranking of INC-8                         waits ──────────────▶ slice ▶ …
 *
 * Eight rankings in a row held up every alert and every card for two seconds under load (measured with `npm run chaos -- --soak`).
 */
import type { Breathe } from '../domain/steps.ts';

/** Long arithmetic of one owner, who begins and ends it as often as it has to wait for others meanwhile. */
export interface Turn {
  /** Resolves when the turn has come; at once while it lasts. */
  begin(): Promise<void>;
  /** Between two slices. */
  readonly breathe: Breathe;
  end(): void;
}

export interface Turnstile {
  /** Lower goes first; among equals who came first. */
  turn(urgency: number): Turn;
  /** Somebody is about to call out: no slice begins until the answer is called, or a moment has gone by. */
  ahead(): () => void;
}

export interface TurnstileOptions {
  /** Elapsed ms of unspecified origin. */
  readonly clock?: () => number;
  /** How long arithmetic may keep the event loop. */
  readonly sliceMs?: number;
  /** How long it waits for whoever calls out: long enough to reach a server nearby, too short to matter in a report. */
  readonly momentMs?: number;
}

/** People wait for the first report, most of all for a critical one; later rounds change what they already have. */
export const urgencies = { critical: 0, first: 1, laterRound: 2 } as const;

/** Of the event loop between two slices: from a socket to the disk and back takes a request about as many. */
const turnsBetween = 3;

export function createTurnstile({ clock = () => performance.now(), sliceMs = 12, momentMs = 40 }: TurnstileOptions = {}): Turnstile {
  const waiting: { readonly urgency: number; readonly go: () => void }[] = [];
  const callers = new Set<Promise<void>>();
  let isTaken = false;
  let sliceBegan = 0;

  async function rest(): Promise<void> {
    for (let turn = 0; turn < turnsBetween; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
    await Promise.all(callers);
    sliceBegan = clock();
  }

  function next(): void {
    const [first] = waiting.toSorted((a, b) => a.urgency - b.urgency);
    isTaken = first !== undefined;
    if (first === undefined) return;
    waiting.splice(waiting.indexOf(first), 1);
    first.go();
  }

  return {
    turn(urgency) {
      let isOurs = false;
      return {
        async begin() {
          if (isOurs) return;
          isOurs = true;
          if (isTaken) await new Promise<void>((go) => void waiting.push({ urgency, go }));
          isTaken = true;
          await rest();
        },
        breathe: () => (clock() - sliceBegan < sliceMs ? undefined : rest()),
        end() {
          if (!isOurs) return;
          isOurs = false;
          next();
        },
      };
    },
    ahead() {
      let letGo = () => {};
      const called = new Promise<void>((resolve) => {
        letGo = resolve;
      });
      callers.add(called);
      const over = () => {
        clearTimeout(timer);
        callers.delete(called);
        letGo();
      };
      const timer = setTimeout(over, momentMs);
      return over;
    },
  };
}

/** Of whoever has the processor to itself, as a command that replays incidents has. */
export const freely: Turn = { begin: async () => {}, breathe: () => undefined, end: () => {} };
