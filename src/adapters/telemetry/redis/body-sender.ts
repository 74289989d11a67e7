/**
 * Brings bodies to Redis in the order in which they are packed, many in one go. What cannot be brought waits, up to a bound, and is
 * tried again; whoever pushed it is not kept waiting meanwhile.
 */
import type { Signal } from '../../../ports.ts';
import { redisFailure } from '../../redis-connection.ts';
import type { Format } from '../segments.ts';

export interface SharedBody {
  readonly signal: Signal;
  readonly format: Format;
  readonly packed: Uint8Array;
}

interface Sender {
  append(body: Omit<SharedBody, 'packed'>, packed: Promise<Uint8Array>): void;
  settled(): Promise<void>;
  flush(): Promise<void>;
  problem(): string | null;
}

/** As much as waits for a disk in the store on a file. */
const maxWaitingBytes = 64 * 2 ** 20;
const retryAfterMs = 1_000;
/** Appends in one go; each is a command of its own. */
const atOnce = 256;

/** `send` throws where any of them is not stored; all are sent again then. */
export function createSender(send: (batch: readonly SharedBody[]) => Promise<void>): Sender {
  const line = createLine();
  const packing = new Set<Promise<void>>();
  let sending: Promise<void> | null = null;
  let trouble: string | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;

  async function sendAll(): Promise<void> {
    clearTimeout(timer);
    while (line.length() > 0) {
      const batch = line.first();
      await send(batch);
      line.drop(batch);
    }
    trouble = null;
  }

  function flush(): Promise<void> {
    sending ??= new Promise<void>((resolve) => setImmediate(resolve))
      .then(sendAll)
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

  return {
    append(body, packed) {
      const done: Promise<void> = packed
        .then((bytes) => {
          line.add({ ...body, packed: bytes });
          if (trouble === null) void flush().catch(() => {});
        })
        .catch(() => line.giveUp())
        .finally(() => packing.delete(done));
      packing.add(done);
    },
    async settled() {
      await Promise.all(packing);
      if (trouble === null && sending !== null) await sending.catch(() => {});
    },
    async flush() {
      await Promise.all(packing);
      if (line.length() > 0) await flush();
    },
    problem: () =>
      trouble === null
        ? null
        : `other replicas do not get telemetry (${trouble}); bodies waiting: ${line.length()}, given up: ${line.givenUp()}`,
  };
}

/** What waits, bounded by its bytes. */
function createLine() {
  const waiting: SharedBody[] = [];
  let bytes = 0;
  let givenUp = 0;
  return {
    length: () => waiting.length,
    givenUp: () => givenUp,
    giveUp: () => void givenUp++,
    add(body: SharedBody) {
      waiting.push(body);
      bytes += body.packed.length;
      // Those being sent are at the front and stay: only what comes on top is too much.
      while (bytes > maxWaitingBytes && waiting.length > atOnce) {
        bytes -= waiting.splice(atOnce, 1)[0]?.packed.length ?? 0;
        givenUp++;
      }
    },
    first: () => waiting.slice(0, atOnce),
    drop(batch: readonly SharedBody[]) {
      waiting.splice(0, batch.length);
      bytes -= batch.reduce((sum, { packed }) => sum + packed.length, 0);
    },
  };
}
