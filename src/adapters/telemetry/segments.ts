/**
 * Request bodies as they were received, compressed: where attributes are read from, and what columns are made of again
 * after a restart. On disk in `node:sqlite`, written at most 250 ms after they came; in memory where there is no file.
 */
import { DatabaseSync } from 'node:sqlite';
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { Failure } from '../../domain/failure.ts';
import type { Signal } from '../../ports.ts';

export interface Segment {
  readonly id: number;
  readonly signal: Signal;
  /** Time of the latest thing in it: what makes it expire. */
  readonly newestMs: number;
  readonly body: Uint8Array;
}

export interface Segments {
  /** Answers the segment's number. */
  add(signal: Signal, newestMs: number, body: Uint8Array): number;
  read(id: number): Uint8Array | null;
  /** All that is kept, oldest first, unpacked. */
  all(): Iterable<Segment>;
  dropBefore(newestMs: number): void;
  /** Drops those with numbers below this. */
  dropUntil(id: number): void;
  readonly bytes: number;
  /** Small named values: the map, the baseline, what was learned. */
  put(key: string, value: string): void;
  get(key: string): string | null;
  flush(): void;
  close(): void;
}

const fast = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

function pack(body: Uint8Array): Uint8Array {
  return zstdCompressSync(body, fast);
}

export function memorySegments(): Segments {
  const kept = new Map<number, { signal: Signal; newestMs: number; packed: Uint8Array }>();
  const values = new Map<string, string>();
  let last = 0;
  let bytes = 0;
  return {
    add(signal, newestMs, body) {
      const packed = pack(body);
      bytes += packed.length;
      kept.set(++last, { signal, newestMs, packed });
      return last;
    },
    read: (id) => {
      const found = kept.get(id);
      return found === undefined ? null : zstdDecompressSync(found.packed);
    },
    *all() {
      for (const [id, { signal, newestMs, packed }] of kept) yield { id, signal, newestMs, body: zstdDecompressSync(packed) };
    },
    dropBefore(newestMs) {
      for (const [id, segment] of kept)
        if (segment.newestMs < newestMs) {
          bytes -= segment.packed.length;
          kept.delete(id);
        }
    },
    dropUntil(first) {
      for (const [id, segment] of kept) {
        if (id >= first) break;
        bytes -= segment.packed.length;
        kept.delete(id);
      }
    },
    get bytes() {
      return bytes;
    },
    put: (key, value) => void values.set(key, value),
    get: (key) => values.get(key) ?? null,
    flush() {},
    close() {},
  };
}

/** The bound: pushed telemetry may lose this much at a crash. Half of it leaves room for a slow disk. */
const flushAfterMs = 125;

const schema = `
  PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA busy_timeout=5000;
  CREATE TABLE IF NOT EXISTS segment (id INTEGER PRIMARY KEY, signal TEXT NOT NULL, newest_ms REAL NOT NULL, packed BLOB NOT NULL);
  CREATE INDEX IF NOT EXISTS segment_newest ON segment (newest_ms);
  CREATE TABLE IF NOT EXISTS knowledge (key TEXT PRIMARY KEY, value TEXT NOT NULL);
`;

export function fileSegments(file: string): Segments {
  const database = open(file);
  const insert = database.prepare('INSERT INTO segment (id, signal, newest_ms, packed) VALUES (?, ?, ?, ?)');
  const select = database.prepare('SELECT packed FROM segment WHERE id = ?');
  const remove = database.prepare('DELETE FROM segment WHERE newest_ms < ?');
  const removeUntil = database.prepare('DELETE FROM segment WHERE id < ?');
  const write = database.prepare('INSERT INTO knowledge (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value');
  const readValue = database.prepare('SELECT value FROM knowledge WHERE key = ?');
  const size = () => Number(database.prepare('SELECT COALESCE(SUM(LENGTH(packed)), 0) AS size FROM segment').get()?.['size'] ?? 0);
  let last = Number(database.prepare('SELECT COALESCE(MAX(id), 0) AS id FROM segment').get()?.['id'] ?? 0);
  let bytes = size();
  const waiting = new Map<number, { signal: Signal; newestMs: number; packed: Uint8Array }>();
  const values = new Map<string, string>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    if (waiting.size + values.size === 0) return;
    database.exec('BEGIN');
    try {
      for (const [id, { signal, newestMs, packed }] of waiting) insert.run(id, signal, newestMs, packed);
      for (const [key, value] of values) write.run(key, value);
      database.exec('COMMIT');
    } catch (error) {
      database.exec('ROLLBACK');
      throw error;
    }
    waiting.clear();
    values.clear();
  };
  const later = () => {
    timer ??= setTimeout(flush, flushAfterMs);
  };
  return {
    add(signal, newestMs, body) {
      const packed = pack(body);
      waiting.set(++last, { signal, newestMs, packed });
      bytes += packed.length;
      later();
      return last;
    },
    read(id) {
      const packed = waiting.get(id)?.packed ?? select.get(id)?.['packed'];
      return packed instanceof Uint8Array ? zstdDecompressSync(packed) : null;
    },
    *all() {
      flush();
      // Row by row by id, so that an hour of bodies is never in memory at once.
      const ids = database.prepare('SELECT id, signal, newest_ms FROM segment ORDER BY id').all();
      for (const row of ids) {
        const body = select.get(Number(row['id']))?.['packed'];
        if (body instanceof Uint8Array)
          yield {
            id: Number(row['id']),
            signal: row['signal'] as Signal,
            newestMs: Number(row['newest_ms']),
            body: zstdDecompressSync(body),
          };
      }
    },
    dropBefore(newestMs) {
      flush();
      if (Number(remove.run(newestMs).changes) > 0) bytes = size();
    },
    dropUntil(first) {
      flush();
      if (Number(removeUntil.run(Math.min(first, last + 1)).changes) > 0) bytes = size();
    },
    get bytes() {
      return bytes;
    },
    put(key, value) {
      values.set(key, value);
      later();
    },
    get(key) {
      const value = values.get(key) ?? readValue.get(key)?.['value'];
      return typeof value === 'string' ? value : null;
    },
    flush,
    close() {
      flush();
      database.close();
    },
  };
}

function open(file: string): DatabaseSync {
  try {
    const database = new DatabaseSync(file);
    database.exec(schema);
    return database;
  } catch (cause) {
    throw new Failure('unavailable', 'telemetry', `open ${file}`, {
      hint: 'the file cannot be read as a store; move it away to start with an empty one',
      cause,
    });
  }
}

/** A named value of a store that another process may have open. */
export function readStoredValue(file: string, key: string): string | null {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    const value = database.prepare('SELECT value FROM knowledge WHERE key = ?').get(key)?.['value'];
    return typeof value === 'string' ? value : null;
  } finally {
    database.close();
  }
}
