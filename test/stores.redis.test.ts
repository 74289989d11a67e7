import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { exportAllCommand } from '../src/cli/export-all.ts';
import { probeCommand } from '../src/cli/probe.ts';
import { incidentsCommand, mapCommand } from '../src/cli/stored.ts';
import { plan } from '../src/compose.ts';
import { type CoreSettings, readCore } from '../src/config.ts';
import { openForLooking, openStores } from '../src/stores.ts';
import { makeTools } from '../src/tools.ts';
import { anIncident, someWork } from './adapters/ledgers/samples.ts';
import { start, traces } from './adapters/telemetry/bodies.ts';
import { hasRedis, type RedisServer, startRedis } from './redis-server.ts';

describe.skipIf(!hasRedis)('stores in Redis', () => {
  let redis: RedisServer;
  let folder: string;
  beforeAll(async () => {
    redis = await startRedis(['--appendonly', 'yes', '--appendfsync', 'always']);
  });
  afterAll(() => redis.stop());
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'stores-'));
    return () => rmSync(folder, { recursive: true });
  });
  const settingsOf = (more: Readonly<Record<string, string>> = {}): CoreSettings => {
    const { settings, problems } = readCore({ REDIS_URL: redis.url, TRACEPULSE_DATA: folder, ...more });
    if (settings === null) throw new Error(JSON.stringify(problems));
    return settings;
  };
  const opened = async <T>(use: (stores: Awaited<ReturnType<typeof openStores>>) => Promise<T>): Promise<T> => {
    const stops: (() => Promise<void> | void)[] = [];
    try {
      return await use(
        await openStores(
          settingsOf(),
          makeTools(null, () => {}),
          stops,
        ),
      );
    } finally {
      for (const stop of stops.reverse()) await stop();
    }
  };

  it('are what the command line shows, with one redaction key for all', async () => {
    const key = await opened(async ({ ledger, telemetry, replicas, redactionKey, problem }) => {
      replicas?.turns.start();
      await expect.poll(() => replicas?.turns.isOurs()).toBe(true);
      await ledger.commit({ incidents: [anIncident('INC-1', { title: 'Errors of cart' })], work: [someWork('w')] });
      const recent = { at: Date.now() - start };
      await telemetry.ingest(
        'traces',
        traces({ shop: [{ ...recent, span: 1, kind: 3 }], cart: [{ ...recent, span: 2, parent: 1 }] }),
        'json',
      );
      await telemetry.flush();
      await replicas?.turns.stop();
      expect(problem()).toBeNull();
      return redactionKey;
    });
    const out: string[] = [];
    const print = (text: string | Uint8Array) => void out.push(String(text));
    expect(await incidentsCommand(settingsOf(), [], print, print)).toBe(0);
    expect(out.join('\n')).toContain('Errors of cart');
    expect(await mapCommand(settingsOf(), ['--format', 'dot'], print, print)).toBe(0);
    expect(out.at(-1)).toMatch(/"shop" -> "cart"/);
    expect(await exportAllCommand(settingsOf(), print, print)).toBe(0);
    expect(out.join('\n')).toContain('"record":"incident"');
    const looking = await openForLooking(settingsOf({ TRACEPULSE_DATA: join(folder, 'elsewhere') }));
    expect([looking?.redactionKey, key.length]).toEqual([key, 64]);
    await looking?.close();
  });

  it('say in check what they are, and under --probe what they promise', async () => {
    const environment = { REDIS_URL: redis.url, TRACEPULSE_REDIS_DURABILITY: 'fsync' };
    const tools = makeTools(null, () => {});
    expect(plan(environment, tools).states[0]).toMatchObject({
      port: 'store',
      id: 'redis',
      isOn: true,
      note: expect.stringMatching(/as safe as fsync/),
    });
    expect(plan({}, tools).states[0]).toMatchObject({ port: 'store', id: 'embedded', isOn: true });
    const out: string[] = [];
    expect(await probeCommand(environment, tools, (text) => void out.push(text))).toBe(0);
    expect(out[0]).toMatch(/^good {2}store redis: .*survives a power cut/);
    expect(await probeCommand({ ...environment, TRACEPULSE_REDIS_REPLICAS: '1' }, tools, (text) => void out.push(text))).toBe(1);
    expect(out.join('\n')).toMatch(/BAD {3}store redis: .*0 of the 1 replicas/);
  });

  it('refuse an address that leads nowhere, and settings that are none', async () => {
    const nowhere = settingsOf({ REDIS_URL: 'redis://127.0.0.1:1' });
    await expect(openForLooking(nowhere)).rejects.toMatchObject({
      name: 'Failure',
      system: 'ledger',
      code: expect.stringMatching(/timeout|unavailable/),
    });
    await expect(
      openForLooking(settingsOf({ TRACEPULSE_REDIS_CA: join(folder, 'none.pem'), REDIS_URL: 'rediss://127.0.0.1:1' })),
    ).rejects.toMatchObject({
      code: 'bad_config',
    });
    expect(readCore({ REDIS_URL: 'http://:secret@x' }).problems).toEqual([
      { variable: 'REDIS_URL', problem: expect.stringMatching(/^must be redis:\/\//) },
    ]);
  });
});
