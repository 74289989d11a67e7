/** What goes first while much waits: who has no report before who has one, critical cards before others. */
import { afterEach, expect, it } from 'vitest';
import { createSqliteLedger } from '../../src/adapters/ledgers/sqlite.ts';
import type { Ledger } from '../../src/ports.ts';
import { alertBody, delivery, start, testProduct } from '../support/app.ts';

let product: ReturnType<typeof testProduct>;
afterEach(() => product.close());
const fire = (service: string, severity: string) =>
  product.app.receive('alertmanager', delivery('/webhook/alertmanager', alertBody({ service, severity, startsAt: product.now() })));

it('ranks a new incident before later rounds of one that has a report', async () => {
  const ranked: string[] = [];
  const inner = createSqliteLedger({ file: ':memory:', now: () => product?.now() ?? start });
  const ledger: Ledger = {
    ...inner,
    async commit(change) {
      ranked.push(...(change.reports ?? []).map(({ incidentId }) => incidentId));
      return inner.commit(change);
    },
  };
  product = testProduct({ ledger });
  await fire('cart', 'warning');
  await product.app.settle();
  // The round that is due 15 s after the alert is overdue, and so first in line.
  product.jump(20_000);
  await fire('orders', 'critical');
  await product.app.settle();
  expect(ranked.slice(0, 3)).toEqual(['INC-1', 'INC-2', 'INC-1']);
  await inner.close();
});

it('sends a critical card before others that wait for the pace of the channel, and both before edits', async () => {
  product = testProduct();
  await fire('cart', 'warning');
  await product.app.settle();
  product.jump(100);
  await fire('orders', 'warning');
  await fire('payments', 'critical');
  await product.pass(5_000);
  const cards = product.memory.shipped.map((shipment) =>
    shipment.kind === 'card' ? [shipment.card.incident.service, shipment.receipt !== null] : [],
  );
  expect(cards.slice(0, 4)).toEqual([
    ['cart', false],
    ['payments', false],
    ['orders', false],
    ['cart', true],
  ]);
});
