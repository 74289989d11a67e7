/**
 * Where everything is kept, and what replicas share: the embedded store of one process, or Redis for any number of them
 * (REDIS_URL). What is opened is put on the list of what has to be stopped.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Log, Probed, Tools } from './adapter.ts';
import { createRedisLedger } from './adapters/ledgers/redis.ts';
import { createDurabilityCheck, type DurabilityCheck } from './adapters/ledgers/redis/durability.ts';
import { createSqliteLedger, openSqliteLedgerReadOnly } from './adapters/ledgers/sqlite.ts';
import {
  connectRedis,
  keyPrefix,
  parseRedisAddress,
  type RedisAddress,
  type RedisClient,
  redisFailure,
} from './adapters/redis-connection.ts';
import { tlsTrouble, troubledByTls } from './adapters/redis-tls.ts';
import { redisPace } from './adapters/replicas/pace.ts';
import { redisTurns } from './adapters/replicas/turns.ts';
import { bullWakeups } from './adapters/replicas/wakeups.ts';
import { readSharedMap } from './adapters/telemetry/redis/knowledge.ts';
import { readStoredMap } from './adapters/telemetry/segments.ts';
import { type AdapterState, type CoreSettings, type Environment, type Problem, redisForms } from './config.ts';
import { Failure } from './domain/failure.ts';
import { emptyMap, type ServiceMap } from './domain/service-map.ts';
import type { Ledger, Telemetry } from './ports.ts';
import type { Pace, Turns, Wakeups } from './ports/replicas.ts';
import { installationKey } from './redacting.ts';
import { createTelemetry, openReplicatedTelemetry } from './telemetry.ts';

export interface Stores {
  readonly ledger: Ledger;
  readonly telemetry: Telemetry;
  readonly redactionKey: string;
  readonly replicas?: { readonly pace: Pace; readonly turns: Turns; readonly wakeups: Wakeups };
  /** For readiness; null: all is well. */
  problem(): string | null;
}

type Stops = (() => Promise<void> | void)[];
type StoreSettings = Pick<
  CoreSettings,
  | 'REDIS_URL'
  | 'TRACEPULSE_REDIS_DURABILITY'
  | 'TRACEPULSE_REDIS_REPLICAS'
  | 'TRACEPULSE_REDIS_CA'
  | 'TRACEPULSE_REDIS_CERT'
  | 'TRACEPULSE_REDIS_KEY'
>;

/** Redis that fails over while we start is waited for this long. */
const startWithinMs = 15_000;
/** Leases and paces are times of replicas' own clocks. */
const maxSkewMs = 2_000;

/** Ours alone where it is made; one that is there stays as it is. */
export function makeDataFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new Failure('bad_config', 'store', `make the folder ${folder}`, {
      hint: 'TRACEPULSE_DATA must be a folder that can be written',
      cause,
    });
  }
}

export async function openStores(settings: CoreSettings, tools: Tools, stops: Stops): Promise<Stores> {
  return settings.REDIS_URL === undefined ? embedded(settings, tools, stops) : replicated(settings, settings.REDIS_URL, tools, stops);
}

function embedded(settings: CoreSettings, { now }: Tools, stops: Stops): Stores {
  const folder = settings.TRACEPULSE_DATA;
  const redactionKey = installationKey(folder);
  const ledger = createSqliteLedger({ file: join(folder, 'ledger.sqlite'), now });
  stops.push(() => ledger.close());
  const telemetry = createTelemetry({ file: join(folder, 'telemetry.sqlite'), now, ...windowOf(settings) });
  stops.push(() => telemetry.close());
  return { ledger, telemetry, redactionKey, problem: () => null };
}

async function replicated(settings: CoreSettings, url: string, { now, log }: Tools, stops: Stops): Promise<Stores> {
  const address = addressOf(url);
  const tls = tlsOf(settings);
  const client = connectRedis(address, tls);
  stops.push(() => client.disconnect());
  await reached(client, startWithinMs);
  await compareClocks(client, now, log);
  const check = checkOf(client, settings);
  await check.look();
  (check.problem() === null ? log.info : log.error)('Redis keeps everything', { promise: check.statement() });
  check.start();
  stops.push(() => check.stop());
  const turns = redisTurns({ client, log, clock: () => performance.now() });
  const wakeups = bullWakeups({ client, patient: () => connectRedis(address, tls, 'patient'), now, log });
  const ledger = createRedisLedger({ client, now, assure: check.assure, secure: check.secure, onWork: wakeups.announce });
  const telemetry = await openReplicatedTelemetry({ client, now, log, turns, ...windowOf(settings) });
  stops.push(() => telemetry.close());
  return {
    ledger,
    telemetry,
    redactionKey: await sharedKey(client, settings.TRACEPULSE_DATA),
    replicas: { pace: redisPace(client), turns, wakeups },
    problem: () => (client.status === 'ready' ? check.problem() : (tlsTrouble(client) ?? 'Redis cannot be reached')),
  };
}

function windowOf(settings: CoreSettings) {
  return { windowMinutes: settings.TRACEPULSE_WINDOW_MINUTES, maxBytes: settings.TRACEPULSE_WINDOW_BYTES };
}

/** What only its reader can tell of an address: else `check` would call good what `start` refuses. */
export function storeProblems({ REDIS_URL = '' }: Environment): Problem[] {
  return REDIS_URL === '' || parseRedisAddress(REDIS_URL) !== null ? [] : [{ variable: 'REDIS_URL', problem: redisForms }];
}

function addressOf(url: string): RedisAddress {
  const address = parseRedisAddress(url);
  if (address === null) throw new Failure('bad_config', 'ledger', 'read REDIS_URL', { hint: 'it is no address of a Redis' });
  return address;
}

