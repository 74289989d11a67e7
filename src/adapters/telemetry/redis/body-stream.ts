/**
 * The stream of received bodies. One stream for all services, since one body holds several; what is older than the window is
 * trimmed with every append, and the whole goes by itself when nothing comes any more.
 */
import type { Signal } from '../../../ports.ts';
import { type RedisClient, redisFailure } from '../../redis-connection.ts';
import type { Format } from '../segments.ts';

export interface SharedBody {
  readonly signal: Signal;
  readonly format: Format;
  readonly packed: Uint8Array;
}

export interface ReadBody extends SharedBody {
  /** Its place in the stream. */
  readonly id: string;
  readonly arrivedAt: number;
}

export interface BodyStream {
  /** Takes its place in the stream once it is packed. */
  append(body: Omit<SharedBody, 'packed'>, packed: Promise<Uint8Array>): void;
  /** Resolves once what was appended so far is in Redis, or is known to have to wait. */
  settled(): Promise<void>;
  /** Throws where it cannot be brought to Redis. */
  flush(): Promise<void>;
  /** What others appended, from where the last call ended; at most so many of all. */
  next(limit: number): Promise<ReadBody[]>;
  /** Whether the last call ended before the end of the stream. */
  hasMore(): boolean;
  readUntil(): string;
  /** Trims what is too much. */
  makeRoom(): Promise<void>;
  problem(): string | null;
}

export interface BodyStreamOptions {
  readonly client: RedisClient;
  readonly now: () => number;
  readonly windowMs: number;
  readonly maxBytes: number;
}

/** A tag of its own: in a cluster the bulk may lie elsewhere than the ledger. */
const key = '{tracepulse-telemetry}:bodies';
/** As much as waits for a disk in the store on a file. */
const maxWaitingBytes = 64 * 2 ** 20;
const retryAfterMs = 1_000;
/** Appends in one go; each is a command of its own. */
const atOnce = 256;
/** Times in bodies may lie a little behind their arrival. */
const marginMs = 60_000;

export function createBodyStream({ client, now, windowMs, maxBytes }: BodyStreamOptions): BodyStream {
  const origin = crypto.randomUUID();
  const waiting: SharedBody[] = [];
  const packing = new Set<Promise<void>>();
  let waitingBytes = 0;
  let givenUp = 0;
  let sending: Promise<void> | null = null;
  let trouble: string | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let last = '0-0';
  let isPartial = false;

  async function send(): Promise<void> {
    clearTimeout(timer);
    while (waiting.length > 0) {
      const batch = waiting.slice(0, atOnce);
      const pipeline = client.pipeline();
      for (const { signal, format, packed } of batch)
        pipeline.xadd(
          key,
          'MINID',
          '~',
          String(Math.max(0, now() - windowMs - marginMs)),
          '*',
          's',
          signal,
          'f',
          format,
          'o',
          origin,
          'b',
          bufferOf(packed),
        );
      pipeline.pexpire(key, windowMs + marginMs);
      const results = (await pipeline.exec()) ?? [];
      // Appended twice it counts once, as if its sender had sent it again.
      const failed = results.find(([error]) => error !== null)?.[0];
      if (failed) throw failed;
      waiting.splice(0, batch.length);
      waitingBytes -= batch.reduce((sum, { packed }) => sum + packed.length, 0);
    }
    trouble = null;
  }

  function flush(): Promise<void> {
    sending ??= new Promise<void>((resolve) => setImmediate(resolve))
      .then(send)
      .catch((error: unknown) => {
        const failure = redisFailure(error, 'telemetry', 'share what came');
        trouble = failure instanceof Error ? failure.message : String(failure);
        clearTimeout(timer);
        timer = setTimeout(() => void flush().catch(() => {}), retryAfterMs);
        throw error;
      })
      .finally(() => {
        sending = null;
      });
    return sending;
  }

  function enqueue(body: SharedBody): void {
    waiting.push(body);
    waitingBytes += body.packed.length;
    // Those being sent are at the front and stay: only what comes on top is too much.
    while (waitingBytes > maxWaitingBytes && waiting.length > atOnce) {
      waitingBytes -= waiting.splice(atOnce, 1)[0]?.packed.length ?? 0;
      givenUp++;
    }
    if (trouble === null) void flush().catch(() => {});
  }

  return {
    append(body, packed) {
      const done: Promise<void> = packed
        .then((bytes) => enqueue({ ...body, packed: bytes }))
        .catch(() => void givenUp++)
        .finally(() => packing.delete(done));
      packing.add(done);
    },
    async settled() {
      await Promise.all(packing);
      if (trouble === null && sending !== null) await sending.catch(() => {});
    },
    flush: async () => {
      await Promise.all(packing);
      if (waiting.length > 0) await flush();
    },
    async next(limit) {
      const entries = await client.xrangeBuffer(key, `(${last}`, '+', 'COUNT', limit);
      isPartial = entries.length >= limit;
      const bodies = entries.flatMap(([id, fields]) => bodyIn(id.toString(), fields, origin));
      last = entries.at(-1)?.[0].toString() ?? last;
      return bodies;
    },
    hasMore: () => isPartial,
    readUntil: () => last,
    async makeRoom() {
      const bytes = Number((await client.memory('USAGE', key, 'SAMPLES', 20)) ?? 0);
      if (bytes <= maxBytes) return;
      const length = await client.xlen(key);
      await client.xtrim(key, 'MAXLEN', '~', Math.floor((length * maxBytes * 0.9) / bytes));
    },
    problem() {
      if (trouble === null) return null;
      return `other replicas do not get telemetry (${trouble}); bodies waiting: ${waiting.length}, given up: ${givenUp}`;
    },
  };
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Our own are in our columns already. */
function bodyIn(id: string, fields: readonly Buffer[], own: string): ReadBody[] {
  const named = new Map<string, Buffer>();
  for (let i = 0; i + 1 < fields.length; i += 2) named.set(String(fields[i]), fields[i + 1] ?? Buffer.alloc(0));
  const packed = named.get('b');
  if (packed === undefined || String(named.get('o')) === own) return [];
  return [
    {
      id,
      arrivedAt: Number(id.split('-')[0]),
      signal: String(named.get('s')) as Signal,
      format: String(named.get('f')) as Format,
      packed,
    },
  ];
}
