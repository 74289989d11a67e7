import { describe, expect, it } from 'vitest';
import { filledIn } from '../../../src/domain/log-shape/log-body.ts';
import type { LogRecord } from '../../../src/domain/records.ts';

const at = Date.parse('2026-08-20T10:00:00Z');
const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
const record = (over: Partial<LogRecord>): LogRecord => ({
  resource: { service: 'cart', instance: null, version: null },
  timeMs: at,
  severity: 0,
  text: '',
  traceId: null,
  spanId: null,
  component: null,
  correlationId: null,
  ...over,
});

describe('a record whose body is a line', () => {
  it.each([
    {
      name: 'is read where the body is JSON',
      from: { text: JSON.stringify({ level: 'error', msg: 'no funds', traceId: trace, correlationId: 'txn-1', logger: 'pay' }) },
      becomes: { severity: 17, text: 'no funds', traceId: trace, correlationId: 'txn-1', component: 'pay' },
    },
    {
      name: 'keeps what it says itself',
      from: {
        severity: 9,
        traceId: 'a'.repeat(32),
        component: 'own',
        correlationId: 'own',
        text: JSON.stringify({ level: 'error', msg: 'x', traceId: trace, correlationId: 'c', logger: 'l' }),
      },
      becomes: { severity: 9, traceId: 'a'.repeat(32), component: 'own', correlationId: 'own', text: 'x' },
    },
    {
      name: 'is read where it has no severity',
      from: { text: '2026-08-20 10:00:00,000 ERROR [main] c.a.Cart - Boom' },
      becomes: { severity: 17, text: 'Boom', component: 'c.a.Cart' },
    },
    {
      name: 'gives its ids where it has all else',
      from: { severity: 9, text: `TraceID: ${trace} SpanID: 00f067aa0ba902b7 [pay] request-id=r7` },
      becomes: {
        severity: 9,
        text: `TraceID: ${trace} SpanID: 00f067aa0ba902b7 [pay] request-id=r7`,
        traceId: trace,
        spanId: '00f067aa0ba902b7',
        correlationId: 'r7',
      },
    },
    {
      name: 'names a service that nobody named',
      from: { resource: { service: 'unknown_service:node', instance: 'i', version: 'v' }, text: '{"service":"pay","msg":"x"}' },
      becomes: { resource: { service: 'pay', instance: 'i', version: 'v' } },
    },
    {
      name: 'keeps the name it has',
      from: { text: '{"service":"pay","msg":"x"}' },
      becomes: { resource: { service: 'cart', instance: null, version: null } },
    },
    {
      name: 'keeps an id of no tracing system',
      from: { severity: 9, text: 'traceId=abc12 x' },
      becomes: { traceId: null, correlationId: 'abc12' },
    },
  ])('$name', ({ from, becomes }) => expect(filledIn(record(from), at)).toMatchObject(becomes));

  it.each([
    { severity: 9, text: 'a plain sentence about an identity' },
    { severity: 9, traceId: trace, text: `TraceID: ${trace} and nothing more` },
    { severity: 9, correlationId: 'c', traceId: trace, text: 'request-id=r7' },
  ])('is handed back as it is: %j', (from) => {
    const given = record(from);
    expect(filledIn(given, at)).toBe(given);
  });
});
