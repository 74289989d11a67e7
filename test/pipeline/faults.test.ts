/**
 * What users notice while something is broken, and once it is whole again (docs/reliability.md). Disk, Slack, sources, clock and
 * telemetry break here on an injected clock; kills are in test/chaos.
 */
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { openRecording } from '../../src/cli/recording.ts';
import type { AppPorts } from '../../src/create-app.ts';
import { createSqliteLedger } from '../../src/adapters/ledgers/sqlite.ts';
import { Failure } from '../../src/domain/failure.ts';
import type { LogEntry } from '../../src/domain/log-entry.ts';
import type { Ledger, Shipment, Sink } from '../../src/ports.ts';
import type { LogSource } from '../../src/ports/sources.ts';
import { createHttp } from '../../src/surfaces/http/http.ts';
import { alertBody, delivery, start, testProduct } from '../support/app.ts';
import { untilTrue } from '../support/patience.ts';

let product: ReturnType<typeof testProduct>;
afterEach(() => product.close());

const log = { debug() {}, info() {}, warn() {}, error() {} };
const minute = 60_000;
const fire = (over: Parameters<typeof alertBody>[0] = {}) =>
  product.app.receive('alertmanager', delivery('/webhook/alertmanager', alertBody({ startsAt: product.now(), ...over })));
const overHttp = () => createHttp(product.app, {}, { log, now: product.now, redact: (value) => ({ value }) });
const posted = () =>
  overHttp().fetch(
    new Request('http://localhost/webhook/alertmanager', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(alertBody({ service: 'cart', startsAt: product.now() })),
    }),
  );
const cards = () => product.memory.shipped.filter((s): s is Extract<Shipment, { kind: 'card' }> & { at: number } => s.kind === 'card');
const roots = () => cards().filter(({ receipt }) => receipt === null);

/** A ledger whose writes do what the test says, for as long as it says. */
function onDisk(write: () => Promise<void>): Ledger {
  const ledger = createSqliteLedger({ file: ':memory:', now: () => start });
  const through =
    <Args extends unknown[], T>(act: (...args: Args) => Promise<T>) =>
    async (...args: Args) => {
      await write();
      return act(...args);
    };
  return { ...ledger, commit: through(ledger.commit), claimWork: through(ledger.claimWork), claimOutbox: through(ledger.claimOutbox) };
}

describe('a full disk', () => {
  it('refuses alerts with 503 and Retry-After, keeps running, and takes the same alert once there is room', async () => {
    let isFull = false;
    product = testProduct({
      ledger: onDisk(async () => {
        if (isFull) throw new Failure('unavailable', 'ledger', 'store a change', { hint: 'the disk is full' });
      }),
    });
    isFull = true;
    const refused = await posted();
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1']);
    expect((await product.app.incidents({ limit: 9 })).incidents).toEqual([]);
    isFull = false;
    expect((await posted()).status).toBe(202);
    await product.pass(5_000);
    expect(roots().length).toBe(1);
  });
});

describe('a slow disk', () => {
  it('answers an alert only once it is stored, and the next are stored together with no wait of their own', async () => {
    let writes = 0;
    let release = () => {};
    let isSlow = false;
    product = testProduct({
      ledger: onDisk(() => {
        if (!isSlow) return Promise.resolve();
        writes++;
        return new Promise<void>((resolve) => {
          release = resolve;
        });
      }),
    });
    isSlow = true;
    const order: string[] = [];
    const first = posted().then(() => order.push('answered'));
    await untilTrue(() => writes === 1);
    const others = Promise.all(Array.from({ length: 50 }, (_, i) => fire({ service: 'cart', alertname: `A${i}` })));
    order.push('stored');
    release();
    await first;
    await untilTrue(() => writes === 2);
    release();
    await others;
    expect([order, writes]).toEqual([['stored', 'answered'], 2]);
  });
});

describe('Slack down for ten minutes', () => {
  it('delays cards, each of which comes once and within half a minute of its return; letters go out meanwhile', async () => {
    const letters: string[] = [];
    const mail: Sink = {
      channels: ['ops@example.com'],
      paceMs: 1_000,
      async deliver(shipment) {
        letters.push(shipment.kind);
        return { messageId: `l${letters.length}`, url: null };
      },
    };
    const back = start + 10 * minute;
    const down: Sink = {
      channels: ['#debug'],
      paceMs: 1_000,
      async deliver(shipment, options) {
        if (product.now() < back) throw new Failure('unavailable', 'slack', 'post to #debug', { hint: 'getaddrinfo ENOTFOUND slack.com' });
        return product.memory.sink.deliver(shipment, options);
      },
    };
    product = testProduct({
      sinks: new Map([
        ['slack', down],
        ['email', mail],
      ]),
    });
    await fire({ service: 'cart' });
    await product.pass(5 * minute);
    await fire({ service: 'orders' });
    expect((await product.app.readiness()).problems.join()).toContain('slack:#debug');
    expect(letters.length).toBeGreaterThan(0);
    await product.pass(5 * minute - 1_000);
    expect(cards()).toEqual([]);
    await product.pass(36_000);
    expect(
      roots()
        .map(({ card }) => card.incident.id)
        .sort(),
    ).toEqual(['INC-1', 'INC-2']);
    expect((await product.app.readiness()).problems).toEqual([]);
  });
});

