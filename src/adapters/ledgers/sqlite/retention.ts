/**
 * Forgets incidents that are long over, a few at a time, with all that hangs on them. Verdicts stay: they hold no telemetry,
 * and ranking has learned from them. So does the incident of the highest number, which numbers go on from.
 */
import type { DatabaseSync } from 'node:sqlite';
import { maxMuteMs } from '../../../domain/act.ts';
import { alertsEach } from './incidents.ts';

export interface Retention {
  /** To be called within a transaction. True when there may be more. */
  forgetBefore(at: number): boolean;
  forgetIncident(id: string, marks: readonly string[]): void;
}

/** A transaction holds the event loop; a report has some hundred kilobytes at most. */
const atOnce = 50;

export function createRetention(db: DatabaseSync): Retention {
  const over = db.prepare(
    `SELECT id FROM incidents WHERE state = 'resolved' AND opened_at < ?1 AND coalesce(doc ->> '$.resolvedAt', opened_at) < ?1
     AND number < (SELECT max(number) FROM incidents) ORDER BY opened_at LIMIT ?2`,
  );
  const dropIncident = db.prepare('DELETE FROM incidents WHERE id = ?');
  const dropOf = [
    db.prepare(
      `DELETE FROM alerts WHERE row >= (SELECT row * ${alertsEach} FROM incidents WHERE id = ?1)
       AND row < (SELECT (row + 1) * ${alertsEach} FROM incidents WHERE id = ?1)`,
    ),
    db.prepare('DELETE FROM tallies WHERE row = (SELECT row FROM incidents WHERE id = ?)'),
    db.prepare('DELETE FROM reports WHERE incident_id = ?'),
    db.prepare('DELETE FROM receipts WHERE incident_id = ?'),
    db.prepare('DELETE FROM outbox WHERE incident_id = ?'),
    db.prepare(`DELETE FROM dead WHERE doc ->> '$.entry.incidentId' = ?`),
    db.prepare(`DELETE FROM dead WHERE doc ->> '$.entry.subject' = ? AND doc ->> '$.entry.kind' <> 'inbox'`),
    db.prepare(`DELETE FROM work WHERE subject = ? AND kind <> 'inbox'`),
  ];
  // A message that is still to be acted on stays.
  const dropInbox = db.prepare(
    `DELETE FROM inbox WHERE id IN (SELECT id FROM inbox WHERE at < ?1 AND id NOT IN (SELECT subject FROM work WHERE kind = 'inbox')
     ORDER BY at LIMIT ?2)`,
  );
  const dropDead = db.prepare('DELETE FROM dead WHERE id IN (SELECT id FROM dead WHERE at < ? ORDER BY at LIMIT ?)');
  const dropActs = db.prepare('DELETE FROM acts WHERE row IN (SELECT row FROM acts WHERE at < ?1 ORDER BY at LIMIT ?2)');
  const alsoOf = [
    db.prepare('DELETE FROM votes WHERE incident_id = ?'),
    db.prepare(`DELETE FROM inbox WHERE doc ->> '$.kind' = 'model' AND doc ->> '$.body.incidentId' = ?`),
    db.prepare(`DELETE FROM acts WHERE doc ->> '$.incidentId' = ? AND doc ->> '$.kind' <> 'forget'`),
    db.prepare('UPDATE seen SET incident_id = NULL WHERE incident_id = ?'),
  ];
  const dropSaid = db.prepare('DELETE FROM inbox WHERE instr(doc, ?) > 0');
  const keepNumber = db.prepare(
    `INSERT INTO counters SELECT 'last-incident', max(number) FROM incidents WHERE number IS NOT NULL HAVING max(number) IS NOT NULL
     ON CONFLICT (name) DO UPDATE SET value = max(value, excluded.value)`,
  );
  return {
    forgetIncident(id, marks) {
      keepNumber.run();
      for (const drop of [...dropOf, ...alsoOf, dropIncident]) drop.run(id);
      for (const mark of marks) dropSaid.run(mark);
    },
    forgetBefore(at) {
      const ids = over.all(at, atOnce).map((row) => String(row['id']));
      for (const id of ids) {
        for (const drop of dropOf) drop.run(id);
        dropIncident.run(id);
      }
      // The longest mute may still stand.
      const dropped = [dropInbox.run(at, atOnce), dropDead.run(at, atOnce), dropActs.run(at - maxMuteMs, atOnce)].map(({ changes }) =>
        Number(changes),
      );
      return [ids.length, ...dropped].some((count) => count >= atOnce);
    },
  };
}
