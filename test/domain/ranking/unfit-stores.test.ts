/**
 * `desk` and `till` keep what they have in `vault`, which sends no spans but writes lines. There are no spans at all here: requests are
 * known from their lines. Lately each request of `desk` fails.
 */
import { describe, expect, it } from 'vitest';
import { rank } from '../../../src/domain/ranking/rank.ts';
import { alertAt, inputOf } from './made-metrics.ts';
import { learnFrom } from './recorded-case.ts';
import { flatten, type OtlpLog, Tables, windowOf } from './window-from-otlp.ts';

const minute = 60_000;
const words = 'could not write block 7 of relation 9: No space left on device';

interface Plan {
  /** What `desk` says of a request that fails. */
  readonly desk: string;
  /** What `vault` says meanwhile, and `crypt` besides; null: nothing. */
  readonly vault: string | null;
  readonly crypt?: string;
  /** It is over so many minutes before the alert. */
  readonly until?: number;
}

function ranked({ desk, vault, crypt, until = 0 }: Plan) {
  const lines = new Map<string, OtlpLog[]>();
  const write = (service: string, at: number, text: string, traceId?: string, severityNumber?: number) => {
    const line = { timeUnixNano: `${Math.round(at)}000000`, body: { stringValue: text }, ...(severityNumber ? { severityNumber } : {}) };
    lines.set(service, [...(lines.get(service) ?? []), traceId === undefined ? line : { ...line, traceId, spanId: traceId.slice(0, 16) }]);
  };
  let i = 0;
  for (const [from, to] of [
    [alertAt - 20 * minute, alertAt - 12 * minute],
    [alertAt - 5 * minute, alertAt],
  ] as const)
    for (let at = from; at < to; at += 1500) {
      const isBad = at > alertAt - 2 * minute && at < alertAt - until * minute;
      const traceId = (i++).toString(16).padStart(32, 'ab');
      write('till', at, 'paid', `cd${traceId.slice(2)}`, 9);
      if (isBad) write('desk', at + 9, `could not note it: ${desk}`, traceId, 17);
      else write('desk', at + 9, 'noted', traceId, 9);
      if (i % 20 === 0) for (const store of ['vault', 'crypt']) write(store, at + 3, 'checkpoint complete');
      if (isBad && vault !== null) write('vault', at + 5, `4711 ERROR: ${vault}`);
      if (isBad && crypt !== undefined) write('crypt', at + 6, `4712 ERROR: ${crypt}`);
    }
  const of = (name: string) => ({ attributes: [{ key: 'service.name', value: { stringValue: name } }] });
  const logs = [...lines].map(([name, list]) => ({ resourceLogs: [{ resource: of(name), scopeLogs: [{ logRecords: list }] }] }));
  const flat = flatten({ traces: [], logs, metrics: [] });
  const tables = new Tables();
  const baseline = learnFrom(flat, tables, alertAt);
  const { verdict, hypotheses } = rank({ ...inputOf([]), window: windowOf(flat, tables, alertAt - 11 * minute, alertAt + 1), baseline });
  return { verdict, first: hypotheses[0]?.service, sure: hypotheses[0]?.confidence ?? 0 };
}

describe('a store that says that it cannot do its work', () => {
  it('is at fault where another quotes it', () =>
    expect(ranked({ desk: words, vault: words })).toMatchObject({ verdict: 'cause', first: 'vault' }));

  it.each([
    ['it only speaks of what it was asked', { desk: words, vault: 'relation "notes" does not exist' }],
    ['it says nothing', { desk: words, vault: null }],
    ['nobody quotes it', { desk: 'value is not a number', vault: words }],
    ['it is over', { desk: words, vault: words, until: 1.2 }],
    ['another store says the same', { desk: words, vault: words, crypt: words }],
  ])('is not where %s', (_, plan) => expect(ranked(plan).first).toBe('desk'));
});
