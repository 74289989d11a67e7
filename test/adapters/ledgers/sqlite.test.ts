import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSqliteLedger } from '../../../src/adapters/ledgers/sqlite.ts';
import { ledgerContract } from './contract.ts';
import { at } from './samples.ts';

ledgerContract('sqlite', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ledger-'));
  return {
    open: async () => createSqliteLedger({ file: join(folder, 'ledger.db'), now: () => at }),
    remove: async () => rmSync(folder, { recursive: true }),
  };
});
