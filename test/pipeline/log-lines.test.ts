/** Whoever reads the log finds everything that went wrong with an incident by its id. */
import { expect, it } from 'vitest';
import { Failure } from '../../src/domain/failure.ts';
import { alertBody, delivery, testProduct } from '../support/app.ts';

it('lines about an incident name it: messages that are not delivered, work that fails', async () => {
  let breaks = true;
  const memory = testProduct();
  const ledger: typeof memory.ledger = {
    ...memory.ledger,
    report: async (id) => {
      if (breaks) throw new Error('the store is away');
      return memory.ledger.report(id);
    },
  };
  const product = testProduct({ ledger });
  product.memory.refuseNext(new Failure('timeout', 'slack', 'deliver'), new Failure('rejected', 'slack', 'deliver'));
  await product.app.receive('alertmanager', delivery('/webhook/alertmanager', alertBody({ service: 'cart' })));
  await product.pass(5_000);
  breaks = false;
  await product.pass(30_000);
  const told = product.logged.filter(({ level }) => level === 'warn' || level === 'error');
  expect(new Set(told.map(({ text }) => text))).toEqual(new Set(['work failed', 'delivery broke', 'not delivered yet', 'not delivered']));
  for (const { text, fields } of told) expect(fields, text).toMatchObject({ incident: 'INC-1' });
  await product.close();
  await memory.close();
});

it('says what goes well of an incident as well: the first card and each ranking that is news, by the incident’s id', async () => {
  const product = testProduct();
  await product.app.receive('alertmanager', delivery('/webhook/alertmanager', alertBody({ service: 'cart' })));
  await product.pass(60_000);
  const told = product.logged.filter(({ level }) => level === 'info').map(({ text, fields }) => [text, fields]);
  // Edits of the card, and rounds that found nothing new, are no lines.
  expect(told).toEqual([
    ['delivered', { incident: 'INC-1', sink: 'slack', channel: '#debug' }],
    ['ranked', { incident: 'INC-1', verdict: 'inconclusive' }],
  ]);
  await product.close();
});
