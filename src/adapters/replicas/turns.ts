/**
 * The turn as a lock that expires: whoever holds it says so every few seconds, and one that died, or lost its way to Redis,
 * holds it no longer than `holdMs`. A holder that cannot say so ends its acts before the lock can be another's, by its own
 * clock of elapsed time, which no correction of the date moves.
 */
import type { Log } from '../../adapter.ts';
import type { Turns } from '../../ports/replicas.ts';
import { keyPrefix, type RedisClient, runScript } from '../redis-connection.ts';

export interface RedisTurnsOptions {
  readonly client: RedisClient;
  readonly log: Log;
  /** Elapsed ms. */
  readonly clock: () => number;
  readonly holdMs?: number;
}

/** A replica that died is followed by another within this and one look. */
const usualHoldMs = 9_000;
/** Looks within one hold: two may fail. */
const looks = 4;

const key = `${keyPrefix}turn`;

/** KEYS[1] the lock; ARGV: name of the replica, hold in ms. Answers the token, or 0 where it is another's. */
const takeScript = `
local held = redis.call('HMGET', KEYS[1], 'by', 'token')
if held[1] == ARGV[1] then
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
  return tonumber(held[2])
end
if held[1] then return 0 end
local token = redis.call('INCR', KEYS[1] .. '-token')
redis.call('HSET', KEYS[1], 'by', ARGV[1], 'token', token)
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return token
`;

/** Hands it over at once. ARGV: name of the replica. */
const leaveScript = `
if redis.call('HGET', KEYS[1], 'by') == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 1
`;

interface Held {
  readonly token: number;
  readonly over: AbortController;
  readonly acts: Promise<void>[];
  /** By the clock of elapsed time. */
  until: number;
}

export function redisTurns({ client, log, clock, holdMs = usualHoldMs }: RedisTurnsOptions): Turns {
  const name = crypto.randomUUID();
  const acts: ((signal: AbortSignal) => Promise<void>)[] = [];
  let held: Held | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let looking: Promise<void> = Promise.resolve();
  let isStopped = true;

  async function look(): Promise<void> {
    const askedAt = clock();
    // What is asked now may have been granted at any moment since, so it counts from here, less a margin.
    const until = askedAt + holdMs * (1 - 1 / looks / 2);
    try {
      const token = Number(await runScript(client, takeScript, [name, holdMs], key));
      if (token === 0) await lose();
      else if (held?.token === token) held.until = until;
      else {
        await lose();
        if (!isStopped) begin(token, until);
      }
    } catch (error) {
      log.warn('whose turn it is cannot be asked', { error: String(error) });
    }
    if (held !== null && held.until <= clock()) await lose();
    if (!isStopped) timer = setTimeout(next, holdMs / looks);
  }

  function begin(token: number, until: number): void {
    const over = new AbortController();
    const running = acts.map((act) =>
      act(over.signal).catch((error: unknown) => log.error('what is one replica’s turn broke', { error: String(error) })),
    );
    held = { token, over, acts: running, until };
  }

  async function lose(): Promise<void> {
    const ending = held;
    held = null;
    ending?.over.abort();
    await Promise.all(ending?.acts ?? []);
  }

  function next(): void {
    looking = look();
  }

  return {
    isOurs: () => held !== null && held.until > clock(),
    token: () => held?.token ?? 0,
    during: (act) => void acts.push(act),
    start() {
      isStopped = false;
      next();
    },
    async stop() {
      isStopped = true;
      clearTimeout(timer);
      await looking;
      clearTimeout(timer);
      if (held === null) return;
      await lose();
      await runScript(client, leaveScript, [name], key).catch((error: unknown) =>
        log.warn('the turn is not handed over but expires', { error: String(error) }),
      );
    },
  };
}
