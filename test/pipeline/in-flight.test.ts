/**
 * An alarm at the first failures: every service sends its own spans and lines when its turn comes, and the one at fault has
 * not had its turn yet. Whoever calls it has, and looks as if it failed alone.
 */
import { afterEach, describe, expect, it } from 'vitest';
import { initialWeights } from '../../src/domain/feedback.ts';
import { rank, type Ranking } from '../../src/domain/ranking/rank.ts';
import type { Signal, Telemetry } from '../../src/ports.ts';
import { createTelemetry } from '../../src/telemetry.ts';

const alertAt = Date.UTC(2026, 4, 4, 12, 0, 0);
const second = 1000;
const nanos = (at: number) => `${Math.round(at)}000000`;
const hex = (of: number, length: number) => of.toString(16).padStart(length, '0');

/** Where the failing call of a request is made, and since when it fails. */
const brokenFrom = alertAt - 3 * second;
const begunAt = alertAt - 60 * second;
const everyMs = 150;

interface Sent {
  readonly signal: Signal;
  readonly service: string;
  readonly at: number;
  readonly record: unknown;
}

/** `storefront` asks `session` and then `catalog`; lately `session` throws more often than not. */
function sentBy(): Sent[] {
  const sent: Sent[] = [];
  let id = 1;
  for (let at = begunAt, i = 0; at < alertAt - 100; at += everyMs, i++) {
    const traceId = hex(i + 1, 32);
    const isBroken = at >= brokenFrom && i % 3 !== 0;
    const span = (
      service: string,
      parent: string,
      name: string,
      kind: number,
      from: number,
      to: number,
      failed: boolean,
      peer?: string,
    ) => {
      const spanId = hex(id++, 16);
      const problem = failed ? { status: { code: 2, message: 'answered 500' } } : {};
      const attributes = [
        ...(peer === undefined ? [] : [{ key: 'server.address', value: { stringValue: peer } }]),
        ...(failed ? [{ key: 'http.response.status_code', value: { intValue: '500' } }] : []),
      ];
      const times = { startTimeUnixNano: nanos(at + from), endTimeUnixNano: nanos(at + to) };
      sent.push({
        signal: 'traces',
        service,
        at: at + to,
        record: { traceId, spanId, parentSpanId: parent, name, kind, ...times, attributes, ...problem },
      });
      return spanId;
    };
    const line = (service: string, spanId: string, after: number, severityNumber: number, stringValue: string) =>
      sent.push({
        signal: 'logs',
        service,
        at: at + after,
        record: { timeUnixNano: nanos(at + after), severityNumber, body: { stringValue }, traceId, spanId },
      });
    const entry = span('storefront', '', 'GET /home', 2, 0, 40, isBroken);
    const ask = span('storefront', entry, 'GET /verify', 3, 1, 15, isBroken, 'session');
    const verify = span('session', ask, 'GET /verify', 2, 3, 12, isBroken);
    if (isBroken) {
      line('session', verify, 11, 17, "request failed: TypeError: Cannot read properties of undefined (reading 'expires')");
      line('storefront', entry, 16, 17, 'request failed: Refusal: session answered 500');
      continue;
    }
    line('session', verify, 11, 9, `session of user ${i} verified`);
    const list = span('storefront', entry, 'GET /list', 3, 16, 35, false, 'catalog');
    const listed = span('catalog', list, 'GET /list', 2, 18, 33, false);
    line('catalog', listed, 30, 9, `listed ${i % 7} products`);
    line('storefront', entry, 38, 9, `home page for user ${i} with ${i % 7} products`);
  }
  return sent;
}

let telemetry: Telemetry;
afterEach(() => telemetry.close());

async function take(sent: readonly Sent[]): Promise<void> {
  for (const [key, list] of Map.groupBy(sent, ({ signal, service }) => `${signal} ${service}`)) {
    const [signal, service] = key.split(' ') as [Signal, string];
    const resource = { attributes: [{ key: 'service.name', value: { stringValue: service } }] };
    const records = list.map(({ record }) => record);
    const body =
      signal === 'traces'
        ? { resourceSpans: [{ resource, scopeSpans: [{ spans: records }] }] }
        : { resourceLogs: [{ resource, scopeLogs: [{ logRecords: records }] }] };
    await telemetry.ingest(signal, new TextEncoder().encode(JSON.stringify(body)), 'json');
  }
}

async function rankNow(): Promise<Ranking> {
  const { map, baseline, directory } = await telemetry.knowledge();
  return rank({
    incidentId: 'i',
    window: await telemetry.window({ fromMs: alertAt - 11 * 60 * second, toMs: alertAt + 1 }),
    baseline,
    map,
    directory,
    changes: [],
    weights: initialWeights,
    alertAt,
    focus: { service: null, correlationIds: [] },
  });
}

describe('an alarm while the telemetry of the failing service is on its way', () => {
  it('leaves its caller in doubt until what it called has spoken', async () => {
    telemetry = createTelemetry({ file: null, now: () => alertAt, windowMinutes: 60, maxBytes: 2 ** 28 });
    const sent = sentBy();
    const isHere = ({ service, at }: Sent) => at < (service === 'session' ? brokenFrom : alertAt);
    await take(sent.filter(isHere));
    const early = await rankNow();
    expect(early.hypotheses.find(({ service }) => service === 'storefront')?.confidence ?? 0).toBeLessThan(0.5);
    await take(sent.filter((one) => !isHere(one)));
    const late = await rankNow();
    expect(late.verdict).toBe('cause');
    expect(late.hypotheses[0]?.service).toBe('session');
  });
});
