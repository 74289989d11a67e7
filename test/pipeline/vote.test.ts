/** A verdict on a suspect that left the list between the look and the press. */
import { describe, expect, it } from 'vitest';
import { createSqliteLedger } from '../../src/adapters/ledgers/sqlite.ts';
import { hypothesisId } from '../../src/domain/hypothesis.ts';
import { voteChange } from '../../src/pipeline/vote.ts';
import { anIncident, at } from '../adapters/ledgers/samples.ts';

const request = {
  incidentId: 'INC-1',
  hypothesisId: hypothesisId('INC-1', 'payments'),
  verdict: 'confirm',
  person: 'slack:U0ANA',
} as const;

describe('a verdict on a suspect that is listed no more', () => {
  it.each([
    { known: ['cart', 'payments'], becomes: 'payments' },
    { known: ['cart'], becomes: null },
  ])('is kept where its service is known: $known', async ({ known, becomes }) => {
    const ledger = createSqliteLedger({ file: ':memory:', now: () => at });
    await ledger.commit({ incidents: [anIncident('INC-1')] });
    const change = voteChange(request, ledger, at, async () => known);
    if (becomes === null) await expect(change).rejects.toMatchObject({ code: 'rejected', path: 'hypothesis' });
    else expect((await change).votes).toMatchObject([{ service: becomes, verdict: 'confirm' }]);
    await ledger.close();
  });
});
