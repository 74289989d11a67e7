/** What is long over is forgotten: looked for once an hour, a few at a time until nothing is left. */
import type { Ledger } from '../ports.ts';

const everyMs = 3_600_000;

export interface RetentionOptions {
  readonly ledger: Pick<Ledger, 'forgetBefore'>;
  readonly now: () => number;
  /** Absent: nothing is forgotten, as in a replay. */
  readonly retentionMs?: number | undefined;
}

/** To be called every few seconds. */
export function createRetention({ ledger, now, retentionMs }: RetentionOptions): () => Promise<void> {
  let nextAt = Number.NEGATIVE_INFINITY;
  return async () => {
    if (retentionMs === undefined || now() < nextAt) return;
    const hasMore = await ledger.forgetBefore(now() - retentionMs);
    if (!hasMore) nextAt = now() + everyMs;
  };
}
