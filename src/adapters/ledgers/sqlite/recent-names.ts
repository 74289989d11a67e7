/**
 * What can be said of deliveries without a look into the file, by whoever alone writes to it. Names begin with the time of an alarm:
 * of the stretch after the last one that was there at the start, whatever this process has not put itself is new.
 *
 *   in the file                              | put by this process           | not known
 *   …1764071999000:…  1764072000000:…        | 1764072003000:…               |
 *                                 known after ↑                  known until ↑ (an hour ahead: clocks of senders go fast, some by years)
 */
import type { DatabaseSync } from 'node:sqlite';
import { type SeenName, timeLength } from './seen-name.ts';

export interface RecentNames {
  /** True: it was never seen. False says nothing. */
  isNew(name: SeenName): boolean;
  /** Also where it may come to nothing: then it is looked for in the file. */
  add(name: SeenName): void;
  /** To be called now and then, and not within a transaction. */
  moveOn(): void;
}

const mostNames = 2 ** 16;
const aheadMs = 3_600_000;

export const nothingKnown: RecentNames = { isNew: () => false, add: () => {}, moveOn: () => {} };

export function createRecentNames(db: DatabaseSync, now: () => number): RecentNames {
  const last = db.prepare('SELECT max(name) AS name FROM seen WHERE name < ?');
  const lastUndated = db.prepare(`SELECT max(name) AS name FROM seen WHERE name >= '~' AND name < ?`);
  const marks = createMarks(mostNames);
  let [after, until, moveAt] = [0, 0, Number.NEGATIVE_INFINITY];

  /** The latest time at which a name below this one begins; where one begins otherwise, nothing is known below all of its kind. */
  function lastBefore(bound: string): number {
    const names = [last.get(bound)?.['name'], String(lastUndated.get(`~${bound}`)?.['name'] ?? '').slice(1)];
    return Math.max(...names.map((name) => latestOf(String(name ?? ''))));
  }

  /** Of whole times: how names of one are ordered is another matter. */
  const isWithin = ({ time }: SeenName) => time > after && time < until;
  return {
    isNew: (name) => isWithin(name) && !marks.has(name.mark),
    add(name) {
      if (!isWithin(name)) return;
      marks.add(name.mark);
      // More at once than there are places for: from now on the file is asked, until it is moved on.
      if (marks.count() > 1.5 * mostNames) after = until;
    },
    moveOn() {
      const at = now();
      const isPast = at >= moveAt || at < moveAt - aheadMs;
      if (!isPast && marks.count() < mostNames) return;
      marks.clear();
      until = Math.floor(at) + aheadMs;
      after = lastBefore(String(until));
      moveAt = at + aheadMs / 2;
    },
  };
}

/** The latest ms that names may begin with which stand before this one. */
function latestOf(name: string): number {
  const digits = /^\d*/.exec(name.slice(0, timeLength))?.[0] ?? '';
  return digits === '' ? 0 : Number(digits.padEnd(timeLength, '9'));
}

/**
 * A set of numbers other than 0, with places for twice as many as are expected, in numbers alone: so many texts would be the largest part
 * of what the collector goes through. One that is not in it is told apart from all that are; two texts of one number are not, and such
 * are looked for in the file.
 */
function createMarks(most: number) {
  const table = new Int32Array(2 * most);
  const mask = table.length - 1;
  let count = 0;
  const placeOf = (mark: number): number => {
    let place = mark & mask;
    while (table[place] !== 0 && table[place] !== mark) place = (place + 1) & mask;
    return place;
  };
  return {
    has: (mark: number) => table[placeOf(mark)] !== 0,
    add(mark: number): void {
      const place = placeOf(mark);
      if (table[place] !== 0) return;
      table[place] = mark;
      count++;
    },
    count: () => count,
    clear(): void {
      if (count > 0) table.fill(0);
      count = 0;
    },
  };
}
