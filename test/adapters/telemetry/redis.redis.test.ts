import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { connectRedis, parseRedisAddress, type RedisClient } from '../../../src/adapters/redis-connection.ts';
import type { Telemetry } from '../../../src/ports.ts';
import { openReplicatedTelemetry } from '../../../src/telemetry.ts';
import { hasRedis, type RedisServer, startRedis } from '../../redis-server.ts';
import { silentLog } from '../../silent-log.ts';
import { gauge, logs, minute, start, traceId, traces } from './bodies.ts';
import { telemetryContract } from './contract.ts';
import type { Setting } from './contract/open.ts';

const everything = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER };

describe.skipIf(!hasRedis)('with a real Redis server', () => {
  let server: RedisServer;
  let client: RedisClient;
  beforeAll(async () => {
    server = await startRedis();
    client = connectRedis(parseRedisAddress(server.url)!);
  });
  afterAll(async () => {
    client.disconnect();
    await server.stop();
  });

  const open = (setting: Setting, token = 1) =>
    openReplicatedTelemetry({ client, log: silentLog, turns: { isOurs: () => token > 0, token: () => token }, ...setting });

  telemetryContract('the store that replicas share', async (setting) => {
    await client.flushdb();
    return open(setting);
  });

  describe('two replicas', () => {
    let opened: Telemetry[] = [];
    let now = start + minute;
    const replica = async (token = 1) => {
      const telemetry = await open({ now: () => now, windowMinutes: 60, maxBytes: 2 ** 28 }, token);
      opened.push(telemetry);
      return telemetry;
    };
    beforeEach(async () => {
      now = start + minute;
      await client.flushdb();
    });
    afterEach(async () => {
      for (const telemetry of opened) await telemetry.close();
      opened = [];
    });
    const call = (trace: number) =>
      traces({ shop: [{ trace, span: 1, kind: 3 }], cart: [{ trace, span: 2, parent: 1, attributes: { n: trace } }] });
    const facts = async (telemetry: Telemetry) => {
      const { spans, logs: lines, metrics } = await telemetry.window(everything);
      const { map } = await telemetry.knowledge();
      return {
        spans: Array.from({ length: spans.length }, (_, row) => [
          spans.traceId(row),
          spans.spanId(row),
          spans.parent[row] === -1,
        ]).toSorted(),
        lines: Array.from({ length: lines.length }, (_, row) => lines.text(row)).toSorted(),
        points: metrics.map(({ name, values }) => [name, [...values]]),
        edges: map.edges.map(({ caller, callee, calls }) => [caller, callee, calls]),
        trace: await telemetry.trace(traceId(1)),
      };
    };

    it('see what either took, at once and once', async () => {
      const [a, b] = [await replica(), await replica(0)];
      await a.ingest('traces', call(1), 'json');
      await b.ingest('traces', call(2), 'json');
      await a.ingest('logs', logs({ shop: [{ text: 'one' }, { text: 'two', at: 1 }] }), 'json');
      await b.ingest('metrics', gauge('shop', 'cpu', [{ at: 0, value: 0.5 }]), 'json');
      const [ofA, ofB] = [await facts(a), await facts(b)];
      expect(ofB).toEqual(ofA);
      expect(ofA.spans).toHaveLength(4);
      expect(ofA.edges).toEqual([['shop', 'cart', 2]]);
      expect([ofA.lines, ofA.points, ofA.trace[1]?.attributes]).toMatchObject([['one', 'two'], [['cpu', [0.5]]], { n: 1 }]);
    });

    it('count a span that its sender gave to both once', async () => {
      const [a, b] = [await replica(), await replica(0)];
      await a.ingest('traces', call(1), 'json');
      await b.ingest('traces', call(1), 'json');
      for (const telemetry of [a, b]) expect((await facts(telemetry)).edges).toEqual([['shop', 'cart', 1]]);
    });

    it('share bodies that are packed on a thread of the pool', async () => {
      const [a, b] = [await replica(), await replica(0)];
      const many = Array.from({ length: 400 }, (_, i) => ({
        trace: 9,
        span: i + 1,
        at: i,
        attributes: { text: `value ${i} `.repeat(20) },
      }));
      await a.ingest('traces', traces({ shop: many }), 'json');
      const taken = (await a.window(everything)).spans.length;
      expect(taken).toBeGreaterThan(300);
      expect((await b.window(everything)).spans.length).toBe(taken);
    });

    it('leave one that starts later, or again, what there was, the map counted once', async () => {
      const a = await replica();
      await a.ingest('traces', call(1), 'json');
      await a.know([{ name: 'till', addresses: ['10.0.0.9'], ports: [80] }]);
      await a.window(everything); // up to here it counts
      await a.flush();
      await a.ingest('traces', call(2), 'json');
      const before = await facts(a);
      const late = await replica(0);
      expect(await facts(late)).toEqual(before);
      expect(before.edges).toEqual([['shop', 'cart', 2]]);
      expect((await late.knowledge()).directory.map(({ name }) => name)).toContain('till');
    });

    it('let nobody whose turn is over write over what was saved since', async () => {
      const [slow, quick] = [await replica(1), await replica(2)];
      await quick.know([{ name: 'new', addresses: [], ports: [] }]);
      await quick.flush();
      await slow.know([{ name: 'old', addresses: [], ports: [] }]);
      await slow.flush();
      const later = await replica(0);
      expect((await later.knowledge()).directory.map(({ name }) => name)).toEqual(['new']);
    });

    it('refuse what is no telemetry on one and share nothing of it', async () => {
      const [a, b] = [await replica(), await replica(0)];
      await expect(a.ingest('traces', new TextEncoder().encode('{'), 'json')).rejects.toMatchObject({ code: 'rejected' });
      expect((await b.window(everything)).spans.length).toBe(0);
      expect(await client.exists('{tracepulse-telemetry}:bodies')).toBe(0);
    });

    it('go by themselves when nothing comes any more', async () => {
      const a = await replica();
      await a.ingest('traces', call(1), 'json');
      const left = await client.pttl('{tracepulse-telemetry}:bodies');
      expect(left).toBeGreaterThan(59 * minute);
      expect(left).toBeLessThanOrEqual(61 * minute);
    });
  });
});
