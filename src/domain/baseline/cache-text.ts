/** How clients of caches call what they do: Redis and its kin, memcached. */

/** Something is looked up: `GET`, `redis.get`, `HMGET sessions`. */
export const readsKeys = /^(?:(?:redis|valkey|memcached?)[ .:_-])?(?:m?get|gets|getex|hm?get|hgetall)\b/i;

/** Something is put there: `SETEX`, `HSET`, memcached's `add`. */
export const writesKeys = /^(?:(?:redis|valkey|memcached?)[ .:_-])?(?:m?set|p?setex|setnx|hm?set|hsetnx|add)\b/i;

/** A command that only a store has, and no server of HTTP (`GET`): `HGET`, `redis.get`, `SELECT orders`. */
export const storeCommand =
  /^(?:(?:redis|valkey|memcached?)[ .:_-]\w|(?:hm?get|hgetall|hm?set|hsetnx|mget|mset|p?setex|setnx|getex|zadd|zrange|lpush|rpush|lrange|sadd|smembers|incrby|hincrby|evalsha)\b|(?:select|insert into|insert|update|delete from) )/i;
