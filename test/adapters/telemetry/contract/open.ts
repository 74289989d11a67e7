/** How each part of the contract comes by an empty store, and the window that holds all it took. */
import type { Telemetry } from '../../../../src/ports.ts';

export interface Setting {
  readonly now: () => number;
  readonly windowMinutes: number;
  readonly maxBytes: number;
}

/** Empty, and closed when the test is over. */
export type Open = (over?: Partial<Setting>) => Promise<Telemetry>;

export const everything = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER };
