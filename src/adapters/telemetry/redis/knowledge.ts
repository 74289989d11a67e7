/** Map, baseline and patterns as the replica whose turn it was last saved them, with the place in the stream they count up to. */
import { type RedisClient, runScript } from '../../redis-connection.ts';

const key = '{tracepulse-telemetry}:knowledge';
/** Numbers of segments are a replica's own. */
const own = 'mappedSegment';
const countedUntilField = 'countedUntil';
const tokenField = 'token';

/** KEYS[1] the hash; ARGV: token, then fields and values. Nothing is written by a turn that is over. */
const saveScript = `
local saved = tonumber(redis.call('HGET', KEYS[1], 'token') or 0)
if tonumber(ARGV[1]) < saved then return 0 end
redis.call('HSET', KEYS[1], 'token', ARGV[1])
for i = 2, #ARGV, 2 do redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end
return 1
`;

export interface SavedKnowledge {
  readonly values: Map<string, string>;
  /** '0-0': nothing was saved. */
  readonly countedUntil: string;
}

export async function loadKnowledge(client: RedisClient): Promise<SavedKnowledge> {
  const saved = await client.hgetall(key);
  const values = new Map(Object.entries(saved).filter(([field]) => field !== countedUntilField && field !== tokenField && field !== own));
  return { values, countedUntil: saved[countedUntilField] ?? '0-0' };
}

/** False where another replica's turn has begun since. */
export async function saveKnowledge(client: RedisClient, { values, countedUntil, token }: SavedKnowledge & { readonly token: number }) {
  const fields = [...values].filter(([field]) => field !== own).flat();
  return (await runScript(client, saveScript, [token, countedUntilField, countedUntil, ...fields], key)) === 1;
}

/** The map as it was last saved and drawn, for the command line; null where none was. */
export async function readSharedMap(client: RedisClient): Promise<string | null> {
  return client.hget(key, 'drawn');
}
