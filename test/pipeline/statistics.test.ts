import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createSqliteLedger } from '../../src/adapters/ledgers/sqlite.ts';
import { statistics } from '../../src/pipeline/statistics.ts';
import { statisticsText } from '../../src/surfaces/slack/act-texts.ts';
import { anIncident, at } from '../adapters/ledgers/samples.ts';
import { start, testProduct } from '../support/app.ts';

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

it('tell whether answers helped, by the latest word of each person', async () => {
  const product = testProduct();
  const { rate, statistics: told } = product.app;
  expect((await told()).answers).toBeUndefined();
  const of = { answerId: 'answer:C0:1', incidentId: null, person: 'slack:U1' };
  await rate({ ...of, hasHelped: true, at: start - 3 });
  await rate({ ...of, hasHelped: false, at: start - 2 });
  // Run again after a crash it is the same word.
  await rate({ ...of, hasHelped: false, at: start - 2 });
  await rate({ ...of, hasHelped: true, at: start - 1, person: 'slack:U2' });
  expect((await told()).answers).toEqual({ helped: 1, didNotHelp: 1 });
  expect(statisticsText(await told())).toContain('Answers in threads: 1 helped, 1 did not.');
  const acts = await product.app.acts(0, 10);
  expect(acts.map(({ kind, person, rated }) => [kind, person, rated?.hasHelped])).toEqual([
    ['rate', 'slack:U1', true],
    ['rate', 'slack:U1', false],
    ['rate', 'slack:U2', true],
  ]);
  await product.close();
});
