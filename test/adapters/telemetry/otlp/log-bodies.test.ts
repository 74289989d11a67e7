/** Lines that a collector passes on unread, as OTLP: what they say of themselves is found. */
import { describe, expect, it } from 'vitest';
import { decodeOtlpJson } from '../../../../src/adapters/telemetry/otlp/decode.ts';
import { SpanBatch } from '../../../../src/domain/span-batch.ts';

const at = Date.parse('2026-08-20T10:00:00Z');
const trace = '4bf92f3577b34da6a3ce929d0e0e4736';

function decoded(record: object) {
  const body = { resourceLogs: [{ resource: {}, scopeLogs: [{ logRecords: [{ timeUnixNano: `${at}000000`, ...record }] }] }] };
  return decodeOtlpJson('logs', new TextEncoder().encode(JSON.stringify(body)), new SpanBatch(), at).logs[0];
}

describe('a log record without a severity of its own', () => {
  it('is read from JSON', () => {
    const line = JSON.stringify({ level: 'error', msg: 'declined', trace_id: trace, correlationId: 'txn-1', service: 'pay' });
    expect(decoded({ body: { stringValue: line } })).toMatchObject({
      severity: 17,
      text: 'declined',
      traceId: trace,
      correlationId: 'txn-1',
      resource: { service: 'pay' },
    });
  });

  it('is read from a map of values', () => {
    const values = [
      { key: 'level', value: { stringValue: 'warn' } },
      { key: 'message', value: { stringValue: 'late' } },
    ];
    expect(decoded({ body: { kvlistValue: { values } } })).toMatchObject({ severity: 13, text: 'late' });
  });

  it('is read from a formatted line', () => {
    const line = `2026-08-20 10:00:00,000 ERROR [main] c.a.Cart - Boom traceId=${trace}`;
    expect(decoded({ body: { stringValue: line } })).toMatchObject({
      severity: 17,
      text: `Boom traceId=${trace}`,
      component: 'c.a.Cart',
      traceId: trace,
    });
  });
});

it('a log record that says all itself stays as it is', () => {
  const text = '10:00:00.123 INFO c.a.Cart - all well';
  expect(decoded({ severityNumber: 9, traceId: trace, body: { stringValue: text } })).toMatchObject({ severity: 9, text, traceId: trace });
});
