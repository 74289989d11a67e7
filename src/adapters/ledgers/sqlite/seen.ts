/**
 * Deliveries that were seen. Keys begin with what an alarm is and end in a time; the table has them by their ends, so that they
 * lie in the order of time and what comes in together is written side by side: a page for many, where each had one of its own.
 *
 * When each came is asked for only to forget it. So what came together stands in one row of another table, in the order of time:
 *
 *   seen      1764072000000:alertmanager:f1:firing → INC-7     arrivals  1764072000123 × 2^20 → ["1764072000000:…f1:firing", "…f2:firing"]
 *             1764072000000:alertmanager:f2:firing → INC-7
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

/** An arrival's row number is its ms since the epoch times this, and its place among those of the same ms. */
export const arrivalsEach = 2 ** 20;
/** Deliveries in one row of arrivals: so many are forgotten in one go. */
const mostTogether = 256;

type Seen = NonNullable<LedgerChange['seen']>;

/** How the table names a delivery. */
function seenName(key: string): string {
  const at = Math.max(key.lastIndexOf(':'), key.lastIndexOf('@'));
  return at < 0 ? key : `${key.slice(at + 1)}${key[at]}${key.slice(0, at)}`;
}

/** Deliveries a statement: calling one costs about what SQLite does for a row, and beyond this hardly less is left to save. */
const rowsEach = 16;
const rows = (row: string): string => Array.from({ length: rowsEach }, () => row).join(', ');

export function createSeenKeys(db: DatabaseSync): SeenKeys {
  const find = db.prepare('SELECT name, incident_id FROM seen WHERE name = ?');
  // The order of the join is given, so that each is looked for in the table, and not all of the table among those asked for.
  const findAll = db.prepare(
    `WITH asked (name) AS (VALUES ${rows('(?)')}) SELECT seen.name, incident_id FROM asked CROSS JOIN seen USING (name)`,
  );
  const insert = db.prepare('INSERT OR IGNORE INTO seen VALUES (?, ?)');
  const insertAll = db.prepare(`INSERT OR IGNORE INTO seen VALUES ${rows('(?, ?)')}`);
  const arrive = db.prepare(
    `INSERT INTO arrivals SELECT coalesce(max(row) + 1, cast(?1 AS INTEGER) * ${arrivalsEach}), ?2 FROM arrivals
     WHERE row >= cast(?1 AS INTEGER) * ${arrivalsEach} AND row < (cast(?1 AS INTEGER) + 1) * ${arrivalsEach}`,
  );
  const begin = db.prepare('BEGIN');
  const end = db.prepare('COMMIT');
  /** Keys that were asked for last and are not there, with their names: most are about to be put, and need not be looked for again. */
  let unseen = new Map<string, string>();

  function* found(names: readonly string[]) {
    const whole = names.length - (names.length % rowsEach);
    for (let from = 0; from < whole; from += rowsEach) yield* findAll.all(...names.slice(from, from + rowsEach));
    for (const name of names.slice(whole)) yield* find.all(name);
  }

  return {
    among(keys) {
      const names = keys.map(seenName);
      const incidents = new Map<unknown, string | null>();
      // In one transaction: by itself each look would lock the file and let go of it again.
      begin.run();
      try {
        for (const { name, incident_id: id } of found(names)) incidents.set(name, typeof id === 'string' ? id : null);
      } finally {
        end.run();
      }
      unseen = new Map();
      const seen = new Map<string, string | null>();
      keys.forEach((key, i) => {
        const name = names[i] ?? '';
        const incident = incidents.get(name);
        if (incident === undefined) unseen.set(key, name);
        else seen.set(key, incident);
      });
      return seen;
    },
    areNew: (seen) => seen.every(({ key }) => unseen.has(key) || find.get(seenName(key)) === undefined),
    put(seen) {
      if (seen.length === 0) return;
      const names = seen.map(({ key }) => unseen.get(key) ?? seenName(key));
      const whole = names.length - (names.length % rowsEach);
      let values: (string | null)[] = [];
      seen.forEach(({ incidentId }, place) => {
        const name = names[place] ?? '';
        if (place >= whole) {
          insert.run(name, incidentId);
          return;
        }
        values.push(name, incidentId);
        if (values.length < 2 * rowsEach) return;
        insertAll.run(...values);
        values = [];
      });
      for (let from = 0; from < names.length; from += mostTogether)
        arrive.run(seen[from]?.at ?? 0, JSON.stringify(names.slice(from, from + mostTogether)));
      // Also where the transaction comes to nothing: whoever tries again asks again.
      unseen = new Map();
    },
  };
}
