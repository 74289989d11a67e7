/** `orders` alone asks a database, by the host it dials, and is refused. Whom that host's name means, and so who is at fault. */
import { describe, expect, it } from 'vitest';
import type { Resolved } from '../../../src/domain/ranking/known.ts';
import { rank } from '../../../src/domain/ranking/rank.ts';
import { observe } from '../../../src/domain/ranking/scene.ts';
import type { RankInput } from '../../../src/domain/ranking/rank-input.ts';
import { atOnce } from '../../../src/domain/steps.ts';
import { about, alertAt, inputOf, series } from './made-metrics.ts';
import { learnFrom } from './recorded-case.ts';
import { flatten, type OtlpSpan, Tables, windowOf } from './window-from-otlp.ts';

const minute = 60_000;
const text = (key: string, stringValue: string) => ({ key, value: { stringValue } });
const nanos = (at: number) => `${at}000000`;

/** A request of `orders` with its call to the database, refused within the last two minutes, three of four times. */
function request(host: string, at: number, i: number): OtlpSpan[] {
  const isRefused = at > alertAt - 2 * minute && i % 4 !== 0;
  const status = isRefused ? { code: 2, message: 'connect ECONNREFUSED' } : { code: 0 };
  const [traceId, answered] = [`t${i}`, at + 15 + (i % 4)];
  const attributes = [text('server.address', host), text('db.system', 'postgresql')];
  const served = { startTimeUnixNano: nanos(at), endTimeUnixNano: nanos(answered + 12), status };
  const asked = { startTimeUnixNano: nanos(at + 10), endTimeUnixNano: nanos(answered), status };
  return [
    { traceId, spanId: `${traceId}e`, name: 'serve', kind: 2, ...served },
    { traceId, spanId: `${traceId}c`, parentSpanId: `${traceId}e`, name: 'SELECT', kind: 3, attributes, ...asked },
  ];
}

/** The map has the database as spans name it, and `silent`, who lately sent nothing; metrics come of the services given. */
function inputWith(host: string, measured: readonly string[], silent: readonly string[] = []): RankInput {
  const spans: OtlpSpan[] = [];
  for (let at = alertAt - 18 * minute; at < alertAt; at += 2000)
    if (at < alertAt - 12 * minute || at >= alertAt - 4 * minute) spans.push(...request(host, at, spans.length));
  const resource = { attributes: [text('service.name', 'orders')] };
  const flat = flatten({ traces: [{ resourceSpans: [{ resource, scopeSpans: [{ spans }] }] }], logs: [], metrics: [] });
  const tables = new Tables();
  const metrics = measured.map((service) => series({ service, name: 'connections', value: (before) => about(20, before) }));
  const heard = { firstSeenAt: alertAt - 60 * minute, lastSeenAt: alertAt };
  return {
    ...inputOf([]),
    baseline: learnFrom(flat, tables, alertAt),
    window: { ...windowOf(flat, tables, alertAt - 11 * minute, alertAt + 1), metrics },
    map: {
      services: [`db:${host}`, ...silent].map((name) => ({ name, kind: 'database', instances: [], versions: [], ...heard })),
      edges: [],
    },
  };
}

function suspectOf(host: string, measured: readonly string[], silent: readonly string[] = []): string | undefined {
  const { hypotheses, verdict } = rank(inputWith(host, measured, silent));
  return verdict === 'cause' ? hypotheses[0]?.service : undefined;
}

const resolved = (host: string, measured: readonly string[], asked = host): Resolved['service'] | undefined =>
  atOnce(observe(inputWith(host, measured))).known.resolve(asked, null)?.service;

describe('a database by the host its clients dial', () => {
  it.each(['ledger.shop.svc', 'Ledger.shop.svc', 'ledger'])('at %s is the service that sends metrics by the name of the host', (host) => {
    expect(suspectOf(host, ['ledger'])).toBe('ledger');
  });

  it('is nobody known where no metrics of that name come, and its only client is at fault', () => {
    expect(suspectOf('ledger.shop.svc', [])).toBe('orders');
    expect(suspectOf('ledger.shop.svc', ['shop', 'ledger-exporter'])).toBe('orders');
    expect(suspectOf('ledger.shop.svc', [], ['ledger'])).toBe('orders');
  });

  it('is never taken for a name where it is an address of digits', () => {
    expect(suspectOf('10.0.0.7', ['10'])).toBe('orders');
    expect(resolved('10.0.0.7', ['10'])).toBe('db:10.0.0.7');
  });

  it('is that service by the name that spans give it as well', () => {
    expect(resolved('ledger.shop.svc', ['ledger'], 'db:ledger.shop.svc')).toBe('ledger');
    expect(resolved('ledger.shop.svc', [], 'db:ledger.shop.svc')).toBe('db:ledger.shop.svc');
  });
});
