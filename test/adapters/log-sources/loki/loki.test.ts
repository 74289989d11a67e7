import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loki } from '../../../../src/adapters/log-sources/loki/loki.ts';
import type { LogQuery } from '../../../../src/ports/sources.ts';
import { type LokiStandIn, startLoki } from '../../../stand-ins/loki.ts';

const at = Date.parse('2026-03-01T12:00:00Z');
const window = { fromMs: at - 300_000, toMs: at };
const never = () => {};
const log = { debug: never, info: never, warn: never, error: never };

describe('Loki', () => {
  let server: LokiStandIn;
  const search = (query: Partial<LogQuery>, more: Record<string, string> = {}) => {
    const settings = loki.settings.parse({ LOKI_URL: server.url, LOKI_TOKEN: server.token, LOKI_TENANT: server.tenant, ...more });
    const source = loki.create(settings, { fetch: globalThis.fetch, now: () => at, log });
    return source.search({ window, limit: 100, ...query }, new AbortController().signal);
  };
  const texts = async (...asked: Parameters<typeof search>) => (await search(...asked)).lines.map(({ text }) => text);

  beforeEach(async () => {
    server = await startLoki();
  });
  afterEach(() => {
    server.stop();
    expect(server.unexpected).toEqual([]);
  });

  it.each([
    ['service_name', 'cart', 'cart'],
    ['app', 'cart', 'shop/cart'],
    ['container', 'cart', 'shop/cart@staging'],
    ['job', 'shop/cart', 'cart'],
  ])('finds the label that names services: %s=%s is %s', async (label, value, service) => {
    server.serviceLabel = label;
    server.put({ at: at - 1_000, service: value, text: 'here' });
    server.put({ at: at - 1_000, service: 'mail', text: 'of another' });
    const { lines } = await search({ service });
    expect(lines.map((line) => [line.service, line.text])).toEqual([[service, 'here']]);
  });

  it('takes the label it is told', async () => {
    server.serviceLabel = 'unit';
    server.put({ at: at - 1_000, service: 'cart', text: 'here' });
    expect(await texts({ service: 'cart' })).toEqual([]);
    expect(await texts({ service: 'cart' }, { LOKI_SERVICE_LABEL: 'unit' })).toEqual(['here']);
  });

  it('finds services that only the lines themselves name', async () => {
    server.serviceLabel = null;
    server.put({ at: at - 2_000, service: 'cart', text: 'here' });
    server.put({ at: at - 1_000, service: 'mail', text: 'of another' });
    expect(await texts({ service: 'cart' })).toEqual(['here']);
  });

  it('has all lines of a moment that is larger than a page, or says that it has not', async () => {
    for (let i = 0; i < 1_200; i++) server.put({ at: at - 1_000, service: 'cart', text: `line ${i}` });
    server.put({ at: at - 2_000, service: 'cart', text: 'older' });
    const { lines, truncated } = await search({ service: 'cart', limit: 4_000 });
    expect([lines.length, new Set(lines.map(({ text }) => text)).size, truncated]).toEqual([1_201, 1_201, false]);
    for (let i = 1_200; i < 5_200; i++) server.put({ at: at - 1_000, service: 'cart', text: `line ${i}` });
    expect((await search({ service: 'cart', limit: 6_000 })).truncated).toBe(true);
  });

  it('joins a stack trace that came line by line', async () => {
    for (const [i, text] of ['TypeError: card refused', '    at pay (cart.js:12:3)', '    at serve (http.js:1:1)'].entries())
      server.put({ at: at - 1_000 + i / 100, service: 'cart', text });
    expect(await texts({ service: 'cart' })).toEqual(['TypeError: card refused\n    at pay (cart.js:12:3)\n    at serve (http.js:1:1)']);
  });

  it('lives below a path, and knows basic authentication', async () => {
    const source = loki.create(loki.settings.parse({ LOKI_URL: `${server.url}/deep/`, LOKI_TOKEN: 't', LOKI_USER: '42' }), {
      fetch: globalThis.fetch,
      now: () => at,
      log,
    });
    await source.search({ window, limit: 1, service: 'cart' }, new AbortController().signal).catch(never);
    expect(server.asked[0]?.url.pathname).toBe('/deep/loki/api/v1/labels');
    expect(server.asked[0]?.headers.authorization).toBe(`Basic ${Buffer.from('42:t').toString('base64')}`);
  });
});
