/**
 * Deliveries that were seen. Keys begin with what an alarm is and end in a time; the table has them by their ends, so that they
 * lie in the order of time, and what comes in together is written side by side: a page for many, where each had one of its own.
 *
 * Of a delivery that came about when its key says, the key tells when it may be forgotten. When any other came is kept beside it:
 * what came together in one row, in the order of time.
 *
 *   seen   1764072000000:alertmanager:f1:firing → INC-7     arrivals  1764072000123 × 2^20 → ["~C1:said:answer"]
 *          ~C1:said:answer → INC-7
 *
 * Most of what comes was never seen, and began after whatever was: that much is known without a look into the file (`recent`).
 */
import type { DatabaseSync } from 'node:sqlite';
import type { LedgerChange } from '../../../ports.ts';
import { createRecentNames, nothingKnown } from './recent-names.ts';
import { seenName, type SeenName } from './seen-name.ts';

export interface SeenKeys {
  /** Which of these were seen, and the incident each went to. Not to be called within a transaction. */
  among(keys: readonly string[]): Map<string, string | null>;
  /** None of them was. To be called within a transaction, as `put` is. */
  areNew(seen: Seen): boolean;
  put(seen: Seen): void;
}

export interface SeenOptions {
  /** Beside another writer nothing is known but what the file says. */
  readonly writers: 'this one' | 'another';
  readonly now: () => number;
  readonly rememberMs: number;
}

/** An arrival's row number is its ms since the epoch times this, and its place among those of the same ms. */
export const arrivalsEach = 2 ** 20;
/** Deliveries in one row of arrivals, and so many are forgotten in one go. */
export const mostTogether = 256;

/** How far a delivery may come from when its key says, to be forgotten by that: a day of a month. */
export const slackOf = (rememberMs: number) => rememberMs / 30;

type Seen = NonNullable<LedgerChange['seen']>;

/** Sorts behind all that begin with a time. */
const undated = '~';

/** Deliveries a statement: calling one costs about what SQLite does for a row, and beyond this hardly less is left to save. */
const rowsEach = 16;
const rows = (row: string): string => Array.from({ length: rowsEach }, () => row).join(', ');

export function createSeenKeys(db: DatabaseSync, { writers, now, rememberMs }: SeenOptions): SeenKeys {
  const recent = writers === 'another' ? nothingKnown : createRecentNames(db, now);
  const find = db.prepare(`SELECT incident_id FROM seen WHERE name IN (?1, '${undated}' || ?1)`);
  const put = seenWriter(db, slackOf(rememberMs));
  const begin = db.prepare('BEGIN');
  const end = db.prepare('COMMIT');
  /** Keys that were asked for last and are not there, with their names: most are about to be put, and need not be looked for again. */
  let unseen = new Map<string, SeenName>();

  const incidentOf = ({ text }: SeenName): string | null | undefined => {
    const id = find.get(text)?.['incident_id'];
    return typeof id === 'string' ? id : id === null ? null : undefined;
  };
  return {
    among(keys) {
      unseen = new Map();
      recent.moveOn();
      const seen = new Map<string, string | null>();
      const open: [key: string, name: SeenName][] = [];
      for (const key of keys) {
        const name = seenName(key);
        if (recent.isNew(name)) unseen.set(key, name);
        else open.push([key, name]);
      }
      if (open.length === 0) return seen;
      // In one transaction: by itself each look would lock the file and let go of it again.
      begin.run();
      try {
        for (const [key, name] of open) {
          const incident = incidentOf(name);
          if (incident === undefined) unseen.set(key, name);
          else seen.set(key, incident);
        }
      } finally {
        end.run();
      }
      return seen;
    },
    areNew: (seen) => seen.every(({ key }) => unseen.has(key) || incidentOf(seenName(key)) === undefined),
    put(seen) {
      if (seen.length === 0) return;
      const names = seen.map(({ key }) => unseen.get(key) ?? seenName(key));
      // Also where the transaction comes to nothing: whoever tries again asks again, and finds that it is not there.
      for (const name of names) recent.add(name);
      unseen = new Map();
      put(seen, names);
    },
  };
}

function seenWriter(db: DatabaseSync, slackMs: number): (seen: Seen, names: readonly SeenName[]) => void {
  const insert = db.prepare('INSERT OR IGNORE INTO seen VALUES (?, ?)');
  const insertAll = db.prepare(`INSERT OR IGNORE INTO seen VALUES ${rows('(?, ?)')}`);
  const arrive = db.prepare(
    `INSERT INTO arrivals SELECT coalesce(max(row) + 1, cast(?1 AS INTEGER) * ${arrivalsEach}), ?2 FROM arrivals
     WHERE row >= cast(?1 AS INTEGER) * ${arrivalsEach} AND row < (cast(?1 AS INTEGER) + 1) * ${arrivalsEach}`,
  );

  return (seen, names) => {
    const arrived: string[] = [];
    const stored = names.map(({ text, time }, place) => {
      if (Math.abs(time - (seen[place]?.at ?? 0)) <= slackMs) return text;
      arrived.push(undated + text);
      return undated + text;
    });
    const whole = stored.length - (stored.length % rowsEach);
    let values: (string | null)[] = [];
    seen.forEach(({ incidentId }, place) => {
      if (place >= whole) {
        insert.run(stored[place] ?? '', incidentId);
        return;
      }
      values.push(stored[place] ?? '', incidentId);
      if (values.length < 2 * rowsEach) return;
      insertAll.run(...values);
      values = [];
    });
    for (let from = 0; from < arrived.length; from += mostTogether)
      arrive.run(seen[0]?.at ?? 0, JSON.stringify(arrived.slice(from, from + mostTogether)));
  };
}
