import { describe, expect, it } from 'vitest';
import { decodeOtlpJson } from '../../src/adapters/telemetry/otlp/decode.ts';
import { emptyEntry, type LogEntry, logRequest, nanoseconds, spanIdOf, traceIdOf } from '../../src/domain/log-entry.ts';
import { SpanBatch } from '../../src/domain/span-batch.ts';

const entry = (fields: Partial<LogEntry>): LogEntry => ({ ...emptyEntry, ...fields });

function decoded(entries: readonly LogEntry[], arrivedAt = 5) {
  return decodeOtlpJson('logs', new TextEncoder().encode(JSON.stringify(logRequest(entries))), new SpanBatch(), arrivedAt).logs;
}

describe('logRequest', () => {
  it('is read by the intake as what it was', () => {
    const [log] = decoded([
      entry({
        timeMs: 1_787_220_000_123.456,
        service: 'cart',
        namespace: 'shop',
        environment: 'staging',
        severity: 17,
        text: 'boom',
        traceId: '4BF92F3577B34DA6A3CE929D0E0E4736',
        spanId: '00f067aa0ba902b7',
        correlationId: 'txn-1',
        component: 'c.a.Cart',
        instance: 'cart-6c9',
        version: 'v2',
        attributes: { user: 'u1', ok: true, n: 2 },
      }),
    ]);
    expect(log).toEqual({
      resource: { service: 'shop/cart@staging', instance: 'cart-6c9', version: 'v2' },
      timeMs: expect.closeTo(1_787_220_000_123.456, 3),
      severity: 17,
      text: 'boom',
      traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
      spanId: '00f067aa0ba902b7',
      component: 'c.a.Cart',
      correlationId: 'txn-1',
      hollowFields: null,
    });
  });

  it('leaves the time to the intake where none was said, and the service unknown', () => {
    expect(decoded([entry({ text: 'x' })], 7)[0]).toMatchObject({ timeMs: 7, severity: 0, resource: { service: 'unknown_service' } });
  });

  it('puts lines of one resource together, in order', () => {
    const request = logRequest([
      entry({ service: 'a', text: '1' }),
      entry({ service: 'b', text: '2' }),
      entry({ service: 'a', text: '3' }),
      entry({ service: 'a', instance: 'i', text: '4' }),
    ]);
    expect(request.resourceLogs).toHaveLength(3);
    expect(
      decoded([entry({ service: 'a', text: '1' }), entry({ service: 'b', text: '2' }), entry({ service: 'a', text: '3' })]).map(
        (l) => l.text,
      ),
    ).toEqual(['1', '3', '2']);
  });

  it('keeps an id that is no trace id as what ties lines together', () => {
    expect(decoded([entry({ traceId: '0242ac120002' })])[0]).toMatchObject({ traceId: null, correlationId: '0242ac120002' });
    expect(decoded([entry({ traceId: '0242ac120002', correlationId: 'r1' })])[0]).toMatchObject({ correlationId: 'r1' });
  });

  it('lets no attribute take the place of what was found', () => {
    const attributes = { correlationId: 'other', 'logger.name': 'other' };
    expect(decoded([entry({ correlationId: 'r1', component: 'c', attributes })])[0]).toMatchObject({ correlationId: 'r1', component: 'c' });
  });
});

describe('ids', () => {
  it.each([
    ['4BF92F3577B34DA6A3CE929D0E0E4736', '4bf92f3577b34da6a3ce929d0e0e4736'],
    ['4bf92f35-77b3-4da6-a3ce-929d0e0e4736', '4bf92f3577b34da6a3ce929d0e0e4736'],
    ['4bf92f3577b34da6', '00000000000000004bf92f3577b34da6'],
    ['5474458728733560230', '00000000000000004bf92f3577b34da6'],
    ['00000000000000000000000000000000', null],
    ['0242ac120002', null],
    ['', null],
    [null, null],
  ])('a trace id written %s is %s', (written, id) => expect(traceIdOf(written)).toBe(id));

  it.each([
    ['00F067AA0BA902B7', '00f067aa0ba902b7'],
    ['67667974448284343', '00f067aa0ba902b7'],
    ['0000000000000000', null],
    ['abc', null],
  ])('a span id written %s is %s', (written, id) => expect(spanIdOf(written)).toBe(id));
});

describe('nanoseconds', () => {
  it.each([
    [1_787_220_000_123, '1787220000123000000'],
    [1_787_220_000_123.25, '1787220000123250000'],
    [0, '0'],
    [-5, '0'],
  ])('%d ms', (ms, ns) => expect(nanoseconds(ms)).toBe(ns));
});