describe('a source of logs', () => {
  const line = {
    attributes: {},
    timeMs: start - 1_000,
    service: 'cart',
    severity: 17,
    text: 'x',
    traceId: null,
    spanId: null,
    correlationId: null,
  } as unknown as LogEntry;
  const sources: Readonly<Record<string, LogSource['search']>> = {
    'that is down': async () => {
      throw new Failure('unavailable', 'loki', 'search logs of cart', { hint: 'getaddrinfo EAI_AGAIN loki' });
    },
    'that hangs': () => new Promise(() => {}),
    'that answers what its adapter cannot read': async () => {
      throw new Failure('bad_response', 'loki', 'search logs of cart');
    },
    'that breaks its adapter in a way nobody foresaw': async () => ({ lines: JSON.parse('{"data":'), truncated: false }),
    'that answers what nobody can take in': async () => ({ lines: [null as unknown as LogEntry], truncated: false }),
    'that lies about time and service': async () => ({
      lines: [
        { ...line, timeMs: start + 400 * 24 * 60 * minute, service: '' },
        { ...line, timeMs: Number.NaN },
        { ...line, service: 'x'.repeat(70_000), text: '\u0000'.repeat(1_000) },
      ],
      truncated: false,
    }),
  };
  it.each(Object.entries(sources))('%s keeps no report from anybody, and is named as a gap or says nothing', async (name, search) => {
    product = testProduct({ logSources: new Map([['loki', { search } as LogSource]]) } as Partial<AppPorts>);
    await fire({ service: 'cart' });
    await product.pass(5_000);
    const detail = await product.app.incident('INC-1');
    expect(detail?.card.report?.context.verdict).toBeDefined();
    expect(cards().length).toBeGreaterThan(0);
    if (!name.includes('lies')) expect(detail?.card.report?.context.gaps.map(({ source }) => source)).toContain('loki');
    // What is to be mended in an adapter is in the log, and only that.
    const errors = product.logged.filter(({ level }) => level === 'error').map(({ text }) => text);
    expect([...new Set(errors)]).toEqual(/nobody/.test(name) ? ['a source answered what nobody foresaw'] : []);
  });
});

describe('a clock that jumps', () => {
  it.each([
    { name: 'back by an hour', ms: -60 * minute },
    { name: 'forward by a day', ms: 24 * 60 * minute },
  ])('$name delays nothing that waits, and what comes next', async ({ ms }) => {
    product = testProduct();
    await fire({ service: 'cart' });
    await product.app.settle();
    expect(roots().length).toBe(1);
    product.jump(ms);
    await product.pass(20_000);
    // The round that was due 15 s after the alert.
    expect((await product.app.incident('INC-1'))?.card.report?.round).toBeGreaterThan(1);
    await fire({ service: 'orders' });
    await product.pass(5_000);
    expect(roots().map(({ card }) => card.incident.id)).toEqual(['INC-1', 'INC-2']);
  });
});

describe('telemetry', () => {
  const harbour = openRecording(fileURLToPath(new URL('../scenarios/harbour', import.meta.url)));
  const reported = async (bodies: (signal: 'traces' | 'logs') => Iterable<Uint8Array>, before: () => Promise<void> = async () => {}) => {
    product = testProduct({}, harbour.alertAt);
    await before();
    for (const signal of ['traces', 'logs'] as const) for (const body of bodies(signal)) await product.app.ingest(signal, body, 'json');
    await product.app.receive('alertmanager', { route: '/', headers: {}, body: harbour.alertBody, receivedAt: harbour.alertAt });
    await product.app.settle();
    return (await product.app.context('INC-1'))?.hypotheses.map(({ service, confidence }) => [service, confidence]);
  };

  it('out of order leads to the same report', async () => {
    const inOrder = await reported((signal) => harbour.bodies(signal));
    await product.close();
    expect(inOrder?.length).toBeGreaterThan(0);
    const reversed = await reported((signal) => [...harbour.bodies(signal)].reverse());
    // What is hardly suspected at all may change places.
    expect(reversed?.[0]).toEqual(inOrder?.[0]);
    expect(reversed?.map(([service]) => service).sort()).toEqual(inOrder?.map(([service]) => service).sort());
  });

  it('of a week ago is taken as what it is, and moves no report', async () => {
    const expected = await reported((signal) => harbour.bodies(signal));
    await product.close();
    const week = 7 * 24 * 60 * minute;
    const old = (body: Uint8Array) =>
      new TextEncoder().encode(
        new TextDecoder()
          .decode(body)
          .replace(
            /"(\w*TimeUnixNano)":\s*"(\d+)"/g,
            (_, name: string, nanos: string) => `"${name}":"${BigInt(nanos) - BigInt(week) * 1_000_000n}"`,
          ),
      );
    const late = async () => {
      for (const body of harbour.bodies('traces')) await product.app.ingest('traces', old(body), 'json');
    };
    expect(await reported((signal) => harbour.bodies(signal), late)).toEqual(expected);
  });
});

