/**
 * The tables, as a list of steps forward: step n takes a store from schema n to n + 1 (SQLite's `user_version`). A step
 * that was released is never edited, only followed by another.
 *
 * Whole objects are kept as JSON in `doc`; what is looked up or sorted by has a column. `due_at` is when an entry was
 * asked for, `ready_at` when it may be handed out: the same, or the end of the lease while somebody has it.
 */
import type { DatabaseSync } from 'node:sqlite';
import { Failure } from '../../../domain/failure.ts';

const steps: readonly string[] = [
  `
  CREATE TABLE seen (key TEXT PRIMARY KEY, at INTEGER NOT NULL, incident_id TEXT) WITHOUT ROWID;
  CREATE INDEX seen_at ON seen (at);

  CREATE TABLE incidents (
    row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, number INTEGER, state TEXT NOT NULL, service TEXT,
    opened_at INTEGER NOT NULL, revision INTEGER NOT NULL, doc TEXT NOT NULL);
  CREATE INDEX incidents_number ON incidents (number);
  CREATE INDEX incidents_opened ON incidents (opened_at, row);
  CREATE INDEX incidents_service ON incidents (service, opened_at, row);
  CREATE INDEX incidents_live ON incidents (opened_at, row) WHERE state <> 'resolved';

  CREATE TABLE reports (incident_id TEXT PRIMARY KEY, round INTEGER NOT NULL, doc TEXT NOT NULL);

  CREATE TABLE votes (row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, incident_id TEXT NOT NULL, at INTEGER NOT NULL, doc TEXT NOT NULL);
  CREATE INDEX votes_incident ON votes (incident_id, at, row);

  CREATE TABLE inbox (id TEXT PRIMARY KEY, at INTEGER NOT NULL, doc TEXT NOT NULL);
  CREATE INDEX inbox_at ON inbox (at);

  CREATE TABLE work (
    id TEXT PRIMARY KEY, kind TEXT NOT NULL, subject TEXT NOT NULL, due_at INTEGER NOT NULL, ready_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL);
  CREATE INDEX work_ready ON work (ready_at);

  CREATE TABLE outbox (
    id TEXT PRIMARY KEY, sink TEXT NOT NULL, channel TEXT NOT NULL, incident_id TEXT, content TEXT NOT NULL, priority INTEGER NOT NULL,
    due_at INTEGER NOT NULL, ready_at INTEGER NOT NULL, attempts INTEGER NOT NULL, revision INTEGER NOT NULL);
  CREATE INDEX outbox_ready ON outbox (ready_at);
  CREATE INDEX outbox_sink ON outbox (sink, ready_at);

  CREATE TABLE receipts (
    incident_id TEXT NOT NULL, sink TEXT NOT NULL, channel TEXT NOT NULL, message_id TEXT NOT NULL, doc TEXT NOT NULL,
    PRIMARY KEY (incident_id, sink, channel));
  CREATE INDEX receipts_place ON receipts (sink, channel, message_id);

  CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
  INSERT INTO counters VALUES ('outbox-revision', 0);
  `,
  `
  CREATE TABLE acts (row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, at INTEGER NOT NULL, doc TEXT NOT NULL);
  CREATE INDEX acts_at ON acts (at, row);

  UPDATE incidents SET doc = json_set(doc, '$.places', json(coalesce(
    (SELECT json_group_array(json_object('sink', sink, 'channel', channel)) FROM receipts WHERE incident_id = incidents.id), '[]')));
  `,
  `
  CREATE TABLE learning (id INTEGER PRIMARY KEY CHECK (id = 1), doc TEXT NOT NULL);
  `,
  `
  CREATE TABLE dead (id TEXT PRIMARY KEY, at INTEGER NOT NULL, doc TEXT NOT NULL);
  `,
  // Alerts in rows of their own (`incidents.ts`), and deliveries by the ends of their keys (`seenName`).
  `
  CREATE TABLE alerts (row INTEGER PRIMARY KEY, doc TEXT NOT NULL);
  INSERT INTO alerts SELECT incidents.row * 1048576 + each.key, each.value FROM incidents, json_each(incidents.doc, '$.alerts') AS each;
  UPDATE incidents SET doc = json_remove(doc, '$.alerts');

  ALTER TABLE seen RENAME TO seen_by_key;
  DROP INDEX seen_at;
  CREATE TABLE seen (name TEXT PRIMARY KEY, at INTEGER NOT NULL, incident_id TEXT) WITHOUT ROWID;
  INSERT INTO seen SELECT
    CASE at_end WHEN 0 THEN key ELSE substr(key, at_end + 1) || substr(key, at_end, 1) || substr(key, 1, at_end - 1) END, at, incident_id
    FROM (SELECT *, length(rtrim(key, replace(replace(key, ':', ''), '@', ''))) AS at_end FROM seen_by_key);
  DROP TABLE seen_by_key;
  CREATE INDEX seen_at ON seen (at);
  `,
  // What came together stands in one row of `arrivals`, by its time (`seen.ts`), where an index held each delivery once more.
  `
  CREATE TABLE arrivals (row INTEGER PRIMARY KEY, names TEXT NOT NULL);
  INSERT INTO arrivals SELECT max(at) * 1048576 + part, json_group_array(name)
    FROM (SELECT name, at, (row_number() OVER (ORDER BY at) - 1) / 256 AS part FROM seen) GROUP BY part;
  DROP INDEX seen_at;
  ALTER TABLE seen DROP COLUMN at;
  `,
  // Deliveries that are forgotten by their arrival are marked (`seen.ts`), and what changes with every alert has a narrow row of
  // its own (`incidents.ts`).
  `
  UPDATE seen SET name = '~' || name;
  UPDATE arrivals SET names = (SELECT json_group_array('~' || value) FROM json_each(names));

  CREATE TABLE tallies (
    row INTEGER PRIMARY KEY, revision INTEGER NOT NULL, alert_count INTEGER NOT NULL, last_alert_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL);
  INSERT INTO tallies SELECT row, revision, coalesce(doc ->> '$.alertCount', 0), coalesce(doc ->> '$.lastAlertAt', opened_at),
    coalesce(doc ->> '$.updatedAt', opened_at) FROM incidents;
  UPDATE incidents SET doc = json_remove(doc, '$.revision', '$.alertCount', '$.lastAlertAt', '$.updatedAt');
  ALTER TABLE incidents DROP COLUMN revision;
  `,
];

export const schemaNumber = steps.length;

/** Takes the store to the present schema, all steps or none. */
export function migrate(db: DatabaseSync): void {
  const found = schemaOf(db);
  refuseNewer(found);
  if (found === schemaNumber) return;
  db.exec('BEGIN IMMEDIATE');
  try {
    for (const step of steps.slice(found)) db.exec(step);
    db.exec(`PRAGMA user_version = ${schemaNumber}`);
    db.exec('COMMIT');
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK');
    throw error;
  }
}

/** For readers, which must not change anything. */
export function requirePresentSchema(db: DatabaseSync): void {
  const found = schemaOf(db);
  refuseNewer(found);
  if (found < schemaNumber)
    throw new Failure('bad_config', 'ledger', 'open the store for reading', {
      hint: `the store has schema ${found} and this version reads ${schemaNumber}; start it once to bring the store forward`,
    });
}

function refuseNewer(found: number): void {
  if (found > schemaNumber)
    throw new Failure('bad_config', 'ledger', 'open the store', {
      hint: `it was written by a newer version (schema ${found}, this one knows ${schemaNumber})`,
    });
}

function schemaOf(db: DatabaseSync): number {
  return Number(db.prepare('PRAGMA user_version').get()?.['user_version']);
}
