/** Stores over TLS, opened as settings name them: for tests of a server, a Sentinel group and a Cluster alike. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { readCore } from '../src/config.ts';
import { openStores, type Stores, storeProbe } from '../src/stores.ts';
import { makeTools } from '../src/tools.ts';
import { anIncident, someWork } from './adapters/ledgers/samples.ts';
import type { Certificates } from './redis-certificates.ts';

/** Files of the certificates: of the authority that is trusted, and the name of a pair of our own. */
export type Shown = readonly [authority?: string | undefined, own?: string | undefined];

export interface TlsStores {
  opened<T>(shown: Shown, use: (stores: Stores) => Promise<T>): Promise<T>;
  /** What became of an incident that was stored and whose work woke a worker, and what readiness says. */
  use(...shown: Shown): Promise<unknown>;
  probed(...shown: Shown): Promise<unknown>;
  remove(): void;
}

/** `url` as REDIS_URL has it. */
export function tlsStores(url: () => string, certificates: () => Certificates): TlsStores {
  const folder = mkdtempSync(join(tmpdir(), 'tls-stores-'));
  const settingsWith = ([authority, own]: Shown) => {
    const file = (name: string) => certificates().file(name);
    const { settings, problems } = readCore({
      REDIS_URL: url(),
      TRACEPULSE_DATA: folder,
      ...(authority === undefined ? {} : { TRACEPULSE_REDIS_CA: file(authority) }),
      ...(own === undefined ? {} : { TRACEPULSE_REDIS_CERT: file(`${own}.crt`), TRACEPULSE_REDIS_KEY: file(`${own}.key`) }),
    });
    if (settings === null) throw new Error(JSON.stringify(problems));
    return settings;
  };
  const tools = makeTools(null, () => {});
  const opened: TlsStores['opened'] = async (shown, use) => {
    const stops: (() => Promise<void> | void)[] = [];
    try {
      return await use(await openStores(settingsWith(shown), tools, stops));
    } finally {
      for (const stop of stops.reverse()) await stop();
    }
  };
  return {
    opened,
    use: (...shown) =>
      opened(shown, async ({ ledger, problem, replicas }) => {
        let woken = 0;
        replicas?.wakeups.start(async () => void woken++);
        const id = `INC-${(await ledger.lastIncidentNumber()) + 1}`;
        await ledger.commit({ incidents: [anIncident(id)], work: [someWork(`w ${id}`, { dueAt: Date.now() })] });
        // The connections of wake-ups are their own.
        await expect.poll(() => woken).toBe(1);
        await replicas?.wakeups.stop();
        return [await ledger.incident(id), problem()];
      }),
    probed: async (...shown) => storeProbe(settingsWith(shown))?.probe?.(AbortSignal.timeout(5_000)),
    remove: () => rmSync(folder, { recursive: true }),
  };
}
