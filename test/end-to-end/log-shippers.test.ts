/** Real shippers against the real surface on a socket: what they send lands and is found by its correlation id. */
import { Client, HttpConnection } from '@elastic/elasticsearch';
import { pino } from 'pino';
import { pinoLoki } from 'pino-loki';
// @ts-expect-error the package has no types
import splunkLogging from 'splunk-logging';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { redactDeep } from '../../src/domain/redact.ts';
import { createHttp } from '../../src/surfaces/http/http.ts';
import { serve } from '../../src/surfaces/http/serve.ts';
import { testProduct } from '../support/app.ts';

const token = 'a-token-of-some-length';
const product = testProduct({}, Date.now());
const log = { debug() {}, info() {}, warn() {}, error() {} };
const server = serve(createHttp(product.app, { TRACEPULSE_WEBHOOK_TOKEN: token }, { log, now: product.now, redact: redactDeep }), {
  host: '127.0.0.1',
  port: 0,
});
let url = '';

beforeAll(async () => {
  url = `http://127.0.0.1:${(await server.start()).port}`;
});
afterAll(async () => {
  await server.stop();
  await product.close();
});

const found = (correlationId: string) =>
  product.telemetry.logs({ window: { fromMs: product.now() - 600_000, toMs: product.now() + 600_000 }, correlationId, limit: 10 });

describe('pino-loki', () => {
  const shipped = async (password: string, line: object, structuredMetaKey: string | false) => {
    const transport = pinoLoki({
      host: url,
      labels: { app: 'cart' },
      basicAuth: { username: 'x', password },
      silenceErrors: true,
      structuredMetaKey,
    });
    const ended = new Promise((resolve) => transport.once('close', resolve));
    const logger = pino({ base: null }, transport);
    logger.error(line, 'declined');
    transport.end();
    await ended;
  };

  it('lands', async () => {
    await shipped(token, { correlationId: 'pino-1', err: new Error('no funds') }, false);
    expect(await found('pino-1')).toMatchObject([
      { service: 'cart', severity: 17, text: expect.stringMatching(/^declined: Error: no funds\n +at /) },
    ]);
  });

  it('lands with structured metadata', async () => {
    await shipped(token, { meta: { request_id: 'pino-2', trace_id: '4bf92f3577b34da6a3ce929d0e0e4736' } }, 'meta');
    expect(await found('pino-2')).toMatchObject([{ service: 'cart', traceId: '4bf92f3577b34da6a3ce929d0e0e4736' }]);
  });

  it('does not land with another password', async () => {
    await shipped('another', { correlationId: 'pino-3' }, false);
    expect(await found('pino-3')).toEqual([]);
  });
});

describe('the official Elasticsearch client', () => {
  const client = (
    apiKey: string, // Its other connection is undici's, which Bun replaces by half of one.
  ) => new Client({ node: url, Connection: HttpConnection, auth: { apiKey }, maxRetries: 0, compression: true });

  it('finds what it looks for, and its bulk helper lands', async () => {
    const elastic = client(token);
    expect((await elastic.info()).tagline).toBe('You Know, for Search');
    expect(await elastic.ping()).toBe(true);
    const documents = Array.from({ length: 50 }, (_, i) => ({
      '@timestamp': new Date(product.now()).toISOString(),
      log: { level: i === 7 ? 'error' : 'info' },
      message: `step ${i}`,
      service: { name: 'orders' },
      labels: { correlation_id: `es-${i}` },
    }));
    const dropped: unknown[] = [];
    const result = await elastic.helpers.bulk({
      datasource: documents,
      onDocument: () => ({ create: { _index: 'logs-orders-default' } }),
      onDrop: (document) => void dropped.push(document),
    });
    expect(result).toMatchObject({ total: 50, successful: 50, failed: 0 });
    expect(dropped).toEqual([]);
    expect(await found('es-7')).toMatchObject([{ service: 'orders', severity: 17, text: 'step 7' }]);
    await elastic.close();
  });

  it('is told of single documents that were not taken', async () => {
    const elastic = client(token);
    const answer = await elastic.bulk({
      operations: [{ delete: { _index: 'a', _id: '1' } }, { index: { _index: 'a' } }, { message: 'x', requestId: 'es-a' }],
    });
    expect(answer.errors).toBe(true);
    expect(answer.items.map((item) => Object.values(item)[0]?.status)).toEqual([400, 201]);
    expect(await found('es-a')).toHaveLength(1);
    await elastic.close();
  });

  it('is refused with another key', async () => {
    const elastic = client('another');
    await expect(elastic.info()).rejects.toMatchObject({ meta: { statusCode: 401 } });
    await elastic.close();
  });
});

describe('splunk-logging', () => {
  interface Answer {
    readonly text: string;
    readonly code: number;
  }
  const send = (with_: string, message: unknown, severity = 'error') =>
    new Promise<Answer>((resolve, reject) => {
      const logger = new splunkLogging.Logger({ token: with_, url, maxRetries: 0 });
      logger.error = (error: Error) => reject(error);
      logger.send(
        { message, severity, metadata: { source: 'pay', sourcetype: '_json', host: 'node-1' } },
        (error: Error | null, _: unknown, body: Answer) => (error === null ? resolve(body) : reject(error)),
      );
    });

  it('lands', async () => {
    expect(await send(token, { text: 'declined', correlationId: 'hec-1' })).toEqual({ text: 'Success', code: 0 });
    expect(await found('hec-1')).toMatchObject([{ service: 'pay', severity: 17, text: 'declined' }]);
    expect(await send(token, 'declined again requestId=hec-2', 'warn')).toMatchObject({ code: 0 });
    expect(await found('hec-2')).toMatchObject([{ severity: 13 }]);
  });

  it('is refused with another token', async () => {
    await expect(send('another', 'x')).rejects.toMatchObject({ code: 4 });
  });
});
