/**
 * Run as a process of its own: commits one numbered delivery with its incident after another, several at a time, and
 * writes each key to stdout once it is acknowledged. It is meant to be killed.
 */
import { writeSync } from 'node:fs';
import { createSqliteLedger } from '../../../src/adapters/ledgers/sqlite.ts';
import { anIncident, at, someWork } from './samples.ts';

const [file = '', prefix = ''] = process.argv.slice(2);
const ledger = createSqliteLedger({ file, now: () => at });
let number = 0;

async function commitForEver(): Promise<void> {
  for (;;) {
    const id = `${prefix}-${number++}`;
    await ledger.commit({ seen: [{ key: id, at, incidentId: id }], incidents: [anIncident(id)], work: [someWork(id, { subject: id })] });
    writeSync(1, `${id}\n`);
  }
}

for (let i = 0; i < 4; i++) void commitForEver();
