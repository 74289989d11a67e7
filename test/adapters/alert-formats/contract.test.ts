/**
 * What every alert format promises, checked for each that is registered. Fixtures lie in a folder of the format's id:
 * `<name>.json` bodies with `<name>.expected.json` alerts (UPDATE_GOLDEN=1 writes them), at least one pair `<name>-firing`
 * and `<name>-resolved`, and `wrong.json`, bodies with one bad field and its path.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { alertFormats } from '../../../src/adapters/alert-formats/index.ts';
import { type Alert, type Delivery, receiptKey } from '../../../src/domain/alert.ts';
import { Failure } from '../../../src/domain/failure.ts';

const receivedAt = Date.parse('2026-11-25T10:40:00Z');
const never = () => {
  throw new Error('a format does no I/O');
};
const tools = { fetch: never, now: never, log: { debug: never, info: never, warn: never, error: never } };

function delivery(body: string | Uint8Array, at = receivedAt): Delivery {
  return { route: '/webhook/x', headers: {}, body: typeof body === 'string' ? new TextEncoder().encode(body) : body, receivedAt: at };
}

function failureOf(run: () => unknown): Failure {
  try {
    run();
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('alert formats', () => {
  it('are registered once each', () => {
    const ids = alertFormats.map((format) => format.id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toEqual(expect.arrayContaining(['event', 'alertmanager', 'generic']));
  });
});

describe.each(alertFormats)('alert format $id', (adapter) => {
  const folder = join(import.meta.dirname, adapter.id);
  const format = adapter.create(adapter.settings.parse({}), tools);
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => /^[\w-]+\.json$/.test(name) && name !== 'wrong.json') : [];
  const bodies = names.map((name) => name.replace(/\.json$/, ''));
  const read = (name: string) => readFileSync(join(folder, `${name}.json`), 'utf8');
  const parse = (name: string) => format.parse(delivery(read(name)));
  const pairs = bodies.filter((name) => name.endsWith('-firing')).map((name) => name.slice(0, -'-firing'.length));

  it('has a fixture, a firing and resolved pair, and wrong bodies', () => {
    expect(bodies.length).toBeGreaterThan(0);
    expect(pairs.filter((pair) => bodies.includes(`${pair}-resolved`))).not.toEqual([]);
    expect(existsSync(join(folder, 'wrong.json'))).toBe(true);
  });

  it.each(bodies)('reads %s as expected', (name) => {
    const alerts = parse(name);
    const golden = join(folder, `${name}.expected.json`);
    if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(golden, `${JSON.stringify(alerts, null, 2)}\n`);
    expect(JSON.parse(JSON.stringify(alerts))).toEqual(JSON.parse(readFileSync(golden, 'utf8')));
    expect(alerts.every((alert) => alert.format === adapter.id)).toBe(true);
  });

  it.each(bodies)('reads %s the same again', (name) => {
    expect(parse(name)).toEqual(parse(name));
    expect(parse(name).map(receiptKey)).toEqual(parse(name).map(receiptKey));
  });

  it.each(bodies)('gives %s the fingerprint it had an hour earlier', (name) => {
    const earlier = format.parse(delivery(read(name), receivedAt - 3_600_000));
    expect(earlier.map(({ fingerprint }) => fingerprint)).toEqual(parse(name).map(({ fingerprint }) => fingerprint));
  });

  it.each(pairs)('pairs the resolved alerts of %s with the firing ones', (pair) => {
    const firing = parse(`${pair}-firing`);
    const resolved = parse(`${pair}-resolved`);
    expect(resolved.map(({ fingerprint }) => fingerprint)).toEqual(firing.map(({ fingerprint }) => fingerprint));
    expect(resolved.every(({ status }) => status === 'resolved')).toBe(true);
    expect(firing[0]?.status).toBe('firing');
    expect(receiptKey(resolved[0] as Alert)).not.toBe(receiptKey(firing[0] as Alert));
  });

  it.each(bodies)('ignores fields of %s it does not know', (name) => {
    const unknown = { tracepulseTest: { deep: [1, null, { a: 'b' }] } };
    const body = JSON.parse(read(name));
    const lists = Object.entries(body).filter((entry): entry is [string, object[]] => Array.isArray(entry[1]));
    const grown = lists.map(([key, list]) => [key, list.map((inner) => (typeof inner === 'object' ? { ...inner, ...unknown } : inner))]);
    const alerts = format.parse(delivery(JSON.stringify({ ...body, ...Object.fromEntries(grown), ...unknown })));
    expect(alerts).toEqual(parse(name));
  });

  const wrong: { path: string; body: unknown }[] = existsSync(join(folder, 'wrong.json')) ? JSON.parse(read('wrong')) : [];
  it.each(wrong.map(({ path, body }) => ({ path, body: JSON.stringify(body) })))('refuses $body and names $path', ({ path, body }) => {
    expect(failureOf(() => format.parse(delivery(body)))).toMatchObject({ code: 'rejected', path });
  });

  it.each([
    { name: 'nothing', body: '' },
    { name: 'null', body: 'null' },
    { name: 'a number', body: '42' },
    { name: 'text', body: '"alert"' },
    { name: 'a list', body: '[]' },
    { name: 'an empty object', body: '{}' },
    { name: 'half an object', body: '{"title":' },
    { name: 'a form', body: 'title=a&status=firing' },
    { name: 'bytes that are not UTF-8', body: new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]) },
    { name: 'brackets without end', body: `{"title":${'['.repeat(100_000)}` },
    { name: 'an object nested 200 deep', body: `{"a":${'{"a":'.repeat(200)}1${'}'.repeat(201)}` },
  ])('refuses $name', ({ body }) => {
    const failure = failureOf(() => format.parse(delivery(body)));
    expect(failure.code).toBe('rejected');
    expect(failure.hint).toBeTruthy();
  });

  it.each(bodies)('keeps keys that name object internals out of %s', (name) => {
    const poisoned = read(name).replaceAll(
      /"(labels|annotations|details)":\s*\{(?=\s*")/g,
      '"$1": { "__proto__": "p", "constructor": "c", ',
    );
    const alerts = format.parse(delivery(poisoned));
    expect(Object.getPrototypeOf({})).toBe(Object.prototype);
    for (const alert of alerts) {
      for (const map of [alert.labels, alert.annotations]) {
        expect(Object.getPrototypeOf(map)).toBe(Object.prototype);
        expect(Object.keys(map).filter((key) => /__proto__|constructor/.test(key))).toEqual([]);
      }
    }
  });

  it.each(bodies)('gives %s web links only', (name) => {
    for (const { url } of parse(name).flatMap((alert) => alert.links)) expect(url).toMatch(/^https?:\/\//);
  });
});
