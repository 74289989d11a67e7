import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { elasticsearch } from '../../../../src/adapters/log-sources/elasticsearch/elasticsearch.ts';
import type { LogQuery } from '../../../../src/ports/sources.ts';
import { type ElasticsearchStandIn, startElasticsearch } from '../../../stand-ins/elasticsearch.ts';

const at = Date.parse('2026-03-01T12:00:00Z');
const window = { fromMs: at - 300_000, toMs: at };
const never = () => {};
const log = { debug: never, info: never, warn: never, error: never };

describe('Elasticsearch', () => {
  let server: ElasticsearchStandIn;
  const search = (query: Partial<LogQuery> = {}) => {
    const settings = elasticsearch.settings.parse({ ELASTICSEARCH_URL: server.url, ELASTICSEARCH_API_KEY: server.apiKey });
    const source = elasticsearch.create(settings, { fetch: globalThis.fetch, now: () => at, log });
    return source.search({ window, limit: 100, service: 'cart', ...query }, new AbortController().signal);
  };

  beforeEach(async () => {
    server = await startElasticsearch();
  });
  afterEach(() => {
    server.stop();
    expect(server.unexpected).toEqual([]);
  });

  it('closes the point in time it has opened, by its latest id', async () => {
    for (let i = 0; i < 2_500; i++) server.put({ at: at - 60_000 + i, service: 'cart', text: `line ${i}` });
    expect((await search({ limit: 3_000 })).lines.length).toBe(2_500);
    await expect.poll(() => server.asked.some(({ method }) => method === 'DELETE')).toBe(true);
    expect(server.openPoints()).toBe(0);
  });

  it('turns the pages of an OpenSearch by time, with many of one moment across their ends', async () => {
    server.kind = 'opensearch';
    for (let i = 0; i < 5_000; i++) server.put({ at: at - 60_000 + Math.floor(i / 300), service: 'cart', text: `line ${i}` });
    const { lines, truncated } = await search({ limit: 6_000 });
    expect([lines.length, new Set(lines.map(({ text }) => text)).size, truncated]).toEqual([5_000, 5_000, false]);
  });

  it('says that it was cut where a moment is larger than a page', async () => {
    server.kind = 'opensearch';
    for (let i = 0; i < 2_500; i++) server.put({ at: at - 60_000, service: 'cart', text: `line ${i}` });
    expect((await search({ limit: 6_000 })).truncated).toBe(true);
  });

  it('reads plain fields as well as those of ECS', async () => {
    server.isEcs = false;
    server.put({ at: at - 1_000, service: 'cart', text: 'ERROR no stock' });
    const { lines } = await search({ service: 'shop/cart' });
    expect(lines.map(({ service, severity, text }) => [service, severity, text])).toEqual([['shop/cart', 17, 'no stock']]);
  });

  it('follows by looking again and again: each line once, late ones too', async () => {
    const settings = { ELASTICSEARCH_URL: server.url, ELASTICSEARCH_API_KEY: server.apiKey, ELASTICSEARCH_FOLLOW_SECONDS: '0.005' };
    const source = elasticsearch.create(elasticsearch.settings.parse(settings), { fetch: globalThis.fetch, now: () => at, log });
    const taken: string[] = [];
    const stopping = new AbortController();
    const take = async (lines: readonly { text: string }[]) => void taken.push(...lines.map(({ text }) => text));
    server.put({ at: at - 60_000, service: 'cart', text: 'before' });
    const followed = source.follow?.(at - 20_000, take, stopping.signal);
    server.put({ at: at - 1_000, service: 'cart', text: 'one' });
    await expect.poll(() => taken).toEqual(['one']);
    server.put({ at: at - 5_000, service: 'cart', text: 'late' });
    await expect.poll(() => taken).toEqual(['one', 'late']);
    for (let i = 0; i < 2_500; i++) server.put({ at: at - 500 + i / 10, service: 'cart', text: `line ${i}` });
    await expect.poll(() => taken.length).toBe(2_502);
    const looks = server.asked.length;
    await expect.poll(() => server.asked.length).toBeGreaterThan(looks + 2);
    expect(new Set(taken).size).toBe(2_502);
    stopping.abort();
    await followed;
  });

  it('takes an answer of no shard for none, and one that ran out of time for a part', async () => {
    server.put({ at: at - 1_000, service: 'cart', text: 'here' });
    server.isTimedOut = true;
    expect((await search()).truncated).toBe(true);
    server.failedShards = 5;
    await expect(search()).rejects.toMatchObject({ code: 'unavailable', hint: 'no shard answered' });
  });
});
