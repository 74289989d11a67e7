/** `catalog` calls a host that sends nothing and that spans do not call a store; lately nobody answers there for long. Whom that speaks against. */
import { describe, expect, it } from 'vitest';
import { rank } from '../../../src/domain/ranking/rank.ts';
import { alertAt, inputOf } from './made-metrics.ts';
import { learnFrom } from './recorded-case.ts';
import { flatten, type OtlpSpan, Tables, windowOf } from './window-from-otlp.ts';

const minute = 60_000;
const nanos = (at: number) => `${at}000000`;

interface Plan {
  readonly host: string;
  /** What `catalog` writes when a call fails. */
  readonly line: string;
  /** `search` calls the host too. */
  readonly isShared?: boolean;
  readonly isListed?: boolean;
}

function suspectOf({ host, line, isShared = false, isListed = false }: Plan) {
  const clients = isShared ? ['catalog', 'search'] : ['catalog'];
  const attributes = [{ key: 'url.full', value: { stringValue: `https://${host}/` } }];
  const traces = clients.map((client) => {
    const spans: OtlpSpan[] = [];
    for (let at = alertAt - 18 * minute, i = 0; at < alertAt; at += 2_000, i++) {
      if (at > alertAt - 12 * minute && at < alertAt - 4 * minute) continue;
      const waits = at > alertAt - 2 * minute ? 5_000 : 4 + (i % 3);
      const traceId = `${client}${i}`;
      spans.push({
        traceId,
        spanId: `${traceId}e`,
        name: 'serve',
        kind: 2,
        startTimeUnixNano: nanos(at),
        endTimeUnixNano: nanos(at + waits + 20),
      });
      const call = { startTimeUnixNano: nanos(at + 10), endTimeUnixNano: nanos(at + 10 + waits), attributes };
      spans.push({ traceId, spanId: `${traceId}c`, parentSpanId: `${traceId}e`, name: 'find', kind: 3, ...call });
    }
    return {
      resourceSpans: [{ resource: { attributes: [{ key: 'service.name', value: { stringValue: client } }] }, scopeSpans: [{ spans }] }],
    };
  });
  const logRecords = Array.from({ length: 20 }, (_, i) => ({
    timeUnixNano: nanos(alertAt - 100_000 + 5_000 * i),
    severityNumber: 17,
    body: { stringValue: line },
  }));
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'catalog' } }] };
  const [flat, tables] = [
    flatten({ traces, logs: [{ resourceLogs: [{ resource, scopeLogs: [{ logRecords }] }] }], metrics: [] }),
    new Tables(),
  ];
  const heard = { firstSeenAt: alertAt - 60 * minute, lastSeenAt: alertAt };
  const named = isListed ? host : `ext:${host}`;
  const edges = clients.map((caller) => ({
    caller,
    callee: named,
    calls: 300,
    errors: 0,
    p50Ms: 5,
    p95Ms: 8,
    sources: ['span'] as const,
    lastSeenAt: alertAt,
  }));
  return rank({
    ...inputOf([]),
    baseline: learnFrom(flat, tables, alertAt),
    window: windowOf(flat, tables, alertAt - 11 * minute, alertAt + 1),
    map: { services: [{ name: named, kind: 'external', instances: [], versions: [], ...heard }], edges },
    directory: isListed ? [{ name: host, addresses: [], ports: [27_017] }] : [],
  }).hypotheses[0];
}

const refused = (host: string, port: number) => `MongoSocketOpenException: ${host}:${port}: connect: connection refused`;

describe('a host that sends nothing', () => {
  it('is a part of the one service that calls it, on the port of a store', () => {
    const first = suspectOf({ host: 'catalog-mongo', line: refused('catalog-mongo', 27_017) });
    expect(first).toMatchObject({ service: 'catalog', component: 'catalog-mongo' });
    expect(first!.summary).toBe(first!.summary.replace('ext:', ''));
  });

  it.each<[string, Plan]>([
    ['several call it', { host: 'catalog-mongo', line: refused('catalog-mongo', 27_017), isShared: true }],
    ['a list has it', { host: 'catalog-mongo', line: refused('catalog-mongo', 27_017), isListed: true }],
    ['it is not on the port of a store', { host: 'catalog-mongo', line: refused('catalog-mongo', 8_080) }],
    ['it is elsewhere', { host: 'api.bank.example', line: refused('api.bank.example', 27_017) }],
  ])('is named itself where %s', (_, plan) =>
    expect(suspectOf(plan)?.service).toBe(plan.isListed === true ? plan.host : `ext:${plan.host}`),
  );
});
