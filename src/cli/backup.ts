/**
 * `tracepulse backup FILE` and `restore FILE`: the embedded store as one file. Every database is copied by SQLite itself
 * (`VACUUM INTO`: one moment of it, also while the product writes), and the copies are packed into one SQLite file with the
 * digest of each, so that a damaged backup is found out before anything is replaced.
 *
 *   part   name, digest (SHA-256), bytes      ledger.sqlite, telemetry.sqlite, workspace.sqlite, redaction.key
 *   piece  name, number, bytes                a part in pieces of 4 MiB, since SQLite takes no value beyond a gigabyte
 *
 * A backup holds alerts as they came, secrets in them included: it is made readable for its owner alone.
 */
import { createHash } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  copyFileSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { claimStore } from '../adapters/ledgers/sqlite/open-file.ts';
import { schemaNumber } from '../adapters/ledgers/sqlite/migrations.ts';
import { Failure } from '../domain/failure.ts';

type Say = (text: string) => void;

const databases = ['ledger.sqlite', 'telemetry.sqlite', 'workspace.sqlite'] as const;
const key = 'redaction.key';
const parts: readonly string[] = [...databases, key];
const usageError = 64;
const noSuchThing = 66;
const pieceBytes = 4 * 2 ** 20;
/** `trcp`, in the header of the file (SQLite's application_id): what lacks it is no backup of ours. */
const applicationId = 0x74726370;
const format = 1;
/** Readers wait this long for a checkpoint. */
const busyMs = 5_000;

const schema = `
  PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${format};
  CREATE TABLE part (name TEXT PRIMARY KEY, digest TEXT NOT NULL, bytes INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE piece (name TEXT NOT NULL, number INTEGER NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY (name, number)) WITHOUT ROWID;
`;

