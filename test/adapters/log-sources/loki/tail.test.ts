import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loki } from '../../../../src/adapters/log-sources/loki/loki.ts';
import { identityOf, urlOf } from '../../../../src/adapters/log-sources/loki/asking.ts';
import { tailLoki } from '../../../../src/adapters/log-sources/loki/tail.ts';
import { emptyEntry } from '../../../../src/domain/log-entry.ts';
import { createIntake } from '../../../../src/pipeline/intake.ts';
import { createLogFollower } from '../../../../src/pipeline/follow-logs.ts';
import { createTelemetry } from '../../../../src/telemetry.ts';
import { type LokiStandIn, startLoki } from '../../../stand-ins/loki.ts';

const never = () => {};
const log = { debug: never, info: never, warn: never, error: never };
const now = Date.now;

describe("Loki's live tail", () => {
  let server: LokiStandIn;
  const stops: (() => Promise<unknown>)[] = [];
  const settings = () => ({ LOKI_URL: server.url, LOKI_TOKEN: server.token, LOKI_TENANT: server.tenant, LOKI_FOLLOW: 'on' });
  const source = () => loki.create(loki.settings.parse(settings()), { fetch: globalThis.fetch, now, log });
  const put = (text: string, at = now()) => server.put({ at, service: 'cart', text });

  /** Follows into real telemetry. */
  function following() {
    const telemetry = createTelemetry({ file: null, now, windowMinutes: 60, maxBytes: 2 ** 26 });
    const intake = createIntake(telemetry);
    const arrived = async () => {};
    const follower = createLogFollower({ logSources: new Map([['loki', source()]]), intake, now, log, arrived, firstWaitMs: 5 });
    follower.start();
    stops.push(
      () => follower.stop(),
      () => telemetry.close(),
    );
    const texts = async () => {
      const lines = await telemetry.logs({ window: { fromMs: 0, toMs: now() + 60_000 }, limit: 1_000 });
      return lines.map(({ text }) => text).sort();
    };
    return { follower, texts };
  }

  beforeEach(async () => {
    server = await startLoki();
    put('before anybody looked', now() - 60_000);
  });
  afterEach(async () => {
    for (const stop of stops.splice(0)) await stop();
    server.stop();
    expect(server.unexpected).toEqual([]);
  });

  it('is off by default', () => {
    const { LOKI_FOLLOW: _, ...others } = settings();
    expect(loki.create(loki.settings.parse(others), { fetch: globalThis.fetch, now, log }).follow).toBeUndefined();
  });

  it('brings each line once, those of a lost connection too', async () => {
    const { follower, texts } = following();
    await expect.poll(server.tails).toBe(1);
    put('one');
    put('two');
    await expect.poll(texts).toEqual(['one', 'two']);
    expect(follower.isInterrupted()).toBe(false);
    server.tailing = 'refused';
    server.cutTails();
    await expect.poll(() => follower.problem()).toMatch(/^loki: follow logs \(unavailable\)/);
    put('three');
    put('four');
    server.tailing = 'well';
    await expect.poll(texts).toEqual(['four', 'one', 'three', 'two']);
    await expect.poll(() => follower.problem()).toBe(null);
    expect(follower.isInterrupted()).toBe(true);
    put('five');
    await expect.poll(texts).toEqual(['five', 'four', 'one', 'three', 'two']);
  });

  it('reads what the tail has dropped', async () => {
    const { texts } = following();
    await expect.poll(server.tails).toBe(1);
    server.tailing = 'drops';
    put('one');
    put('two');
    await expect.poll(texts).toEqual(['one', 'two']);
  });

  it('notices that a tail is dead, and has lost nothing', async () => {
    server.tailing = 'silent';
    const taken: string[] = [];
    let looks = 0;
    const entry = { ...emptyEntry, timeMs: now(), text: 'written meanwhile' };
    const missed = {
      ns: BigInt(now()) * 1_000_000n,
      key: 'k',
      line: { stream: '', reading: { entry, guess: { severity: 0, service: null } } },
    };
    const followed = tailLoki({
      url: urlOf(server.url.replace('http', 'ws'), 'tail', { query: '{service_name=~".+"}' }),
      headers: identityOf({ LOKI_URL: server.url, LOKI_TOKEN: server.token, LOKI_TENANT: server.tenant }),
      fromMs: now(),
      now,
      since: async () => (looks++ < 2 ? [] : [missed]),
      take: async (lines) => void taken.push(...lines.map(({ text }) => text)),
      signal: new AbortController().signal,
      idleMs: 10,
    });
    await expect(followed).rejects.toMatchObject({ code: 'unavailable', hint: 'the live tail has gone silent' });
    expect([taken, looks]).toEqual([['written meanwhile'], 3]);
  });

  it('ends when it is told to, also while it waits for a new try', async () => {
    const { follower } = following();
    await expect.poll(server.tails).toBe(1);
    await follower.stop();
    await expect.poll(server.tails).toBe(0);
    server.tailing = 'refused';
    const another = following();
    await expect.poll(() => another.follower.problem()).not.toBe(null);
    await another.follower.stop();
  });
});
