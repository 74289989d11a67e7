/**
 * Opens the store's file: one writer at a time, any number of readers.
 *
 * The writer's claim is an exclusive SQLite lock on `<file>.lock`, held for as long as the process lives. Why not a file
 * with a process id: after a crash the number may belong to somebody else, and in containers it is always 1. The kernel
 * lets go of this lock when the process dies, however it dies. Why not SQLite's own exclusive mode on the store: readers
 * (`incidents`, `map`, `export`) could not look in while the product runs.
 */
import { chmodSync, closeSync, copyFileSync, existsSync, mkdirSync, openSync, statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Failure } from '../../../domain/failure.ts';
import { guarded, sqliteCode, translated } from './failures.ts';
import { migrate, requirePresentSchema } from './migrations.ts';

/** Readers never hold the writer up in WAL mode; only a checkpoint and a migration wait, and those are short. */
const busyTimeoutMs = 2_000;

export interface OpenFile {
  readonly db: DatabaseSync;
  /** May be called twice. */
  close(): void;
}

export function openForWriting(file: string): OpenFile {
  if (file === ':memory:') return openInMemory();
  guardedFiles('create the store', () => {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    ownOnly(file);
    ownOnly(`${file}.lock`);
  });
  const unlock = lock(`${file}.lock`);
  let db: DatabaseSync | undefined;
  try {
    db = guarded('open the store', () => new DatabaseSync(file, { timeout: busyTimeoutMs }));
    refuseDamaged(db);
    prepare(db);
  } catch (error) {
    // Copied before it is closed: closing folds the write-ahead log into the damaged file.
    const told = isDamage(error) ? withCopy(error, file) : error;
    db?.close();
    unlock();
    throw told;
  }
  const opened = db;
  return {
    db: opened,
    close() {
      if (!opened.isOpen) return;
      opened.close(); // the last connection also folds the write-ahead log into the file
      unlock();
    },
  };
}

function openInMemory(): OpenFile {
  const db = new DatabaseSync(':memory:');
  prepare(db);
  return closable(db);
}

export function openForReading(file: string): OpenFile {
  if (!existsSync(file))
    throw new Failure('bad_config', 'ledger', 'open the store for reading', { hint: 'there is no store at this place yet' });
  const db = guarded('open the store for reading', () => new DatabaseSync(file, { readOnly: true, timeout: busyTimeoutMs }));
  try {
    guarded('open the store for reading', () => requirePresentSchema(db));
  } catch (error) {
    db.close();
    throw error;
  }
  return closable(db);
}

function closable(db: DatabaseSync): OpenFile {
  return {
    db,
    close() {
      if (db.isOpen) db.close();
    },
  };
}

/** FULL: a commit is on the platter before it is answered, not only in the kernel's cache. */
function prepare(db: DatabaseSync): void {
  guarded('open the store', () => {
    // What is deleted is written over with zeros: a forgotten incident must not be legible in the file (`scrub`).
    db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY; PRAGMA secure_delete = ON');
    migrate(db);
  });
}

/**
 * Looked at before anything is written to it: a page that cannot be read would otherwise show days later, when backups hold
 * it too. Half a second for a gigabyte, and a store has some megabytes a month.
 */
function refuseDamaged(db: DatabaseSync): void {
  guarded('open the store', () => {
    const found = db.prepare('PRAGMA quick_check(1)').get()?.['quick_check'];
    if (found !== 'ok') throw new Failure('bad_response', 'ledger', 'open the store', { hint: 'the store file is damaged' });
  });
}

function isDamage(error: unknown): error is Failure {
  return error instanceof Failure && error.code === 'bad_response';
}

/** Once for each state of the file, so that a supervisor that starts us again and again does not fill the disk. */
function withCopy(error: Failure, file: string): Failure {
  const copy = `${file}.damaged-${new Date(statSync(file).mtimeMs).toISOString().replace(/[:.]/g, '-')}`;
  let kept = `a copy as it was found is ${basename(copy)} beside it`;
  try {
    if (!existsSync(copy)) copyFileSync(file, copy);
    if (existsSync(`${file}-wal`) && !existsSync(`${copy}-wal`)) copyFileSync(`${file}-wal`, `${copy}-wal`);
  } catch (failure) {
    kept = `a copy could not be kept (${String(failure)})`;
  }
  const hint = `${error.hint ?? 'the store file is damaged'}; ${kept}. Put a backup in its place, or move it and its -wal away to begin with an empty store`;
  return new Failure('bad_response', 'ledger', 'open the store', { hint, cause: error });
}

/** SQLite gives its `-wal` and `-shm` files the mode of the store itself. */
function ownOnly(file: string): void {
  closeSync(openSync(file, 'a', 0o600));
  chmodSync(file, 0o600);
}

/** Keeps every other process from the store until it is released, without opening it: for putting another in its place. */
export function claimStore(file: string): () => void {
  guardedFiles('lock the store', () => ownOnly(`${file}.lock`));
  return lock(`${file}.lock`);
}

function lock(file: string): () => void {
  const held = guarded('lock the store', () => new DatabaseSync(file, { timeout: 0 }));
  try {
    held.exec('PRAGMA journal_mode = OFF; BEGIN EXCLUSIVE');
  } catch (error) {
    held.close();
    if (sqliteCode(error) !== 5) throw translated(error, 'lock the store');
    throw new Failure('unavailable', 'ledger', 'open the store', {
      hint: 'another TracePulse is running on this store; stop it, or give this one its own folder with TRACEPULSE_DATA',
    });
  }
  return () => held.close();
}

function guardedFiles(attempt: string, act: () => void): void {
  try {
    act();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (code === '') throw error;
    const isFull = code === 'ENOSPC' || code === 'EDQUOT';
    throw new Failure(isFull ? 'unavailable' : 'bad_config', 'ledger', attempt, {
      hint: isFull ? 'the disk is full' : `TRACEPULSE_DATA must be a folder that can be written (${code})`,
      cause: error,
    });
  }
}
