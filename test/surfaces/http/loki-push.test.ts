/** Loki's door as agents meet it: JSON and protobuf, packed in every way they pack, and what was taken can be found again. */
import { deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { defaultLimits } from '../../../src/surfaces/http/parts.ts';
import { start } from '../../support/app.ts';
import { inSnappy, pushRequest } from '../../support/loki-protobuf.ts';
import { post } from './fake-app.ts';
import { closeAfterEach, json, product } from './log-product.ts';

closeAfterEach();

const ns = (ms: number) => `${ms}000000`;
const lokiBody = (line: string) => json({ streams: [{ stream: { app: 'cart' }, values: [[ns(start), line]] }] });

describe('Loki push', () => {
  const path = '/loki/api/v1/push';

  it.each([
    { name: 'as it is', pack: (text: string) => new TextEncoder().encode(text), encoding: null },
    { name: 'in gzip', pack: (text: string) => gzipSync(text), encoding: 'gzip' },
    { name: 'in deflate', pack: (text: string) => deflateSync(text), encoding: 'deflate' },
    { name: 'in deflate without its wrapping', pack: (text: string) => deflateRawSync(text), encoding: 'deflate' },
    { name: 'in zstd', pack: (text: string) => zstdCompressSync(text), encoding: 'zstd' },
    { name: 'in snappy', pack: (text: string) => inSnappy(new TextEncoder().encode(text)), encoding: 'snappy' },
  ])('takes JSON $name', async ({ pack, encoding }) => {
    const { http, lines } = product();
    const answer = await http.fetch(
      post(path, pack(lokiBody('level=error msg=no correlationId=txn-1')), encoding === null ? {} : { 'content-encoding': encoding }),
    );
    expect([answer.status, await answer.text()]).toEqual([204, '']);
    expect(await lines({ correlationId: 'txn-1' })).toMatchObject([{ service: 'cart', severity: 17, text: 'no', timeMs: start }]);
  });

  it.each([{}, { 'content-encoding': 'snappy' }])('takes protobuf with structured metadata %j', async (headers) => {
    const { http, lines } = product();
    const body = pushRequest([
      {
        labels: '{app="cart", quoted="a \\"b\\", c"}',
        lines: [
          { ms: start + 5, line: 'ERROR boom', metadata: { trace_id: '4bf92f3577b34da6a3ce929d0e0e4736', request_id: 'txn-2' } },
          { ms: start + 6, line: '    at pay (pay.js:1)', metadata: {} },
        ],
      },
    ]);
    const answer = await http.fetch(post(path, inSnappy(body), { 'content-type': 'application/x-protobuf', ...headers }));
    expect(answer.status).toBe(204);
    expect(await lines({ correlationId: 'txn-2' })).toMatchObject([
      { text: 'boom\n    at pay (pay.js:1)', traceId: '4bf92f3577b34da6a3ce929d0e0e4736', timeMs: start + 5 },
    ]);
  });

  it.each([
    { name: 'a number as time', body: json({ streams: [{ stream: {}, values: [[1, 'x']] }] }), status: 400, type: 'application/json' },
    { name: 'no JSON', body: 'hello', status: 400, type: 'application/json' },
    { name: 'no snappy', body: 'hello', status: 400, type: 'application/x-protobuf' },
    { name: 'snappy of something else', body: inSnappy(new TextEncoder().encode('hello')), status: 400, type: 'application/x-protobuf' },
    { name: 'another type', body: 'hello', status: 415, type: 'text/plain' },
    {
      name: 'lines of another year',
      body: json({ streams: [{ stream: {}, values: [[ns(start - 4e10), 'x']] }] }),
      status: 400,
      type: 'application/json',
    },
  ])('says as text what is wrong with $name', async ({ body, status, type }) => {
    const { http, stored } = product();
    const answer = await http.fetch(post(path, body, { 'content-type': type }));
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toContain('text/plain');
    expect((await answer.text()).length).toBeGreaterThan(5);
    expect(stored()).toBe(0);
  });

  it('unpacks no bomb, of snappy or gzip', async () => {
    const limits = { ...defaultLimits, telemetry: { ...defaultLimits.telemetry, maxUnpackedBytes: 10_000 } };
    const { http } = product({}, limits);
    const zeros = new Uint8Array(1e6);
    expect((await http.fetch(post(path, inSnappy(zeros), { 'content-type': 'application/x-protobuf' }))).status).toBe(413);
    expect((await http.fetch(post(path, inSnappy(zeros), { 'content-encoding': 'snappy' }))).status).toBe(413);
    expect((await http.fetch(post(path, gzipSync(zeros), { 'content-encoding': 'gzip' }))).status).toBe(413);
    expect((await http.fetch(post(path, deflateSync(zeros), { 'content-encoding': 'deflate' }))).status).toBe(413);
    expect((await http.fetch(post(path, zstdCompressSync(zeros), { 'content-encoding': 'zstd' }))).status).toBe(413);
    const lying = new Uint8Array([0xff, 0xff, 0xff, 0xff, 0x0f, 0]);
    expect((await http.fetch(post(path, lying, { 'content-type': 'application/x-protobuf' }))).status).toBe(413);
  });

  it('asks to come back when too much is held, as agents do on 503', async () => {
    const { http } = product({}, { ...defaultLimits, telemetryBudgetBytes: 10 });
    const answer = await http.fetch(post(path, lokiBody('x')));
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1']);
  });

  it('counts the same delivery once', async () => {
    const { http, stored } = product();
    for (let i = 0; i < 2; i++) expect((await http.fetch(post(path, lokiBody('x')))).status).toBe(204);
    expect(stored()).toBe(1);
  });
});
