/**
 * What a 202 promises with this Redis, as its own settings have it, and whether that is as much as was asked for. Looked at
 * when the store is opened and every few seconds since; what does not hold is said, and nothing is acknowledged meanwhile.
 *
 *   fsync     appendonly yes, appendfsync always       survives a power cut of Redis's machine
 *   everysec  appendonly yes, appendfsync everysec     survives the death of Redis; a power cut may take the last two seconds
 *   memory    anything else                            survives the death of TracePulse alone
 *
 * With `replicas` each acknowledged change is also in the memory of so many replicas (WAIT), and survives the loss of the
 * master where one of them takes its place. Whatever level: a Redis that may evict keys holds nothing.
 */
import { Cluster } from 'ioredis';
import { Failure } from '../../../domain/failure.ts';
import { keyPrefix, type RedisClient, redisFailure } from '../../redis-connection.ts';

const durabilities = ['memory', 'everysec', 'fsync'] as const;
export type Durability = (typeof durabilities)[number];

export interface DurabilityOptions {
  readonly client: RedisClient;
  readonly wanted: Durability;
  /** How many replicas must have a change before it is acknowledged. */
  readonly replicas: number;
  /** A WAIT takes no longer. */
  readonly waitMs?: number;
}

/** How this connection knows of what has to be safe: it has written it, or met it as the work of another. */
export type Origin = 'written' | 'met';

export interface DurabilityCheck {
  /** Reads Redis's settings anew; throws a Failure only where Redis cannot be asked at all. */
  look(): Promise<void>;
  /** Looks every few seconds until `stop`. */
  start(): void;
  stop(): void;
  /** Why what was asked for does not hold; null while it does. */
  problem(): string | null;
  /** What a 202 promises at present, for people. */
  statement(): string;
  /** For the ledger: see its options. */
  assure(): void;
  secure(origin: Origin): Promise<void>;
}

const lookEveryMs = 5_000;
const usualWaitMs = 1_000;

const promises: Readonly<Record<Durability, string>> = {
  fsync: 'survives a power cut (appendfsync always)',
  everysec: 'survives the death of Redis, though a power cut may take the last two seconds (appendfsync everysec)',
  memory: 'is in the memory of Redis alone and does not survive it',
};

/** What Redis says of itself. */
interface Settings {
  readonly level: Durability;
  /** A promise its settings make and its condition breaks. */
  readonly fault: string | null;
}

