/** The shop's services on loopback, with a collector that keeps what they export. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chooseBreakage, faults } from '../../../src/demo/shop/faults.ts';
import { type Addresses, type RunningService, startService } from '../../../src/demo/shop/service.ts';
import { newSwitches, shopServices, type Switches } from '../../../src/demo/shop/services.ts';

interface Otlp {
  readonly resourceSpans?: readonly {
    readonly resource: { readonly attributes: readonly { readonly key: string; readonly value: { readonly stringValue?: string } }[] };
    readonly scopeSpans: readonly { readonly spans: readonly SeenSpan[] }[];
  }[];
}

interface SeenSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly status: { readonly code?: number };
  readonly attributes: readonly { readonly key: string; readonly value: { readonly intValue?: string | number } }[];
  readonly events?: readonly {
    readonly attributes: readonly { readonly key: string; readonly value: { readonly stringValue?: string } }[];
  }[];
}

const statusCode = 'http.response.status_code';

interface Shop {
  readonly switches: Switches;
  readonly services: readonly RunningService[];
  visit(route: string): Promise<Response>;
  /** Ends the shop, which flushes, and answers all spans with the service and version each is from. */
  close(): Promise<readonly (SeenSpan & { readonly service: string; readonly version: string })[]>;
}

let collector: Server;
let target: string;
let bodies: Otlp[] = [];
/** What came by debug-queue, and what services were heard to say. */
let events: unknown[] = [];
let heard: (readonly [string, string])[] = [];

beforeAll(async () => {
  collector = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => void parts.push(part));
    request.on('end', () => {
      const raw = Buffer.concat(parts);
      const text = (request.headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw).toString('utf8');
      if (request.url === '/webhook/event') events.push(...[JSON.parse(text)].flat());
      else if (request.url?.startsWith('/v1/') === true) bodies.push(JSON.parse(text) as Otlp);
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });
  await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
  target = `http://127.0.0.1:${(collector.address() as AddressInfo).port}`;
});
afterAll(() => new Promise((resolve) => collector.close(resolve)));

async function openShop(): Promise<Shop> {
  bodies = [];
  events = [];
  heard = [];
  const switches = newSwitches();
  const addresses: Addresses = new Map();
  const services: RunningService[] = [];
  for (const spec of shopServices(switches)) services.push(await startService(spec, addresses, target, (...said) => void heard.push(said)));
  return {
    switches,
    services,
    visit: (route) => fetch(`${addresses.get('storefront')}${route}?user=u1&sku=sku-1`),
    async close() {
      await Promise.all(services.map((service) => service.stop()));
      return bodies
        .flatMap((body) => body.resourceSpans ?? [])
        .flatMap(({ resource, scopeSpans }) => {
          const of = (key: string) => resource.attributes.find((attribute) => attribute.key === key)?.value.stringValue ?? '';
          return scopeSpans.flatMap(({ spans }) =>
            spans.map((span) => ({ ...span, service: of('service.name'), version: of('service.version') })),
          );
        });
    },
  };
}

/** The shop's harmless trouble is left to chance: asks again until a visit was not hit by it. */
async function good(shop: Shop, route: string): Promise<void> {
  for (let attempt = 0; attempt < 20; attempt++) {
    const response = await shop.visit(route);
    await response.arrayBuffer();
    if (response.ok) return;
  }
  throw new Error(`${route} never went well`);
}

