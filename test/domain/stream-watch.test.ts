import { describe, expect, it } from 'vitest';
import { StreamWatch } from '../../src/domain/stream-watch.ts';
import { createTelemetry } from '../../src/telemetry.ts';

const start = Date.parse('2026-03-01T12:00:00Z');
const minute = 60_000;

/** One minute: log lines by service, `!` in front of those that are errors. */
async function windowOf(index: number, lines: Readonly<Record<string, readonly string[]>>) {
  const from = start + index * minute;
  const telemetry = createTelemetry({ file: null, now: () => from + minute, windowMinutes: 60, maxBytes: 2 ** 26 });
  const resourceLogs = Object.entries(lines).map(([service, texts]) => ({
    resource: { attributes: [{ key: 'service.name', value: { stringValue: service } }] },
    scopeLogs: [
      {
        logRecords: texts.map((text, i) => ({
          timeUnixNano: `${from + i}000000`,
          severityNumber: text.startsWith('!') ? 17 : 9,
          body: { stringValue: text.replace('!', '') },
        })),
      },
    ],
  }));
  await telemetry.ingest('logs', new TextEncoder().encode(JSON.stringify({ resourceLogs })), 'json');
  return telemetry.window({ fromMs: from, toMs: from + minute });
}

const times = (count: number, text: string) => Array.from({ length: count }, () => text);
const normal = { cart: [...times(20, 'added'), '!could not warm up the cache'], shop: times(30, 'page served') };

async function afterNormal(
  minutes: number,
  last: Readonly<Record<string, readonly string[]>>,
  more: readonly Readonly<Record<string, readonly string[]>>[] = [],
) {
  const watch = new StreamWatch();
  for (let i = 0; i < minutes; i++) expect(watch.minute(await windowOf(i, normal))).toEqual([]);
  const found = watch.minute(await windowOf(minutes, last));
  for (const [i, next] of more.entries()) found.push(...watch.minute(await windowOf(minutes + 1 + i, next)));
  return found;
}

describe('StreamWatch', () => {
  it('finds a burst of errors beyond what is usual, and says what is', async () => {
    const found = await afterNormal(20, { ...normal, cart: times(25, '!could not warm up the cache') });
    expect(found).toMatchObject([{ kind: 'error-burst', service: 'cart', explanation: '25 errors in a minute, usually 1.0' }]);
  });

  it('finds nothing while it is still learning', async () => {
    expect(await afterNormal(5, { ...normal, cart: times(25, '!could not warm up the cache') })).toEqual([]);
  });

  it('finds an error nobody has seen before, after listening long enough, when it comes more than once', async () => {
    const strange = { ...normal, shop: [...times(30, 'page served'), ...times(3, '!pool exhausted for tenant')] };
    expect((await afterNormal(31, strange)).map((f) => [f.kind, f.service])).toEqual([['new-error', 'shop']]);
    expect(await afterNormal(20, strange)).toEqual([]);
    expect(await afterNormal(31, { ...normal, shop: [...times(30, 'page served'), '!pool exhausted for tenant'] })).toEqual([]);
  });

  it('finds a service that fell silent while the others go on', async () => {
    const withoutCart = { shop: normal.shop };
    const found = await afterNormal(20, withoutCart, [withoutCart, withoutCart]);
    expect(found).toMatchObject([{ kind: 'silence', service: 'cart' }]);
  });

  it('finds it also when its first and its last minutes were heard in part', async () => {
    const partly = { ...normal, cart: times(3, 'added') };
    const withoutCart = { shop: normal.shop };
    const watch = new StreamWatch();
    const minutes = [partly, ...times(18, '').map(() => normal), { ...normal, cart: times(9, 'added') }, partly, withoutCart, withoutCart];
    const found = [];
    for (const [i, lines] of minutes.entries()) found.push(...watch.minute(await windowOf(i, lines)));
    expect(found).toMatchObject([{ kind: 'silence', service: 'cart', at: start + 23 * minute }]);
  });

  it('does not call a service silent that pauses at times', async () => {
    const watch = new StreamWatch();
    const withoutCart = { shop: normal.shop };
    const found = [];
    // A pause in every ten minutes, the first while we still learn.
    for (let i = 0; i < 60; i++) found.push(...watch.minute(await windowOf(i, i % 10 >= 7 ? withoutCart : normal)));
    expect(found).toEqual([]);
  });

  it('blames nobody when everything is quiet', async () => {
    expect(await afterNormal(20, {}, [{}, {}, {}])).toEqual([]);
  });

  it('says a thing once in half an hour', async () => {
    const burst = { ...normal, cart: times(40, '!could not warm up the cache') };
    expect(await afterNormal(20, burst, [burst, { ...normal, cart: times(400, '!could not warm up the cache') }])).toHaveLength(1);
  });
});
