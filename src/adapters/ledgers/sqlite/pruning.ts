/** Forgets deliveries and platform messages that nobody sends again, a few at a time beside ordinary changes. */
import type { DatabaseSync } from 'node:sqlite';

export interface Pruning {
  /** To be called within a transaction that is about to remember `arriving` deliveries. */
  makeRoom(arriving: number): void;
}

/** Twice what arrives: a store that has fallen behind catches up, and no single change pays for all of it. */
const perArrival = 2;
const atLeast = 8;

export function createPruning(db: DatabaseSync, now: () => number, rememberMs: number): Pruning {
  const dropSeen = db.prepare('DELETE FROM seen WHERE name IN (SELECT name FROM seen WHERE at < ? ORDER BY at LIMIT ?)');
  // A message that is still to be acted on stays.
  const dropInbox = db.prepare(
    `DELETE FROM inbox WHERE id IN (SELECT id FROM inbox WHERE at < ?1 AND id NOT IN (SELECT subject FROM work WHERE kind = 'inbox')
     ORDER BY at LIMIT ?2)`,
  );
  return {
    makeRoom(arriving) {
      const before = now() - rememberMs;
      dropSeen.run(before, atLeast + perArrival * arriving);
      dropInbox.run(before, atLeast);
    },
  };
}
