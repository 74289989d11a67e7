/** The whole product in-process under a clock that a test moves: real ledger, real ranking, sinks that only remember. */
import { createSqliteLedger } from '../../src/adapters/ledgers/sqlite.ts';
import { alertFormats } from '../../src/adapters/alert-formats/index.ts';
import { logFormats } from '../../src/adapters/log-formats/index.ts';
import type { Tools } from '../../src/adapter.ts';
import { enabled } from '../../src/config.ts';
import { type AppPorts, createApp } from '../../src/create-app.ts';
import { createRedactor } from '../../src/domain/redact.ts';
import type { Failure } from '../../src/domain/failure.ts';
import type { Shipment, Sink } from '../../src/ports.ts';
import { createTelemetry, lookbackMs } from '../../src/telemetry.ts';

export const start = Date.parse('2026-03-01T12:00:00Z');

/** A sink that keeps what it is given; `refuseNext` makes the next delivery fail. */
export function rememberingSink(channels: readonly string[] = ['#debug']) {
  const shipped: (Shipment & { at: number })[] = [];
  let failures: Failure[] = [];
  let serial = 0;
  const clock = { now: () => 0 };
  const sink: Sink = {
    channels,
    paceMs: 1_000,
    async deliver(shipment) {
      const failure = failures.shift();
      if (failure !== undefined) throw failure;
      shipped.push({ ...shipment, at: clock.now() });
      const known = shipment.kind === 'card' ? shipment.receipt?.messageId : undefined;
      return { messageId: known ?? `m${++serial}`, url: null };
    },
  };
  return {
    sink,
    shipped,
    clock,
    refuseNext(...next: Failure[]) {
      failures = next;
    },
  };
}

export function testProduct(over: Partial<AppPorts> = {}, startsAt = start) {
  let at = startsAt;
  const now = () => at;
  const logged: { level: string; text: string; fields: unknown }[] = [];
  const write = (level: string) => (text: string, fields?: unknown) => void logged.push({ level, text, fields });
  const tools: Tools = {
    fetch: globalThis.fetch,
    now,
    log: { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') },
  };
  const memory = rememberingSink();
  memory.clock.now = now;
  const ledger = createSqliteLedger({ file: ':memory:', now });
  const telemetry = createTelemetry({ file: null, now, windowMinutes: 60, maxBytes: 2 ** 28 });
  const app = createApp({
    ledger,
    telemetry,
    alertFormats: enabled('alert-format', alertFormats, {}, tools).on,
    logFormats: enabled('log-format', logFormats, {}, tools).on,
    changeSources: new Map(),
    sinks: new Map([['slack', memory.sink]]),
    connections: [],
    log: tools.log,
    now,
    clock: () => at,
    grouping: {},
    lookbackMs,
    redactor: createRedactor({ key: 'test' }),
    triggers: 'off',
    ...over,
  });
  return {
    app,
    ledger: over.ledger ?? ledger,
    telemetry: over.telemetry ?? telemetry,
    memory,
    logged,
    now,
    /** Lets time pass and does what became due, second by second. */
    async pass(ms: number) {
      for (const end = at + ms; at < end; ) {
        at = Math.min(end, at + 1_000);
        await app.settle();
      }
    },
    /** Puts the clock forward or back at once. */
    jump(ms: number) {
      at += ms;
    },
    async close() {
      await ledger.close();
      await telemetry.close();
    },
  };
}

export function alertBody(
  over: {
    service?: string;
    status?: 'firing' | 'resolved';
    startsAt?: number;
    alertname?: string;
    severity?: string;
    environment?: string;
  } = {},
) {
  const labels = {
    alertname: over.alertname ?? 'ErrorsHigh',
    severity: over.severity ?? 'critical',
    ...(over.service === undefined ? {} : { service: over.service }),
    ...(over.environment === undefined ? {} : { environment: over.environment }),
  };
  const startsAt = new Date(over.startsAt ?? start).toISOString();
  const endsAt = over.status === 'resolved' ? new Date((over.startsAt ?? start) + 60_000).toISOString() : '0001-01-01T00:00:00Z';
  return {
    version: '4',
    status: over.status ?? 'firing',
    alerts: [{ status: over.status ?? 'firing', labels, annotations: { summary: 'Too many errors' }, startsAt, endsAt }],
  };
}

export function delivery(route: string, body: unknown) {
  return {
    route,
    headers: { 'content-type': 'application/json' },
    body: new TextEncoder().encode(JSON.stringify(body)),
    receivedAt: start,
  };
}
