/** `orders` and `billing` wait for `ledger`, a store that writes lines of its own. Is it at fault for sure? */
import { describe, expect, it } from 'vitest';
import { rank } from '../../../src/domain/ranking/rank.ts';
import { alertAt, inputOf } from './made-metrics.ts';
import { flatten, type OtlpLog, Tables, windowOf } from './window-from-otlp.ts';

/** What the store says lately, every four seconds, so many times. */
function first(says: string, times = 12) {
  const line = (secondsBefore: number, text: string, severityNumber = 9): OtlpLog => ({
    ...{ timeUnixNano: `${alertAt - secondsBefore * 1000}000000`, severityNumber, body: { stringValue: text } },
  });
  const logs = ['orders', 'billing', 'ledger'].map((name) => {
    const logRecords: OtlpLog[] = [];
    for (let second = 120; second > 0; second--) {
      if (name !== 'ledger') logRecords.push(line(second, `${name} handled ${second}`));
      if (name !== 'ledger' && second % 2 === 0 && second < 60)
        logRecords.push(line(second, `request ${second} failed: canceling statement due to statement timeout (ledger:5432)`, 17));
      if (name === 'ledger' && second % 20 === 0) logRecords.push(line(second, 'checkpoint complete'));
      if (name === 'ledger' && second % 4 === 0 && second <= 4 * times) logRecords.push(line(second, says));
    }
    const resource = { attributes: [{ key: 'service.name', value: { stringValue: name } }] };
    return { resourceLogs: [{ resource, scopeLogs: [{ logRecords }] }] };
  });
  const window = windowOf(flatten({ traces: [], logs, metrics: [] }), new Tables(), alertAt - 20 * 60_000, alertAt + 1);
  return rank({ ...inputOf([]), window }).hypotheses[0];
}

describe('a store that its clients wait for', () => {
  it.each([
    'LOG:  process 387 still waiting for ShareLock on transaction 918832 after 1000.96 ms',
    'InnoDB: *** (1) WAITING FOR THIS LOCK TO BE GRANTED:',
  ])('is not suspected for sure where it says that statements wait for a lock: %s', (says) => {
    expect(first(says)).toMatchObject({ service: 'ledger' });
    expect(first(says)!.confidence).toBeLessThan(0.8);
  });

  it('is where it says something else, or hardly ever that', () => {
    expect(first('LOG:  checkpoints are occurring too frequently')!.confidence).toBeGreaterThan(0.9);
    expect(first('LOG:  process 387 still waiting for ShareLock on transaction 918832 after 1000.96 ms', 2)!.confidence).toBeGreaterThan(
      0.9,
    );
  });
});
