/** A forgotten incident is not legible in the files of the store, whatever was written over it before. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createSqliteLedger } from '../../../../src/adapters/ledgers/sqlite.ts';
import { anAlert, anIncident, at } from '../samples.ts';

it('holds no byte of an incident that was forgotten', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ledger-bytes-'));
  const ledger = createSqliteLedger({ file: join(folder, 'ledger.sqlite'), now: () => at });
  const holding = () => readdirSync(folder).filter((name) => readFileSync(join(folder, name)).includes('zebrafish'));
  for (const title of ['first zebrafish', `second zebrafish ${'words '.repeat(2_000)}`])
    await ledger.commit({ incidents: [anIncident('INC-1', { title, alerts: [anAlert({ title })] })] });
  expect(holding()).not.toEqual([]);
  await ledger.forgetIncident('INC-1', []);
  expect(holding()).toEqual([]);
  await ledger.close();
  expect(holding()).toEqual([]);
  rmSync(folder, { recursive: true });
});
