/**
 * Request bodies as they were received, compressed: where attributes are read from, and what columns are made of again
 * after a restart. Here in memory; `segment-file.ts` keeps them on disk.
 */
import { DatabaseSync } from 'node:sqlite';
import { emptyMap, type ServiceMap } from '../../domain/service-map.ts';
import type { Signal } from '../../ports.ts';
import { PackedBody } from './packed-body.ts';

/** How a body is written. */
export type Format = 'json' | 'protobuf';

/** A body as it came. */
export interface Received {
  readonly signal: Signal;
  readonly format: Format;
  readonly body: Uint8Array;
  /** The body compressed, where it came from where it is kept so. */
  readonly packed?: Uint8Array;
}

export interface Segment extends Received {
  readonly id: number;
  /** Time of the latest thing in it: what makes it expire. */
  readonly newestMs: number;
}

export interface Segments {
  /** Answers the segment's number. */
  add(received: Received, newestMs: number): number;
  read(id: number): Pick<Received, 'format' | 'body'> | null;
  /** All that is kept, oldest first, unpacked. */
  all(): Iterable<Segment>;
  dropBefore(newestMs: number): void;
  /** Drops those with numbers below this. */
  dropUntil(id: number): void;
  readonly bytes: number;
  /** Number of the latest segment; 0: there is none. */
  readonly last: number;
  /** Why what came is not on disk; null when it is. */
  readonly problem: string | null;
  /** Small named values: the map, the baseline, what was learned. */
  put(key: string, value: string): void;
  get(key: string): string | null;
  /** Throws a Failure when what waits cannot be written; it then goes on waiting. */
  flush(): void;
  close(): void;
}

/** `values` as they were put before; `onKept` is given each body that came unpacked, packed or about to be. */
export function memorySegments(
  values = new Map<string, string>(),
  onKept?: (body: Pick<Received, 'signal' | 'format'>, packed: Promise<Uint8Array>) => void,
): Segments {
  const kept = new Map<number, Omit<Segment, 'id' | 'body' | 'packed'> & { readonly packed: PackedBody }>();
  let last = 0;
  let bytes = 0;
  const forget = (id: number) => {
    bytes -= kept.get(id)?.packed.bytes ?? 0;
    kept.delete(id);
  };
  return {
    add({ signal, format, body, packed: cameAs }, newestMs) {
      const id = ++last;
      const { promise: done, resolve } = Promise.withResolvers<void>();
      const packed = new PackedBody(
        body,
        (fewer) => {
          if (kept.has(id)) bytes -= fewer;
          resolve();
        },
        cameAs,
      );
      bytes += packed.bytes;
      kept.set(id, { signal, format, newestMs, packed });
      if (packed.isPacked) resolve();
      if (cameAs === undefined && onKept !== undefined)
        onKept(
          { signal, format },
          done.then(() => packed.packed()),
        );
      return id;
    },
    read: (id) => {
      const found = kept.get(id);
      return found === undefined ? null : { format: found.format, body: found.packed.body() };
    },
    *all() {
      for (const [id, { packed, ...rest }] of kept) yield { id, ...rest, body: packed.body() };
    },
    dropBefore(newestMs) {
      for (const [id, segment] of kept) if (segment.newestMs < newestMs) forget(id);
    },
    dropUntil(first) {
      for (const id of kept.keys()) {
        if (id >= first) break;
        forget(id);
      }
    },
    get bytes() {
      return bytes;
    },
    get last() {
      return last;
    },
    problem: null,
    put: (key, value) => void values.set(key, value),
    get: (key) => values.get(key) ?? null,
    flush() {},
    close() {},
  };
}

/** A named value of a store that another process may have open. */
function readStoredValue(file: string, key: string): string | null {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    const value = database.prepare('SELECT value FROM knowledge WHERE key = ?').get(key)?.['value'];
    return typeof value === 'string' ? value : null;
  } finally {
    database.close();
  }
}

/** The map as the running product last wrote it; empty where it never did. */
export function readStoredMap(file: string): ServiceMap {
  const text = readStoredValue(file, 'drawn');
  return text === null ? emptyMap : (JSON.parse(text) as ServiceMap);
}
