/**
 * The shop: eleven services, who calls whom, how long things take, and the harmless trouble every real system has. What can
 * be broken is switched in `Switches`; a service reads its own switch as it would read a new build or a new setting.
 */
import { Refusal, type ServiceSpec } from './service.ts';

/** Set by a fault; empty while the shop is well. */
export interface Switches {
  /** Services whose new version throws on part of its requests, and what it throws. */
  readonly throwing: Map<string, () => Error>;
  /** Services that have become slow inside. */
  readonly slow: Set<string>;
  /** Services that silently stopped making one of their calls. */
  readonly silent: Set<string>;
}

export function newSwitches(): Switches {
  return { throwing: new Map(), slow: new Set(), silent: new Set() };
}

const seriousDrops = 25;

const chance = (share: number) => Math.random() < share;

/** What a broken build does to requests of its service. */
async function ailing(service: string, switches: Switches, work: (typicalMs: number) => Promise<void>): Promise<void> {
  if (switches.slow.has(service)) await work(700);
  const exception = switches.throwing.get(service);
  if (exception !== undefined && chance(0.7)) throw exception();
}

export function shopServices(switches: Switches): ServiceSpec[] {
  const carts = new Map<string, number>();
  let drops = 0;
  const fault = (service: string, work: (typicalMs: number) => Promise<void>) => ailing(service, switches, work);
  const order = (query: URLSearchParams) => Object.fromEntries(['user', 'sku'].map((key) => [key, query.get(key) ?? '']));
  return [
    {
      name: 'storefront',
      version: '3.2.0',
      routes: {
        '/home': async ({ call, query, log }) => {
          await call('session', '/verify', order(query));
          const list = await call('catalog', '/list');
          const advice = await call('recommendation', '/for', order(query)).catch(() => ({ skus: [] }));
          log('info', `home page for ${query.get('user')} with ${(list['skus'] as unknown[]).length} products`);
          return { ...list, advice };
        },
        '/product': async ({ call, query, log }) => {
          await call('session', '/verify', order(query));
          const [article, price, stock] = await Promise.all([
            call('catalog', '/article', order(query)),
            call('pricing', '/quote', order(query)),
            call('inventory', '/stock', order(query)),
          ]);
          if (article['name'] === undefined || stock['left'] === undefined) {
            log('error', `cannot show ${query.get('sku')}: its data is incomplete`);
            throw new Refusal(500, 'incomplete product data');
          }
          log('info', `product page ${query.get('sku')}`);
          return { article, price, stock };
        },
        '/basket': async ({ call, query }) => {
          await call('session', '/verify', order(query));
          return call('cart', '/add', order(query));
        },
        '/buy': async ({ call, query, log }) => {
          await call('session', '/verify', order(query));
          const placed = await call('checkout', '/place', order(query));
          log('info', `order ${placed['order']} placed by ${query.get('user')}`);
          return placed;
        },
      },
    },
    {
      name: 'session',
      version: '1.9.2',
      routes: {
        '/verify': async ({ query, store, log, work, tell }) => {
          const details = { userId: query.get('user') ?? '', sessionId: `s-${query.get('user')}` };
          tell('SESSION_READ', { details }, 'low');
          await store('redis', 'GET session', 2);
          await fault('session', work).catch((error: unknown) => {
            // One timeout is bad luck; many are something that somebody must look at.
            tell('SESSION_DROP', { errorCode: 'TIMEOUT', details }, ++drops >= seriousDrops ? 'high' : 'low');
            throw error;
          });
          if (chance(0.01)) {
            log('warn', `session of ${query.get('user')} expired`);
            throw new Refusal(401, 'session expired');
          }
          log('info', `session of ${query.get('user')} is valid`);
          return { valid: true };
        },
      },
    },
    {
      name: 'catalog',
      version: '2.7.1',
      routes: {
        '/list': async ({ store, work, log }) => {
          await store('postgresql', 'SELECT products', 9);
          await fault('catalog', work);
          log('info', 'listed 24 products');
          return { skus: Array.from({ length: 24 }, (_, i) => `sku-${i}`) };
        },
        '/article': async ({ query, store, work, log }) => {
          if (switches.silent.has('catalog')) return { sku: query.get('sku') };
          await store('postgresql', 'SELECT product', 4);
          await fault('catalog', work);
          log('info', `read product ${query.get('sku')}`);
          return { sku: query.get('sku'), name: 'A thing' };
        },
      },
    },
    {
      name: 'pricing',
      version: '1.4.0',
      routes: {
        '/quote': async ({ query, work, log }) => {
          await work(5);
          await fault('pricing', work);
          log('info', `quoted ${query.get('sku')}`);
          return { cents: 1990, currency: 'EUR' };
        },
      },
    },
    {
      name: 'inventory',
      version: '4.0.3',
      routes: {
        '/stock': async ({ query, store, work, log }) => {
          // A build that takes the answer from a cache nobody fills: no query, no line, no error.
          if (switches.silent.has('inventory')) return {};
          await store('postgresql', 'SELECT stock', 5);
          await fault('inventory', work);
          log('info', `stock of ${query.get('sku')} read`);
          return { left: 12 };
        },
        '/reserve': async ({ query, store, work, log }) => {
          await store('postgresql', 'UPDATE stock', 8);
          await fault('inventory', work);
          log('info', `reserved ${query.get('sku')}`);
          return { reserved: true };
        },
      },
    },
    {
      name: 'recommendation',
      version: '0.8.0',
      routes: {
        '/for': async ({ call, work, log }) => {
          await work(12);
          if (chance(0.03)) {
            log('warn', 'model not warm, answering without advice');
            throw new Refusal(503, 'no advice right now');
          }
          await call('catalog', '/list');
          return { skus: ['sku-1', 'sku-2'] };
        },
      },
    },
    {
      name: 'cart',
      version: '2.2.5',
      routes: {
        '/add': async ({ query, call, store, log, work }) => {
          await call('catalog', '/article', order(query));
          await fault('cart', work);
          await store('redis', 'HSET cart', 2);
          carts.set(query.get('user') ?? '', Date.now());
          log('info', `added ${query.get('sku')} to the basket of ${query.get('user')}`);
          return { added: true };
        },
        '/read': async ({ query, store, log }) => {
          await store('redis', 'HGETALL cart', 2);
          log('info', `read the basket of ${query.get('user')}`);
          return { articles: carts.delete(query.get('user') ?? '') ? 1 : 0 };
        },
      },
    },
    {
      name: 'checkout',
      version: '5.1.0',
      routes: {
        '/place': async ({ query, call, store, log, work }) => {
          const basket = await call('cart', '/read', order(query));
          if (basket['articles'] === 0) {
            log('error', `basket of ${query.get('user')} is empty, cannot place an order`);
            throw new Refusal(500, 'empty basket');
          }
          await call('pricing', '/quote', order(query));
          await call('inventory', '/reserve', order(query));
          await call('payment', '/charge', order(query));
          await fault('checkout', work);
          await store('postgresql', 'INSERT order', 7);
          await call('shipping', '/schedule', order(query));
          const id = Math.floor(Math.random() * 1e6);
          log('info', `order ${id} stored`);
          return { order: id };
        },
      },
    },
    {
      name: 'payment',
      version: '1.12.4',
      routes: {
        '/charge': async ({ query, store, work, log }) => {
          await fault('payment', work);
          await store('postgresql', 'INSERT charge', 6);
          await work(25);
          log('info', `charged ${query.get('user')}`);
          return { charged: true };
        },
      },
    },
    {
      name: 'shipping',
      version: '1.0.9',
      routes: {
        '/schedule': async ({ query, call, work, log }) => {
          await work(6);
          await fault('shipping', work);
          await call('notification', '/send', order(query));
          log('info', `parcel for ${query.get('user')} scheduled`);
          return { scheduled: true };
        },
      },
    },
    {
      name: 'notification',
      version: '0.3.1',
      routes: {
        '/send': async ({ query, work, log }) => {
          await work(4);
          // A harmless error that is always there: the loudest service is not the broken one.
          if (chance(0.08)) log('error', `mail to ${query.get('user')} bounced, will retry`);
          else log('info', `mail to ${query.get('user')} sent`);
          return { sent: true };
        },
      },
    },
  ];
}
