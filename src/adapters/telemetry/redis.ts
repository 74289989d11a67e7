/**
 * Pushed telemetry that replicas share: each body that one of them takes is appended to a stream, compressed as its own segment
 * is, and every replica reads the stream into columns of its own. So any replica can investigate anything, and reading a window
 * costs no more than with one process:
 *
 *   body → columns of A ─pack→ XADD stream ─XRANGE→ columns of B, C …    a replica that starts reads the whole window
 *
 * Whoever reads a window reads the stream to its end first: what one replica has answered 200 to, any other takes into account.
 * Map, baseline and patterns are kept up to date by every replica for itself, from the same bodies; the one whose turn it is
 * saves its own, with the place in the stream up to which they count, for those that start later.
 */
import type { Log } from '../../adapter.ts';
import type { Ingested, Telemetry } from '../../ports.ts';
import type { Turns } from '../../ports/replicas.ts';
import { type RedisClient, redisFailure } from '../redis-connection.ts';
import type { ReplayingTelemetry } from './column-options.ts';
import { unpack } from './packed-body.ts';
import { loadKnowledge, saveKnowledge } from './redis/knowledge.ts';
import { type BodyStream, createBodyStream } from './redis/body-stream.ts';
import { memorySegments, type Segments } from './segments.ts';

export interface SharedTelemetryOptions {
  readonly client: RedisClient;
  readonly now: () => number;
  readonly windowMinutes: number;
  readonly maxBytes: number;
  readonly turns: Pick<Turns, 'isOurs' | 'token'>;
  readonly log: Log;
  /** The columns over these segments. */
  readonly columns: (segments: Segments) => ReplayingTelemetry;
}

/** How long what another replica took may go unread while nobody asks. */
const readEveryMs = 200;
/** Knowledge is saved this often, as with a file. */
const saveEveryMs = 10_000;
/** Bodies read before the event loop is let go: some tens of milliseconds of decoding. */
const atOnce = 16;
const minute = 60_000;

/** Resolves once the window is read from the stream. */
export async function openSharedTelemetry(options: SharedTelemetryOptions): Promise<Telemetry> {
  const { client, now, log, turns } = options;
  const windowMs = options.windowMinutes * minute;
  const { values, countedUntil } = await loadKnowledge(client);
  const stream = createBodyStream({ client, now, windowMs, maxBytes: options.maxBytes });
  const columns = options.columns(memorySegments(values, (body, packed) => stream.append(body, packed)));
  let savedAt = now();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isClosed = false;

  const read = createReader(stream, columns, countedUntil);
  await read();

  /** What stands in the stream is taken in before anything is read; without Redis, what is here has to do. */
  const upToDate = async <T>(ask: () => Promise<T>): Promise<T> => {
    if (stream.problem() === null)
      await read().catch((error: unknown) => log.warn('telemetry of other replicas is late', { error: String(error) }));
    return ask();
  };
  const keepReading = () => {
    timer = setTimeout(async () => {
      await read().catch((error: unknown) => log.debug('telemetry of other replicas cannot be read', { error: String(error) }));
      if (!isClosed) keepReading();
    }, readEveryMs);
  };
  const save = async () => {
    savedAt = now();
    if (!turns.isOurs()) return;
    await columns.flush();
    await saveKnowledge(client, { values, countedUntil: stream.readUntil(), token: turns.token() });
    await stream.makeRoom();
  };
  const flush = async () => {
    await stream.flush().catch((error: unknown) => {
      throw redisFailure(error, 'telemetry', 'share what came');
    });
    await save();
  };
  keepReading();

  return {
    async ingest(signal, body, format): Promise<Ingested> {
      const answer = await columns.ingest(signal, body, format);
      await stream.settled();
      return answer;
    },
    window: (window, breathe) => upToDate(() => columns.window(window, breathe)),
    // Asked for at every alert: what it knows of is minutes old anyway.
    knowledge: () => columns.knowledge(),
    logs: (query) => upToDate(() => columns.logs(query)),
    trace: (traceId) => upToDate(() => columns.trace(traceId)),
    know: (directory) => columns.know(directory),
    reported: (edges, at) => columns.reported(edges, at),
    async advance(at, excluded, breathe) {
      await upToDate(() => columns.advance(at, excluded, breathe));
      if (at - savedAt >= saveEveryMs) await save().catch((error: unknown) => log.warn('knowledge is not saved', { error: String(error) }));
    },
    stats: () => ({ ...columns.stats(), problem: stream.problem() ?? columns.stats().problem ?? null }),
    flush,
    async close() {
      isClosed = true;
      clearTimeout(timer);
      await flush().catch((error: unknown) => log.warn('telemetry is not saved on the way out', { error: String(error) }));
      await columns.close();
    },
  };
}

/** One reading at a time: whoever asks while one is under way is answered by the next, which sees what had come until then. */
function createReader(stream: BodyStream, columns: ReplayingTelemetry, countedUntil: string): () => Promise<void> {
  let current: Promise<void> | null = null;
  let next: Promise<void> | null = null;

  async function readAll(): Promise<void> {
    for (;;) {
      const bodies = await stream.next(atOnce);
      for (const { id, arrivedAt, signal, format, packed } of bodies) {
        const received = { signal, format, body: unpack(packed), packed };
        columns.replay({ received, arrivedAt, isCounted: isUpTo(id, countedUntil) });
      }
      if (!stream.hasMore()) return;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  function start(): Promise<void> {
    const run = readAll().finally(() => {
      if (current === run) current = null;
    });
    current = run;
    return run;
  }

  return () => {
    if (current === null) return start();
    next ??= current
      .catch(() => {})
      .then(() => {
        next = null;
        return start();
      });
    return next;
  };
}

/** Places in a stream are two numbers, of ms and of what came within it. */
function isUpTo(id: string, last: string): boolean {
  const [ms = 0, within = 0] = id.split('-').map(Number);
  const [lastMs = 0, lastWithin = 0] = last.split('-').map(Number);
  return ms < lastMs || (ms === lastMs && within <= lastWithin);
}
