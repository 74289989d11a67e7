/** What cannot be edited is planned before it is sent: a plan holds until what it says has been recorded as sent. */
import { expect, it } from 'vitest';
import { Failure } from '../../src/domain/failure.ts';
import type { Sink } from '../../src/ports.ts';
import { alertBody, delivery, testProduct } from '../support/app.ts';

it('sends what was planned, also when a try in between had nothing to say', async () => {
  const sent: unknown[] = [];
  const tries = ['sent, and the answer lost', 'nothing to say', 'news'];
  const sink: Sink = {
    channels: ['lead@example.com'],
    paceMs: 0,
    async deliver(_, { firstPlan }) {
      const now = tries.shift();
      if (now !== undefined && now !== 'nothing to say') sent.push(await firstPlan?.('letter 1', { says: now }));
      if (now?.startsWith('sent') === true) throw new Failure('unavailable', 'email', 'send a letter');
      return { messageId: 'letter-0', url: null };
    },
  };
  const product = testProduct({ sinks: new Map([['email', sink]]) });
  const fire = (status: 'firing' | 'resolved') =>
    product.app.receive('alertmanager', delivery('/webhook/alertmanager', alertBody({ service: 'cart', status })));
  await fire('firing');
  await product.pass(30_000);
  await fire('resolved');
  await product.pass(30_000);
  expect(tries).toEqual([]);
  expect(sent).toEqual([{ says: 'sent, and the answer lost' }, { says: 'sent, and the answer lost' }]);
  await product.close();
});
