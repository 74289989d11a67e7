/** Elasticsearch's door as its clients meet it: each action has an answer of its own, and what was taken can be found again. */
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { start } from '../../support/app.ts';
import { get, post } from './fake-app.ts';
import { closeAfterEach, json, product, secret } from './log-product.ts';

closeAfterEach();

const pairs = (...lines: unknown[]) => `${lines.map((line) => json(line)).join('\n')}\n`;

describe('Elasticsearch bulk', () => {
  const at = new Date(start).toISOString();
  const ndjson = { 'content-type': 'application/x-ndjson' };

  it('answers each action by its own', async () => {
    const { http, lines } = product();
    const body = pairs(
      { index: { _index: 'cart', _id: '1' } },
      { '@timestamp': at, message: 'declined', 'log.level': 'error', 'service.name': 'cart', 'labels.correlation_id': 'txn-3' },
      { delete: { _index: 'cart', _id: '2' } },
      { create: { _index: 'cart' } },
      'no object',
      { update: { _index: 'cart', _id: '1' } },
      { doc: {} },
    );
    const answer = await http.fetch(post('/_bulk', body, ndjson));
    expect(answer.status).toBe(200);
    expect(answer.headers.get('x-elastic-product')).toBe('Elasticsearch');
    expect(await answer.json()).toEqual({
      took: expect.any(Number),
      errors: true,
      items: [
        { index: expect.objectContaining({ _index: 'cart', _id: '1', status: 201, result: 'created' }) },
        { delete: { _index: 'cart', _id: '2', status: 400, error: { type: 'illegal_argument_exception', reason: expect.any(String) } } },
        {
          create: {
            _index: 'cart',
            _id: expect.stringMatching(/^[\w-]{20}$/),
            status: 400,
            error: { type: 'document_parsing_exception', reason: expect.any(String) },
          },
        },
        { update: { _index: 'cart', _id: '1', status: 400, error: { type: 'illegal_argument_exception', reason: expect.any(String) } } },
      ],
    });
    expect(await lines({ correlationId: 'txn-3' })).toMatchObject([{ service: 'cart', severity: 17, text: 'declined' }]);
  });

  it('takes an index from the path, PUT, gzip and the types of the official client', async () => {
    const { http, stored } = product();
    const body = gzipSync(pairs({ create: {} }, { '@timestamp': at, message: 'x' }));
    const headers = { 'content-type': 'application/vnd.elasticsearch+x-ndjson; compatible-with=9', 'content-encoding': 'gzip' };
    const answer = await http.fetch(new Request('http://localhost/logs-app-default/_bulk?refresh=true', { method: 'PUT', body, headers }));
    expect(await answer.json()).toMatchObject({ errors: false, items: [{ create: { _index: 'logs-app-default', status: 201 } }] });
    expect(stored()).toBe(1);
  });

  it('says of lines nobody keeps that they were not stored', async () => {
    const { http, stored } = product();
    const answer = await http.fetch(
      post('/_bulk', pairs({ index: { _index: 'a' } }, { '@timestamp': '2020-01-01T00:00:00Z', message: 'x' }), ndjson),
    );
    expect(await answer.json()).toMatchObject({ errors: true, items: [{ index: { status: 400 } }] });
    expect(stored()).toBe(0);
  });

  it.each([
    { name: 'no newline at the end', body: '{"index":{"_index":"a"}}\n{}', status: 400 },
    { name: 'no index', body: pairs({ index: {} }, {}), status: 400 },
    { name: 'an action nobody knows', body: pairs({ eat: { _index: 'a' } }, {}), status: 400 },
    { name: 'nothing', body: '', status: 400 },
    { name: 'another type', body: 'x', status: 415, type: 'text/plain' },
  ])('says in its own words what is wrong: $name', async ({ body, status, type = 'application/x-ndjson' }) => {
    const { http, stored } = product();
    const answer = await http.fetch(post('/_bulk', body, { 'content-type': type }));
    expect(answer.status).toBe(status);
    expect(await answer.json()).toEqual({
      error: { root_cause: [expect.any(Object)], type: expect.stringMatching(/_exception$/), reason: expect.any(String) },
      status,
    });
    expect(answer.headers.get('x-elastic-product')).toBe('Elasticsearch');
    expect(stored()).toBe(0);
  });

  it('is there when asked who it is, for those who may ask', async () => {
    const { http } = product({ TRACEPULSE_WEBHOOK_TOKEN: secret });
    const refused = await http.fetch(get('/'));
    expect([refused.status, refused.headers.get('x-elastic-product')]).toEqual([401, 'Elasticsearch']);
    const key = Buffer.from(`id:${secret}`).toString('base64');
    const answer = await http.fetch(get('/', { authorization: `ApiKey ${key}` }));
    expect(answer.status).toBe(200);
    expect(answer.headers.get('x-elastic-product')).toBe('Elasticsearch');
    expect(await answer.json()).toMatchObject({ version: { number: expect.stringMatching(/^9\./) }, tagline: 'You Know, for Search' });
    const head = await http.fetch(new Request('http://localhost/', { method: 'HEAD', headers: { authorization: `ApiKey ${key}` } }));
    expect([head.status, head.headers.get('x-elastic-product'), await head.text()]).toEqual([200, 'Elasticsearch', '']);
  });
});