describe('a mail server that hangs', () => {
  it('delays no card: one that comes meanwhile is sent before the letter', async () => {
    const order: string[] = [];
    let answer: (() => void) | null = null;
    const sink = (name: string, deliver: () => Promise<void>): Sink => ({
      channels: [name],
      paceMs: 0,
      async deliver() {
        await deliver();
        order.push(name);
        return { messageId: name, url: null };
      },
    });
    const mail = sink('mail', async () => {
      if (answer !== null) return;
      await new Promise<void>((resolve) => {
        answer = resolve;
      });
    });
    product = testProduct({
      sinks: new Map([
        ['email', mail],
        ['slack', sink('slack', async () => {})],
      ]),
    });
    product.app.start();
    await fire({ service: 'cart' });
    await untilTrue(() => answer !== null && order.length > 0);
    const before = order.length;
    await fire({ service: 'orders' });
    await untilTrue(() => order.length > before);
    expect(order).not.toContain('mail');
    (answer as (() => void) | null)?.();
    await product.app.stop();
  });
});

describe('being told to stop', () => {
  it('waits for the report under way and leaves nothing half done', async () => {
    let answer: (() => void) | null = null;
    const search = () =>
      new Promise<{ lines: LogEntry[]; truncated: boolean }>((resolve) => {
        answer = () => resolve({ lines: [], truncated: false });
      });
    product = testProduct({ logSources: new Map([['loki', { search } as unknown as LogSource]]) });
    product.app.start();
    await fire({ service: 'cart' });
    await untilTrue(() => answer !== null);
    const stopped = product.app.stop();
    (answer as (() => void) | null)?.();
    await stopped;
    expect((await product.app.incident('INC-1'))?.card.report ?? null).not.toBeNull();
    // The card that goes with it is in the outbox, for whoever comes next.
    await product.pass(3_000);
    expect(cards().at(-1)?.card.report).not.toBeNull();
    expect(roots().length).toBe(1);
  });
});

describe('10,000 identical alerts', () => {
  it('are one incident, one investigation, one question to the model and one root message', async () => {
    let asked = 0;
    const model: NonNullable<AppPorts['model']> = {
      name: 'counting',
      async complete() {
        asked++;
        throw new Failure('unavailable', 'openai', 'word the report');
      },
    } as unknown as NonNullable<AppPorts['model']>;
    product = testProduct({ model });
    const [alert] = alertBody({ service: 'cart' }).alerts;
    const body = { ...alertBody({ service: 'cart' }), alerts: Array.from({ length: 100 }, () => alert) };
    const answers = await Promise.all(
      Array.from({ length: 100 }, () => product.app.receive('alertmanager', delivery('/webhook/alertmanager', body))),
    );
    expect(new Set(answers.flatMap(({ ids }) => ids))).toEqual(new Set(['INC-1']));
    expect(answers.reduce((sum, { accepted }) => sum + accepted, 0)).toBe(10_000);
    await product.app.settle();
    expect([product.app.counters().get('reports_total'), roots().length]).toEqual([1, 1]);
    expect(asked).toBeLessThanOrEqual(1);
  });

  it('hold up no new critical alert: its card goes before all edits', async () => {
    product = testProduct();
    await fire({ service: 'cart' });
    for (let i = 0; i < 50; i++) await fire({ service: 'cart', alertname: `A${i}`, severity: 'warning' });
    await product.pass(1_000);
    const before = cards().length;
    for (let i = 50; i < 100; i++) await fire({ service: 'cart', alertname: `A${i}`, severity: 'warning' });
    await fire({ service: 'payments' });
    await product.pass(3_000);
    expect(cards()[before]?.card.incident.service).toBe('payments');
  });
});
