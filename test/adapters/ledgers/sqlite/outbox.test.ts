/** An entry that is asked for again: written where that changes anything, and left as it lies where it does not. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSqliteLedger } from '../../../../src/adapters/ledgers/sqlite.ts';
import type { Ledger } from '../../../../src/ports.ts';
import { anEntry, at, aText } from '../samples.ts';

const lease = 30_000;

describe('an entry that is asked for again', () => {
  let ledger: Ledger;
  beforeEach(() => {
    ledger = createSqliteLedger({ file: ':memory:', now: () => at });
  });
  afterEach(() => ledger.close());

  const put = (with_: Parameters<typeof anEntry>[1]) => ledger.commit({ outbox: [anEntry('a', with_)] });
  const claim = async (now = at) => (await ledger.claimOutbox('slack', now, lease, 1))[0];
  const waiting = { dueAt: at - 10, priority: 1 } as const;

  it('and is due already is not written again', async () => {
    await put(waiting);
    await put({ ...waiting, dueAt: at });
    await put({ ...waiting, dueAt: at, priority: 2 });
    const found = await claim();
    expect(found).toMatchObject({ dueAt: at - 10, priority: 1, attempts: 1 });
    await ledger.commit({ outboxDone: [found!] });
    expect(await claim(at + lease)).toBeUndefined();
  });

  it.each([
    { name: 'sooner', again: { dueAt: at - 20 }, becomes: { dueAt: at - 20 } },
    { name: 'in a better place', again: { dueAt: at, priority: 0 }, becomes: { dueAt: at, priority: 0 } },
    { name: 'with other words', again: { dueAt: at, content: aText('more') }, becomes: { content: aText('more') } },
    { name: 'in another channel', again: { dueAt: at, channel: '#else' }, becomes: { channel: '#else' } },
    { name: 'for another incident', again: { dueAt: at, incidentId: 'INC-9' }, becomes: { incidentId: 'INC-9' } },
  ] as const)('$name is written', async ({ again, becomes }) => {
    await put(waiting);
    await put({ ...waiting, ...again });
    expect(await claim()).toMatchObject(becomes);
  });

  it('for a time that has not come is due then', async () => {
    await put(waiting);
    await put({ ...waiting, dueAt: at + 5 });
    expect(await claim(at)).toBeUndefined();
    expect(await claim(at + 5)).toMatchObject({ dueAt: at + 5 });
  });

  it('while it is being sent is sent once more', async () => {
    await put(waiting);
    const first = await claim();
    await put({ ...waiting, dueAt: at });
    await ledger.commit({ outboxDone: [first!] });
    const second = await claim();
    expect(second!.revision).toBeGreaterThan(first!.revision);
  });

  it('after it was put off is due at once', async () => {
    await put(waiting);
    await ledger.postpone((await claim())!, at + 1_000, 'untried');
    await put({ ...waiting, dueAt: at });
    expect(await claim()).toMatchObject({ dueAt: at });
  });
});
