/** The real SDK against a server on this machine: what a product sends of itself, and that it sends nothing unless told to. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { diag, trace } from '@opentelemetry/api';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startOwnTelemetry } from '../../src/observe/sdk.ts';
import { createLog } from '../../src/log.ts';
import { createStages } from '../../src/observe/stages.ts';
import { Failure } from '../../src/domain/failure.ts';
import { silentLog } from '../silent-log.ts';
import { alertBody, delivery, testProduct } from '../support/app.ts';

interface SentSpan {
  readonly name: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly traceId: string;
  readonly status?: { readonly message?: string };
  readonly attributes: readonly { readonly key: string; readonly value: { readonly stringValue?: string } }[];
}

let server: Server;
let asked: { path: string; body: string }[] = [];
let endpoint = '';
beforeEach(async () => {
  asked = [];
  server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      asked.push({ path: request.url ?? '', body: Buffer.concat(parts).toString() });
      response.end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
afterEach(() => new Promise((resolve) => server.close(resolve)));

const spansSent = (): SentSpan[] =>
  asked
    .filter(({ path }) => path === '/v1/traces')
    .flatMap(({ body }) => (JSON.parse(body) as { resourceSpans: { scopeSpans: { spans: SentSpan[] }[] }[] }).resourceSpans)
    .flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans));

describe('own telemetry', () => {
  it('sends a span for every stage of an incident, each below the one it belongs to, and the same as metrics', async () => {
    const own = await startOwnTelemetry(endpoint, '1.2.3', silentLog.warn, () => 0);
    const product = testProduct({ stages: createStages(() => performance.now()) });
    await product.app.receive('alertmanager', delivery('/webhook/alertmanager', alertBody({ service: 'cart' })));
    await product.pass(3_000);
    await product.close();
    await own.stop();

    const spans = spansSent();
    const named = (name: string) => spans.find((span) => span.name === name);
    expect(new Set(spans.map(({ name }) => name))).toEqual(new Set(['receive', 'work', 'gather', 'rank', 'commit', 'delivery']));
    const work = named('work');
    expect(named('rank')?.parentSpanId).toBe(work?.spanId);
    expect(named('gather')?.traceId).toBe(work?.traceId);
    for (const name of ['work', 'gather', 'rank', 'delivery'])
      expect(named(name)?.attributes).toContainEqual({ key: 'incident', value: { stringValue: 'INC-1' } });
    const sent = asked.filter(({ path }) => path === '/v1/metrics').map(({ body }) => body);
    expect(sent.join()).toContain('tracepulse.stage.duration');
    expect(asked[0]?.body).toContain('"1.2.3"');
  });

  it('tells of a failure by its code, never by what it says', async () => {
    const own = await startOwnTelemetry(endpoint, '1', silentLog.warn, () => 0);
    const failure = new Failure('unauthorized', 'loki', 'search for hunter2', { hint: 'token hunter2' });
    expect(() =>
      createStages(() => 0).run('source', { source: 'loki' }, {}, () => {
        throw failure;
      }),
    ).toThrow(failure);
    await own.stop();
    expect(spansSent()[0]?.status?.message).toBe('unauthorized');
    expect(asked.map(({ body }) => body).join()).not.toContain('hunter2');
  });

  it('is named in lines of the log, so that the two can be laid side by side', async () => {
    const own = await startOwnTelemetry(endpoint, '1', silentLog.warn, () => 0);
    const lines: string[] = [];
    const log = createLog({ level: 'info', now: () => 0, redact: (value) => ({ value }), write: (line) => void lines.push(line) });
    log.info('outside');
    createStages(() => 0).run('rank', {}, {}, () => log.info('inside', { incident: 'INC-1', traceId: 'forged' }));
    await own.stop();
    const [outside, inside] = lines.map((line) => JSON.parse(line) as { traceId?: string });
    expect(outside).not.toHaveProperty('traceId');
    expect(inside).toMatchObject({ incident: 'INC-1', traceId: spansSent()[0]?.traceId });
  });

  it('is off again once it is stopped, and nobody is asked', async () => {
    await (await startOwnTelemetry(endpoint, '1', silentLog.warn, () => 0)).stop();
    const before = asked.length;
    createStages(() => 0).run('rank', {}, {}, () => expect(trace.getActiveSpan()).toBeUndefined());
    expect(asked).toHaveLength(before);
  });

  it('says once in ten minutes that nothing arrives, under the name of the setting', async () => {
    const lines: string[] = [];
    const log = createLog({ level: 'info', now: () => 0, redact: (value) => ({ value }), write: (line) => void lines.push(line) });
    let at = 0;
    const own = await startOwnTelemetry(endpoint, '1', log.warn, () => at);
    for (let i = 0; i < 3; i++) diag.error('connect ECONNREFUSED');
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      level: 'warn',
      text: 'own telemetry cannot be sent',
      setting: 'OTEL_EXPORTER_OTLP_ENDPOINT',
    });
    at = 600_000;
    diag.error('connect ECONNREFUSED');
    expect(lines).toHaveLength(2);
    await own.stop();
  });

  it('says so of an endpoint that refuses what it is sent', async () => {
    server.removeAllListeners('request');
    server.on('request', (request, response) => {
      request.resume();
      response.statusCode = 400;
      response.end();
    });
    const lines: string[] = [];
    const log = createLog({ level: 'info', now: () => 0, redact: (value) => ({ value }), write: (line) => void lines.push(line) });
    const own = await startOwnTelemetry(endpoint, '1', log.warn, () => 0);
    createStages(() => 0).run('rank', {}, {}, () => 1);
    await own.stop();
    expect(lines).toHaveLength(1);
  });

  it('stops in time when the endpoint does not answer', async () => {
    const own = await startOwnTelemetry('http://127.0.0.1:9', '1', silentLog.warn, () => 0);
    createStages(() => 0).run('rank', {}, {}, () => 1);
    await own.stop();
    expect(asked).toEqual([]);
  });
});
