/** Forgets deliveries and platform messages that nobody sends again, a few at a time beside ordinary changes. */
import type { DatabaseSync } from 'node:sqlite';
import { timeLength } from './seen-name.ts';
import { arrivalsEach, mostTogether, slackOf } from './seen.ts';

export interface Pruning {
  /** To be called within a transaction that is about to remember `arriving` deliveries. */
  makeRoom(arriving: number): void;
}

/** Twice what arrives: a store that has fallen behind catches up, and no single change pays for all of it. */
const perArrival = 2;
const atLeast = 8;
/** What is remembered for weeks need not be looked through at every change of a storm; messages, which are few, only as often as this. */
const restMs = 1_000;
const mostArrived = 256;

export function createPruning(db: DatabaseSync, now: () => number, rememberMs: number): Pruning {
  const dropSeen = seenDropper(db, slackOf(rememberMs));
  // A message that is still to be acted on stays.
  const dropInbox = db.prepare(
    `DELETE FROM inbox WHERE id IN (SELECT id FROM inbox WHERE at < ?1 AND id NOT IN (SELECT subject FROM work WHERE kind = 'inbox')
     ORDER BY at LIMIT ?2)`,
  );
  let [arrived, lookedAt] = [0, Number.NEGATIVE_INFINITY];
  return {
    makeRoom(arriving) {
      arrived += arriving;
      const at = now();
      const isRested = Math.abs(at - lookedAt) >= restMs;
      if (arrived < mostArrived && !isRested) return;
      dropSeen(at - rememberMs, atLeast + perArrival * arrived);
      arrived = 0;
      if (!isRested) return;
      dropInbox.run(at - rememberMs, atLeast);
      lookedAt = at;
    },
  };
}

/** Forgets what came before then, the oldest first, until at least so many deliveries are gone. */
function seenDropper(db: DatabaseSync, slackMs: number): (before: number, least: number) => void {
  const dropDated = db.prepare('DELETE FROM seen WHERE name IN (SELECT name FROM seen WHERE name < ? ORDER BY name LIMIT ?)');
  const oldest = db.prepare(`SELECT names FROM arrivals WHERE row < cast(? AS INTEGER) * ${arrivalsEach} ORDER BY row LIMIT 1`);
  const drop = db.prepare('DELETE FROM seen WHERE name IN (SELECT value FROM json_each(?))');
  const dropOldest = db.prepare('DELETE FROM arrivals WHERE row = (SELECT min(row) FROM arrivals)');
  return (before, least) => {
    // It may have come so long after its time, and none is forgotten early.
    let left = least - Number(dropDated.run(timeOf(before - slackMs), Math.max(least, mostTogether)).changes);
    // Whole rows of them.
    while (left > 0) {
      const names = oldest.get(before)?.['names'];
      if (typeof names !== 'string') return;
      left -= Math.max(1, Number(drop.run(names).changes));
      dropOldest.run();
    }
  };
}

/** As names begin. */
const timeOf = (ms: number) => String(Math.max(0, Math.floor(ms))).padStart(timeLength, '0');
