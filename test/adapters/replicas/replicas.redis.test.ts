import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { connectRedis, parseRedisAddress, type RedisClient } from '../../../src/adapters/redis-connection.ts';
import { redisPace } from '../../../src/adapters/replicas/pace.ts';
import { redisTurns } from '../../../src/adapters/replicas/turns.ts';
import { bullWakeups } from '../../../src/adapters/replicas/wakeups.ts';
import type { Turns, Wakeups } from '../../../src/ports/replicas.ts';
import { hasRedis, type RedisServer, startRedis } from '../../redis-server.ts';
import { silentLog } from '../../silent-log.ts';
import { paceContract } from '../../pipeline/pace-contract.ts';

describe.skipIf(!hasRedis)('with a real Redis server', () => {
  let server: RedisServer;
  let client: RedisClient;
  const connect = () => connectRedis(parseRedisAddress(server.url)!);
  beforeAll(async () => {
    server = await startRedis();
    client = connect();
  });
  afterAll(async () => {
    client.disconnect();
    await server.stop();
  });
  beforeEach(async () => void (await client.flushdb()));

  paceContract('the pace that replicas keep', () => redisPace(client));

  it('keeps one pace for two replicas', async () => {
    const other = connect();
    const [a, b] = [redisPace(client), redisPace(other)];
    expect(await a.take('slack:#debug', 1_000, 500)).toBe(0);
    expect(await b.take('slack:#debug', 1_000, 500)).toBe(1_500);
    await a.rest('slack:#debug', 1_100, 1_200);
    expect(await b.take('slack:#debug', 1_199, 500)).toBe(1_200);
    expect(await b.take('slack:#debug', 1_200, 500)).toBe(0);
    other.disconnect();
  });

  describe('turns', () => {
    let clock = 0;
    let started: Turns[] = [];
    let others: RedisClient[] = [];
    afterEach(async () => {
      for (const turns of started) await turns.stop();
      for (const other of others) other.disconnect();
      [started, others] = [[], []];
    });
    /** Held for longer than a busy machine stands still. */
    const replica = (holdMs = 4_000) => {
      const own = connect();
      others.push(own);
      const turns = redisTurns({ client: own, log: silentLog, clock: () => performance.now() + clock, holdMs });
      const said: string[] = [];
      turns.during(async (signal) => {
        said.push('begins');
        await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
        said.push('ends');
      });
      started.push(turns);
      turns.start();
      return { turns, said, client: own };
    };

    it('go to one of two, and to the other as soon as it stops', async () => {
      clock = 0;
      const a = replica();
      await expect.poll(a.turns.isOurs).toBe(true);
      const b = replica();
      const token = a.turns.token();
      expect(b.turns.isOurs()).toBe(false);
      await a.turns.stop();
      expect([a.said, a.turns.isOurs()]).toEqual([['begins', 'ends'], false]);
      await expect.poll(b.turns.isOurs).toBe(true);
      expect(b.turns.token()).toBeGreaterThan(token);
    });

    it('survive a holder that vanishes, which ends its own act before another begins', async () => {
      clock = 0;
      const a = replica();
      await expect.poll(a.turns.isOurs).toBe(true);
      const b = replica();
      const beganAfter: boolean[] = [];
      b.turns.during(async () => void beganAfter.push(a.said.includes('ends')));
      await b.turns.stop();
      b.turns.start();
      a.client.disconnect(); // it lives, but cannot say so
      await expect.poll(b.turns.isOurs).toBe(true);
      expect([a.turns.isOurs(), a.said, beganAfter]).toEqual([false, ['begins', 'ends'], [true]]);
    });

    it('are not ours once we have slept through them, even before we ask', async () => {
      clock = 0;
      const a = replica(60_000);
      await expect.poll(a.turns.isOurs).toBe(true);
      clock = 61_000;
      expect(a.turns.isOurs()).toBe(false);
    });
  });

  describe('wake-ups', () => {
    let started: { wakeups: Wakeups; client: RedisClient }[] = [];
    afterEach(async () => {
      for (const { wakeups, client: own } of started) {
        await wakeups.stop();
        own.disconnect();
      }
      started = [];
    });
    const replica = () => {
      const own = connect();
      const patient = () => connectRedis(parseRedisAddress(server.url)!, {}, 'patient');
      const wakeups = bullWakeups({ client: own, patient, now: () => Date.now(), log: silentLog });
      started.push({ wakeups, client: own });
      return wakeups;
    };
    const work = (id: string, dueAt = Date.now()) => ({ id, kind: 'investigate', subject: id, dueAt, attempts: 0 }) as const;

    it('reach any replica, each once', async () => {
      const woken: string[] = [];
      const both = Promise.withResolvers<void>();
      // Whoever is first leaves something to the other.
      const wakes = (name: string) => async () => {
        woken.push(name);
        if (new Set(woken).size === 2) both.resolve();
        await both.promise;
      };
      const [a, b] = [replica(), replica()];
      a.start(wakes('a'));
      b.start(wakes('b'));
      const dueAt = Date.now();
      for (let i = 0; i < 40; i++) a.announce([work(`investigate:INC-${i}`, dueAt)]);
      await expect.poll(() => woken.length).toBe(40);
      expect(new Set(woken)).toEqual(new Set(['a', 'b']));
    });

    it('are one for what is asked for many times', async () => {
      const asking = replica();
      // All is asked before any of it is due.
      const dueAt = Date.now() + 1_000;
      for (let i = 0; i < 20; i++) asking.announce([work('investigate:INC-1', dueAt)]);
      let woken = 0;
      replica().start(async () => void woken++);
      const marked = work('investigate:INC-2', dueAt + 300);
      asking.announce([marked]);
      await expect.poll(() => woken).toBe(2);
    });

    it('carry ids alone', async () => {
      replica().announce([work('investigate:INC-7', Date.now() + 60_000)]);
      await expect.poll(async () => (await client.keys('{tracepulse-wakeups}:work:investigate*')).length).toBe(1);
      const [key = ''] = await client.keys('{tracepulse-wakeups}:work:investigate*');
      expect(JSON.parse((await client.hget(key, 'data')) ?? '')).toEqual({ id: 'investigate:INC-7' });
    });
  });
});
