/**
 * The master of a Sentinel group dies while we run: what was accepted stands on its successor, alerts meanwhile are refused in
 * the way that senders repeat, and once the old master is back as a replica everything is taken and said once.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { hasRedis, startRedis, startSentinel } from '../redis-server.ts';
import { alertBody } from '../support/app.ts';
import { hangsAfterMs, startProcess, stopWithinMs } from './product.ts';
import { freePort } from '../support/free-port.ts';
import { startWorld } from './world.ts';

const durable = ['--appendonly', 'yes', '--appendfsync', 'always'];
/** Whoever asks again does not ask all the time. */
const patience = { interval: 250 } as const;

it.skipIf(!hasRedis)(
  'goes on with the successor that Sentinel names, and loses nothing that was accepted',
  async () => {
    const master = await startRedis(durable);
    const replica = await startRedis([...durable, '--replicaof', `127.0.0.1 ${master.port}`]);
    const sentinel = await startSentinel(master.port);
    const world = await startWorld();
    const folder = mkdtempSync(join(tmpdir(), 'redis-failover-'));
    const port = await freePort();
    const product = startProcess({
      ...world.environment,
      REDIS_URL: `redis+sentinel://127.0.0.1:${sentinel.port}/tracepulse`,
      // A 202 then means that the replica has it as well.
      TRACEPULSE_REDIS_REPLICAS: '1',
      TRACEPULSE_DATA: folder,
      PORT: String(port),
      HOST: '127.0.0.1',
      LOG_LEVEL: 'error',
    });
    const send = async (service: string) => {
      const headers = { 'content-type': 'application/json' };
      const body = JSON.stringify(alertBody({ service, startsAt: Date.now() }));
      const signal = AbortSignal.timeout(hangsAfterMs);
      const answer = await fetch(`http://127.0.0.1:${port}/webhook/alertmanager`, { method: 'POST', headers, body, signal });
      return answer.status;
    };
    const incidents = async () => {
      const answer = await fetch(`http://127.0.0.1:${port}/api/incidents`);
      const { incidents = [] } = (await answer.json()) as { incidents?: { service: string }[] };
      return incidents.map(({ service }) => service).sort();
    };
    const roots = () =>
      world.workspace.messages('debug').filter(({ metadata }) => metadata?.['event_type'] === 'tracepulse_incident').length;
    try {
      expect(await product.ready, product.written.join('\n')).toBe(true);
      await expect.poll(() => send('cart'), patience).toBe(202);
      await sentinel.hurry();
      await master.kill();
      expect(await send('orders')).toBe(503);
      // Its successor has what was accepted; the first way back is to read it.
      await expect.poll(incidents, patience).toContain('cart');
      await master.restart();
      await expect.poll(() => send('orders'), patience).toBe(202);
      await expect.poll(roots, patience).toBe(2);
      expect(await incidents()).toEqual(['cart', 'orders']);
      const { code, ms } = await product.stop();
      expect(code).toBe(0);
      expect(ms).toBeLessThanOrEqual(stopWithinMs);
      expect(roots()).toBe(2);
    } finally {
      await product.kill();
      await world.stop();
      await sentinel.stop();
      await replica.stop();
      await master.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  },
  600_000,
);