function tlsOf(settings: StoreSettings) {
  const files = { ca: settings.TRACEPULSE_REDIS_CA, cert: settings.TRACEPULSE_REDIS_CERT, key: settings.TRACEPULSE_REDIS_KEY };
  const given = Object.entries(files).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return Object.fromEntries(given.map(([name, file]) => [name, contentOf(file)]));
}

function contentOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new Failure('bad_config', 'ledger', `read ${file}`, { hint: 'a file that TRACEPULSE_REDIS_… names cannot be read', cause });
  }
}

function checkOf(client: RedisClient, settings: StoreSettings): DurabilityCheck {
  return createDurabilityCheck({ client, wanted: settings.TRACEPULSE_REDIS_DURABILITY, replicas: settings.TRACEPULSE_REDIS_REPLICAS });
}

async function reached(client: RedisClient, withinMs: number): Promise<void> {
  const deadline = performance.now() + withinMs;
  const refused = troubledByTls(client).then(() => {
    throw new Failure('bad_config', 'ledger', 'reach Redis', { hint: tlsTrouble(client) ?? 'its certificate is refused' });
  });
  refused.catch(() => {}); // also where nobody waits any more
  for (;;) {
    try {
      await Promise.race([client.ping(), refused]);
      return;
    } catch (error) {
      // Where our own files are at fault, the command fails first, and not in words.
      if (tlsTrouble(client) !== null) await refused;
      const failure = redisFailure(error, 'ledger', 'reach Redis');
      if (!(failure instanceof Failure) || !failure.isRetryable || performance.now() > deadline) throw failure;
      await wait(200);
    }
  }
}

async function compareClocks(client: RedisClient, now: () => number, log: Log): Promise<void> {
  const [seconds, micros] = (await client.time()).map(Number);
  const aheadMs = Math.round(now() - (seconds ?? 0) * 1_000 - (micros ?? 0) / 1_000);
  if (Math.abs(aheadMs) > maxSkewMs) log.warn('the clock here and that of Redis differ: replicas may do work twice', { aheadMs });
}

/** One key for all replicas. That of an embedded store that was there before goes with it, so that placeholders stay the same. */
async function sharedKey(client: RedisClient, folder: string): Promise<string> {
  const file = join(folder, 'redaction.key');
  const own = existsSync(file) ? readFileSync(file, 'utf8').trim() : randomBytes(32).toString('hex');
  await client.set(`${keyPrefix}redaction-key`, own, 'NX');
  return (await client.get(`${keyPrefix}redaction-key`)) ?? own;
}

/** For `check`: without asking anybody. */
export function storeState(settings: CoreSettings | null): AdapterState {
  const {
    REDIS_URL: url,
    TRACEPULSE_REDIS_DURABILITY: wanted,
    TRACEPULSE_REDIS_REPLICAS: copies,
    TRACEPULSE_DATA: folder,
  } = settings ?? {};
  if (url === undefined) {
    const note = `one process, in ${folder ?? './data'}; what is acknowledged survives a power cut. REDIS_URL lets several share the work`;
    return { port: 'store', id: 'embedded', isOn: true, missing: [], note };
  }
  const asked = `what is acknowledged must be as safe as ${wanted}${copies ? ` and on ${copies} replica${copies === 1 ? '' : 's'}` : ''}`;
  return { port: 'store', id: 'redis', isOn: true, missing: [], note: `${asked}; --probe asks Redis whether it is` };
}

/** For `check --probe`: whether Redis keeps what a 202 promises. */
export function storeProbe(settings: CoreSettings): Probed | null {
  const { REDIS_URL: url } = settings;
  if (url === undefined) return null;
  return {
    async probe() {
      const client = connectRedis(addressOf(url), tlsOf(settings));
      try {
        await reached(client, 0);
        const check = checkOf(client, settings);
        await check.look();
        const problem = check.problem();
        if (problem !== null) throw new Failure('bad_config', 'ledger', 'promise that nothing is lost', { hint: problem });
        return check.statement();
      } finally {
        client.disconnect();
      }
    },
  };
}

/** What the command line may look at, also while the product runs. */
export interface StoredData {
  readonly ledger: Ledger;
  readonly redactionKey: string;
  map(): Promise<ServiceMap>;
  close(): Promise<void>;
}

/** A folder of an embedded store, or the settings that say where everything is. */
export type StorePlace = string | CoreSettings;

/** Null: there is nothing yet. */
export async function openForLooking(place: StorePlace): Promise<StoredData | null> {
  if (typeof place !== 'string' && place.REDIS_URL !== undefined) return openRedisForLooking(place, place.REDIS_URL);
  const folder = typeof place === 'string' ? place : place.TRACEPULSE_DATA;
  const file = join(folder, 'ledger.sqlite');
  if (!existsSync(file)) return null;
  const ledger = openSqliteLedgerReadOnly(file);
  const telemetry = join(folder, 'telemetry.sqlite');
  return {
    ledger,
    redactionKey: installationKey(folder),
    map: async () => (existsSync(telemetry) ? readStoredMap(telemetry) : emptyMap),
    close: () => ledger.close(),
  };
}

async function openRedisForLooking(settings: CoreSettings, url: string): Promise<StoredData> {
  const client = connectRedis(addressOf(url), tlsOf(settings));
  try {
    await reached(client, 0);
    return {
      ledger: createRedisLedger({ client, now: () => 0 }),
      redactionKey: await sharedKey(client, settings.TRACEPULSE_DATA),
      async map() {
        const drawn = await readSharedMap(client);
        return drawn === null ? emptyMap : (JSON.parse(drawn) as ServiceMap);
      },
      close: async () => client.disconnect(),
    };
  } catch (error) {
    client.disconnect();
    throw error;
  }
}
