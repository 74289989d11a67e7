/** A store as the fourth schema left it: alerts in the incident's document, deliveries by their keys. For tests of the way forward. */
import { DatabaseSync } from 'node:sqlite';
import type { Incident } from '../../../../src/domain/incident.ts';

const schema = `
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

  CREATE TABLE acts (row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, at INTEGER NOT NULL, doc TEXT NOT NULL);
  CREATE INDEX acts_at ON acts (at, row);
  CREATE TABLE learning (id INTEGER PRIMARY KEY CHECK (id = 1), doc TEXT NOT NULL);
  CREATE TABLE dead (id TEXT PRIMARY KEY, at INTEGER NOT NULL, doc TEXT NOT NULL);
  PRAGMA user_version = 4;
`;

export function storeOfFourthSchema(
  file: string,
  incidents: readonly Incident[],
  seen: readonly (readonly [key: string, at: number])[],
): void {
  const db = new DatabaseSync(file);
  db.exec(`PRAGMA journal_mode = WAL; BEGIN; ${schema} COMMIT`);
  const insert = db.prepare('INSERT INTO incidents (id, number, state, service, opened_at, revision, doc) VALUES (?, ?, ?, ?, ?, ?, ?)');
  for (const incident of incidents) {
    const { id, state, service, openedAt, revision } = incident;
    insert.run(id, Number(id.replace(/\D/g, '')), state, service, openedAt, revision, JSON.stringify(incident));
  }
  for (const [key, at] of seen) db.prepare('INSERT INTO seen VALUES (?, ?, ?)').run(key, at, 'INC-1');
  db.close();
}