/** 0: the file is complete and on the disk. */
export function backupCommand(folder: string, args: readonly string[], print: Say, complain: Say): number {
  const [file, ...rest] = args;
  if (file === undefined || file.startsWith('--') || rest.length > 0) {
    complain('usage: tracepulse backup FILE');
    return usageError;
  }
  if (!existsSync(join(folder, 'ledger.sqlite'))) {
    complain(`There is no store in ${folder} yet; TRACEPULSE_DATA names the folder.`);
    return noSuchThing;
  }
  const target = resolve(file);
  if (existsSync(target)) {
    complain(`${file} is there already; a backup takes no file's place.`);
    return usageError;
  }
  // Beside the target, so that the last step is a rename within one file system: a backup is whole or not there.
  const scratch = mkdtempSync(join(dirname(target), '.tracepulse-backup-'));
  try {
    const bytes = pack(folder, scratch, join(scratch, 'packed'));
    chmodSync(join(scratch, 'packed'), 0o600);
    renameSync(join(scratch, 'packed'), target);
    print(`${file}: ${(bytes / 2 ** 20).toFixed(1)} MB. It holds alerts as they came; keep it as safe as the store.`);
    return 0;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function pack(folder: string, scratch: string, target: string): number {
  const packed = new DatabaseSync(target);
  try {
    packed.exec(schema);
    const addPart = packed.prepare('INSERT INTO part VALUES (?, ?, ?)');
    const addPiece = packed.prepare('INSERT INTO piece VALUES (?, ?, ?)');
    let bytes = 0;
    packed.exec('BEGIN');
    for (const name of parts) {
      const source = join(folder, name);
      if (!existsSync(source)) continue;
      const copy = join(scratch, name);
      if (name === key) copyFileSync(source, copy);
      else copyDatabase(source, copy);
      const digest = createHash('sha256');
      let number = 0;
      for (const piece of piecesOf(copy)) {
        digest.update(piece);
        addPiece.run(name, number++, piece);
        bytes += piece.length;
      }
      addPart.run(name, digest.digest('hex'), statSync(copy).size);
      rmSync(copy);
    }
    packed.exec('COMMIT');
    return bytes;
  } finally {
    packed.close();
  }
}

/** SQLite reads one moment of the database, whoever writes to it meanwhile. */
function copyDatabase(source: string, target: string): void {
  const db = new DatabaseSync(source, { readOnly: true, timeout: busyMs });
  try {
    db.prepare('VACUUM INTO ?').run(target);
  } finally {
    db.close();
  }
}

function* piecesOf(file: string): Generator<Uint8Array> {
  const descriptor = openSync(file, 'r');
  try {
    for (let at = 0; ; ) {
      const piece = new Uint8Array(pieceBytes);
      const length = readSync(descriptor, piece, 0, pieceBytes, at);
      if (length === 0) return;
      yield piece.subarray(0, length);
      at += length;
    }
  } finally {
    closeSync(descriptor);
  }
}

/** 0: the store is what it was when the backup was made; what was there before lies in a folder beside it. */
export function restoreCommand(folder: string, args: readonly string[], now: number, print: Say, complain: Say): number {
  const [file, ...rest] = args;
  if (file === undefined || file.startsWith('--') || rest.length > 0) {
    complain('usage: tracepulse restore FILE');
    return usageError;
  }
  if (!existsSync(file)) {
    complain(`There is no file ${file}.`);
    return noSuchThing;
  }
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  // Held to the end: a product that is started meanwhile is told that the store is taken.
  const release = claimStore(join(folder, 'ledger.sqlite'));
  const scratch = mkdtempSync(join(folder, '.restoring-'));
  try {
    const restored = unpack(file, scratch);
    const kept = keepOld(folder, now);
    for (const name of restored) renameSync(join(scratch, name), join(folder, name));
    print(`The store in ${folder} is that of ${basename(file)}.${kept === null ? '' : ` What was there before is in ${kept}.`}`);
    return 0;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
    release();
  }
}

/** Every part is checked before the first file of the store is touched. */
function unpack(file: string, scratch: string): string[] {
  const packed = openBackup(file);
  try {
    const restored: string[] = [];
    const pieces = packed.prepare('SELECT bytes FROM piece WHERE name = ? ORDER BY number');
    for (const { name, digest } of packed.prepare('SELECT name, digest FROM part').all()) {
      // Names come from the file: only known ones become paths.
      const part = parts.find((known) => known === name);
      if (part === undefined) throw damaged(`it holds a part ${String(name).slice(0, 60)} that nobody knows`);
      const target = join(scratch, part);
      const hash = createHash('sha256');
      const descriptor = openSync(target, 'wx', 0o600);
      try {
        for (const { bytes } of pieces.iterate(part)) {
          const piece = bytes as Uint8Array;
          hash.update(piece);
          writeSync(descriptor, piece);
        }
        fsyncSync(descriptor);
      } finally {
        closeSync(descriptor);
      }
      if (hash.digest('hex') !== digest) throw damaged(`${part} is not what was backed up`);
      if (part !== key) checkDatabase(target, part);
      restored.push(part);
    }
    if (!restored.includes('ledger.sqlite')) throw damaged('it holds no ledger');
    return restored;
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw damaged(error instanceof Error ? error.message : String(error));
  } finally {
    packed.close();
  }
}

function openBackup(file: string): DatabaseSync {
  let packed: DatabaseSync | undefined;
  try {
    packed = new DatabaseSync(file, { readOnly: true, timeout: busyMs });
    if (numberOf(packed, 'application_id') === applicationId) {
      const found = numberOf(packed, 'user_version');
      if (found <= format) return packed;
      throw damaged(`it is of format ${found}, and this version reads ${format}; take a newer TracePulse`);
    }
  } catch (error) {
    packed?.close();
    if (error instanceof Failure) throw error;
    throw damaged('it is no backup of TracePulse');
  }
  packed.close();
  throw damaged('it is no backup of TracePulse');
}

function checkDatabase(file: string, part: string): void {
  const db = new DatabaseSync(file, { readOnly: true });
  try {
    const said = db.prepare('PRAGMA quick_check(1)').get();
    if (Object.values(said ?? {})[0] !== 'ok') throw damaged(`${part} is damaged`);
    const found = numberOf(db, 'user_version');
    if (part === 'ledger.sqlite' && found > schemaNumber)
      throw damaged(`it was made by a newer TracePulse (schema ${found}, this one knows ${schemaNumber}); restore it with that one`);
  } finally {
    db.close();
  }
}

function numberOf(db: DatabaseSync, pragma: string): number {
  return Number(Object.values(db.prepare(`PRAGMA ${pragma}`).get() ?? {})[0]);
}

function damaged(hint: string): Failure {
  return new Failure('rejected', 'backup', 'restore the store', { hint });
}

/** With what SQLite keeps beside each; nothing is deleted. Null: there was nothing. */
function keepOld(folder: string, now: number): string | null {
  const files = parts.flatMap((name) => [name, `${name}-wal`, `${name}-shm`]).filter((name) => existsSync(join(folder, name)));
  if (files.length === 0) return null;
  const kept = mkdtempSync(join(folder, `before-restore-${new Date(now).toISOString().replace(/[:.]/g, '-')}-`));
  for (const name of files) renameSync(join(folder, name), join(kept, name));
  return kept;
}
