/**
 * What every alert format promises, checked for each that is registered. Fixtures lie in a folder of the format's id:
 * `<name>.json` bodies, where needed with `<name>.headers.json`, and `<name>.expected.json` alerts (UPDATE_GOLDEN=1 writes
 * them), at least one pair `<name>-firing` and `<name>-resolved` or `no-recovery.txt` with the reason, and `wrong.json`,
 * bodies with one bad field and its path. A format that signs has `signed/signatures.json`, made by other means than its own.
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

function delivery(body: string | Uint8Array, at = receivedAt, headers: Readonly<Record<string, string>> = {}): Delivery {
  return { route: '/webhook/x', headers, body: typeof body === 'string' ? new TextEncoder().encode(body) : body, receivedAt: at };
}

interface Signed {
  readonly secret: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Whether the time is part of what is signed. */
  readonly isTimed: boolean;
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
    const contract = 'event alertmanager grafana pagerduty datadog sentry kibana elastalert splunk opsgenie incidentio cloudevents generic';
    expect(ids).toEqual(expect.arrayContaining(contract.split(' ')));
  });
});

describe.each(alertFormats)('alert format $id', (adapter) => {
  const folder = join(import.meta.dirname, adapter.id);
  const format = adapter.create(adapter.settings.parse({}), tools);
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => /^[\w-]+\.json$/.test(name) && name !== 'wrong.json') : [];
  const bodies = names.map((name) => name.replace(/\.json$/, ''));
  const read = (name: string) => readFileSync(join(folder, `${name}.json`), 'utf8');
  const headersOf = (name: string): Record<string, string> =>
    existsSync(join(folder, `${name}.headers.json`)) ? JSON.parse(read(`${name}.headers`)) : {};
  const parse = (name: string, at = receivedAt, body = read(name)) => format.parse(delivery(body, at, headersOf(name)));
  const pairs = bodies.filter((name) => name.endsWith('-firing')).map((name) => name.slice(0, -'-firing'.length));

  it('has a fixture, a firing and resolved pair, and wrong bodies', () => {
    expect(bodies.length).toBeGreaterThan(0);
    if (existsSync(join(folder, 'no-recovery.txt'))) expect(pairs).toEqual([]);
    else expect(pairs.filter((pair) => bodies.includes(`${pair}-resolved`))).not.toEqual([]);
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
    const earlier = parse(name, receivedAt - 3_600_000);
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
    // A document that is an alarm as a whole has no fields that nobody knows.
    if (adapter.id === 'elastalert') return;
    const unknown = { tracepulseTest: { deep: [1, null, { a: 'b' }] } };
    const grownList = (list: readonly object[]) => list.map((inner) => (typeof inner === 'object' ? { ...inner, ...unknown } : inner));
    const grownObject = (body: object) => ({
      ...Object.fromEntries(
        Object.entries(body).map(([key, value]) => [key, key === 'alerts' && Array.isArray(value) ? grownList(value) : value]),
      ),
      ...unknown,
    });
    const body = JSON.parse(read(name));
    const isBinary = 'ce-specversion' in headersOf(name); // there the body is data, of which every field counts
    const grown = Array.isArray(body) ? grownList(body) : isBinary ? body : grownObject(body);
    expect(parse(name, receivedAt, JSON.stringify(grown)).map(withoutOccurrence)).toEqual(parse(name).map(withoutOccurrence));
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
    { name: 'a list of numbers', body: '[1]' },
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
    const alerts = parse(name, receivedAt, poisoned);
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

  const secretName = Object.keys(adapter.settings.shape).find((name) => name.endsWith('_WEBHOOK_SECRET'));
  if (secretName === undefined) return;
  const signed: Signed[] = existsSync(join(folder, 'signed/signatures.json')) ? JSON.parse(read('signed/signatures')) : [];
  const verifierOf = (secret: string) => {
    const { verify } = adapter.create(adapter.settings.parse({ [secretName]: secret }), tools);
    if (verify === undefined) throw new Error(`${secretName} is set and nothing is verified`);
    return verify;
  };
  const check = ({ secret, body, headers }: Signed, at = receivedAt) => verifierOf(secret)(delivery(read(body), at, headers));

  it('verifies nothing without a secret, and has signed deliveries to show', () => {
    expect(format.verify).toBeUndefined();
    expect(signed).not.toEqual([]);
  });

  it.each(signed)('takes what is signed: $headers', (delivered) => expect(() => check(delivered)).not.toThrow());

  it.each(signed)('refuses another secret, body, time or no signature: $headers', (delivered) => {
    const other = delivered.secret.replace(/[a-y]/, (letter) => String.fromCharCode(letter.charCodeAt(0) + 1)).replace('xhsec_', 'whsec_');
    const unauthorized = { code: 'unauthorized' };
    const lastOfSecret = delivered.secret.startsWith('whsec_') ? `${delivered.secret.slice(0, -2)}AA` : other;
    expect(failureOf(() => check({ ...delivered, secret: lastOfSecret }))).toMatchObject(unauthorized);
    expect(
      failureOf(() => verifierOf(delivered.secret)(delivery(`${read(delivered.body)} `, receivedAt, delivered.headers))),
    ).toMatchObject(unauthorized);
    expect(failureOf(() => check({ ...delivered, headers: {} }))).toMatchObject(unauthorized);
    for (const name of Object.keys(delivered.headers)) {
      if (/resource|hook-timestamp/.test(name)) continue;
      const { [name]: value = '', ...rest } = delivered.headers;
      expect(failureOf(() => check({ ...delivered, headers: rest }))).toMatchObject(unauthorized);
      const altered = value.replace(/.(.)$/, (_, last: string) => (last === '1' ? '22' : '11'));
      expect(failureOf(() => check({ ...delivered, headers: { ...rest, [name]: altered } }))).toMatchObject(unauthorized);
    }
  });

  it.each(signed.filter(({ isTimed }) => isTimed))('refuses it once it is old, or from the future: $headers', (delivered) => {
    expect(failureOf(() => check(delivered, receivedAt + 600_000))).toMatchObject({ code: 'unauthorized' });
    expect(failureOf(() => check(delivered, receivedAt - 600_000))).toMatchObject({ code: 'unauthorized' });
  });
});

/** A hash of the whole body may stand in for a name of the occurrence. */
function withoutOccurrence({ occurrence: _, ...alert }: Alert): Omit<Alert, 'occurrence'> {
  return alert;
}
