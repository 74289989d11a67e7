/** What every source of traces promises, checked for each that is registered. A fixture starts the stand-in of its system. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { traceSources } from '../../../src/adapters/trace-sources/index.ts';
import { Failure } from '../../../src/domain/failure.ts';
import type { TraceSource } from '../../../src/ports/sources.ts';
import { createTelemetry } from '../../../src/telemetry.ts';
import { faultTable } from '../../stand-ins/faults.ts';
import type { KeptSpan } from '../../stand-ins/tempo.ts';
import { fixtures, secret, type TraceSourceFixture } from './fixtures.ts';

const alertAt = Date.parse('2026-03-01T12:00:00Z');
const window = { fromMs: alertAt - 600_000, toMs: alertAt };
const never = () => {};
const log = { debug: never, info: never, warn: never, error: never };

/** A call of checkout to payment, as two spans. The first id begins with zeros, which some leave out. */
function call(number: number, secondsAgo: number, isFailed = false): [KeptSpan, KeptSpan] {
  const traceId = number.toString(16).padStart(32, '0');
  const of = { traceId, startMs: alertAt - secondsAgo * 1_000, durationMs: 40, isFailed };
  const [upper, lower] = [2 * number, 2 * number + 1].map((id) => id.toString(16).padStart(16, 'a'));
  return [
    { ...of, spanId: upper!, service: 'checkout', name: 'POST /orders' },
    { ...of, spanId: lower!, parentSpanId: upper!, service: 'payment', name: 'POST /charge', durationMs: 30 },
  ];
}

describe('sources of traces', () => {
  it('are registered once each', () => {
    const ids = traceSources.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toContain('tempo');
  });
});

describe.each(traceSources)('trace source $id', (adapter) => {
  let fixture: TraceSourceFixture;
  let source: TraceSource;
  const unlimited = () => new AbortController().signal;
  const search = (service: string | null, limit = 20, signal = unlimited()) => source.search({ window, service, limit }, signal);
  /** By the door that all telemetry takes. */
  async function spansOf(traceId: string, requests: readonly object[]) {
    const telemetry = createTelemetry({ file: null, now: () => alertAt, windowMinutes: 60, maxBytes: 1e8 });
    for (const request of requests) {
      const { rejected } = await telemetry.ingest('traces', new TextEncoder().encode(JSON.stringify(request)), 'json');
      expect(rejected).toBe(0);
    }
    return telemetry.trace(traceId);
  }

  beforeEach(async () => {
    const start = fixtures[adapter.id];
    if (start === undefined) throw new Error(`${adapter.id} has no fixture`);
    fixture = await start();
    source = adapter.create(adapter.settings.parse(fixture.settings), { fetch: globalThis.fetch, now: () => alertAt, log });
  });
  afterEach(() => fixture.stop());

  it('gives a trace whole, as what was pushed would be', async () => {
    const [upper, lower] = call(0xabc, 30, true);
    fixture.keep(upper, lower);
    const request = await source.trace(upper.traceId, unlimited());
    const spans = await spansOf(upper.traceId, [request!]);
    expect(spans).toHaveLength(2);
    expect(spans.map(({ service, operation }) => `${service} ${operation}`)).toEqual(['checkout POST /orders', 'payment POST /charge']);
    expect(spans[1]).toMatchObject({ parentSpanId: upper.spanId, status: 2, durationMs: 30 });
  });

  it('says null of a trace that is not kept', async () => {
    expect(await source.trace('f'.repeat(32), unlimited())).toBeNull();
  });

  it('finds whole traces of a service that began in the window', async () => {
    fixture.keep(...call(1, 900), ...call(2, 60), ...call(3, 30), ...call(4, -30));
    const { requests, truncated } = await search('payment');
    const text = JSON.stringify(requests);
    const has = async (number: number) => (await spansOf(call(number, 0)[0].traceId, requests)).length;
    expect(text).toContain('checkout');
    expect([await has(1), await has(2), await has(3), await has(4)]).toEqual([0, 2, 2, 0]);
    expect(truncated).toBe(false);
    expect((await search('nobody')).requests).toEqual([]);
  });

  it('finds traces of any service where none is named, and a service by its plain name', async () => {
    fixture.keep(...call(2, 60));
    expect(JSON.stringify((await search(null)).requests)).toContain('POST /charge');
    expect(JSON.stringify((await search('shop/payment@staging')).requests)).toContain('POST /charge');
  });

  it('says that there are more', async () => {
    fixture.keep(...Array.from({ length: 9 }, (_, i) => call(i + 1, 100 - i)).flat());
    const { requests, truncated } = await search('checkout', 4);
    expect(truncated).toBe(true);
    expect(requests.length).toBeGreaterThan(0);
  });

  it('takes the name of a service for nothing but a name', async () => {
    fixture.keep(...call(2, 60));
    expect((await search('x" || resource.service.name = "payment')).requests).toEqual([]);
  });

  it.each(faultTable)('turns %s into the right Failure and keeps its secrets', async (_, fault, code, retryAfterMs) => {
    fixture.fail(fault);
    const questions = [() => search('cart'), () => source.trace('a'.repeat(32), unlimited()), () => source.probe!(unlimited())];
    for (const ask of questions) {
      const failure = (await ask().then(never, (thrown: unknown) => thrown)) as Failure;
      expect(failure).toBeInstanceOf(Failure);
      expect([failure.code, failure.retryAfterMs, failure.system]).toEqual([code, retryAfterMs, adapter.id]);
      expect([failure.message, failure.hint, failure.attempt, failure.stack, String(failure.cause)].join('\n')).not.toContain(secret);
    }
  });

  it('ends with the deadline of whoever asks, and says that nobody is there', async () => {
    fixture.hang();
    const controller = new AbortController();
    const asked = search('cart', 5, controller.signal).then(never, (thrown: unknown) => thrown);
    setImmediate(() => controller.abort());
    expect(await asked).toMatchObject({ code: 'timeout', system: adapter.id });
    fixture.stop();
    expect(await search('cart').then(never, (thrown: unknown) => thrown)).toMatchObject({ code: 'unavailable' });
  });

  it('says what it found when it is tried', async () => {
    fixture.keep(...call(2, 60));
    expect(await source.probe!(unlimited())).toMatch(/checkout|2 services/);
    expect(fixture.questions().at(-1)?.headers.authorization).toBe(`Bearer ${secret}`);
  });
});