describe('the shop', () => {
  it('sells: one trace goes through every service that takes part in a purchase', async () => {
    const shop = await openShop();
    for (const route of ['/home', '/product', '/basket', '/buy']) await good(shop, route);
    const spans = await shop.close();
    const isWell = ({ attributes }: SeenSpan) => attributes.some(({ key, value }) => key === statusCode && Number(value.intValue) === 200);
    // A visitor whose session is over is turned away, which is no error of anybody.
    const purchase = spans.find((span) => span.service === 'storefront' && span.name === 'GET /buy' && span.kind === 2 && isWell(span));
    const part = new Set(spans.filter(({ traceId }) => traceId === purchase?.traceId).map(({ service }) => service));
    expect([...part].sort()).toEqual([
      'cart',
      'checkout',
      'inventory',
      'notification',
      'payment',
      'pricing',
      'session',
      'shipping',
      'storefront',
    ]);
    const byId = new Map(spans.map((span) => [span.spanId, span]));
    const orphans = spans.filter(({ parentSpanId }) => parentSpanId !== undefined && parentSpanId !== '' && !byId.has(parentSpanId));
    expect(orphans).toEqual([]);
    expect(new Set(spans.map(({ service }) => service)).size).toBe(11);
  });

  it.each(faults.flatMap(({ name, candidates }) => candidates.map((service) => [name, service] as const)))(
    '%s of %s is felt by visitors, and the shop is well without it',
    async (name, service) => {
      const shop = await openShop();
      const routes = ['/product', '/basket', '/buy'];
      for (const route of routes) await good(shop, route);
      const fault = faults.find((candidate) => candidate.name === name);
      const victim = shop.services.find((candidate) => candidate.name === service);
      if (fault === undefined || victim === undefined) throw new Error('no such fault');
      await fault.apply(victim, shop.switches);
      const troubled: string[] = [];
      // One visit may have met the shop's harmless trouble and not the exception; several do not.
      const enough = name === 'exception' ? 4 : 1;
      for (let attempt = 0; attempt < 12 && troubled.length < enough; attempt++) {
        for (const route of routes) {
          const begun = performance.now();
          const response = await shop.visit(route);
          await response.arrayBuffer();
          if (name === 'slow' ? performance.now() - begun > 450 : response.status >= 500) troubled.push(route);
        }
      }
      expect(troubled).not.toEqual([]);
      const spans = await shop.close();
      if (name !== 'exception') return;
      const versions = new Set(spans.filter((span) => span.service === service).map(({ version }) => version));
      expect(versions.size).toBe(2);
      const stacks = JSON.stringify(spans.filter((span) => span.service === service).flatMap(({ events }) => events ?? []));
      expect(stacks).toContain(`/srv/shop/services/${service}/src/`);
    },
  );
});

describe('chooseBreakage', () => {
  it('takes the fault that was asked for, else the usual one or any, and a service that can have it', () => {
    expect(chooseBreakage('slow', () => 0.99)).toEqual({ fault: 'slow', service: 'shipping' });
    expect(chooseBreakage(null, () => 0.99)).toEqual({ fault: 'session-drop', service: 'session' });
    expect(chooseBreakage('nothing', () => 0)).toBeNull();
    const all = new Set([0, 0.3, 0.6, 0.9].map((chance) => chooseBreakage('any', () => chance)?.fault));
    expect(all.size).toBe(faults.length);
  });
});

describe('what a service tells debug-queue', () => {
  it('is nothing of a single timeout, and a dropped session of high priority once they are many, with what led to it', async () => {
    const shop = await openShop();
    const { apply } = faults.find(({ name }) => name === 'session-drop')!;
    await apply(shop.services.find(({ name }) => name === 'session')!, shop.switches);
    const visits = async (count: number) => {
      for (let i = 0; i < count; i++) await (await shop.visit('/home')).arrayBuffer();
    };
    await visits(20);
    expect(events).toEqual([]);
    await visits(40);
    await shop.close();
    expect(events.length).toBeGreaterThan(0);
    expect(events[0]).toMatchObject({
      eventType: 'SESSION_DROP',
      priority: 'high',
      correlationId: expect.stringMatching(/^[0-9a-f]{32}$/),
      details: { service: 'session', errorCode: 'TIMEOUT', details: { userId: 'u1', sessionId: 's-u1' } },
    });
    expect(heard[0]).toEqual(['SESSION_DROP', 'session']);
  });
});
