/**
 * How much of a known system each account of it shows, and all of them together: spans of those that are traced, lines of those
 * that log a request's id, Istio's numbers of those in the mesh. No account knows all of it; some services are in one only.
 */
import { afterAll, describe, expect, it } from 'vitest';
import { istio } from '../../../src/adapters/map-sources/istio/istio.ts';
import type { ReportedEdge } from '../../../src/domain/reported-edge.ts';
import type { ServiceMap } from '../../../src/domain/service-map.ts';
import { createTelemetry } from '../../../src/telemetry.ts';
import { seeded } from '../../accuracy/random.ts';
import { fixtures } from './fixtures.ts';

const start = Date.parse('2026-03-01T12:00:00Z');
const requests = 60;
/** Caller, and whom it calls; those in one list at the same time. */
const topology: Readonly<Record<string, readonly (readonly string[])[]>> = {
  front: [['search'], ['cart'], ['checkout']],
  checkout: [['cart', 'payment'], ['mail']],
  cart: [['store']],
  search: [['index'], ['ranker']],
  payment: [['fraud'], ['bank']],
  fraud: [['ledger']],
  store: [['ledger']],
  mail: [['relay']],
};
const truth = Object.entries(topology).flatMap(([caller, turns]) => turns.flat().map((callee) => `${caller} → ${callee}`));
const traced = new Set(['front', 'checkout', 'cart', 'payment', 'search', 'bank']);
const logged = new Set(['front', 'checkout', 'payment', 'fraud', 'mail', 'relay']);
const meshed = new Set(['front', 'search', 'index', 'ranker', 'cart', 'store', 'ledger']);

interface Told {
  readonly spans: object[];
  readonly lines: object[];
  readonly calls: Map<string, number>;
}

function run(): Told {
  const random = seeded('known system');
  const told: Told = { spans: [], lines: [], calls: new Map() };
  for (let number = 0; number < requests; number++) {
    const id = (number + 1).toString(16).padStart(32, '4');
    visit({ service: 'front', at: start + number * 5_000, id, parent: null });
  }
  return told;

  /** Answers when it ended. */
  function visit({ service, at, id, parent }: { service: string; at: number; id: string; parent: string | null }): number {
    const span = traced.has(service) ? random.hex(16) : null;
    line(service, at + 0.2, id, 'begins');
    let now = at + 1 + random.whole(0, 3);
    for (const together of topology[service] ?? []) {
      const ends = together.flatMap((callee) => {
        if (random.chance(0.25)) return [];
        const edge = `${service} → ${callee}`;
        told.calls.set(edge, (told.calls.get(edge) ?? 0) + 1);
        const client = span === null ? null : random.hex(16);
        const end = visit({ service: callee, at: now + 0.4, id, parent: client ?? parent });
        if (client !== null)
          spanOf({ service, id, span: client, parent: span, kind: 3, from: now, to: end + 0.4, host: `${callee}.shop.svc` });
        return [end + 0.6];
      });
      now = Math.max(now, ...ends);
    }
    now += 1 + random.whole(0, 4);
    line(service, now - 0.2, id, 'ends');
    if (span !== null) spanOf({ service, id, span, parent, kind: 2, from: at, to: now, host: null });
    return now;
  }

  function line(service: string, at: number, id: string, what: string): void {
    if (!logged.has(service)) return;
    const body = { stringValue: `${what} work` };
    const attributes = [{ key: 'correlation_id', value: { stringValue: `req-${id.slice(-6)}` } }];
    told.lines.push(ofService(service, 'scopeLogs', { logRecords: [{ timeUnixNano: nano(at), severityNumber: 9, body, attributes }] }));
  }

  interface Made {
    readonly service: string;
    readonly id: string;
    readonly span: string;
    readonly parent: string | null;
    readonly kind: number;
    readonly from: number;
    readonly to: number;
    readonly host: string | null;
  }

  function spanOf({ service, id, span, parent, kind, from, to, host }: Made): void {
    const attributes = host === null ? [] : [{ key: 'server.address', value: { stringValue: host } }];
    const made = { traceId: id, spanId: span, ...(parent === null ? {} : { parentSpanId: parent }), name: 'work', kind, attributes };
    told.spans.push(ofService(service, 'scopeSpans', { spans: [{ ...made, startTimeUnixNano: nano(from), endTimeUnixNano: nano(to) }] }));
  }
}

const nano = (at: number): string => String(BigInt(Math.round(at * 1_000)) * 1_000n);
const ofService = (service: string, scopes: string, of: object) => ({
  resource: { attributes: [{ key: 'service.name', value: { stringValue: service } }] },
  [scopes]: [of],
});

