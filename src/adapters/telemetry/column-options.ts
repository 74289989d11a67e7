/** What the column store is made of, and what it can do besides its port for a store that replicas share. */
import type { Baseline } from '../../domain/baseline/baseline.ts';
import type { Miner } from '../../domain/templates/miner.ts';
import type { Telemetry } from '../../ports.ts';
import type { Received, Segments } from './segments.ts';

export interface ColumnTelemetryOptions {
  /** Where segments and knowledge are kept: a file of this name, in memory only (null), or where the caller says. */
  readonly file: string | null;
  readonly segments?: Segments;
  readonly now: () => number;
  readonly windowMinutes: number;
  readonly maxBytes: number;
  readonly createBaseline: () => Baseline;
  readonly restoreBaseline: (snapshot: unknown) => Baseline;
  readonly quarantineMs: number;
  /** How far past a learned stretch its window reaches, so that traces are whole. */
  readonly overlapMs: number;
  readonly restoreMiner: (snapshot: unknown) => Miner;
}

/** What came to another replica, or before a restart. `arrivedAt`: then. `isCounted`: the map has it already. */
export interface Replayed {
  readonly received: Received;
  readonly arrivedAt: number;
  readonly isCounted: boolean;
}

export interface ReplayingTelemetry extends Telemetry {
  replay(replayed: Replayed): void;
}
