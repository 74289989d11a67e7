/**
 * Long arithmetic in steps: a generator that stops now and then, so that whoever runs it may let others go first. What it
 * answers is the same however it is run.
 */
export type Steps<T> = Generator<undefined, T, undefined>;

/** Rows worked on between two stops: a few milliseconds of the costliest passes over a window. */
export const rowsAStep = 1 << 14;

/** Rows in stretches of one step each. */
export function* stretches(rows: number): Generator<[from: number, to: number]> {
  for (let from = 0; from < rows; from += rowsAStep) yield [from, Math.min(rows, from + rowsAStep)];
}

export function atOnce<T>(steps: Steps<T>): T {
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
  }
}

/** Asked at every stop, and waited for where others are to go first. */
export type Breathe = () => Promise<void> | undefined;

export async function inSlices<T>(steps: Steps<T>, breathe: Breathe): Promise<T> {
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
    const pause = breathe();
    if (pause !== undefined) await pause;
  }
}
