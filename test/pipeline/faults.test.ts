/**
 * What users notice while something is broken, and once it is whole again (docs/reliability.md). Disk, Slack, mail and sources
 * break here on an injected clock, and the product is told to stop; kills are in test/chaos.
 */
import { describe, expect, it } from 'vitest';
import type { AppPorts } from '../../src/create-app.ts';
import { createSqliteLedger } from '../../src/adapters/ledgers/sqlite.ts';
import { Failure } from '../../src/domain/failure.ts';
import type { LogEntry } from '../../src/domain/log-entry.ts';
import type { Ledger, Sink } from '../../src/ports.ts';
import type { LogSource } from '../../src/ports/sources.ts';
import { createHttp } from '../../src/surfaces/http/http.ts';
import { alertBody, start } from '../support/app.ts';
import { untilTrue } from '../support/patience.ts';
import { begin, cards, closeAfterEach, fire, minute, product, roots } from './faulty-product.ts';

closeAfterEach();

const log = { debug() {}, info() {}, warn() {}, error() {} };
const overHttp = () => createHttp(product.app, {}, { log, now: product.now, redact: (value) => ({ value }) });
const posted = () =>
  overHttp().fetch(
    new Request('http://localhost/webhook/alertmanager', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(alertBody({ service: 'cart', startsAt: product.now() })),
    }),
  );

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
    begin({
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
    begin({
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
    begin({
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
    begin({ logSources: new Map([['loki', { search } as LogSource]]) } as Partial<AppPorts>);
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
    begin({
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
    begin({ logSources: new Map([['loki', { search } as unknown as LogSource]]) });
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
