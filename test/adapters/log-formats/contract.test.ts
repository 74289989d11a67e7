/**
 * What every log format promises, checked for each that is registered. Fixtures lie in a folder of the format's id: bodies as
 * they come (`.json`, `.ndjson`, `.txt`), beside them `<name>.about.json` where the route or the content type matters, and
 * `<name>.expected.json`, what is read (UPDATE_GOLDEN=1 writes it). `wrong.json`: bodies that are refused as a whole.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { logFormats } from '../../../src/adapters/log-formats/index.ts';
import type { Delivery } from '../../../src/domain/alert.ts';
import { Failure } from '../../../src/domain/failure.ts';
import { logRequest } from '../../../src/domain/log-entry.ts';

const receivedAt = Date.parse('2026-08-20T10:00:05Z');
const never = () => {
  throw new Error('a format does no I/O');
};
const tools = { fetch: never, now: never, log: { debug: never, info: never, warn: never, error: never } };

const routes: Readonly<Record<string, string>> = {
  loki: '/loki/api/v1/push',
  elasticsearch: '/_bulk',
  splunk: '/services/collector',
  ingest: '/ingest/logs',
};

interface About {
  readonly route?: string;
  readonly contentType?: string;
  readonly fluentTag?: string;
}

function failureOf(run: () => unknown): Failure | null {
  try {
    run();
    return null;
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
}

it('log formats are registered once each', () => {
  const ids = logFormats.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids).toEqual(expect.arrayContaining(Object.keys(routes)));
});

describe.each(logFormats)('log format $id', (adapter) => {
  const folder = join(import.meta.dirname, adapter.id);
  const format = adapter.create(adapter.settings.parse({}), tools);
  const bodies = readdirSync(folder).filter((name) => /^[\w-]+\.(?:json|ndjson|txt)$/.test(name) && name !== 'wrong.json');
  const delivery = (
    body: string | Uint8Array,
    { route = routes[adapter.id] ?? '', contentType = 'application/json', fluentTag }: About = {},
  ): Delivery => ({
    route,
    headers: { 'content-type': contentType, ...(fluentTag === undefined ? {} : { 'fluent-tag': fluentTag }) },
    body: typeof body === 'string' ? new TextEncoder().encode(body) : body,
    receivedAt,
  });
  const read = (name: string, alter = (text: string) => text) => {
    const about = join(folder, name.replace(/\.\w+$/, '.about.json'));
    const text = alter(readFileSync(join(folder, name), 'utf8'));
    return format.read(delivery(text, existsSync(about) ? JSON.parse(readFileSync(about, 'utf8')) : {}));
  };

  it('has fixtures', () => expect(bodies.length).toBeGreaterThan(1));

  it.each(bodies)('reads %s as expected', (name) => {
    const golden = join(folder, name.replace(/\.\w+$/, '.expected.json'));
    const batch = read(name);
    if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(golden, `${JSON.stringify(batch, null, 2)}\n`);
    expect(JSON.parse(JSON.stringify(batch))).toEqual(JSON.parse(readFileSync(golden, 'utf8')));
  });

  it.each(bodies)('reads %s the same again, as one request', (name) => {
    expect(JSON.stringify(logRequest(read(name).entries))).toBe(JSON.stringify(logRequest(read(name).entries)));
  });

  it.each(bodies)('keeps keys that name object internals from doing harm in %s', (name) => {
    const poisoned = read(name, (text) =>
      text.replaceAll(/"(stream|kubernetes|host|event|fields)":\s*\{/g, '"$1":{"__proto__":"p","constructor":"c",'),
    );
    expect(Object.getPrototypeOf({})).toBe(Object.prototype);
    for (const { attributes } of poisoned.entries) expect(Object.getPrototypeOf(attributes)).toBe(Object.prototype);
  });

  const wrong: { path?: string; body?: unknown; text?: string }[] = existsSync(join(folder, 'wrong.json'))
    ? JSON.parse(readFileSync(join(folder, 'wrong.json'), 'utf8'))
    : [];
  it.each(wrong.map(({ path, body, text }) => ({ path, body: text ?? JSON.stringify(body) })))('refuses $body', ({ path, body }) => {
    expect(failureOf(() => format.read(delivery(body)))).toMatchObject({ code: 'rejected', ...(path === undefined ? {} : { path }) });
  });

  it.each([
    { name: 'nothing', body: '' },
    { name: 'null', body: 'null' },
    { name: 'a number', body: '42' },
    { name: 'an empty object', body: '{}' },
    { name: 'half an object', body: '{"message":' },
    { name: 'brackets without end', body: '['.repeat(100_000) },
    { name: 'an object nested 200 deep', body: `${'{"a":'.repeat(200)}1${'}'.repeat(200)}\n` },
    { name: 'bytes that are no UTF-8', body: new Uint8Array([0xff, 0xfe, 0x00]) },
  ])('reads or refuses $name, and makes up no line', ({ body }) => {
    let count = 0;
    const failure = failureOf(() => {
      count = format.read(delivery(body)).entries.length;
    });
    expect(failure === null || failure.code === 'rejected').toBe(true);
    expect(count).toBe(0);
  });
});
