/** What a miner is carried on from, as JSON. */
import type { Form } from './form.ts';

export interface MinerState {
  readonly version: 1;
  readonly size: number;
  readonly uses: number;
  readonly forms: readonly Form[];
  readonly merged: readonly (readonly [number, number])[];
}

/** A copy of the state a snapshot is of, or null where it is of none. */
export function minerStateOf(snapshot: unknown): MinerState | null {
  const data = snapshot as Partial<MinerState> | null;
  const usable = typeof data === 'object' && data !== null && data.version === 1 && Array.isArray(data.forms) && Array.isArray(data.merged);
  return usable ? structuredClone(data as MinerState) : null;
}
