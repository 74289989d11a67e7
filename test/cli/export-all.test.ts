import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSqliteLedger } from '../../src/adapters/ledgers/sqlite.ts';
import { exportAllCommand } from '../../src/cli/export-all.ts';
import { context } from '../surfaces/http/incident-fixtures.ts';
import { aLearning, anAct, anIncident, aReceipt, aReport, aVote } from '../adapters/ledgers/samples.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tracepulse-export-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function exported() {
  const lines: string[] = [];
  const code = await exportAllCommand(
    folder,
    (text) => void lines.push(text),
    (text) => void lines.push(text),
  );
  return { code, lines, records: code === 0 ? lines.map((line) => JSON.parse(line) as Record<string, unknown>) : [] };
}

describe('export --all', () => {
  it('gives every record of the store once, also while the product has it open', async () => {
    const ledger = createSqliteLedger({ file: join(folder, 'ledger.sqlite'), now: () => 0 });
    const incidents = Array.from({ length: 450 }, (_, i) => anIncident(`INC-${i + 1}`));
    await ledger.commit({
      incidents,
      reports: [{ ...aReport('INC-1', 1), context }],
      receipts: [aReceipt(), aReceipt({ sink: 'slack.plan', messageId: 'chart' })],
      votes: [aVote('v1')],
      acts: [anAct('a1')],
      learning: aLearning(1),
    });
    const { code, records } = await exported();
    await ledger.close();
    expect(code).toBe(0);
    const count = (name: string) => records.filter(({ record }) => record === name).length;
    expect(records[0]).toEqual({ record: 'export', version: 1 });
    expect(['incident', 'report', 'delivery', 'verdict', 'act', 'learning'].map(count)).toEqual([450, 1, 1, 1, 1, 1]);
    expect(new Set(records.filter(({ record }) => record === 'incident').map(({ id }) => id)).size).toBe(450);
    expect(records.find(({ record }) => record === 'verdict')).toMatchObject({ id: 'v1' });
  });

  it('hides secrets', async () => {
    const ledger = createSqliteLedger({ file: join(folder, 'ledger.sqlite'), now: () => 0 });
    const secret = 'AKIAIOSFODNN7EXAMPLE';
    await ledger.commit({
      incidents: [anIncident('INC-1', { title: `key ${secret}` })],
      reports: [{ ...aReport('INC-1', 1), context, features: { [secret]: { errors: 1 } } }],
      acts: [anAct('a1', { kind: 'note', text: `used ${secret}` })],
    });
    await ledger.close();
    const { lines } = await exported();
    expect(lines.join('\n')).toContain('[secret:');
    expect(lines.join('\n')).not.toContain(secret);
  });

  it('says where there is no store', async () => {
    expect(await exported()).toMatchObject({ code: 66, lines: [expect.stringContaining('There is no store')] });
  });
});
