/**
 * Segments on disk in `node:sqlite`, written at most 250 ms after they came. A disk that takes nothing (full, read-only)
 * stops no intake: what came waits in memory, within bounds, and is written once the disk takes it again.
 */
import { chmodSync, closeSync, openSync } from 'node:fs';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { Failure } from '../../domain/failure.ts';
import type { Signal } from '../../ports.ts';
import { PackedBody, unpack } from './packed-body.ts';
import type { Format, Received, Segment, Segments } from './segments.ts';

/** The bound: pushed telemetry may lose this much at a crash. Half of it leaves room for a slow disk. */
const flushAfterMs = 125;
/** A disk that took nothing is asked again after this. */
const retryAfterMs = 5_000;
/** Packed bodies that wait for a disk; beyond it the oldest is given up: its columns stay, its attributes and its restart are lost. */
const maxWaitingBytes = 64 * 2 ** 20;

const schema = `
  PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA busy_timeout=5000;
  CREATE TABLE IF NOT EXISTS segment (id INTEGER PRIMARY KEY, signal TEXT NOT NULL, newest_ms REAL NOT NULL, packed BLOB NOT NULL,
    format TEXT NOT NULL DEFAULT 'json');
  CREATE INDEX IF NOT EXISTS segment_newest ON segment (newest_ms);
  CREATE TABLE IF NOT EXISTS knowledge (key TEXT PRIMARY KEY, value TEXT NOT NULL);
`;
/** Files of before protobuf was taken hold JSON alone. */
const addFormat = "ALTER TABLE segment ADD COLUMN format TEXT NOT NULL DEFAULT 'json'";

export function fileSegments(file: string, bounds = { maxWaitingBytes }): Segments {
  return new FileSegments(open(file), bounds.maxWaitingBytes);
}

interface Waiting {
  readonly signal: Signal;
  readonly format: Format;
  readonly newestMs: number;
  readonly packed: PackedBody;
}

class FileSegments implements Segments {
  readonly #database: DatabaseSync;
  readonly #maxWaitingBytes: number;
  readonly #insert: StatementSync;
  readonly #select: StatementSync;
  readonly #remove: StatementSync;
  readonly #size: StatementSync;
  readonly #writeValue: StatementSync;
  readonly #readValue: StatementSync;
  readonly #waiting = new Map<number, Waiting>();
  readonly #values = new Map<string, string>();
  #waitingBytes = 0;
  #storedBytes: number;
  #last: number;
  /** What is older, or has a lower number, is let go: it no longer counts, also while the disk refuses to delete it. */
  #keptFromMs = Number.NEGATIVE_INFINITY;
  #keptFrom = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #refusal: string | null = null;
  #givenUp = 0;

