/**
 * Redis gone, and there again with what it had written: alerts are refused in the way that senders repeat, the product neither
 * dies nor forgets, and what was accepted before is said once. REDIS_GONE_SECONDS takes longer.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { hasRedis, startRedis } from '../redis-server.ts';
import { alertBody } from '../support/app.ts';
import { hangsAfterMs, startProcess, stopWithinMs } from './product.ts';
import { freePort } from '../support/free-port.ts';
import { startWorld } from './world.ts';

const goneMs = Number(process.env['REDIS_GONE_SECONDS'] ?? 5) * 1_000;
/** Whoever asks again does not ask all the time. */
const patience = { interval: 250 } as const;

it.skipIf(!hasRedis)(
  `is refused and repeated while Redis is gone for ${goneMs / 1_000} s, and each incident has one card`,
  async () => {
    const redis = await startRedis(['--appendonly', 'yes', '--appendfsync', 'always']);
    const world = await startWorld();
    const folder = mkdtempSync(join(tmpdir(), 'redis-gone-'));
    const port = await freePort();
    const product = startProcess({
      ...world.environment,
      REDIS_URL: redis.url,
      TRACEPULSE_DATA: folder,
      PORT: String(port),
      HOST: '127.0.0.1',
      LOG_LEVEL: 'error',
    });
    const send = async (service: string) => {
      const headers = { 'content-type': 'application/json' };
      const body = JSON.stringify(alertBody({ service, startsAt: Date.now() }));
      const answer = await fetch(`http://127.0.0.1:${port}/webhook/alertmanager`, {
        method: 'POST',
        headers,
        body,
        signal: AbortSignal.timeout(hangsAfterMs),
      });
      return [answer.status, answer.headers.has('retry-after')] as const;
    };
    const roots = () =>
      world.workspace.messages('debug').filter(({ metadata }) => metadata?.['event_type'] === 'tracepulse_incident').length;
    try {
      expect(await product.ready, product.written.join('\n')).toBe(true);
      expect(await send('cart')).toEqual([202, false]);
      await redis.kill();
      const until = performance.now() + goneMs;
      do expect(await send('orders')).toEqual([503, true]);
      while (performance.now() < until);
      await redis.restart();
      await expect.poll(() => send('orders'), patience).toEqual([202, false]);
      await expect.poll(roots, patience).toBe(2);
      const { code, ms } = await product.stop();
      expect([code, roots()]).toEqual([0, 2]);
      expect(ms).toBeLessThanOrEqual(stopWithinMs);
    } finally {
      await product.kill();
      await world.stop();
      await redis.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  },
  600_000,
);