const restLine = (at: number) =>
  ofService('front', 'scopeLogs', { logRecords: [{ timeUnixNano: nano(at), severityNumber: 9, body: { stringValue: 'resting' } }] });

/** What a proxy at either end counts. */
async function meshEdges({ calls }: Told): Promise<readonly ReportedEdge[]> {
  const fixture = await fixtures['istio']!();
  const seen = [...calls]
    .map(([edge, count]) => ({ ends: edge.split(' → ') as [string, string], count }))
    .filter(({ ends }) => ends.every((end) => meshed.has(end)));
  fixture.put(...seen.map(({ ends: [caller, callee], count }) => ({ caller, callee, calls: count, errors: 0 })));
  const never = () => {};
  const log = { debug: never, info: never, warn: never, error: never };
  const source = istio.create(istio.settings.parse(fixture.settings), { fetch: globalThis.fetch, now: () => start, log });
  const { edges } = await source.edges({ fromMs: start, toMs: start + requests * 5_000 }, new AbortController().signal);
  fixture.stop();
  return edges;
}

async function mapOf({ spans, lines }: Pick<Told, 'spans' | 'lines'>, edges: readonly ReportedEdge[]): Promise<ServiceMap> {
  let now = start;
  const telemetry = createTelemetry({ file: null, now: () => now, windowMinutes: 60, maxBytes: 1e8 });
  const send = (signal: 'traces' | 'logs', key: string, list: object[]) =>
    telemetry.ingest(signal, new TextEncoder().encode(JSON.stringify({ [key]: list })), 'json');
  now = start + requests * 5_000 + 1_000;
  await send('traces', 'resourceSpans', spans);
  await send('logs', 'resourceLogs', lines);
  await telemetry.reported(edges, now);
  // Requests are looked at when nothing was written under their id for a while.
  for (const rest of [40_000, 80_000]) {
    now += rest;
    if (lines.length > 0) await send('logs', 'resourceLogs', [restLine(now)]);
  }
  return (await telemetry.knowledge()).map;
}

function judged({ edges }: ServiceMap) {
  const plain = (name: string) => name.replace(/^ext:/, '').replace(/\..*$/, '');
  const found = [...new Set(edges.map(({ caller, callee }) => `${plain(caller)} → ${plain(callee)}`))];
  const right = found.filter((edge) => truth.includes(edge)).length;
  return { edges: found.length, precision: right / Math.max(1, found.length), recall: right / truth.length };
}

describe('the map of a known system', async () => {
  const told = run();
  const mesh = await meshEdges(told);
  const nothing = { spans: [], lines: [] };
  const maps = {
    spans: await mapOf({ ...nothing, spans: told.spans }, []),
    logs: await mapOf({ ...nothing, lines: told.lines }, []),
    mesh: await mapOf(nothing, mesh),
    union: await mapOf(told, mesh),
  };
  const scores = Object.fromEntries(Object.entries(maps).map(([name, map]) => [name, judged(map)])) as Record<
    keyof typeof maps,
    ReturnType<typeof judged>
  >;
  afterAll(() => {
    for (const [name, { edges, precision, recall }] of Object.entries(scores))
      console.info(
        `${name.padEnd(6)} ${String(edges).padStart(2)} edges of ${truth.length}  precision ${precision.toFixed(2)}  recall ${recall.toFixed(2)}`,
      );
  });

  it.each(['spans', 'logs', 'mesh'] as const)('%s show a part of it, and hardly anything that is not there', (source) => {
    expect(scores[source].precision).toBeGreaterThanOrEqual(0.8);
    expect(scores[source].recall).toBeGreaterThan(0.25);
    expect(scores[source].recall).toBeLessThan(1);
  });

  it('is best known by all of them together', () => {
    const { union, spans, logs, mesh: ofMesh } = scores;
    expect(union.recall).toBeGreaterThan(Math.max(spans.recall, logs.recall, ofMesh.recall));
    expect(union.recall).toBeGreaterThanOrEqual(0.9);
    expect(union.precision).toBeGreaterThanOrEqual(0.9);
  });

  it('says of each edge who told of it, and is surer of what several did', () => {
    const edge = (caller: string, callee: string) => maps.union.edges.find((one) => one.caller === caller && one.callee === callee);
    expect(edge('search', 'ranker')?.sources).toContain('mesh');
    expect(edge('front', 'cart')?.sources).toEqual(['span', 'mesh']);
    expect(edge('front', 'cart')?.confidence).toBeGreaterThan(maps.spans.edges.find((one) => one.callee === 'cart')!.confidence!);
    // Named by its address in spans, by its own name in the mesh: one service.
    expect(maps.union.edges.filter(({ callee }) => callee === 'ext:store.shop.svc')).toEqual([]);
    expect(edge('cart', 'store')?.sources).toEqual(['span', 'mesh']);
  });
});
