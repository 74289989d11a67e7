/**
 * The way to Redis, for whatever is kept there: one server, Sentinel or Cluster by the scheme of the address, TLS by the `s` of
 * `rediss`. Every key begins with one hash tag, so that a script finds all of them in one slot of a cluster.
 *
 *   redis://[[user]:password@]host[:port][/db]            rediss://…
 *   redis+sentinel://[[user]:password@]host[:port],host[:port]…/master-name[/db]   rediss+sentinel://…
 *   redis+cluster://[[user]:password@]host[:port],host[:port]…                     rediss+cluster://…
 */
import { createHash } from 'node:crypto';
import { Cluster, Redis } from 'ioredis';
import { Failure, type FailureCode } from '../domain/failure.ts';
import { boundCluster } from './bounded-cluster.ts';
import { watchTls } from './redis-tls.ts';

export type RedisClient = Redis | Cluster;

export interface RedisTls {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

export interface RedisAddress {
  readonly kind: 'server' | 'sentinel' | 'cluster';
  readonly isTls: boolean;
  readonly username?: string;
  readonly password?: string;
  readonly hosts: readonly { readonly host: string; readonly port: number }[];
  /** Sentinel's name of the group. */
  readonly master?: string;
  readonly db: number;
}

export const keyPrefix = '{tracepulse}:';

/** Whoever waits for an answer is told after this that there is none; senders try again. */
const commandTimeoutMs = 3_000;
const connectTimeoutMs = 3_000;
/** A server that has failed over is looked for again this often at most. */
const longestPauseMs = 1_000;
/**
 * Commands wait while there is no connection, also those whose deadline has passed. So many tries take 3.5 s with the pauses
 * below: whoever still waits is told, and what waits is let go of. Else an outage fills the memory, and all of it would be done
 * when Redis is back, long after its sender was told that it was not.
 */
const triesBeforeGivingUp = 6;

/**
 * A node that has died is tried again while the others name its successor, and the last try is over before the deadline: one that
 * is waited for beyond it would be done after its sender was told that it was not.
 */
const redirecting = { maxRedirections: 27, retryDelayOnFailover: 100, retryDelayOnClusterDown: 100 };

/** The client would ask DNS itself and go to the address it found, which is no name that a certificate has. */
const byName = { dnsLookup: (host: string, found: (error: null, address: string) => void) => found(null, host) };

const shape =
  /^redis(?<tls>s?)(?:\+(?<kind>sentinel|cluster))?:\/\/(?:(?<user>[^:@/]*)(?::(?<password>[^@/]*))?@)?(?<hosts>[^/?#]+)(?<path>\/[^?#]*)?$/i;

/** Null: it is no such address. What was wrong is not repeated, since it may hold a password. */
export function parseRedisAddress(url: string): RedisAddress | null {
  const { tls, kind, user, password, hosts, path = '' } = shape.exec(url)?.groups ?? {};
  if (hosts === undefined) return null;
  const isSentinel = kind?.toLowerCase() === 'sentinel';
  const isCluster = kind?.toLowerCase() === 'cluster';
  const places = hosts.split(',').map((place) => hostIn(place, isSentinel ? 26_379 : 6_379));
  const parts = path.split('/').slice(1);
  const master = isSentinel ? parts.shift() : undefined;
  const db = parts[0] === undefined || parts[0] === '' ? '0' : parts[0];
  if (places.includes(null) || !/^\d{1,5}$/.test(db) || parts.length > 1 || (isSentinel && !master)) return null;
  if (!isSentinel && !isCluster && places.length > 1) return null;
  try {
    return {
      kind: isSentinel ? 'sentinel' : isCluster ? 'cluster' : 'server',
      isTls: tls !== '',
      hosts: places.filter((place) => place !== null),
      db: Number(db),
      ...(user ? { username: decodeURIComponent(user) } : {}),
      ...(password ? { password: decodeURIComponent(password) } : {}),
      ...(master === undefined ? {} : { master: decodeURIComponent(master) }),
    };
  } catch {
    return null;
  }
}

function hostIn(place: string, usual: number): { host: string; port: number } | null {
  const { name, six, port } = /^(?:\[(?<six>[0-9a-f:.]+)\]|(?<name>[^:[\]]+))(?::(?<port>\d{1,5}))?$/i.exec(place)?.groups ?? {};
  const host = six ?? name;
  const number = port === undefined ? usual : Number(port);
  return host === undefined || number > 65_535 ? null : { host, port: number };
}

/** `patient`: for whoever waits in Redis itself, with a deadline of its own. */
export function connectRedis(address: RedisAddress, tls: RedisTls = {}, patience: 'impatient' | 'patient' = 'impatient'): RedisClient {
  const { username, password, db, hosts, master } = address;
  const common = {
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(patience === 'impatient' ? { commandTimeout: commandTimeoutMs } : {}),
    ...(address.isTls ? { tls: { ...tls } } : {}),
    connectTimeout: connectTimeoutMs,
    maxRetriesPerRequest: patience === 'impatient' ? triesBeforeGivingUp : null,
    // A master that has become a replica: the address leads to its successor by now.
    reconnectOnError: (error: Error) => (error.message.startsWith('READONLY') ? (2 as const) : false),
    connectionName: 'tracepulse',
    protocol: 2 as const,
  };
  const single = { ...common, db, lazyConnect: true, retryStrategy: pauseBefore };
  const client =
    address.kind === 'cluster'
      ? inTime(
          new Cluster([...hosts], {
            redisOptions: common,
            lazyConnect: true,
            clusterRetryStrategy: pauseBefore,
            ...redirecting,
            ...(address.isTls ? byName : {}),
          }),
          patience,
        )
      : address.kind === 'sentinel'
        ? new Redis({ ...single, ...sentinels(address, tls), name: master ?? '' })
        : new Redis({ ...single, ...hosts[0] });
  // Each failed command says so to whoever gave it; without a listener the process would end.
  client.on('error', () => {});
  if (address.isTls) watchTls(client, { hosts, tls, withinMs: connectTimeoutMs });
  return client;
}

function inTime(cluster: Cluster, patience: 'impatient' | 'patient'): Cluster {
  return patience === 'patient' ? cluster : boundCluster(cluster, commandTimeoutMs);
}

function pauseBefore(attempt: number): number {
  return Math.min(50 * 2 ** Math.min(attempt, 10), longestPauseMs);
}

function sentinels({ hosts, isTls }: RedisAddress, tls: RedisTls) {
  return { sentinels: [...hosts], ...(isTls ? { enableTLSForSentinelMode: true, sentinelTLS: { ...tls } } : {}) };
}

const shas = new Map<string, string>();

/** Runs a script by its digest; sent in full only where the server does not know it, which a failover can cause at any time. */
export async function runScript(
  client: RedisClient,
  script: string,
  args: readonly (string | number | Buffer)[],
  key = keyPrefix,
): Promise<unknown> {
  const sha = shas.get(script) ?? createHash('sha1').update(script).digest('hex');
  shas.set(script, sha);
  try {
    return await client.evalsha(sha, 1, key, ...args);
  } catch (error) {
    if (!String(error).includes('NOSCRIPT')) throw error;
    return client.eval(script, 1, key, ...args);
  }
}

/** First words of Redis's errors (https://redis.io/docs/latest/develop/reference/protocol-spec/) and what they mean to us. */
const meanings: readonly { says: RegExp; code: FailureCode; hint: string }[] = [
  { says: /OOM /, code: 'unavailable', hint: 'Redis is out of memory' },
  { says: /MISCONF /, code: 'unavailable', hint: 'Redis cannot write to its disk' },
  { says: /NOREPLICAS/, code: 'unavailable', hint: 'Redis has too few replicas' },
  {
    says: /(READONLY|LOADING|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|BUSY|UNBLOCKED) |with replica instances/,
    code: 'unavailable',
    hint: 'Redis is starting or failing over',
  },
  { says: /(NOAUTH|WRONGPASS|NOPERM|invalid password)/, code: 'unauthorized', hint: 'REDIS_URL must name a user that may do this' },
  { says: /Command timed out/, code: 'timeout', hint: 'Redis does not answer' },
  {
    says: /(Connection is (closed|aborted|discarded)|Command aborted|(Node|Cluster) is (disconnect|ended)|ECONN|ENOTFOUND|EAI_AGAIN|EPIPE|ETIMEDOUT|EHOSTUNREACH|Socket|sentinels? are unreachable|None of startup nodes|refresh slots|max retries|Cluster redirections)/i,
    code: 'unavailable',
    hint: 'Redis cannot be reached',
  },
];

/** A program error of ours, as a broken script, is not in the list and stays what it is. */
export function redisFailure(error: unknown, system: string, attempt: string): unknown {
  if (error instanceof Failure) return error;
  const text = error instanceof Error ? `${'code' in error ? String(error.code) : ''} ${error.message}` : String(error);
  const meaning = meanings.find(({ says }) => says.test(text));
  if (meaning === undefined) return error;
  return new Failure(meaning.code, system, attempt, { hint: meaning.hint, retryAfterMs: 1_000, cause: error });
}
