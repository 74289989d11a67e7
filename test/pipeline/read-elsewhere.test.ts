import { afterEach, describe, expect, it } from 'vitest';
import { Failure } from '../../src/domain/failure.ts';
import { emptyEntry, type LogEntry } from '../../src/domain/log-entry.ts';
import { createBreaker } from '../../src/pipeline/circuit-breaker.ts';
import { gather } from '../../src/pipeline/gather.ts';
import { createIntake } from '../../src/pipeline/intake.ts';
import { createElsewhere } from '../../src/pipeline/read-elsewhere.ts';
import type { LogQuery, LogSource, Sources } from '../../src/ports/sources.ts';
import { createTelemetry } from '../../src/telemetry.ts';
import { start } from '../support/app.ts';

const window = { fromMs: start - 660_000, toMs: start + 1 };
const logs = { fromMs: start - 300_000, toMs: start + 1 };
const aTrace = '4bf92f3577b34da6a3ce929d0e0e4736';

function line(service: string, text: string, over: Partial<LogEntry> = {}): LogEntry {
  return { ...emptyEntry, timeMs: start - 5_000, service, text, severity: 17, ...over };
}

/** Answers like a store of lines, and remembers what it was asked. */
function store(lines: readonly LogEntry[], truncated = false) {
  const asked: LogQuery[] = [];
  const source: LogSource = {
    async search(query) {
      asked.push(query);
      const { service, correlationId, traceId } = query;
      const found = lines.filter(
        (entry) =>
          (service === undefined || entry.service === service) &&
          (traceId === undefined || entry.traceId === traceId) &&
          (correlationId === undefined || entry.correlationId === correlationId),
      );
      return { lines: found, truncated };
    },
  };
  return { source, asked };
}

const span = (spanId: string, service: string, parentSpanId = '') => ({
  resource: { attributes: [{ key: 'service.name', value: { stringValue: service } }] },
  scopeSpans: [
    {
      spans: [
        {
          traceId: aTrace,
          spanId,
          parentSpanId,
          name: 'call',
          kind: 2,
          startTimeUnixNano: `${start - 4_000}000000`,
          endTimeUnixNano: `${start - 3_900}000000`,
        },
      ],
    },
  ],
});
const trace = { resourceSpans: [span('00f067aa0ba902b7', 'checkout'), span('00f067aa0ba902b8', 'payment', '00f067aa0ba902b7')] };

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

function reader(sources: Omit<Sources, 'changeSources'>) {
  let at = start;
  const now = () => at;
  const telemetry = createTelemetry({ file: null, now, windowMinutes: 60, maxBytes: 2 ** 28 });
  open.push(telemetry);
  const breaker = createBreaker(now);
  const elsewhere = createElsewhere({ ...sources, telemetry, intake: createIntake(telemetry), breaker, now });
  const read = (service: string | null, correlationIds: string[] = []) =>
    gather(window, { telemetry, changeSources: new Map(), breaker, elsewhere }, { service, correlationIds, logs });
  const pass = (ms: number) => {
    at += ms;
  };
  return { telemetry, elsewhere, read, pass };
}

const never = () => new Promise<never>(() => {});

