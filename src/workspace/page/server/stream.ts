/**
 * Live changes as server-sent events. Every change gets a number; the last ones are kept, so that a browser that was away
 * a moment asks for what it missed (`Last-Event-ID`), and one that was away too long, or met a restarted server, is told
 * to load anew. What a person may not see never enters their stream.
 */
import { randomBytes } from 'node:crypto';
import type { PageChange } from '../wire.ts';

/** A change as this person (by id) sees it, or null where they do not. */
export type Streamed = (person: string) => PageChange | null;

export interface StreamHub {
  publish(change: Streamed): void;
  /** The id of the newest change. */
  position(): string;
  /**
   * `lastEventId` as the browser sent it; null begins with what comes next. `isAllowed` is asked before every word: a
   * stream must not outlive the session it was opened in.
   */
  open(person: string, lastEventId: string | null, isAllowed: () => boolean): ReadableStream<Uint8Array>;
  /** Ends every stream; browsers come back by themselves. */
  close(): void;
}

/** Some minutes of a busy workspace. */
const kept = 2_000;
/** A reader that does not read is cut off rather than buffered for without bound; it resumes by its last id. */
const maxQueuedChunks = 1_000;
/** Silent connections are cut: by Bun.serve after 10 s unless told otherwise, by proxies commonly after 60 s. */
const heartbeatMs = 5_000;

interface Reader {
  readonly person: string;
  readonly isAllowed: () => boolean;
  readonly controller: ReadableStreamDefaultController<Uint8Array>;
}

export function createStreamHub(every: (ms: number, act: () => void) => () => void = everyMs): StreamHub {
  const epoch = randomBytes(6).toString('base64url');
  const encoder = new TextEncoder();
  const readers = new Set<Reader>();
  const history = createHistory(epoch);

  const chunk = (number: number, change: PageChange): Uint8Array =>
    encoder.encode(`id: ${epoch}.${number}\ndata: ${JSON.stringify(change)}\n\n`);

  function write(reader: Reader, bytes: Uint8Array): void {
    if (!reader.isAllowed() || (reader.controller.desiredSize ?? 0) < -maxQueuedChunks) {
      readers.delete(reader);
      reader.controller.close();
      return;
    }
    reader.controller.enqueue(bytes);
  }

  const stopHeartbeat = every(heartbeatMs, () => {
    for (const reader of readers) write(reader, encoder.encode(': still here\n\n'));
  });

  return {
    position: () => `${epoch}.${history.last()}`,
    publish(change) {
      const number = history.add(change);
      for (const reader of readers) {
        const seen = change(reader.person);
        if (seen !== null) write(reader, chunk(number, seen));
      }
    },
    open(person, lastEventId, isAllowed) {
      let reader: Reader | undefined;
      return new ReadableStream<Uint8Array>({
        start(controller) {
          reader = { person, isAllowed, controller };
          const missed = lastEventId === null ? [] : history.since(lastEventId);
          controller.enqueue(encoder.encode('retry: 1000\n\n'));
          if (missed === undefined) controller.enqueue(chunk(history.last(), { kind: 'reload' }));
          for (const { number, change } of missed ?? []) {
            const seen = change(person);
            if (seen !== null) controller.enqueue(chunk(number, seen));
          }
          controller.enqueue(chunk(history.last(), { kind: 'connected' }));
          readers.add(reader);
        },
        cancel() {
          if (reader !== undefined) readers.delete(reader);
        },
      });
    },
    close() {
      stopHeartbeat();
      for (const reader of readers) reader.controller.close();
      readers.clear();
    },
  };
}

interface Numbered {
  readonly number: number;
  readonly change: Streamed;
}

/** The last changes by number. An id is `<epoch>.<number>`: another epoch is another start of the server. */
function createHistory(epoch: string) {
  let entries: Numbered[] = [];
  let last = 0;
  return {
    last: (): number => last,
    add(change: Streamed): number {
      last += 1;
      entries.push({ number: last, change });
      if (entries.length > kept * 2) entries = entries.slice(-kept);
      return last;
    },
    /** What came after that id, or undefined when it is no longer (or never was) known here. */
    since(id: string): readonly Numbered[] | undefined {
      const [ofEpoch, digits] = id.split('.');
      const number = Number(digits);
      if (ofEpoch !== epoch || !Number.isSafeInteger(number) || number > last) return undefined;
      const oldest = entries[0]?.number ?? last + 1;
      return number + 1 < oldest ? undefined : entries.filter((entry) => entry.number > number);
    },
  };
}

function everyMs(ms: number, act: () => void): () => void {
  const timer = setInterval(act, ms);
  timer.unref();
  return () => clearInterval(timer);
}
