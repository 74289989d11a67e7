/** Deliveries of which this process knows without a look into the file that they are new: never one that is there. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createSqliteLedger } from '../../../../src/adapters/ledgers/sqlite.ts';
import type { Ledger } from '../../../../src/ports.ts';
import { at } from '../samples.ts';

let folder: string;
let ledger: Ledger;
const clock = { at };
const open = () => createSqliteLedger({ file: join(folder, 'ledger.db'), now: () => clock.at });
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ledger-'));
  clock.at = at;
  ledger = open();
});
afterEach(async () => {
  await ledger.close();
  rmSync(folder, { recursive: true });
});

const hour = 3_600_000;
const firing = (time: number, name = 'f1') => `alertmanager:${name}:firing:${time}`;
const take = (...keys: string[]) => ledger.commit({ seen: keys.map((key) => ({ key, at: clock.at, incidentId: 'INC-1' })) });
const known = async (...keys: string[]) => [...(await ledger.seen(keys)).keys()];
async function restart(): Promise<void> {
  await ledger.close();
  ledger = open();
}

/** Around what is known, and far from it: of long before, of the same ms, later, ahead, and without a time. */
const odd = [at - 90 * 24 * hour, at - 1, at, at + 1, at + 2 * hour, at + 400 * 24 * hour].map((time) => firing(time));
const undated = ['said:answer:C1', 'event:f1:firing:since an unsaid time', `event:f1:firing:${at}000`, 'event:f1:firing:17'];

it.each([...odd, ...undated])('knows %s again, in this process and after a restart', async (key) => {
  expect(await known(key)).toEqual([]);
  await take(key);
  expect(await known(key)).toEqual([key]);
  expect(await take(key)).toBe('conflict');
  await restart();
  expect(await known(key)).toEqual([key]);
  expect(await take(key)).toBe('conflict');
});

it('knows all of them side by side, each by itself, hours later and after another restart', async () => {
  const all = [...odd, ...undated];
  for (const key of all) await take(key);
  await restart();
  for (const hours of [0, 1, 3]) {
    clock.at = at + hours * hour;
    expect(await known(...all, firing(at + 5), firing(clock.at + 7))).toEqual(all);
  }
});

it('takes for new what was put and taken back', async () => {
  await known(firing(at + 3));
  const lost = ledger.commit({ seen: [{ key: firing(at + 3), at, incidentId: null }], votes: [{ id: 'v' } as never] });
  await Promise.allSettled([lost, ledger.commit({})]);
  await expect(lost).rejects.toThrow();
  expect(await known(firing(at + 3))).toEqual([]);
  expect(await take(firing(at + 3))).toBe('committed');
  expect(await take(firing(at + 3))).toBe('conflict');
});

it('takes one delivery once where two batches asked before either was put', async () => {
  const key = firing(at + 3);
  expect(await known(key)).toEqual([]);
  expect(await known(key, firing(at + 4))).toEqual([]);
  expect(await Promise.all([take(key), take(key, firing(at + 4))])).toEqual(['committed', 'conflict']);
});

it.each([{ atOnce: 20_000 }, { atOnce: 140_000 }])('goes on where more came than it keeps in mind, $atOnce at once', async ({ atOnce }) => {
  const many = Array.from({ length: 140_000 }, (_, i) => firing(at + Math.floor(i / 200), `m${i}`));
  for (let from = 0; from < many.length; from += atOnce) {
    await known(...many.slice(from, from + atOnce));
    await take(...many.slice(from, from + atOnce));
    expect(await take(...many.slice(from, from + 3))).toBe('conflict');
  }
  const some = many.filter((_, i) => i % 1_000 === 7);
  expect(await known(...some, firing(at + 610, 'new'), firing(at + 900))).toEqual(some);
});

it('goes on where the clock was put back', async () => {
  await take(firing(at + 3));
  clock.at = at - 5 * hour;
  expect(await known(firing(at + 3), firing(at - 5 * hour), firing(at + 700))).toEqual([firing(at + 3)]);
});

it('has nothing to remember of when each came that its key tells', async () => {
  await take(firing(at - hour), firing(at + 1));
  clock.at = at + 31 * 24 * hour + 2;
  await take(firing(clock.at));
  expect(await known(firing(at - hour), firing(at + 1))).toEqual([]);
  expect(await known(firing(clock.at))).toEqual([firing(clock.at)]);
});
