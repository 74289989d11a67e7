/** What every source of logs promises, checked for each that is registered. A fixture starts the stand-in of its system. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { logSources } from '../../../src/adapters/log-sources/index.ts';
import { Failure } from '../../../src/domain/failure.ts';
import type { LogQuery, LogSource } from '../../../src/ports/sources.ts';
import { fixtures, type LogSourceFixture } from './fixtures.ts';

const alertAt = Date.parse('2026-03-01T12:00:00Z');
const window = { fromMs: alertAt - 300_000, toMs: alertAt };
const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const never = () => {};
const log = { debug: never, info: never, warn: never, error: never };

describe('sources of logs', () => {
  it('are registered once each', () => {
    const ids = logSources.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toEqual(['loki', 'elasticsearch', 'splunk']);
  });
});

describe.each(logSources)('log source $id', (adapter) => {
  let fixture: LogSourceFixture;
  let source: LogSource;
  const ask = (over: Partial<LogQuery> = {}, signal = new AbortController().signal) =>
    source.search({ window, service: 'cart', limit: 100, ...over }, signal);
  const texts = async (over: Partial<LogQuery> = {}) => (await ask(over)).lines.map(({ text }) => text);
  const fill = (count: number, at = (i: number) => alertAt - 1_000 * (count - i)) => {
    for (let i = 0; i < count; i++) fixture.put({ at: at(i), service: 'cart', text: `line ${i}` });
  };
  const failure = async (asked: Promise<unknown>) => {
    const error = await asked.then(never, (thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Failure);
    return error as Failure;
  };

  beforeEach(async () => {
    const start = fixtures[adapter.id];
    if (start === undefined) throw new Error(`${adapter.id} has no fixture`);
    fixture = await start();
    source = adapter.create(adapter.settings.parse(fixture.settings), { fetch: globalThis.fetch, now: () => alertAt, log });
  });
  afterEach(() => {
    fixture.stop();
    expect(fixture.unexpected).toEqual([]);
  });

  it("finds a service's lines in time order, each with its time, whatever order they were stored in", async () => {
    for (const i of [2, 0, 1]) fixture.put({ at: alertAt - 30_000 + i * 1_000, service: 'cart', text: `line ${i}` });
    fixture.put({ at: alertAt - 29_500, service: 'mail', text: 'of another' });
    const { lines, truncated } = await ask();
    expect(lines.map(({ text, timeMs, service }) => [text, timeMs, service])).toEqual(
      [0, 1, 2].map((i) => [`line ${i}`, alertAt - 30_000 + i * 1_000, 'cart']),
    );
    expect(truncated).toBe(false);
  });

  it('keeps to the window: its first moment belongs to it, its end does not', async () => {
    for (const [text, at] of [
      ['before', window.fromMs - 1],
      ['first', window.fromMs],
      ['last', window.toMs - 1],
      ['end', window.toMs],
    ] as const)
      fixture.put({ at, service: 'cart', text });
    expect(await texts()).toEqual(['first', 'last']);
  });

  it('keeps the newest where there are more than the limit, and says so', async () => {
    fill(7);
    const { lines, truncated } = await ask({ limit: 5 });
    expect(lines.map(({ text }) => text)).toEqual([2, 3, 4, 5, 6].map((i) => `line ${i}`));
    expect(truncated).toBe(true);
    expect((await ask({ limit: 7 })).truncated).toBe(false);
  });

  it('says so where part of the system did not answer', async () => {
    fill(2);
    fixture.partial();
    const { lines, truncated } = await ask();
    expect(lines.length).toBe(2);
    expect(truncated).toBe(true);
  });

  it('turns pages without losing or doubling a line, with many of one moment across their ends', async () => {
    fill(2_600, (i) => alertAt - 60_000 + Math.floor(i / 40));
    const { lines, truncated } = await ask({ limit: 2_500 });
    expect(truncated).toBe(true);
    expect(lines.length).toBe(2_500);
    expect(new Set(lines.map(({ text }) => text)).size).toBe(2_500);
    const all = await ask({ limit: 3_000 });
    expect([all.lines.length, new Set(all.lines.map(({ text }) => text)).size, all.truncated]).toEqual([2_600, 2_600, false]);
  });

  it('finds nothing where there is nothing', async () => {
    expect(await ask()).toEqual({ lines: [], truncated: false });
    fill(1);
    expect((await ask({ service: 'nobody' })).lines).toEqual([]);
  });

  it('finds a request by its id, in the line or beside it, whoever wrote it', async () => {
    fixture.put({ at: alertAt - 3_000, service: 'cart', text: 'taking order-12 apart' });
    fixture.put({ at: alertAt - 2_000, service: 'mail', text: 'sent', requestId: 'order-12' });
    fixture.put({ at: alertAt - 1_000, service: 'mail', text: 'sent another', requestId: 'order-13' });
    const byId = { window, limit: 10, correlationId: 'order-12' };
    const { lines } = await source.search(byId, new AbortController().signal);
    expect(lines.map(({ text, service }) => `${service}: ${text}`)).toEqual(['cart: taking order-12 apart', 'mail: sent']);
  });

  it('finds a trace and keeps its id with the line', async () => {
    fixture.put({ at: alertAt - 2_000, service: 'mail', text: 'sent', traceId });
    fixture.put({ at: alertAt - 1_000, service: 'mail', text: 'sent another' });
    const { lines } = await source.search({ window, limit: 10, traceId }, new AbortController().signal);
    expect(lines.map(({ text, traceId: of }) => [text, of])).toEqual([['sent', traceId]]);
  });

  it('finds text in any case, and errors alone', async () => {
    fixture.put({ at: alertAt - 3_000, service: 'cart', text: 'ERROR Card Refused (51)' });
    fixture.put({ at: alertAt - 2_000, service: 'cart', text: 'INFO card accepted' });
    expect(await texts({ contains: 'card refused (51)' })).toEqual(['Card Refused (51)']);
    expect(await texts({ minSeverity: 17 })).toEqual(['Card Refused (51)']);
  });

  it.each([
    ['a quote and a way out', '" or service_name=~".+'],
    ['a brace', '"} |= "'],
    ['a pipe', '" | delete'],
    ['a backslash', 'ends in \\'],
    ['a line end', 'one\ntwo'],
    ['a backtick', '`macro`'],
    ['half a character', '\ud800'],
    ['parentheses', '") OR ("a"="a'],
    ['JSON', '"}}]}},{"match_all":{}'],
  ])('takes %s for text, as a service and as an id', async (_, text) => {
    fill(2);
    expect(await texts({ service: text })).toEqual([]);
    expect((await source.search({ window, limit: 10, correlationId: text }, new AbortController().signal)).lines).toEqual([]);
    expect(await texts({ contains: text })).toEqual([]);
  });

  it.each([
    ['401', { status: 401 }, 'unauthorized', undefined],
    ['403', { status: 403 }, 'unauthorized', undefined],
    ['429', { status: 429, headers: { 'retry-after': '5' } }, 'rate_limited', 5_000],
    ['500', { status: 500 }, 'unavailable', undefined],
    ['503', { status: 503, headers: { 'retry-after': '20' } }, 'unavailable', 20_000],
    ['504', { status: 504 }, 'timeout', undefined],
    ['junk', { status: 200, body: '<html>login</html>' }, 'bad_response', undefined],
    ['another shape', { status: 200, body: '{"hello":"world"}' }, 'bad_response', undefined],
    ['a redirect to another host', { status: 302, headers: { location: 'http://127.0.0.1:1/' } }, 'bad_response', undefined],
  ] as const)('turns %s into the right Failure and keeps its secrets', async (_, fault, code, retryAfterMs) => {
    fill(1);
    fixture.fail(fault);
    const error = await failure(ask());
    expect([error.code, error.retryAfterMs, error.system]).toEqual([code, retryAfterMs, adapter.id]);
    const said = [error.message, error.hint, error.attempt, error.stack, String(error.cause)].join('\n');
    for (const secret of fixture.secrets) expect(said).not.toContain(secret);
  });

  it('is refused with a wrong secret', async () => {
    const wrong = Object.fromEntries(
      Object.entries(fixture.settings).map(([key, value]) => [key, /TOKEN|KEY/.test(key) ? 'wrong' : value]),
    );
    source = adapter.create(adapter.settings.parse(wrong), { fetch: globalThis.fetch, now: () => alertAt, log });
    expect((await failure(ask())).code).toBe('unauthorized');
  });

  it('ends with the deadline of whoever asks', async () => {
    fixture.hang();
    const controller = new AbortController();
    const asked = failure(ask({}, controller.signal));
    setImmediate(() => controller.abort());
    expect((await asked).code).toBe('timeout');
  });

  it('says that nobody is there', async () => {
    fixture.stop();
    expect((await failure(ask())).code).toBe('unavailable');
  });

  it('answers a harmless question, and fails it like any other', async () => {
    expect(await source.probe?.(new AbortController().signal)).toMatch(/\w/);
    fixture.fail({ status: 401 });
    expect((await failure(source.probe!(new AbortController().signal))).code).toBe('unauthorized');
  });
});