export function createDurabilityCheck(options: DurabilityOptions): DurabilityCheck {
  const { client, wanted, replicas } = options;
  const waitMs = options.waitMs ?? usualWaitMs;
  let found: Settings | null = null;
  /** Fewer replicas than asked for had the last change that was waited for. */
  let lag: string | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const waiting = new Map<Origin, Promise<void>>();
  let isStopped = false;
  let connection = 0;
  client.on('close', () => void connection++);

  function problem(): string | null {
    if (found === null) return 'what Redis keeps is not known yet';
    if (found.fault !== null) return found.fault;
    if (durabilities.indexOf(found.level) < durabilities.indexOf(wanted)) return tooLittle(found.level, wanted);
    return lag;
  }

  async function look(): Promise<void> {
    try {
      found = weakest(await Promise.all(nodesOf(client).map(settingsOf)));
      // Replicas that lagged have caught up once they have something written after it.
      if (replicas > 0) await waited('met');
    } catch (error) {
      throw redisFailure(error, 'ledger', 'ask Redis what it keeps');
    }
  }

  /** WAIT is about what its own connection has written: for what others have, that must be something after it. */
  async function waited(origin: Origin): Promise<void> {
    if (origin === 'met') await client.set(`${keyPrefix}replicated`, '1');
    const reached = await client.wait(replicas, waitMs);
    lag =
      reached >= replicas
        ? null
        : `${reached} of the ${replicas} replicas that TRACEPULSE_REDIS_REPLICAS asks for have what was stored within ${waitMs} ms`;
  }

  /** What has come within one tick is waited for together. */
  function together(origin: Origin): Promise<void> {
    const underWay = waiting.get(origin);
    if (underWay !== undefined) return underWay;
    const next = new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
      waiting.delete(origin);
      return waited(origin);
    });
    waiting.set(origin, next);
    return next;
  }

  function refusal(hint: string): Failure {
    return new Failure('unavailable', 'ledger', 'promise that nothing is lost', { hint, retryAfterMs: lookEveryMs });
  }

  return {
    look,
    problem,
    start() {
      timer = setTimeout(async () => {
        await look().catch(() => {}); // it cannot be reached: whoever stores something is told so
        if (!isStopped) this.start();
      }, lookEveryMs);
    },
    stop() {
      isStopped = true;
      clearTimeout(timer);
    },
    statement() {
      const copies = replicas > 0 ? `, and is on ${replicas} replica${replicas === 1 ? '' : 's'} before it is acknowledged` : '';
      const trouble = problem();
      return `what is acknowledged ${promises[found?.level ?? 'memory']}${copies}${trouble === null ? '' : `; nothing is acknowledged now: ${trouble}`}`;
    },
    assure() {
      const hint = problem();
      if (hint !== null) throw refusal(hint);
    },
    async secure(origin) {
      if (replicas === 0) return;
      const since = connection;
      await together(origin).catch((error: unknown) => {
        throw redisFailure(error, 'ledger', 'wait for the replicas');
      });
      // A connection that is new says yes to anything, and its server may be one that has never heard of it.
      if (connection !== since) throw refusal('the connection to Redis was lost before its replicas had what was stored');
      if (lag !== null) throw refusal(lag);
    },
  };
}

function tooLittle(level: Durability, wanted: Durability): string {
  const mend = wanted === 'fsync' ? 'appendonly yes and appendfsync always' : 'appendonly yes';
  return `what is stored ${promises[level]}, and TRACEPULSE_REDIS_DURABILITY asks for ${wanted}: set ${mend} in Redis, or ask for ${level}`;
}

function nodesOf(client: RedisClient) {
  return client instanceof Cluster ? client.nodes('master') : [client];
}

/** A cluster keeps as well as the node that keeps worst. */
function weakest(all: readonly Settings[]): Settings {
  const [first, ...others] = all;
  if (first === undefined) throw new Failure('unavailable', 'ledger', 'ask Redis what it keeps', { hint: 'the cluster has no master' });
  return others.reduce(
    (worst, next) => ({
      level: durabilities.indexOf(next.level) < durabilities.indexOf(worst.level) ? next.level : worst.level,
      fault: worst.fault ?? next.fault,
    }),
    first,
  );
}

/** INFO is answered by hosted servers as well, CONFIG often is not: then a log that is on counts as written every second. */
async function settingsOf(node: { info(): Promise<string>; config(get: 'GET', name: string): Promise<unknown> }): Promise<Settings> {
  const info = new Map((await node.info()).split('\r\n').map((line) => [line.split(':')[0] ?? '', line.slice(line.indexOf(':') + 1)]));
  const isLogged = info.get('aof_enabled') === '1';
  const sync = isLogged ? await node.config('GET', 'appendfsync').catch(() => null) : null;
  const isAlways = Array.isArray(sync) ? sync[1] === 'always' : false;
  const isNever = Array.isArray(sync) ? sync[1] === 'no' : false;
  return {
    level: !isLogged || isNever ? 'memory' : isAlways ? 'fsync' : 'everysec',
    fault: faultIn(info, isLogged),
  };
}

function faultIn(info: ReadonlyMap<string, string>, isLogged: boolean): string | null {
  if (isLogged && info.get('aof_last_write_status') === 'err') return 'Redis could not write its log to disk the last time it tried';
  const evicts = info.get('maxmemory') !== '0' && (info.get('maxmemory_policy') ?? 'noeviction') !== 'noeviction';
  return evicts ? `Redis may throw away what is stored (maxmemory-policy ${info.get('maxmemory_policy')}): set it to noeviction` : null;
}
