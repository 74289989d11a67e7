/** One pace for all replicas: a key per place that says until when it is taken, and goes by itself. */
import type { Pace } from '../../ports/replicas.ts';
import { keyPrefix, type RedisClient, redisFailure, runScript } from '../redis-connection.ts';

/** ARGV: now, until. Answers 0, or the time until which it is taken. */
const takeScript = `
local taken = redis.call('GET', KEYS[1])
if taken and tonumber(taken) > tonumber(ARGV[1]) then return taken end
redis.call('SET', KEYS[1], ARGV[2], 'PX', math.max(1, tonumber(ARGV[2]) - tonumber(ARGV[1])))
return '0'
`;

export function redisPace(client: RedisClient): Pace {
  const key = (place: string) => `${keyPrefix}pace:${place}`;
  const asking = async <T>(ask: () => Promise<T>): Promise<T> => {
    try {
      return await ask();
    } catch (error) {
      throw redisFailure(error, 'replicas', 'keep the pace');
    }
  };
  return {
    take: (place, now, holdMs) => asking(async () => Number(await runScript(client, takeScript, [now, now + holdMs], key(place)))),
    async rest(place, now, untilAt) {
      await asking(() => client.set(key(place), untilAt, 'PX', Math.max(1, Math.ceil(untilAt - now))));
    },
  };
}
