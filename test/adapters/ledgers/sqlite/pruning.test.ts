/** Deliveries are remembered for so long, and then forgotten a few at a time, beside what else is written. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, it } from 'vitest';
import { createSqliteLedger } from '../../../../src/adapters/ledgers/sqlite.ts';
import type { Ledger } from '../../../../src/ports.ts';
import { at } from '../samples.ts';
import { storeOfFourthSchema } from './fourth-schema.ts';

const rememberMs = 60_000;

async function inFolder(run: (file: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'ledger-'));
  try {
    await run(join(folder, 'ledger.db'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function storeAt(file: string) {
  const clock = { at };
  const ledger = createSqliteLedger({ file, now: () => clock.at, rememberMs });
  const take = (...keys: string[]) => ledger.commit({ seen: keys.map((key) => ({ key, at: clock.at, incidentId: null })) });
  return { clock, ledger, take };
}

/** Changes that bring nothing to remember make room as well, once a second. */
async function pass(clock: { at: number }, ledger: Ledger, ms: number): Promise<void> {
  for (const end = clock.at + ms; clock.at < end; ) {
    clock.at += 1_000;
    await ledger.commit({});
  }
}

const keys = (name: string, count: number) => Array.from({ length: count }, (_, i) => `event:${name}${i}:firing:${at}`);

it('forgets every delivery when its time has come, and none before', () =>
  inFolder(async (file) => {
    const { clock, ledger, take } = storeAt(file);
    await take(...keys('a', 700));
    for (const key of keys('b', 20)) await take(key);
    clock.at += 30_000;
    await take(...keys('c', 5));
    const all = [...keys('a', 700), ...keys('b', 20), ...keys('c', 5)];
    await pass(clock, ledger, 29_000);
    expect((await ledger.seen(all)).size).toBe(725);
    await pass(clock, ledger, 20_000);
    expect([...(await ledger.seen(all)).keys()]).toEqual(keys('c', 5));
    await pass(clock, ledger, 20_000);
    expect((await ledger.seen(all)).size).toBe(0);
    await ledger.close();
    const db = new DatabaseSync(file, { readOnly: true });
    expect(db.prepare('SELECT count(*) AS n FROM arrivals').get()).toEqual({ n: 0 });
    db.close();
  }));

it('catches up twice as fast as more comes in, so that no change pays for all of it', () =>
  inFolder(async (file) => {
    const { clock, ledger, take } = storeAt(file);
    const old = Array.from({ length: 40 }, (_, i) => keys(`old${i}-`, 256));
    for (const some of old) await take(...some);
    clock.at += rememberMs + rememberMs / 30 + 1;
    await take(...keys('new', 256));
    const left = (await ledger.seen(old.flat())).size;
    expect(left).toBeLessThanOrEqual(38 * 256);
    expect(left).toBeGreaterThanOrEqual(36 * 256);
    await ledger.close();
  }));

it('counts from when a delivery came, whatever the clock said in between', () =>
  inFolder(async (file) => {
    const { clock, ledger, take } = storeAt(file);
    clock.at = at + 10 * rememberMs;
    await take('of a clock that was ahead');
    clock.at = at;
    await take('first');
    await pass(clock, ledger, 40_000);
    expect(await take('first')).toBe('conflict');
    await pass(clock, ledger, 30_000);
    expect(await take('first')).toBe('committed');
    await pass(clock, ledger, 50_000);
    expect([...(await ledger.seen(['first', 'of a clock that was ahead'])).keys()]).toEqual(['first', 'of a clock that was ahead']);
    await ledger.close();
  }));

it('forgets what an earlier version remembered in its time, too', () =>
  inFolder(async (file) => {
    const before = keys('a', 300).map((key, i) => [key, at - 30_000 + (i % 2) * 20_000] as [string, number]);
    storeOfFourthSchema(file, [], before);
    const { clock, ledger } = storeAt(file);
    const names = before.map(([key]) => key);
    await pass(clock, ledger, 29_000);
    expect((await ledger.seen(names)).size).toBe(300);
    await pass(clock, ledger, 40_000);
    expect((await ledger.seen(names)).size).toBe(0);
    await ledger.close();
  }));
