/**
 * Deliveries that were seen. Keys begin with what an alarm is and end in a time; the table has them by their ends, so that they
 * lie in the order of time and what comes in together is written side by side: a page for many, where each had one of its own.
 */
import type { DatabaseSync } from 'node:sqlite';
import type { LedgerChange } from '../../../ports.ts';

export interface SeenKeys {
  /** Which of these were seen, and the incident each went to. Not to be called within a transaction. */
  among(keys: readonly string[]): Map<string, string | null>;
  /** None of them was. To be called within a transaction, as `put` is. */
  areNew(seen: Seen): boolean;
  put(seen: Seen): void;
}

type Seen = NonNullable<LedgerChange['seen']>;

/** How the table names a delivery. */
export function seenName(key: string): string {
  const at = Math.max(key.lastIndexOf(':'), key.lastIndexOf('@'));
  return at < 0 ? key : `${key.slice(at + 1)}${key[at]}${key.slice(0, at)}`;
}

export function createSeenKeys(db: DatabaseSync): SeenKeys {
  const find = db.prepare('SELECT incident_id FROM seen WHERE name = ?');
  const insert = db.prepare('INSERT OR IGNORE INTO seen VALUES (?, ?, ?)');
  const begin = db.prepare('BEGIN');
  const end = db.prepare('COMMIT');
  /** Keys that were asked for last and are not there, with their names: most are about to be put, and need not be looked for again. */
  let unseen = new Map<string, string>();
  return {
    among(keys) {
      const found = new Map<string, string | null>();
      const missing = new Map<string, string>();
      // In one transaction: by itself each look would lock the file and let go of it again.
      begin.run();
      try {
        for (const key of keys) {
          const name = seenName(key);
          const row = find.get(name);
          if (row === undefined) missing.set(key, name);
          else found.set(key, typeof row['incident_id'] === 'string' ? row['incident_id'] : null);
        }
      } finally {
        end.run();
      }
      unseen = missing;
      return found;
    },
    areNew: (seen) => seen.every(({ key }) => unseen.has(key) || find.get(seenName(key)) === undefined),
    put(seen) {
      for (const { key, at, incidentId } of seen) insert.run(unseen.get(key) ?? seenName(key), at, incidentId);
      // Also where the transaction comes to nothing: whoever tries again asks again.
      if (seen.length > 0) unseen = new Map();
    },
  };
}
