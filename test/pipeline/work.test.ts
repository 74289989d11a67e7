/** Work that fails: it never holds others up, is laid aside in the end, is seen, and can be tried again. */
import { afterEach, describe, expect, it } from 'vitest';
import { createSqliteLedger } from '../../src/adapters/ledgers/sqlite.ts';
import { Failure } from '../../src/domain/failure.ts';
import { createHttp } from '../../src/surfaces/http/http.ts';
import { alertBody, delivery, start, testProduct } from '../support/app.ts';

let product: ReturnType<typeof testProduct>;
afterEach(() => product.close());

const later = 600_000;

/** A stored message whose handler does what the test says. */
async function poisoned(handle: () => Promise<void>) {
  product = testProduct();
  product.app.onInbox('test', handle);
  await product.app.accept({ id: 'Ev1', kind: 'test', body: {}, at: product.now() });
}

const readiness = async () => (await product.app.readiness()).problems.join('\n');

describe('work that fails each time', () => {
  it('is laid aside after five tries, named in readiness, and others are done meanwhile', async () => {
    let tries = 0;
    await poisoned(async () => {
      tries++;
      throw new Error('this message cannot be read, password=hunter2hunter2');
    });
    await product.app.receive('alertmanager', delivery('/webhook/alertmanager', alertBody({ service: 'cart' })));
    await product.pass(later);
    expect(tries).toBe(5);
    expect((await product.app.incident('INC-1'))?.card.report).not.toBeNull();
    expect(await readiness()).toMatch(/dead letters: 1, the latest inbox:Ev1: .*this message cannot be read/);
    expect(await readiness()).not.toContain('hunter2');
    expect((await product.app.status()).deadLetters).toBe(1);
    expect(product.app.counters().get('dead_letters_total{line="work"}')).toBe(1);
    expect((await product.app.readiness()).ready).toBe(true);
  });

  it('is tried again by a person, and is gone once it went well', async () => {
    let isMended = false;
    const done: string[] = [];
    await poisoned(async () => {
      if (!isMended) throw new Error('not yet');
      done.push('done');
    });
    await product.pass(later);
    isMended = true;
    const http = createHttp(
      product.app,
      {},
      { log: { debug() {}, info() {}, warn() {}, error() {} }, now: product.now, redact: (value) => ({ value }) },
    );
    const listed = await (await http.fetch(new Request('http://localhost/api/dead-letters'))).json();
    expect(listed).toMatchObject({ deadLetters: [{ id: 'inbox:Ev1', reason: 'Error: not yet', attempts: 5 }] });
    const replay = new Request('http://localhost/api/dead-letters/replay', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    });
    expect(await (await http.fetch(replay)).json()).toEqual({ replayed: ['inbox:Ev1'] });
    await product.app.settle();
    expect([done, await product.app.deadLetters(9), await readiness()]).toEqual([['done'], [], '']);
    expect(await product.app.replay(['inbox:Ev1'])).toEqual([]);
  });

  it('comes back for as long as it takes where a system is away', async () => {
    let tries = 0;
    await poisoned(async () => {
      tries++;
      if (tries < 12) throw new Failure('unavailable', 'slack', 'answer');
    });
    await product.pass(2 * later);
    expect([tries, await product.app.deadLetters(9)]).toEqual([12, []]);
  });

  it('is not begun for ever where it takes the process down each time', async () => {
    let runs = 0;
    await poisoned(async () => void runs++);
    // Begun and never ended: what a process that dies in it leaves behind.
    for (let at = product.now() + 30_000, i = 0; i < 20; i++, at += 15_000) await product.ledger.claimWork(at, 15_000, 8);
    await product.pass(later);
    expect([runs, await readiness()]).toEqual([0, expect.stringContaining('begun 20 times')]);
  });
});

describe('a message that nobody takes', () => {
  it('is laid aside with its reason, and sent once its channel is mended', async () => {
    product = testProduct();
    product.memory.refuseNext(new Failure('unauthorized', 'slack', 'post to #debug', { hint: 'the token was revoked' }));
    await product.app.receive('alertmanager', delivery('/webhook/alertmanager', alertBody({ service: 'cart' })));
    await product.app.settle();
    expect(await product.app.deadLetters(9)).toMatchObject([
      { id: 'card:INC-1:slack:#debug', reason: expect.stringContaining('unauthorized') },
    ]);
    await product.app.replay(null);
    await product.pass(2_000);
    expect(product.memory.shipped.filter(({ kind }) => kind === 'card').length).toBeGreaterThan(0);
    expect(await product.app.deadLetters(9)).toEqual([]);
  });
});

describe('work whose process died in the middle of it', () => {
  it('is another’s after ten seconds: with a look or two, within the fifteen that are promised', async () => {
    const leases: number[] = [];
    const ledger = createSqliteLedger({ file: ':memory:', now: () => start });
    const claimWork: typeof ledger.claimWork = (now, leaseMs, limit) => {
      leases.push(leaseMs);
      return ledger.claimWork(now, leaseMs, limit);
    };
    product = testProduct({ ledger: { ...ledger, claimWork } });
    await product.app.receive('alertmanager', delivery('/webhook/alertmanager', alertBody({ service: 'cart' })));
    await product.app.settle();
    await ledger.close();
    expect(new Set(leases)).toEqual(new Set([10_000]));
  });
});
