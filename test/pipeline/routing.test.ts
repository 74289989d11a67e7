/** Cards go where routes say, through the whole product. */
import { afterEach, describe, expect, it } from 'vitest';
import { Route } from '../../src/domain/routing.ts';
import { testProduct } from '../support/app.ts';

let product: ReturnType<typeof testProduct>;
let routes: Route[] = [];
const start = (...said: unknown[]) => {
  routes = said.map((route) => Route.parse(route));
  product = testProduct({ routes: () => routes });
};
afterEach(() => product.close());

async function fire(service: string, status = 'firing') {
  const now = new Date(product.now()).toISOString();
  const labels = { alertname: 'Errors', service, severity: 'critical' };
  const alert = {
    status,
    labels,
    annotations: {},
    startsAt: '2026-03-01T12:00:00Z',
    endsAt: status === 'firing' ? '0001-01-01T00:00:00Z' : now,
  };
  const body = { version: '4', status, receiver: 'r', groupLabels: {}, commonLabels: {}, alerts: [{ ...alert, fingerprint: service }] };
  const delivery = { route: '/webhook/alertmanager', headers: {}, body: Buffer.from(JSON.stringify(body)), receivedAt: product.now() };
  await product.app.receive('alertmanager', delivery);
  await product.pass(4_000);
}

/** By channel: the last state each card was shown in. */
function shown(): Record<string, string> {
  return Object.fromEntries(product.memory.shipped.flatMap((s) => (s.kind === 'card' ? [[s.channel, s.card.incident.state]] : [])));
}

describe('routes', () => {
  it('give one incident a card in each of its channels, and keep them in step', async () => {
    start({ match: { service: 'pay*' }, channels: ['#payments', '#oncall'] });
    await fire('payment');
    expect(shown()).toEqual({ '#payments': 'open', '#oncall': 'open' });
    await fire('payment', 'resolved');
    expect(shown()).toEqual({ '#payments': 'resolved', '#oncall': 'resolved' });
    expect(new Set(product.memory.shipped.map(({ channel }) => channel)).size).toBe(2);
    expect(await product.ledger.receipts('INC-1')).toHaveLength(2);
  });

  it('let people ask in the thread of either, as in the usual channel', async () => {
    start({ match: { service: 'pay*' }, channels: ['#payments', '#oncall'] });
    await fire('payment');
    for (const { channel, messageId } of await product.ledger.receipts('INC-1')) {
      expect(channel).toMatch(/^#(payments|oncall)$/);
      expect(await product.app.incidentAt('slack', '#debug', messageId)).toBe('INC-1');
    }
    expect(await product.app.incidentAt('slack', '#debug', 'm999')).toBeNull();
  });

  it('leave what fits none where it always goes, and what fits a mute nowhere', async () => {
    start({ match: { service: 'noise' }, channels: [] });
    await fire('noise');
    expect(shown()).toEqual({});
    await fire('cart');
    expect(shown()).toEqual({ '#debug': 'open' });
  });

  it('may change: new cards go elsewhere, and those that stand are kept in step', async () => {
    start({ channels: ['#old'] });
    await fire('cart');
    routes = [Route.parse({ channels: ['#new'] })];
    await fire('cart', 'resolved');
    expect(shown()).toEqual({ '#old': 'resolved' });
    await fire('search');
    expect(shown()).toEqual({ '#old': 'resolved', '#new': 'open' });
  });

  it('to a sink that is not connected go nowhere', async () => {
    start({ channels: ['email:ops@example.com', '#debug'] });
    await fire('cart');
    expect((await product.ledger.incident('INC-1'))?.places).toEqual([{ sink: 'slack', channel: '#debug' }]);
  });
});
