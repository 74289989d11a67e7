/**
 * Bodies that were right and then were not, in both encodings, through the route into the store: no answer says that something
 * broke here, and of what is refused nothing is kept.
 */
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { redactDeep } from '../../../src/domain/redact.ts';
import { createHttp, type Http } from '../../../src/surfaces/http/http.ts';
import { defaultLimits } from '../../../src/surfaces/http/parts.ts';
import { start, testProduct } from '../../support/app.ts';
import { protobufOf } from '../../support/otlp-protobuf.ts';
import { Chance, randomRequest } from '../../support/random-otlp.ts';
import { bytesOf } from '../../adapters/telemetry/bodies.ts';
import { post } from './fake-app.ts';

const bodies = 10_000;
/** A minute on a machine that does much else. */
const requests = 60;
const signals = ['traces', 'logs', 'metrics'] as const;
type Signal = (typeof signals)[number];
const types = { json: 'application/json', protobuf: 'application/x-protobuf' } as const;

/** Bytes changed, cut, doubled, put in, taken out; and lengths that lie. */
function mutateBytes(chance: Chance, body: Uint8Array): Uint8Array {
  const bytes = [...body];
  for (let change = 0; change <= chance.below(4); change++) {
    const at = chance.below(Math.max(1, bytes.length));
    const kind = chance.below(7);
    if (kind === 0) bytes[at] = chance.below(256);
    else if (kind === 1) bytes.splice(at, chance.below(9));
    else if (kind === 2) bytes.splice(at, 0, ...bytes.slice(at, at + chance.below(64)));
    else if (kind === 3) bytes.splice(at, 0, ...Array.from({ length: chance.below(16) }, () => chance.of([0xff, 0x80, 0x00, 0x7f, 0x0a])));
    else if (kind === 4) bytes.length = at;
    else if (kind === 5) bytes[at] = (bytes[at] ?? 0) ^ (1 << chance.below(8));
    else bytes[at] = chance.of([0xff, 0x80, 0x0b, 0x0c, 0x07, 0x7f]);
  }
  return Uint8Array.from(bytes);
}

const strange = [null, true, -1, 1e308, '', 'x', '\ud800', [], {}, [[]], [null], { __proto__: 1 }, '99999999999999999999999', 'NaN'];

/** One value somewhere in the tree is another one. */
function mutateTree(chance: Chance, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || chance.is(8)) return chance.of(strange);
  const keys = Object.keys(value);
  if (keys.length === 0) return chance.of(strange);
  const key = chance.of(keys);
  const changed = mutateTree(chance, (value as Record<string, unknown>)[key]);
  if (Array.isArray(value)) return value.map((inner, i) => (String(i) === key ? changed : inner));
  return { ...value, [chance.is(5) ? '__proto__' : key]: changed };
}

interface RightBody {
  readonly request: object;
  readonly bytes: Uint8Array;
}

function rightBodies(signal: Signal, encoding: keyof typeof types): RightBody[] {
  return Array.from({ length: requests }, (_, seed) => {
    const request = randomRequest(signal, seed + 1);
    return { request, bytes: encoding === 'json' ? bytesOf(request) : protobufOf(signal, request) };
  });
}

function product() {
  const { app, telemetry, close } = testProduct();
  const errors: unknown[] = [];
  const log = { debug() {}, info() {}, warn() {}, error: (text: string, fields?: object) => void errors.push([text, fields]) };
  const limits = { ...defaultLimits, telemetry: { maxBytes: 2 ** 20, maxUnpackedBytes: 2 ** 20, deadlineMs: 15_000 } };
  const http: Http = createHttp(app, {}, { log, now: () => start, redact: redactDeep, limits });
  const kept = () => {
    const { spans, logs, points, duplicates, dropped } = telemetry.stats();
    return { spans, logs, points, duplicates, dropped };
  };
  return { http, kept, close, errors, telemetry };
}

describe('bodies that are not what they should be', () => {
  it.each(['json', 'protobuf'] as const)('are refused or read, as %s, and break nothing', async (encoding) => {
    const { http, kept, close, errors, telemetry } = product();
    const chance = new Chance(encoding === 'json' ? 11 : 12);
    const right = Object.fromEntries(signals.map((signal) => [signal, rightBodies(signal, encoding)])) as Record<Signal, RightBody[]>;
    const statuses = new Map<number, number>();
    for (let i = 0; i < bodies; i++) {
      const signal = chance.of(signals);
      const { request, bytes } = chance.of(right[signal]);
      const isTree = encoding === 'json' && chance.is(60);
      let body = isTree ? bytesOf(mutateTree(chance, request)) : mutateBytes(chance, bytes);
      const headers: Record<string, string> = { 'content-type': types[encoding] };
      if (chance.is(10)) {
        body = chance.is(70) ? gzipSync(body, { level: 1 }) : mutateBytes(chance, gzipSync(body, { level: 1 }));
        headers['content-encoding'] = 'gzip';
      }
      const before = kept();
      const answer = await http.fetch(post(`/v1/${signal}`, body, headers));
      statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
      expect([200, 400, 413], `body ${i} ${JSON.stringify(errors)}`).toContain(answer.status);
      expect(answer.headers.get('content-type')).toContain(types[encoding]);
      if (answer.status !== 200) expect(kept()).toEqual(before);
    }
    expect(errors).toEqual([]);
    // Both ways out were taken often, and what was stored can be read.
    expect(Math.min(statuses.get(200) ?? 0, statuses.get(400) ?? 0)).toBeGreaterThan(bodies / 20);
    const { spans } = await telemetry.window({ fromMs: 0, toMs: Number.MAX_SAFE_INTEGER });
    const ids = new Set(Array.from({ length: spans.length }, (_, row) => spans.traceId(row)));
    for (const id of [...ids].slice(0, 50)) expect((await telemetry.trace(id)).length).toBeGreaterThan(0);
    await telemetry.knowledge();
    await close();
  });

  it.each([
    { what: '64 MiB of zeros in gzip', body: gzipSync(Buffer.alloc(2 ** 26), { level: 9 }), status: 413 },
    { what: 'gzip in gzip', body: gzipSync(gzipSync(Buffer.alloc(2 ** 26), { level: 9 })), status: 400 },
  ])('cost no more than the bound: $what', async ({ body, status }) => {
    const { http, kept, close } = product();
    const before = kept();
    for (const type of Object.values(types)) {
      const answer = await http.fetch(post('/v1/traces', new Uint8Array(body), { 'content-type': type, 'content-encoding': 'gzip' }));
      expect(answer.status).toBe(status);
    }
    expect(kept()).toEqual(before);
    await close();
  });

  it('may be as deep as they like', async () => {
    const { http, kept, close } = product();
    const before = kept();
    const levels = 100_000;
    const inJson = `{"resourceSpans":${'['.repeat(levels)}${']'.repeat(levels)}}`;
    expect((await http.fetch(post('/v1/traces', inJson))).status).toBe(400);
    const inValue = `{"resourceSpans":[{"resource":{"attributes":[{"key":"a","value":${'{"arrayValue":{"values":['.repeat(20_000)}{}${']}}'.repeat(20_000)}}]}}]}`;
    expect([200, 400]).toContain((await http.fetch(post('/v1/traces', inValue))).status);
    expect(kept()).toEqual(before);
    await close();
  });
});
