/**
 * How long a test waits for what must come. It is never what a test is about: it ends a wait that would be for ever, with
 * words on what did not come. So it is far beyond what a slow machine needs, and within the limit of a whole test, which
 * vitest.config.ts takes from here.
 */
import { setTimeout as wait } from 'node:timers/promises';

export const patienceMs = 90_000;
/** Of a whole test, and of what comes before and after tests: room for one wait, and for the work around it. */
export const testMs = 2 * patienceMs;

const lookEveryMs = 50;
/** For `vi.waitFor`, whose own second is too short. `expect.poll` has it by vitest.config.ts. */
export const patience = { timeout: patienceMs, interval: lookEveryMs } as const;

type Look<Value> = () => Value | undefined | Promise<Value | undefined>;

/** Looks until there is something to see. */
export async function until<Value>(what: string, look: Look<Value>, everyMs = lookEveryMs): Promise<Value> {
  for (const end = performance.now() + patienceMs; performance.now() < end; await wait(everyMs)) {
    const found = await look();
    if (found !== undefined) return found;
  }
  throw new Error(`${what} did not happen within ${patienceMs / 1_000} s`);
}

/** For what comes within a few turns of the loop. */
export async function untilTrue(isSo: () => boolean): Promise<void> {
  await until(`\`${isSo}\``, () => isSo() || undefined, 1);
}
