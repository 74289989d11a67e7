/** The pushed telemetry with the pieces it is made of: columns, baseline and template miner. */
import { createColumnTelemetry } from './adapters/telemetry/columns.ts';
import { openSharedTelemetry, type SharedTelemetryOptions } from './adapters/telemetry/redis.ts';
import { createBaseline, overlapMs, quarantineMs, restoreBaseline } from './domain/baseline/baseline.ts';
import { restoreMiner } from './domain/templates/miner.ts';
import type { Telemetry } from './ports.ts';

export { lookbackMs } from './domain/baseline/baseline.ts';

export interface TelemetryOptions {
  /** null: memory only. */
  readonly file: string | null;
  readonly now: () => number;
  readonly windowMinutes: number;
  readonly maxBytes: number;
}

export function createTelemetry(options: TelemetryOptions): Telemetry {
  return createColumnTelemetry({ ...options, createBaseline, restoreBaseline, quarantineMs, overlapMs, restoreMiner });
}

/** The same for replicas that share it through Redis. */
export function openReplicatedTelemetry(options: Omit<SharedTelemetryOptions, 'columns'>): Promise<Telemetry> {
  const { now, windowMinutes, maxBytes } = options;
  const made = { file: null, now, windowMinutes, maxBytes, createBaseline, restoreBaseline, quarantineMs, overlapMs, restoreMiner };
  return openSharedTelemetry({ ...options, columns: (segments) => createColumnTelemetry({ ...made, segments }) });
}
