import { describe, expect, it } from 'vitest';
import { idsIn } from '../../../src/domain/log-shape/ids.ts';
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
  hollowFields: null,
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
      name: "gives the trace of Rails' tag where it has all else",
      from: { severity: 9, text: `[${trace}] Started GET "/"` },
      becomes: { severity: 9, text: `[${trace}] Started GET "/"`, traceId: trace, spanId: null, correlationId: null },
    },
    {
      name: "gives the trace of Rails' tag behind others and in capitals",
      from: { severity: 9, text: `[10.0.0.7] [${trace.toUpperCase()}] Completed 200 OK` },
      becomes: { traceId: trace },
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
    'took correlation_id=r7 on',
    'took "request-id": "r7" on',
    'took transactionId : r7 on',
    'took txn_id=r7 on',
    'took REQ_ID=r7 on',
    'took rid=r7 on',
    '[req-38101a0b-2096-447d-96ea-a692162415ae - - -] took it on',
  ])('gives the request of %s', (text) => {
    expect(filledIn(record({ severity: 9, text }), at).correlationId).toMatch(/^r7$|^req-38101a0b/);
  });

  it.each([
    { severity: 9, text: `[${trace.slice(1)}] a digit too few` },
    { severity: 9, text: `[${trace}0] a digit too many` },
  ])('has no trace of $text', (from) => expect(filledIn(record(from), at)).toMatchObject({ traceId: null, correlationId: null }));

  it.each([
    { severity: 9, text: 'a plain sentence about an identity' },
    { severity: 9, traceId: trace, text: `TraceID: ${trace} and nothing more` },
    { severity: 9, correlationId: 'c', traceId: trace, text: 'request-id=r7' },
  ])('is handed back as it is: %j', (from) => {
    const given = record(from);
    expect(filledIn(given, at)).toBe(given);
  });
});

describe('an id of a request that stands somewhere in a line', () => {
  const names = ['correlation', 'request', 'transaction', 'txn', 'req', 'reqs', 'account', 'n', 'q', ''];
  const labels = names.flatMap((name) => ['id', '_id', '-Id', '.ID', ' id'].map((end) => `${name}${end}`));
  const texts = [...labels, 'rid', 'orid', 'RID'].flatMap((label) =>
    ['=', ': ', '":"', "' = ", ' ', '  :'].flatMap((sign) =>
      ['', 'accountId=5 ', 'x-'].map((before) => `${before}${label}${sign}r7 of the cart`),
    ),
  );
  const whole = /(?:correlation|request|transaction|txn|req)[_. -]?id["']?[ ]{0,2}[:=]|\brid=|\[req-/i;

  it('is looked for in every line that the whole pattern takes, and in no other', () => {
    const found = (text: string) => filledIn(record({ severity: 9, text }), at).correlationId;
    for (const text of texts) expect([text, found(text)]).toEqual([text, whole.test(text) ? idsIn(text).correlationId : null]);
    expect(texts.filter((text) => found(text) === 'r7').length).toBeGreaterThan(texts.length / 4);
  });
});
