/**
 * The stream of received bodies. One stream for all services, since one body holds several; what is older than the window is
 * trimmed with every append, and the whole goes by itself when nothing comes any more.
 */
import type { Signal } from '../../../ports.ts';
import type { RedisClient } from '../../redis-connection.ts';
import type { Format } from '../segments.ts';
import { createSender, type SharedBody } from './body-sender.ts';

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
/** Times in bodies may lie a little behind their arrival. */
const marginMs = 60_000;

export function createBodyStream({ client, now, windowMs, maxBytes }: BodyStreamOptions): BodyStream {
  const origin = crypto.randomUUID();
  const sender = createSender(appendAll);
  let last = '0-0';
  let isPartial = false;

  async function appendAll(batch: readonly SharedBody[]): Promise<void> {
    const oldest = String(Math.max(0, now() - windowMs - marginMs));
    const pipeline = client.pipeline();
    for (const { signal, format, packed } of batch)
      pipeline.xadd(key, 'MINID', '~', oldest, '*', 's', signal, 'f', format, 'o', origin, 'b', bufferOf(packed));
    pipeline.pexpire(key, windowMs + marginMs);
    const results = (await pipeline.exec()) ?? [];
    // Appended twice it counts once, as if its sender had sent it again.
    const failed = results.find(([error]) => error !== null)?.[0];
    if (failed) throw failed;
  }

  return {
    append: sender.append,
    settled: sender.settled,
    flush: sender.flush,
    problem: sender.problem,
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
