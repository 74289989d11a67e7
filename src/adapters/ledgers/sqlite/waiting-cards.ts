/**
 * Outbox entries of which this process knows how they stand: put by it, due, and in nobody's hands. In a storm every round asks for
 * the same cards again, and to ask for one that waits already changes nothing, which need not be found out in the file each time.
 * Whatever else is done to an entry ends what is known of it; so does a transaction that is taken back.
 */
import type { LedgerChange } from '../../../ports.ts';

type Entry = Omit<NonNullable<LedgerChange['outbox']>[number], 'content'>;

export interface WaitingCards {
  /** True: to put it would leave everything as it is. */
  stands(entry: Entry, content: string, now: number): boolean;
  /** `priority`: of the entry as it stands; it waits as long as this one asks for, or less. */
  add(entry: Entry, content: string): void;
  drop(id: string): void;
  clear(): void;
}

/** As many cards as may be open at once; what is not known is looked up. */
const most = 2_000;

export function createWaitingCards(): WaitingCards {
  const known = new Map<string, { readonly entry: Entry; readonly content: string }>();
  return {
    stands({ id, sink, channel, incidentId, priority, dueAt }, content, now) {
      const found = known.get(id);
      if (found === undefined || found.content !== content) return false;
      const { entry } = found;
      const isSamePlace = entry.sink === sink && entry.channel === channel && entry.incidentId === incidentId;
      return isSamePlace && entry.dueAt <= dueAt && dueAt <= now && entry.priority <= priority;
    },
    add(entry, content) {
      if (known.size >= most) known.clear();
      known.set(entry.id, { entry, content });
    },
    drop: (id) => void known.delete(id),
    clear: () => known.clear(),
  };
}
