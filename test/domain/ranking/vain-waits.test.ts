/** `orders` and `billing` each ask `ledger`, a store that sends metrics and no spans; `web` asks `rates`, which sends no spans either. */
import { describe, expect, it } from 'vitest';
import { rank } from '../../../src/domain/ranking/rank.ts';
import { about, alertAt, inputOf, series } from './made-metrics.ts';
import { learnFrom } from './recorded-case.ts';
import { flatten, type OtlpLog, type OtlpSpan, Tables, windowOf } from './window-from-otlp.ts';

const minute = 60_000;
const text = (key: string, stringValue: string) => ({ key, value: { stringValue } });
const nanos = (at: number) => `${Math.round(at)}000000`;
const store = [text('server.address', 'ledger'), text('db.system', 'postgresql')];
const host = [text('url.full', 'http://rates:7070/today')];

interface Plan {
  /** Lately: how much longer calls of `orders` to the store take, in ms; they fail then, and it says so. */
  readonly waits?: number;
  readonly says?: string;
  /** Lately: how much longer calls to `rates` take. */
  readonly ratesMs?: number;
}

function first({ waits = 0, says, ratesMs = 0 }: Plan) {
  const clients = ['orders', 'billing', 'web'] as const;
  const spans = new Map<string, OtlpSpan[]>(clients.map((client) => [client, []]));
  const lines = new Map<string, OtlpLog[]>(clients.map((client) => [client, []]));
  const ask = (client: (typeof clients)[number], at: number, i: number) => {
    const isLate = at > alertAt - 2 * minute;
    const held = isLate && client === 'orders' ? waits : 0;
    const status = { code: held > 0 ? 2 : 0, ...(held > 0 ? { message: 'canceling statement' } : {}) };
    const traceId = `${client}${i}`;
    const of = (id: string, kind: number, from: number, to: number, more: object = {}) =>
      spans.get(client)!.push({
        ...{ traceId, spanId: `${traceId}${id}`, name: id, kind, startTimeUnixNano: nanos(at + from), endTimeUnixNano: nanos(at + to) },
        ...{ status, ...(id === 'serve' ? {} : { parentSpanId: `${traceId}serve` }), ...more },
      });
    const answered = 5 + (i % 4) + held;
    const told = answered + 6 + (i % 3) + (isLate ? ratesMs : 0);
    of('serve', 2, 0, told + 3);
    of('UPDATE', 3, 2, answered, { attributes: store });
    if (client === 'web') of('GET', 3, answered + 1, told, { attributes: host, status: { code: 0 } });
    const body = { stringValue: says ?? '' };
    if (held > 0 && says !== undefined)
      lines.get(client)!.push({ timeUnixNano: nanos(at + told), severityNumber: 17, traceId, spanId: `${traceId}serve`, body });
  };
  for (const client of clients)
    for (let at = alertAt - 18 * minute, i = 0; at < alertAt; at += 2000, i++)
      if (at < alertAt - 12 * minute || at >= alertAt - 4 * minute) ask(client, at, i);
  const resource = (name: string) => ({ attributes: [text('service.name', name)] });
  const flat = flatten({
    traces: [...spans].map(([name, list]) => ({ resourceSpans: [{ resource: resource(name), scopeSpans: [{ spans: list }] }] })),
    logs: [...lines].map(([name, list]) => ({ resourceLogs: [{ resource: resource(name), scopeLogs: [{ logRecords: list }] }] })),
    metrics: [],
  });
  const tables = new Tables();
  const baseline = learnFrom(flat, tables, alertAt);
  const metrics = ['ledger', 'rates'].map((service) => series({ service, name: 'open_fds', value: (before) => about(30, before) }));
  const { hypotheses } = rank({
    ...inputOf([]),
    window: { ...windowOf(flat, tables, alertAt - 11 * minute, alertAt + 1), metrics },
    baseline,
  });
  return hypotheses[0];
}

describe('a client that a store keeps waiting, while others find it well', () => {
  it('is not suspected for sure where it says that it waited in vain: either may hold it up', () => {
    const suspect = first({ waits: 8000, says: 'request failed: canceling statement due to statement timeout (ledger:5432)' });
    expect(suspect?.service).toBe('orders');
    expect(suspect!.confidence).toBeLessThan(0.8);
  });

  it.each(['request failed: no such order', 'request failed: canceling statement due to statement timeout (rates:7070)'])(
    'is where it says "%s"',
    (says) => expect(first({ waits: 8000, says })).toMatchObject({ service: 'orders', confidence: expect.closeTo(0.97) }),
  );
});

describe('a host that sends no spans', () => {
  it('is called as the service that it is', () => expect(first({ ratesMs: 900 })?.service).toBe('rates'));
});
