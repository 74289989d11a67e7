import { afterEach, describe, expect, it } from 'vitest';
import { jaeger } from '../../../../src/adapters/trace-sources/jaeger/jaeger.ts';
import { otlpOf, Traces } from '../../../../src/adapters/trace-sources/jaeger/older.ts';
import { type JaegerStandIn, startJaeger } from '../../../stand-ins/jaeger.ts';

const now = Date.parse('2026-03-01T12:00:00Z');
const never = () => {};
const log = { debug: never, info: never, warn: never, error: never };
const signal = new AbortController().signal;
let server: JaegerStandIn | null = null;
afterEach(() => server?.stop());

describe('a Jaeger with the older API', () => {
  it('is recognised by what it does not know, once, and searched', async () => {
    server = await startJaeger('older');
    server.keep({
      traceId: 'b'.repeat(32),
      spanId: 'c'.repeat(16),
      service: 'cart',
      name: 'GET /',
      startMs: now - 5_000,
      durationMs: 3,
      isFailed: true,
    });
    const source = jaeger.create(jaeger.settings.parse({ JAEGER_URL: server.url }), { fetch: globalThis.fetch, now: () => now, log });
    const query = { window: { fromMs: now - 60_000, toMs: now }, service: 'cart', limit: 5 };
    const { requests } = await source.search(query, signal);
    await source.search(query, signal);
    expect(JSON.stringify(requests)).toContain(`"startTimeUnixNano":"${now - 5_000}000000"`);
    expect(server.questions().map(({ path }) => path)).toEqual(['/api/v3/services', '/api/services', '/api/traces', '/api/traces']);
    expect(await source.trace('d'.repeat(32), signal)).toBeNull();
    expect(await source.probe!(signal)).toBe('1 services by its older API');
  });
});

describe('otlpOf', () => {
  const tag = (key: string, value: unknown, type = 'string') => ({ key, type, value });
  const trace = {
    spans: [
      {
        traceID: 'abc123',
        spanID: '1f',
        operationName: 'charge',
        references: [
          { refType: 'FOLLOWS_FROM', traceID: '99', spanID: '7' },
          { refType: 'CHILD_OF', traceID: '0abc123', spanID: '2e' },
        ],
        startTime: 1706678909209712,
        duration: 123,
        tags: [
          tag('span.kind', 'client'),
          tag('error', true, 'bool'),
          tag('http.status_code', 503, 'int64'),
          tag('otel.scope.name', 'pay'),
        ],
        logs: [{ timestamp: 1706678909209800, fields: [tag('event', 'error'), tag('error.kind', 'Timeout'), tag('message', 'too late')] }],
        processID: 'p1',
      },
    ],
    processes: { p1: { serviceName: 'payment', tags: [tag('service.version', '1.4.0')] } },
  };

  it('puts ids, parents, links, kind, status, times, events and the process where OTLP has them', () => {
    const { resourceSpans } = otlpOf(Traces.parse({ data: [trace] })) as { resourceSpans: unknown[] };
    expect(resourceSpans).toEqual([
      {
        resource: {
          attributes: [
            { key: 'service.name', value: { stringValue: 'payment' } },
            { key: 'service.version', value: { stringValue: '1.4.0' } },
          ],
        },
        scopeSpans: [
          {
            scope: { name: 'pay' },
            spans: [
              {
                traceId: 'abc123'.padStart(32, '0'),
                spanId: '1f'.padStart(16, '0'),
                parentSpanId: '2e'.padStart(16, '0'),
                name: 'charge',
                kind: 'SPAN_KIND_CLIENT',
                startTimeUnixNano: '1706678909209712000',
                endTimeUnixNano: '1706678909209835000',
                status: { code: 2 },
                attributes: [
                  { key: 'error', value: { boolValue: true } },
                  { key: 'http.status_code', value: { intValue: '503' } },
                ],
                events: [
                  {
                    timeUnixNano: '1706678909209800000',
                    name: 'exception',
                    attributes: [
                      { key: 'exception.type', value: { stringValue: 'Timeout' } },
                      { key: 'exception.message', value: { stringValue: 'too late' } },
                    ],
                  },
                ],
                links: [{ traceId: '99'.padStart(32, '0'), spanId: '7'.padStart(16, '0') }],
              },
            ],
          },
        ],
      },
    ]);
  });

  it('takes an answer without traces', () => {
    expect(otlpOf(Traces.parse({ data: null }))).toEqual({ resourceSpans: [] });
  });
});
