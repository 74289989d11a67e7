/** What every source of metrics promises, checked for each that is registered. A fixture starts the stand-in of its system. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { metricSources } from '../../../src/adapters/metric-sources/index.ts';
import { Failure } from '../../../src/domain/failure.ts';
import type { MetricSource } from '../../../src/ports/sources.ts';
import { createTelemetry } from '../../../src/telemetry.ts';
import { faultTable } from '../../stand-ins/faults.ts';
import { fixtures, type MetricSourceFixture, secret } from './fixtures.ts';

const alertAt = Date.parse('2026-03-01T12:00:00Z');
const window = { fromMs: alertAt - 600_000, toMs: alertAt };
const never = () => {};
const log = { debug: never, info: never, warn: never, error: never };

describe('sources of metrics', () => {
  it('are registered once each', () => {
    const ids = metricSources.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toContain('prometheus');
  });
});

describe.each(metricSources)('metric source $id', (adapter) => {
  let fixture: MetricSourceFixture;
  let source: MetricSource;
  const unlimited = () => new AbortController().signal;
  const ask = (services: readonly string[] = ['cart'], signal = unlimited()) => source.points({ window, services }, signal);
  /** By the door that all telemetry takes. */
  async function seriesOf(requests: readonly object[]) {
    const telemetry = createTelemetry({ file: null, now: () => alertAt, windowMinutes: 60, maxBytes: 1e8 });
    for (const request of requests) {
      const { rejected } = await telemetry.ingest('metrics', new TextEncoder().encode(JSON.stringify(request)), 'json');
      expect(rejected).toBe(0);
    }
    return (await telemetry.window(window)).metrics;
  }

  beforeEach(async () => {
    const start = fixtures[adapter.id];
    if (start === undefined) throw new Error(`${adapter.id} has no fixture`);
    fixture = await start();
    source = adapter.create(adapter.settings.parse(fixture.settings), { fetch: globalThis.fetch, now: () => alertAt, log });
  });
  afterEach(() => fixture.stop());

  it('gives points of the services asked for, within the window, as what was pushed would be', async () => {
    fixture.cpu('cart-6c9f7d8b54-x2x9z', '0.75');
    fixture.cpu('stranger-6c9f7d8b54-x2x9z', '0.5');
    const { requests, gaps } = await ask(['shop/cart@staging', 'payment']);
    const series = await seriesOf(requests);
    expect(gaps).toEqual([]);
    expect(series.map(({ service }) => service)).toEqual(['shop/cart@staging']);
    expect(series[0]!.values[0]).toBe(0.75);
    expect(series[0]!.timeMs.length).toBeGreaterThan(9);
    for (const at of series[0]!.timeMs) expect(at >= window.fromMs && at <= window.toMs).toBe(true);
  });

  it('gives the same points for the same stretch, and nothing where nothing is kept or no number', async () => {
    expect((await ask()).requests).toEqual([]);
    fixture.cpu('cart-6c9f7d8b54-x2x9z', 'NaN');
    expect((await ask()).requests).toEqual([]);
    fixture.cpu('cart-6c9f7d8b54-aaaaa', '1');
    const times = async (to: number) =>
      JSON.stringify((await source.points({ window: { ...window, toMs: to }, services: ['cart'] }, unlimited())).requests);
    expect(await times(alertAt + 4_000)).toBe(await times(alertAt));
  });

  it.each(faultTable)('turns %s into the right Failure and keeps its secrets', async (_, fault, code, retryAfterMs) => {
    fixture.fail(fault);
    for (const question of [() => ask(), () => source.probe!(unlimited())]) {
      const failure = (await question().then(never, (thrown: unknown) => thrown)) as Failure;
      expect(failure).toBeInstanceOf(Failure);
      expect([failure.code, failure.retryAfterMs, failure.system]).toEqual([code, retryAfterMs, adapter.id]);
      expect([failure.message, failure.hint, failure.attempt, failure.stack, String(failure.cause)].join('\n')).not.toContain(secret);
    }
  });

  it('ends with the deadline of whoever asks, and says that nobody is there', async () => {
    fixture.hang();
    const controller = new AbortController();
    const asked = ask(['cart'], controller.signal).then(never, (thrown: unknown) => thrown);
    setImmediate(() => controller.abort());
    expect(await asked).toMatchObject({ code: 'timeout', system: adapter.id });
    fixture.stop();
    expect(await ask().then(never, (thrown: unknown) => thrown)).toMatchObject({ code: 'unavailable' });
  });

  it('says what it found when it is tried, under its identity', async () => {
    expect(await source.probe!(unlimited())).toContain('it answers');
    expect(fixture.questions().at(-1)?.headers.authorization).toBe(`Bearer ${secret}`);
  });
});