  constructor(database: DatabaseSync, maxBytes: number) {
    this.#database = database;
    this.#maxWaitingBytes = maxBytes;
    this.#insert = database.prepare('INSERT INTO segment (id, signal, newest_ms, packed, format) VALUES (?, ?, ?, ?, ?)');
    this.#select = database.prepare('SELECT packed, format FROM segment WHERE id = ?');
    this.#remove = database.prepare('DELETE FROM segment WHERE newest_ms < ? OR id < ?');
    this.#size = database.prepare('SELECT COALESCE(SUM(LENGTH(packed)), 0) AS size FROM segment WHERE newest_ms >= ? AND id >= ?');
    this.#writeValue = database.prepare(
      'INSERT INTO knowledge (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
    );
    this.#readValue = database.prepare('SELECT value FROM knowledge WHERE key = ?');
    this.#last = Number(database.prepare('SELECT COALESCE(MAX(id), 0) AS id FROM segment').get()?.['id'] ?? 0);
    this.#storedBytes = this.#stored();
  }

  get bytes(): number {
    return this.#storedBytes + this.#waitingBytes;
  }

  get last(): number {
    return this.#last;
  }

  get problem(): string | null {
    if (this.#refusal === null) return null;
    return `telemetry cannot be written to disk (${this.#refusal}); bodies waiting: ${this.#waiting.size}, given up: ${this.#givenUp}`;
  }

  add({ signal, format, body }: Received, newestMs: number): number {
    const id = ++this.#last;
    const packed = new PackedBody(body, (fewer) => {
      if (this.#waiting.has(id)) this.#waitingBytes -= fewer;
    });
    this.#waiting.set(id, { signal, format, newestMs, packed });
    this.#waitingBytes += packed.bytes;
    for (const oldest of this.#waiting.keys()) {
      if (this.#waitingBytes <= this.#maxWaitingBytes) break;
      if (this.#refusal === null && this.#tryFlush()) break;
      this.#forget(oldest);
      this.#givenUp++;
    }
    this.#later();
    return id;
  }

  read(id: number): Pick<Received, 'format' | 'body'> | null {
    const waiting = this.#waiting.get(id);
    if (waiting !== undefined) return { format: waiting.format, body: waiting.packed.body() };
    const { packed, format } = this.#select.get(id) ?? {};
    return packed instanceof Uint8Array ? { format: format as Format, body: unpack(packed) } : null;
  }

  *all(): Iterable<Segment> {
    this.flush();
    // Row by row by id, so that an hour of bodies is never in memory at once.
    const ids = this.#database
      .prepare('SELECT id, signal, newest_ms FROM segment WHERE newest_ms >= ? AND id >= ? ORDER BY id')
      .all(this.#keptFromMs, this.#keptFrom);
    for (const row of ids) {
      const [id, signal, newestMs] = [Number(row['id']), row['signal'] as Signal, Number(row['newest_ms'])];
      const found = this.read(id);
      if (found !== null) yield { id, signal, newestMs, ...found };
    }
  }

  dropBefore(newestMs: number): void {
    this.#keptFromMs = Math.max(this.#keptFromMs, newestMs);
    this.#drop();
  }

  dropUntil(id: number): void {
    this.#keptFrom = Math.max(this.#keptFrom, Math.min(id, this.#last + 1));
    this.#drop();
  }

  put(key: string, value: string): void {
    this.#values.set(key, value);
    this.#later();
  }

  get(key: string): string | null {
    const value = this.#values.get(key) ?? this.#readValue.get(key)?.['value'];
    return typeof value === 'string' ? value : null;
  }

  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#waiting.size + this.#values.size === 0) return;
    this.#transaction(() => {
      for (const [id, { signal, format, newestMs, packed }] of this.#waiting)
        this.#insert.run(id, signal, newestMs, packed.packed(), format);
      for (const [key, value] of this.#values) this.#writeValue.run(key, value);
    });
    this.#refusal = null;
    this.#storedBytes += this.#waitingBytes;
    this.#waitingBytes = 0;
    this.#waiting.clear();
    this.#values.clear();
  }

  close(): void {
    try {
      this.flush();
    } finally {
      clearTimeout(this.#timer);
      this.#database.close();
    }
  }

  #later(): void {
    this.#timer ??= setTimeout(() => this.#tryFlush(), this.#refusal === null ? flushAfterMs : retryAfterMs);
  }

  /** Where nobody waits for the answer: what could not be written is said by `problem`. */
  #tryFlush(): boolean {
    return this.#isDone(() => this.flush());
  }

  #isDone(change: () => void): boolean {
    try {
      change();
      return true;
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      return false;
    }
  }

  #drop(): void {
    for (const [id, { newestMs }] of this.#waiting) if (newestMs < this.#keptFromMs || id < this.#keptFrom) this.#forget(id);
    let removed = 0;
    const isRemoved = this.#isDone(() =>
      this.#transaction(() => {
        removed = Number(this.#remove.run(this.#keptFromMs, this.#keptFrom).changes);
      }),
    );
    // Deleting nothing succeeds on a full disk too: only where nothing waits does it mean that all is well.
    if (isRemoved && this.#waiting.size + this.#values.size === 0) this.#refusal = null;
    if (!isRemoved || removed > 0) this.#storedBytes = this.#stored();
  }

  #forget(id: number): void {
    this.#waitingBytes -= this.#waiting.get(id)?.packed.bytes ?? 0;
    this.#waiting.delete(id);
  }

  #stored(): number {
    return Number(this.#size.get(this.#keptFromMs, this.#keptFrom)?.['size'] ?? 0);
  }

  #transaction(change: () => void): void {
    try {
      this.#database.exec('BEGIN');
      change();
      this.#database.exec('COMMIT');
    } catch (cause) {
      // A full disk has already rolled back by itself, and a second time is an error (sqlite.org/lang_transaction.html).
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      this.#refusal = cause instanceof Error ? cause.message : String(cause);
      if (this.#waiting.size + this.#values.size > 0) this.#later();
      throw new Failure('unavailable', 'telemetry', 'write to disk', { hint: this.#refusal, cause });
    }
  }
}

function open(file: string): DatabaseSync {
  try {
    // SQLite gives its `-wal` and `-shm` files the mode of the file itself.
    closeSync(openSync(file, 'a', 0o600));
    chmodSync(file, 0o600);
    const database = new DatabaseSync(file);
    database.exec(schema);
    if (
      !database
        .prepare('PRAGMA table_info(segment)')
        .all()
        .some((column) => column['name'] === 'format')
    )
      database.exec(addFormat);
    return database;
  } catch (cause) {
    throw new Failure('unavailable', 'telemetry', `open ${file}`, {
      hint: 'the file cannot be read as a store; move it away to start with an empty one',
      cause,
    });
  }
}
