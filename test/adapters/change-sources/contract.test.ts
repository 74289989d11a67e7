/** What every source of changes promises, checked for each that is registered. A fixture starts the stand-in of its system. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { changeSources } from '../../../src/adapters/change-sources/index.ts';
import { Failure } from '../../../src/domain/failure.ts';
import type { ChangeSource } from '../../../src/ports/sources.ts';
import { type ChangeSourceFixture, fixtures } from './fixtures.ts';

const alertAt = Date.parse('2026-03-01T12:00:00Z');
const window = { fromMs: alertAt - 24 * 3_600_000, toMs: alertAt };
const never = () => {};
const log = { debug: never, info: never, warn: never, error: never };

describe('sources of changes', () => {
  it('are registered once each', () => {
    const ids = changeSources.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toContain('github');
  });
});

describe.each(changeSources)('change source $id', (adapter) => {
  let fixture: ChangeSourceFixture;
  let source: ChangeSource;
  const ask = (signal = new AbortController().signal) => source.changes(window, ['cart'], signal, []);

  beforeEach(async () => {
    const start = fixtures[adapter.id];
    if (start === undefined) throw new Error(`${adapter.id} has no fixture`);
    fixture = await start();
    source = adapter.create(adapter.settings.parse(fixture.settings), { fetch: globalThis.fetch, now: () => alertAt, log });
  });
  afterEach(() => fixture.stop());

  it('finds what was altered, oldest first and within the window', async () => {
    fixture.fill(window);
    const { changes } = await ask();
    expect(changes.length).toBeGreaterThan(1);
    expect(changes.map(({ startedAt }) => startedAt)).toEqual(changes.map(({ startedAt }) => startedAt).sort((a, b) => a - b));
    for (const { startedAt, service } of changes) {
      expect(startedAt >= window.fromMs && startedAt <= window.toMs).toBe(true);
      expect(service).toBe('cart');
    }
  });

  it('finds nothing where there is nothing', async () => {
    expect((await ask()).changes).toEqual([]);
  });

  it.each([
    ['401', { status: 401 }, 'unauthorized', undefined],
    ['403', { status: 403 }, 'unauthorized', undefined],
    ['403 of a limit', { status: 403, headers: { 'retry-after': '20' } }, 'rate_limited', 20_000],
    ['429', { status: 429, headers: { 'retry-after': '5' } }, 'rate_limited', 5_000],
    ['500', { status: 500 }, 'unavailable', undefined],
    [
      '502 of a proxy',
      { status: 502, body: '<html>bad gateway</html>', headers: { 'content-type': 'text/html' } },
      'unavailable',
      undefined,
    ],
    ['junk', { status: 200, body: '<html>login</html>' }, 'bad_response', undefined],
    ['another shape', { status: 200, body: '{"message":"hello"}' }, 'bad_response', undefined],
    ['a redirect to another host', { status: 302, headers: { location: 'http://127.0.0.1:1/' } }, 'bad_response', undefined],
  ] as const)('turns %s into the right Failure and keeps its secrets', async (_, fault, code, retryAfterMs) => {
    fixture.fail(fault);
    const error = await ask().then(never, (thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Failure);
    const failure = error as Failure;
    expect([failure.code, failure.retryAfterMs, failure.system]).toEqual([code, retryAfterMs, fixture.system ?? adapter.id]);
    const said = [failure.message, failure.hint, failure.attempt, failure.stack, String(failure.cause)].join('\n');
    for (const secret of fixture.secrets) expect(said).not.toContain(secret);
  });

  it('ends with the deadline of whoever asks', async () => {
    fixture.hang();
    const controller = new AbortController();
    const asked = ask(controller.signal).then(never, (thrown: unknown) => thrown);
    setImmediate(() => controller.abort());
    expect(await asked).toMatchObject({ code: 'timeout', system: fixture.system ?? adapter.id });
  });

  it('answers a harmless question, and fails it like any other', async () => {
    expect(await source.probe?.(new AbortController().signal)).toMatch(/\w/);
    fixture.fail({ status: 401 });
    await expect(source.probe!(new AbortController().signal)).rejects.toMatchObject({ code: 'unauthorized' });
  });

  it('says that nobody is there', async () => {
    fixture.stop();
    const error = await ask().then(never, (thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'unavailable' });
  });
});
