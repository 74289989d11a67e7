/** Halves of calls come from different senders in any order: what is found must not depend on it. */
import { describe, expect, it } from 'vitest';
import type { ServiceMap } from '../../../src/domain/service-map.ts';
import { createTelemetry } from '../../../src/telemetry.ts';
import { bytesOf, minute, type SpanWords, start, tracesJson } from './bodies.ts';

const seeds = [1, 2, 3, 4, 5, 6, 7, 8];
const requests = 40;

/** xorshift32: the same shuffles each run. */
function random(seed: number): () => number {
  let state = (seed * 2_654_435_761) | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

function shuffled<T>(things: readonly T[], next: () => number): T[] {
  const order = [...things];
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor(next() * (i + 1));
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}

/** One request: front → (through a span of its own) cart → a database and a third party; cart hands on by a queue to mail. */
function request(trace: number, isFailed: boolean): [service: string, span: SpanWords][] {
  const queue = { 'messaging.system': 'kafka', 'messaging.destination.name': 'orders' };
  const link = { links: [{ traceId: trace.toString(16).padStart(32, 'a'), spanId: '6'.padStart(16, 'b') }] };
  return [
    ['front', { trace, span: 1 }],
    ['front', { trace, span: 2, parent: 1, kind: 3, attributes: { 'server.address': 'cart.svc' } }],
    ['front', { trace, span: 3, parent: 2, kind: 1 }],
    ['cart', { trace, span: 4, parent: 3, lasts: 40, ...(isFailed ? { more: { status: { code: 2 } } } : {}) }],
    ['cart', { trace, span: 5, parent: 4, kind: 3, lasts: 20, attributes: { 'db.system': 'postgresql', 'db.name': 'orders' } }],
    ['cart', { trace, span: 6, parent: 4, kind: 4, attributes: queue }],
    ['cart', { trace, span: 7, parent: 4, kind: 3, attributes: { 'url.full': 'https://api.pay.example/charge' } }],
    ['mail', { trace: trace + 1_000, span: 8, kind: 5, attributes: queue, more: link }],
  ];
}

const spans = Array.from({ length: requests }, (_, trace) => request(trace + 1, trace % 4 === 0)).flat();

async function mapOf(order: readonly [string, SpanWords][], perBody: number): Promise<ServiceMap> {
  const telemetry = createTelemetry({ file: null, now: () => start + minute, windowMinutes: 60, maxBytes: 2 ** 28 });
  for (let i = 0; i < order.length; i += perBody) {
    const bodies = order.slice(i, i + perBody).map(([service, span]) => tracesJson({ [service]: [span] }).resourceSpans);
    await telemetry.ingest('traces', bytesOf({ resourceSpans: bodies.flat() }), 'json');
  }
  const { map } = await telemetry.knowledge();
  await telemetry.close();
  return map;
}

const ends = (map: ServiceMap) => map.edges.map(({ caller, callee, calls, errors }) => `${caller} ${callee} ${calls} ${errors}`);

describe('the map, whatever order spans come in', () => {
  it.each(seeds)('is the same for shuffle %i', async (seed) => {
    const next = random(seed);
    const perBody = 1 + Math.floor(next() * 20);
    expect(await mapOf(shuffled(spans, next), perBody)).toEqual(await mapOf(spans, spans.length));
  });

  it('has each call once, and a peer only where nobody answered', async () => {
    const found = ends(await mapOf(spans, 7));
    expect(found).toContain(`front cart ${requests} ${requests / 4}`);
    expect(found).toContain(`cart db:orders ${requests} 0`);
    expect(found).toContain(`cart ext:api.pay.example ${requests} 0`);
    expect(found).toContain(`cart queue:kafka/orders ${requests} 0`);
    expect(found).toContain(`queue:kafka/orders mail ${requests} 0`);
    expect(found.filter((edge) => edge.includes('ext:cart') || edge.startsWith('mail'))).toEqual([]);
  });
});