describe('what is read elsewhere', () => {
  it('is ranked with what is pushed, and counts once however often it is read', async () => {
    const again = line('checkout', 'retrying', { timeMs: start - 4_999.99 });
    const { source } = store([line('checkout', 'retrying'), again, line('checkout', 'card refused', { correlationId: 'order-12' })]);
    const { telemetry, read } = reader({ logSources: new Map([['loki', source]]) });
    await read('checkout', ['order-12']);
    const { window: seen, gaps } = await read('checkout', ['order-12']);
    const texts = (await telemetry.logs({ window, limit: 10 })).map(({ text }) => text);
    expect(texts.sort()).toEqual(['card refused', 'retrying', 'retrying']);
    expect(seen.logs.length).toBe(3);
    expect(gaps.filter((gap) => gap.source === 'loki')).toEqual([]);
  });

  it('asks by correlation id first, then along the map from the alerted service', async () => {
    const { source, asked } = store([line('checkout', 'a', { traceId: aTrace })]);
    const { read } = reader({
      logSources: new Map([['loki', source]]),
      traceSources: new Map([['tempo', { trace: async () => trace, search: async () => ({ requests: [], truncated: false }) }]]),
    });
    const { knowledge } = await read('payment', [aTrace]);
    expect(knowledge.map.edges.map(({ caller, callee }) => `${caller} ${callee}`)).toEqual(['checkout payment']);
    expect(asked.map(({ traceId, service }) => traceId ?? service)).toEqual([aTrace, 'payment', 'checkout']);
    expect(asked.every(({ window: of }) => of.fromMs === logs.fromMs)).toBe(true);
  });

  it('follows the ids where the alert names no service', async () => {
    const { source, asked } = store([line('billing', 'refused', { correlationId: 'order-12' }), line('billing', 'tax table missing')]);
    const { telemetry, read } = reader({ logSources: new Map([['loki', source]]) });
    await read(null, ['order-12']);
    expect(asked.map(({ correlationId, service }) => correlationId ?? service)).toEqual(['order-12', 'billing']);
    expect((await telemetry.logs({ window, limit: 10 })).length).toBe(2);
  });

  it('says what was cut and what failed, and does not take a missing line for silence', async () => {
    const down = { search: () => Promise.reject(new Failure('unavailable', 'splunk', 'search logs of cart', { hint: 'status 503' })) };
    const { source } = store([line('cart', 'x')], true);
    const { read } = reader({
      logSources: new Map([
        ['loki', source],
        ['splunk', down],
      ]),
    });
    const { gaps, isLogComplete } = await read('cart');
    expect(gaps).toContainEqual({ source: 'loki', reason: 'there are more log lines of cart in this time than were read' });
    expect(gaps).toContainEqual({ source: 'splunk', reason: 'splunk: search logs of cart (unavailable): status 503' });
    expect(isLogComplete).toBe(false);
  });

  it.each([
    { name: 'spans that are no list', junk: { resourceSpans: [{ scopeSpans: 'none' }] } },
    { name: 'a scope that is none', junk: { resourceSpans: [{ scopeSpans: [null] }] } },
    { name: 'spans that are no objects', junk: { resourceSpans: [{ scopeSpans: [{ spans: 'x' }] }] } },
  ])('has the rest where a source answers junk: $name', async ({ junk }) => {
    const search = async () => ({ requests: [junk, trace], truncated: false });
    const metrics = { points: async () => ({ requests: [{ resourceMetrics: ['none'] }], gaps: [] }) };
    const { telemetry, read } = reader({
      logSources: new Map([['loki', store([line('checkout', 'card refused')]).source]]),
      traceSources: new Map([['jaeger', { trace: async () => null, search }]]),
      metricSources: new Map([['prometheus', metrics]]),
    });
    const { window: seen, gaps } = await read('checkout');
    expect([seen.spans.length, seen.logs.length]).toEqual([2, 1]);
    expect((await telemetry.trace(aTrace)).map(({ service }) => service)).toEqual(['checkout', 'payment']);
    expect(gaps.filter(({ source }) => source !== 'changes')).toEqual([
      { source: 'jaeger', reason: 'jaeger: part of what it answered could not be taken in (rejected)' },
      { source: 'prometheus', reason: 'prometheus: part of what it answered could not be taken in (rejected)' },
    ]);
  });

  it('never waits for what hangs, and has the rest', async () => {
    const { source } = store([line('cart', 'out of memory')]);
    const { telemetry, read } = reader({
      logSources: new Map([
        ['loki', source],
        ['splunk', { search: never }],
      ]),
      traceSources: new Map([['tempo', { trace: never, search: never }]]),
      metricSources: new Map([['prometheus', { points: never }]]),
      mapSources: new Map([['kiali', { edges: never }]]),
      clusterSources: new Map([['kubernetes', { look: never }]]),
    });
    const { gaps } = await read('cart', [aTrace]);
    for (const id of ['splunk', 'tempo', 'prometheus', 'kiali', 'kubernetes'])
      expect(
        gaps.filter((gap) => gap.source === id && gap.reason.includes('(timeout)')),
        id,
      ).not.toEqual([]);
    expect((await telemetry.logs({ window, limit: 10 })).map(({ text }) => text)).toEqual(['out of memory']);
  });

  it('has edges of a mesh with their figures until spans tell better, and says who told', async () => {
    const edge = { caller: 'checkout', callee: 'payment', calls: 90, errors: 9, p50Ms: 4, p95Ms: 40 };
    const edges = async () => ({
      edges: [edge, { ...edge, callee: 'mail' }],
      gaps: [{ source: 'kiali', reason: 'one namespace is closed' }],
    });
    const { telemetry, read } = reader({ mapSources: new Map([['kiali', { edges }]]) });
    await read('checkout');
    await telemetry.ingest('traces', new TextEncoder().encode(JSON.stringify(trace)), 'json');
    const { knowledge, gaps } = await read('checkout');
    const [mail, payment] = knowledge.map.edges;
    expect(mail).toMatchObject({ callee: 'mail', calls: 90, errors: 9, p50Ms: 4, p95Ms: 40, sources: ['mesh'] });
    expect(payment).toMatchObject({ callee: 'payment', calls: 1, errors: 0, sources: ['span', 'mesh'] });
    expect(payment!.confidence).toBeGreaterThan(mail!.confidence!);
    expect(gaps).toContainEqual({ source: 'kiali', reason: 'one namespace is closed' });
  });

  it('looks at the cluster without any incident once a minute, and at each incident', async () => {
    let looks = 0;
    const condition = { service: 'cart', kind: 'crash loop', at: start, text: 'CrashLoopBackOff' } as const;
    const look = async () => {
      looks++;
      return { directory: [{ name: 'cart', addresses: ['10.0.0.7'], ports: [80] }], changes: [], conditions: [condition], gaps: [] };
    };
    const { telemetry, elsewhere, read, pass } = reader({ clusterSources: new Map([['kubernetes', { look }]]) });
    await elsewhere.refresh();
    await elsewhere.refresh();
    expect(looks).toBe(1);
    expect((await telemetry.knowledge()).directory).toContainEqual({ name: 'cart', addresses: ['10.0.0.7'], ports: [80] });
    pass(60_000);
    await elsewhere.refresh();
    expect(looks).toBe(2);
    expect((await read('cart')).conditions).toEqual([condition]);
  });
});
