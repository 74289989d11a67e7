/** What one round of receipt writes: what comes together goes to the disk together, and nothing is asked for that is not needed. */
import { expect, it } from 'vitest';
import { createSqliteLedger } from '../../src/adapters/ledgers/sqlite.ts';
import { maxAlerts } from '../../src/domain/incident-drafts.ts';
import { createReceiver } from '../../src/pipeline/receive.ts';
import type { LedgerChange } from '../../src/ports.ts';
import { anAlert, at } from '../adapters/ledgers/samples.ts';
import { testProduct } from '../support/app.ts';

function receiving() {
  const ledger = createSqliteLedger({ file: ':memory:', now: () => at });
  const changes: LedgerChange[] = [];
  const commit = (change: LedgerChange) => {
    changes.push(change);
    return ledger.commit(change);
  };
  const noted = { ...ledger, commit };
  const route = () => [{ sink: 'slack', channel: '#debug' }];
  const map = async () => ({ services: [], edges: [] });
  const receiver = createReceiver({ ledger: noted, now: () => at, grouping: {}, route, map, poke() {} });
  return { ledger, changes, receiver };
}

const alarm = (n: number, with_: Parameters<typeof anAlert>[0] = {}) => anAlert({ fingerprint: `f${n}`, ...with_ });
const turn = () => new Promise((resolve) => setImmediate(resolve));

it('takes requests that come in one turn of the event loop after the other to the disk together', async () => {
  const { ledger, changes, receiver } = receiving();
  const answers: Promise<string[]>[] = [];
  for (let n = 0; n < 20; n++) {
    answers.push(receiver.receive([alarm(n)]));
    await turn();
  }
  expect(new Set((await Promise.all(answers)).flat())).toEqual(new Set(['INC-1']));
  expect(changes.length).toBeLessThan(10);
  expect((await ledger.incident('INC-1'))?.alertCount).toBe(20);
  await ledger.close();
});

it('answers one that comes alone without waiting for others, and keeps no stream of them waiting for ever', async () => {
  const { ledger, changes, receiver } = receiving();
  expect(await receiver.receive([alarm(0)])).toEqual(['INC-1']);
  let isAnswered = false;
  const first = receiver.receive([alarm(1)]).then(() => {
    isAnswered = true;
  });
  const others: Promise<unknown>[] = [];
  for (let n = 2; !isAnswered && n < 5_000; n++) {
    others.push(receiver.receive([alarm(n)]));
    await turn();
  }
  expect(others.length).toBeLessThan(1_000);
  await Promise.all([first, ...others]);
  expect(changes.length).toBeGreaterThan(1);
  await ledger.close();
});

it('asks for no end of alarms that an incident only counts', async () => {
  const { ledger, changes, receiver } = receiving();
  const pushed = Array.from({ length: maxAlerts + 50 }, (_, n) => alarm(n, { format: 'prometheus', expiresAt: at + 60_000 }));
  await receiver.receive(pushed);
  const held = (await ledger.incident('INC-1'))!;
  const ends = () => changes.flatMap(({ work = [] }) => work.filter(({ kind }) => kind === 'expire').map(({ id }) => id));
  expect(ends()).toEqual(held.alerts.map(({ fingerprint }) => `expire:INC-1:${fingerprint}`));
  expect([held.alertCount, held.alerts.length]).toEqual([pushed.length, maxAlerts]);
  // Pushed again each has a later end, of those that are held.
  changes.length = 0;
  await receiver.receive(pushed.map((alert) => ({ ...alert, expiresAt: at + 120_000 })));
  expect(ends()).toHaveLength(maxAlerts);
  await ledger.close();
});

it('names no incident for an alarm that was over before anybody heard of it', async () => {
  const { app } = testProduct();
  const told = (service: string, status: string) => {
    const body = { alerts: [{ status, labels: { alertname: 'Errors', service }, annotations: {}, startsAt: new Date(at).toISOString() }] };
    return { route: '/webhook/alertmanager', headers: {}, receivedAt: at, body: new TextEncoder().encode(JSON.stringify(body)) };
  };
  expect(await app.receive('alertmanager', told('unheard-of', 'resolved'))).toEqual({ accepted: 1, ids: [] });
  expect(await app.receive('alertmanager', told('cart', 'firing'))).toEqual({ accepted: 1, ids: ['INC-1'] });
});
