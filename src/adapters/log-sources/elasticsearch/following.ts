/**
 * Following a store that can only be searched: it is looked at again and again, each time from a while before the last line,
 * because documents become visible a second after they were written and come a little out of order. What was seen is known
 * by its id.
 */
import { setTimeout as wait } from 'node:timers/promises';
import type { Log } from '../../../adapter.ts';
import type { LogEntry } from '../../../domain/log-entry.ts';
import { entriesOf, type ShippedLine } from '../../../domain/log-shape/lines.ts';
import { Remembered } from '../../../domain/remembered.ts';
import type { LogQuery } from '../../../ports/sources.ts';

export interface Following {
  /** Oldest first, the newest kept. */
  readonly look: (
    query: LogQuery,
    signal: AbortSignal,
  ) => Promise<{ readonly hits: readonly { readonly key: string; readonly line: ShippedLine }[]; readonly isCut: boolean }>;
  readonly fromMs: number;
  readonly take: (lines: LogEntry[]) => Promise<void>;
  readonly signal: AbortSignal;
  readonly everyMs: number;
  readonly now: () => number;
  readonly log: Log;
}

/** Documents are searchable a second after they were written (`index.refresh_interval`), and shippers batch. */
const overlapMs = 10_000;
/** One page, then as many as may be. */
const usualLines = 1_000;
const maxLines = 10_000;
const lookMs = 10_000;
/** More than are looked at again. */
const maxSeen = 50_000;

export async function followByLooking({ look, fromMs, take, signal, everyMs, now, log }: Following): Promise<void> {
  const seen = new Remembered(maxSeen);
  let lastMs = fromMs + overlapMs;
  const lookedAt = async (from: number) => {
    const until = AbortSignal.any([signal, AbortSignal.timeout(lookMs)]);
    const window = { fromMs: from, toMs: now() + 1 };
    const few = await look({ window, limit: usualLines }, until);
    const { hits, isCut } = few.isCut ? await look({ window, limit: maxLines }, until) : few;
    if (isCut) log.warn('more lines were written than could be followed', { source: 'elasticsearch' });
    return hits;
  };
  while (!signal.aborted) {
    const hits = await lookedAt(lastMs - overlapMs).catch((error: unknown) => {
      if (signal.aborted) return [];
      throw error;
    });
    const fresh = hits.filter(({ key }) => seen.isNew(key)).map(({ line }) => line);
    for (const { reading } of fresh) lastMs = Math.max(lastMs, Math.min(reading.entry.timeMs ?? 0, now()));
    // An empty batch says that the connection stands.
    await take(entriesOf(fresh, now()));
    await wait(everyMs, undefined, { signal }).catch(() => {});
  }
}
