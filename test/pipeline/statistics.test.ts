import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createSqliteLedger } from '../../src/adapters/ledgers/sqlite.ts';
import { statistics } from '../../src/pipeline/statistics.ts';
import { anIncident, at } from '../adapters/ledgers/samples.ts';

const dayMs = 86_400_000;

async function ledgerOf(count: number, openedAt: (i: number) => number) {
  const ledger = createSqliteLedger({ file: ':memory:', now: () => at });
  await ledger.commit({ incidents: Array.from({ length: count }, (_, i) => anIncident(`INC-${i + 1}`, { openedAt: openedAt(i) })) });
  return ledger;
}

describe('statistics', () => {
  it('are of eight weeks', async () => {
    const ledger = await ledgerOf(3, (i) => at - i * 40 * dayMs);
    expect(await statistics(ledger, at)).toMatchObject({ sinceAt: at - 56 * dayMs, total: { incidents: 2 } });
    await ledger.close();
  });

  it('say how far back they reach where there are more incidents than are read', async () => {
    const ledger = await ledgerOf(1_001, (i) => at - 1_001 + i);
    expect(await statistics(ledger, at)).toMatchObject({ sinceAt: at - 1_000, total: { incidents: 1_000 } });
    await ledger.close();
  });

  it('let others work between two handfuls of reports', async () => {
    const ledger = await ledgerOf(200, () => at);
    let turns = 0;
    let isDone = false;
    const counted = statistics(ledger, at).finally(() => {
      isDone = true;
    });
    while (!isDone) {
      await turn();
      turns++;
    }
    expect((await counted).total.incidents).toBe(200);
    expect(turns).toBeGreaterThanOrEqual(9);
    await ledger.close();
  });
});
