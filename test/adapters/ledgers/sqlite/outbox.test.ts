/** An entry that is asked for again: written where that changes anything, and left as it lies where it does not. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSqliteLedger } from '../../../../src/adapters/ledgers/sqlite.ts';
import type { Ledger } from '../../../../src/ports.ts';
import { anEntry, anIncident, at, aText } from '../samples.ts';

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

/** A card that is asked for again is not looked up in the file while it is known to wait; each of these ends that. */
describe('a card that is asked for again', () => {
  let ledger: Ledger;
  const clock = { at };
  beforeEach(() => {
    clock.at = at;
    ledger = createSqliteLedger({ file: ':memory:', now: () => clock.at });
  });
  afterEach(() => ledger.close());

  const card = { content: { kind: 'card' }, dueAt: at, priority: 2, incidentId: 'INC-1' } as const;
  const put = (more: Parameters<typeof anEntry>[1] = {}) => ledger.commit({ outbox: [anEntry('card:INC-1', { ...card, ...more })] });
  const claim = async (now = clock.at) => (await ledger.claimOutbox('slack', now, lease, 1))[0];

  it('while it is being sent is sent once more', async () => {
    await put();
    await put();
    const first = await claim();
    await put();
    await put();
    await ledger.commit({ outboxDone: [first!] });
    const second = await claim();
    expect(second!.revision).toBeGreaterThan(first!.revision);
    await ledger.commit({ outboxDone: [second!] });
    expect(await claim(at + lease)).toBeUndefined();
  });

  it('after it was sent is sent again', async () => {
    await put();
    await ledger.commit({ outboxDone: [(await claim())!] });
    await put();
    expect(await claim()).toBeDefined();
  });

  it('after it was put off is due at once', async () => {
    await put();
    await ledger.postpone((await claim())!, at + 1_000, 'tried');
    await put();
    expect(await claim()).toMatchObject({ dueAt: at });
  });

  it('after it was given up is sent', async () => {
    await put();
    const entry = (await claim())!;
    await ledger.commit({ buried: [{ id: entry.id, at, entry, reason: 'no such channel' }] });
    await put();
    expect(await claim()).toBeDefined();
  });

  it('after the incident was forgotten is put', async () => {
    await ledger.commit({ incidents: [anIncident('INC-1')] });
    await put();
    await ledger.forgetIncident('INC-1', []);
    await put();
    expect(await claim()).toBeDefined();
  });

  it('with a better place has that, and is not put behind by one without', async () => {
    await put();
    await put({ priority: 0 });
    await put({ priority: 2 });
    expect(await claim()).toMatchObject({ priority: 0 });
  });

  it('when the clock was put back waits no longer than asked for', async () => {
    await put();
    clock.at = at - 600_000;
    await ledger.claimWork(clock.at, lease, 1);
    await put({ dueAt: clock.at });
    expect(await claim()).toMatchObject({ dueAt: clock.at });
  });

  it('where the change before came to nothing is put', async () => {
    // Two of one group: one is taken back, and whatever it put with it.
    const lost = ledger.commit({ outbox: [anEntry('card:INC-1', card)], votes: [{ id: 'v' } as never] });
    const other = ledger.commit({});
    await expect(lost).rejects.toThrow();
    await other;
    await put();
    expect(await claim()).toBeDefined();
  });

  it('whose incident is forgotten in the same moment is put', async () => {
    await ledger.commit({ incidents: [anIncident('INC-1')] });
    await put();
    await Promise.all([ledger.forgetIncident('INC-1', []), put()]);
    expect(await claim()).toBeDefined();
  });
});

it('a change of an incident that is forgotten in the same moment is refused, as after it', async () => {
  const ledger = createSqliteLedger({ file: ':memory:', now: () => at });
  const first = anIncident('INC-1');
  await ledger.commit({ incidents: [first] });
  const key = 'alertmanager:late:firing:1';
  const change = { incidents: [{ ...first, revision: 2, alertCount: 2 }], seen: [{ key, at, incidentId: 'INC-1' }] };
  expect(await Promise.all([ledger.forgetIncident('INC-1', []), ledger.commit(change)])).toEqual([undefined, 'conflict']);
  expect((await ledger.seen([key])).size).toBe(0);
  await ledger.close();
});
