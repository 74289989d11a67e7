import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { App } from '../../../src/app.ts';
import { Failure } from '../../../src/domain/failure.ts';
import type { Ingested, Signal } from '../../../src/ports.ts';
import { defaultLimits } from '../../../src/surfaces/http/parts.ts';
import { messages } from '../../support/otlp-protobuf.ts';
import { post, surface } from './fake-app.ts';

const asProtobuf = { 'content-type': 'application/x-protobuf' };
const all: Ingested = { accepted: 2, rejected: 0, problem: null, oldestAt: 1, newestAt: 2 };

function taking(answer: Ingested = all) {
  const bodies: { signal: Signal; text: string; format: string }[] = [];
  const ingest: App['ingest'] = async (signal, body, format) => {
    bodies.push({ signal, text: new TextDecoder().decode(body), format });
    return answer;
  };
  return { bodies, ingest };
}

describe('OTLP', () => {
  it.each(['traces', 'logs', 'metrics'] as const)('takes %s as JSON', async (signal) => {
    const { bodies, ingest } = taking();
    const answer = await surface({ ingest }).fetch(post(`/v1/${signal}`, '{"a":1}'));
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toContain('application/json');
    expect(await answer.json()).toEqual({});
    expect(bodies).toEqual([{ signal, text: '{"a":1}', format: 'json' }]);
  });

  it('takes gzip', async () => {
    const { bodies, ingest } = taking();
    const answer = await surface({ ingest }).fetch(post('/v1/traces', gzipSync('{"a":1}'), { 'content-encoding': 'gzip' }));
    expect(answer.status).toBe(200);
    expect(bodies[0]?.text).toBe('{"a":1}');
  });

  it.each([
    { what: 'two members, the second one short', body: Buffer.concat([gzipSync('{"a":'), gzipSync('1}')]) },
    { what: 'two members of one length', body: Buffer.concat([gzipSync('{"a"'), gzipSync(':1}\n')]), text: '{"a":1}\n' },
    { what: 'a member of nothing at the end', body: Buffer.concat([gzipSync('{"a":1}'), gzipSync('')]) },
  ])('takes gzip whose last bytes say less than it holds: $what', async ({ body, text = '{"a":1}' }) => {
    const { bodies, ingest } = taking();
    const answer = await surface({ ingest }).fetch(post('/v1/traces', new Uint8Array(body), { 'content-encoding': 'gzip' }));
    expect(answer.status).toBe(200);
    expect(bodies[0]?.text).toBe(text);
  });

  it.each([
    { what: 'cut short', spoil: (packed: Buffer) => packed.subarray(0, -9) },
    {
      what: 'with another checksum',
      spoil: (packed: Buffer) => {
        packed[packed.length - 6]! ^= 1;
        return packed;
      },
    },
  ])('refuses gzip $what', async ({ spoil }) => {
    const spoilt = spoil(gzipSync('{"a":"'.padEnd(2_000, 'b')));
    const answer = await surface({}).fetch(post('/v1/traces', new Uint8Array(spoilt), { 'content-encoding': 'gzip' }));
    expect(answer.status).toBe(400);
  });

  it('refuses gzip whose last bytes say more than it may hold', async () => {
    const lying = gzipSync('{"a":1}');
    lying.writeUInt32LE(0xffff_ffff, lying.length - 4);
    const answer = await surface({}).fetch(post('/v1/traces', new Uint8Array(lying), { 'content-encoding': 'gzip' }));
    expect(answer.status).toBe(400);
  });

  it.each([
    ['traces', 'rejectedSpans'],
    ['logs', 'rejectedLogRecords'],
    ['metrics', 'rejectedDataPoints'],
  ])('says which %s it could not take', async (signal, name) => {
    const { ingest } = taking({ ...all, rejected: 3, problem: 'no trace id' });
    const answer = await surface({ ingest }).fetch(post(`/v1/${signal}`, '{}'));
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({ partialSuccess: { [name]: '3', errorMessage: 'no trace id' } });
  });

  it('passes a warning on without rejecting anything', async () => {
    const { ingest } = taking({ ...all, problem: 'clock is ahead' });
    expect(await (await surface({ ingest }).fetch(post('/v1/logs', '{}'))).json()).toEqual({
      partialSuccess: { errorMessage: 'clock is ahead' },
    });
  });

  it.each([
    {
      name: 'bad data',
      error: new Failure('rejected', 'otlp', 'read', { hint: 'expected a list', path: 'resourceSpans' }),
      status: 400,
      code: 3,
      text: 'resourceSpans: expected a list',
    },
    {
      name: 'an outage',
      error: new Failure('unavailable', 'telemetry', 'store'),
      status: 503,
      code: 14,
      text: 'cannot be taken right now; try again',
    },
    { name: 'a bug', error: new TypeError('boom'), status: 500, code: 13, text: 'something went wrong here; the log says what' },
  ])('answers $name with a google.rpc.Status', async ({ error, status, code, text }) => {
    const ingest = async () => {
      throw error;
    };
    const answer = await surface({ ingest }).fetch(post('/v1/traces', '{}'));
    expect(answer.status).toBe(status);
    expect(await answer.json()).toEqual({ code, message: text });
    expect(answer.headers.get('retry-after')).toBe(status === 503 ? '1' : null);
  });

  it.each(['application/x-protobuf', 'application/protobuf', 'Application/X-Protobuf; charset=x'])(
    'takes %s and answers in it',
    async (type) => {
      const { bodies, ingest } = taking();
      const answer = await surface({ ingest }).fetch(post('/v1/traces', new Uint8Array([10, 0]), { 'content-type': type }));
      expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/x-protobuf']);
      expect(await answer.arrayBuffer()).toHaveProperty('byteLength', 0);
      expect(bodies).toEqual([{ signal: 'traces', text: '\n\0', format: 'protobuf' }]);
    },
  );

  it.each([
    { rejected: 3, problem: 'no trace id' },
    { rejected: 0, problem: 'clock is ahead' },
    { rejected: 2 ** 40, problem: 'ä'.repeat(200) },
  ])('says in protobuf what it could not take: $rejected', async (some) => {
    const { ingest } = taking({ ...all, ...some });
    const answer = await surface({ ingest }).fetch(post('/v1/logs', new Uint8Array([10, 0]), asProtobuf));
    expect(answer.status).toBe(200);
    const read = messages.response.toObject(messages.response.decode(new Uint8Array(await answer.arrayBuffer())), { longs: Number });
    expect(read).toEqual({ partialSuccess: { ...(some.rejected > 0 ? { rejected: some.rejected } : {}), errorMessage: some.problem } });
  });

  it('says what is wrong in protobuf, with its place', async () => {
    const ingest = async () => {
      throw new Failure('rejected', 'otlp', 'read', { hint: 'must be a string'.repeat(20), path: 'resourceSpans[0]' });
    };
    const answer = await surface({ ingest }).fetch(post('/v1/traces', new Uint8Array([10, 0]), asProtobuf));
    expect([answer.status, answer.headers.get('content-type')]).toEqual([400, 'application/x-protobuf']);
    const status = messages.status.toObject(messages.status.decode(new Uint8Array(await answer.arrayBuffer())));
    expect(status).toEqual({ code: 3, message: `resourceSpans[0]: ${'must be a string'.repeat(20)}` });
  });

  it.each(['text/plain', 'application/x-protobuffer', 'application/grpc', ''])('refuses "%s"', async (type) => {
    const answer = await surface({}).fetch(post('/v1/traces', new Uint8Array([10, 0]), { 'content-type': type }));
    expect(answer.status).toBe(415);
    expect(await answer.json()).toMatchObject({ code: 12 });
  });

  it('asks a sender whose body did not arrive in time to send it again', async () => {
    const limits = { ...defaultLimits, telemetry: { maxBytes: 1_000, maxUnpackedBytes: 2_000, deadlineMs: 1 } };
    const never = new ReadableStream({});
    const answer = await surface({}, {}, limits).fetch(post('/v1/traces', never));
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1']);
  });

  it('is bounded after unpacking', async () => {
    const limits = { ...defaultLimits, telemetry: { maxBytes: 1_000, maxUnpackedBytes: 2_000, deadlineMs: 15_000 } };
    const answer = await surface({}, {}, limits).fetch(post('/v1/traces', gzipSync(Buffer.alloc(100_000)), { 'content-encoding': 'gzip' }));
    expect(answer.status).toBe(413);
    expect(await answer.json()).toMatchObject({ code: 8 });
  });

  it('needs the webhook token where one is set', async () => {
    const { ingest } = taking();
    const http = surface({ ingest }, { TRACEPULSE_WEBHOOK_TOKEN: 'a-secret-of-some-length' });
    const refused = await http.fetch(post('/v1/traces', '{}'));
    expect(refused.status).toBe(401);
    expect(await refused.json()).toMatchObject({ code: 16 });
    expect((await http.fetch(post('/v1/traces', '{}', { authorization: 'Bearer a-secret-of-some-length' }))).status).toBe(200);
  });

  it('has no other signals', async () => {
    expect((await surface({}).fetch(post('/v1/profiles', '{}'))).status).toBe(404);
  });
});
