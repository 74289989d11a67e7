/** What every source of maps promises, checked for each that is registered. A fixture starts the stand-in of its system. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { mapSources } from '../../../src/adapters/map-sources/index.ts';
import { Failure } from '../../../src/domain/failure.ts';
import type { MapSource } from '../../../src/ports/sources.ts';
import { faultTable } from '../../stand-ins/faults.ts';
import { fixtures, type MapSourceFixture, secret } from './fixtures.ts';

const alertAt = Date.parse('2026-03-01T12:00:00Z');
const window = { fromMs: alertAt - 600_000, toMs: alertAt };
const never = () => {};
const log = { debug: never, info: never, warn: never, error: never };

describe('sources of maps', () => {
  it('are registered once each', () => {
    const ids = mapSources.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toEqual(expect.arrayContaining(['istio', 'linkerd', 'kiali']));
  });
});

describe.each(mapSources)('map source $id', (adapter) => {
  let fixture: MapSourceFixture;
  let source: MapSource;
  const unlimited = () => new AbortController().signal;
  const ask = (signal = unlimited()) => source.edges(window, signal);

  beforeEach(async () => {
    const start = fixtures[adapter.id];
    if (start === undefined) throw new Error(`${adapter.id} has no fixture`);
    fixture = await start();
    source = adapter.create(adapter.settings.parse(fixture.settings), { fetch: globalThis.fetch, now: () => alertAt, log });
  });
  afterEach(() => fixture.stop());

  it('gives each edge once, with its calls and failures of the window', async () => {
    fixture.put(
      { caller: 'checkout', callee: 'payment', calls: 600, errors: 60 },
      { caller: 'front', callee: 'checkout', calls: 1_200, errors: 0 },
    );
    const { edges, gaps } = await ask();
    expect(gaps).toEqual([]);
    expect(edges.map(({ caller, callee, calls, errors }) => [caller, callee, calls, errors]).sort()).toEqual([
      ['checkout', 'payment', 600, fixture.isWithoutErrors ? 0 : 60],
      ['front', 'checkout', 1_200, 0],
    ]);
  });

  it('gives none where there are none', async () => {
    expect((await ask()).edges).toEqual([]);
  });

  it.each(faultTable)('turns %s into the right Failure and keeps its secrets', async (_, fault, code, retryAfterMs) => {
    fixture.fail(fault);
    for (const question of [ask, () => source.probe!(unlimited())]) {
      const failure = (await question().then(never, (thrown: unknown) => thrown)) as Failure;
      expect(failure).toBeInstanceOf(Failure);
      expect([failure.code, failure.retryAfterMs, failure.system]).toEqual([code, retryAfterMs, fixture.system ?? adapter.id]);
      expect([failure.message, failure.hint, failure.attempt, failure.stack, String(failure.cause)].join('\n')).not.toContain(secret);
    }
  });

  it('ends with the deadline of whoever asks, and says that nobody is there', async () => {
    fixture.hang();
    const controller = new AbortController();
    const asked = ask(controller.signal).then(never, (thrown: unknown) => thrown);
    setImmediate(() => controller.abort());
    expect(await asked).toMatchObject({ code: 'timeout' });
    fixture.stop();
    expect(await ask().then(never, (thrown: unknown) => thrown)).toMatchObject({ code: 'unavailable' });
  });

  it('says what it found when it is tried, under its identity', async () => {
    expect(await source.probe!(unlimited())).not.toBe('');
    expect(fixture.questions().at(-1)?.headers.authorization).toBe(`Bearer ${secret}`);
  });
});
