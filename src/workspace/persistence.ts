/**
 * Where a workspace keeps its messages. Records are written one by one as they change, never as a whole, so that the
 * ten-thousandth message costs what the first did. A host with a store of its own hands in `load` and `save`.
 */
import { chmodSync, closeSync, openSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

const recordKinds = ['person', 'channel', 'message', 'home', 'file', 'bookmark'] as const;
export type RecordKind = (typeof recordKinds)[number];

export interface StoredRecord {
  readonly kind: RecordKind;
  readonly id: string;
  /** JSON; null removes the record. */
  readonly body: string | null;
}

export interface Persistence {
  load(): Iterable<StoredRecord>;
  /** Called once per change, with everything that changed together. */
  save(records: readonly StoredRecord[]): void;
  /** What was removed or written over has left the place as well: no byte of it is found there any more. */
  scrub?(): void;
  close?(): void;
}

export const inMemory: Persistence = { load: () => [], save: () => undefined };

/** Opens or creates `file`. `synchronous=NORMAL` under WAL: a crash of the machine may lose the last chat lines, never the file. */
export function sqlitePersistence(file: string): Persistence {
  // SQLite gives its `-wal` and `-shm` files the mode of the file itself.
  closeSync(openSync(file, 'a', 0o600));
  chmodSync(file, 0o600);
  const database = new DatabaseSync(file);
  database.exec('PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA busy_timeout=5000; PRAGMA secure_delete=ON');
  database.exec(
    'CREATE TABLE IF NOT EXISTS workspace_record (kind TEXT NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (kind, id)) WITHOUT ROWID',
  );
  const put = database.prepare(
    'INSERT INTO workspace_record (kind, id, body) VALUES (?, ?, ?) ON CONFLICT (kind, id) DO UPDATE SET body = excluded.body',
  );
  const remove = database.prepare('DELETE FROM workspace_record WHERE kind = ? AND id = ?');
  const all = database.prepare('SELECT kind, id, body FROM workspace_record');
  return {
    load: () => all.all().map((row) => ({ kind: kindOf(row['kind']), id: String(row['id']), body: String(row['body']) })),
    save(records) {
      database.exec('BEGIN');
      try {
        for (const record of records) {
          if (record.body === null) remove.run(record.kind, record.id);
          else put.run(record.kind, record.id, record.body);
        }
        database.exec('COMMIT');
      } catch (error) {
        database.exec('ROLLBACK');
        throw error;
      }
    },
    // Deleted bytes are zeroed in the file (`secure_delete`), and stand in the log until it is emptied. A reader that is in the
    // way leaves them to the next time.
    scrub: () => void database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').all(),
    close: () => database.close(),
  };
}

function kindOf(value: unknown): RecordKind {
  const kind = recordKinds.find((candidate) => candidate === value);
  if (kind === undefined) throw new Error(`the workspace file holds a record of unknown kind ${String(value)}`);
  return kind;
}
