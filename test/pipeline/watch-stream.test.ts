import { describe, expect, it } from 'vitest';
import type { Alert } from '../../src/domain/alert.ts';
import { createStreamWatcher } from '../../src/pipeline/watch-stream.ts';
import { createTelemetry } from '../../src/telemetry.ts';
import { start, testProduct } from '../support/app.ts';

const minute = 60_000;

/** Log lines of one service within one minute. */
function logs(at: number, count: number, severityNumber: number, text: string, service = 'cart') {
  const logRecords = Array.from({ length: count }, (_, i) => ({
    timeUnixNano: `${at + i}000000`,
    severityNumber,
    body: { stringValue: text },
  }));
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: service } }] };
  return new TextEncoder().encode(JSON.stringify({ resourceLogs: [{ resource, scopeLogs: [{ logRecords }] }] }));
}

/** A watcher that has seen twenty ordinary minutes and whose next one holds a burst; the first raising fails. */
async function watcherAtBurst() {
  let at = start;
  const telemetry = createTelemetry({ file: null, now: () => at, windowMinutes: 60, maxBytes: 2 ** 26 });
  const tries: (readonly Alert[])[] = [];
  const watcher = createStreamWatcher({
    telemetry,
    now: () => at,
    log: { debug() {}, info() {}, warn() {}, error() {} },
    async raise(alerts) {
      tries.push(alerts);
      if (tries.length === 1) throw new Error('the store is busy');
    },
  });
  const pass = async (severity: number, text: string) => {
    await telemetry.ingest('logs', logs(at, 40, severity, text), 'json');
    at += minute;
  };
  for (let i = 0; i < 20; i++) await pass(9, 'added');
  await pass(17, 'could not add');
  at += 15_000;
  return { watcher, tries, pass };
}

async function burstAfter(minutes: number, triggers: 'on' | 'off') {
  const product = testProduct({ triggers });
  await product.app.age();
  for (let i = 0; i <= minutes; i++) {
    const isLast = i === minutes;
    await product.app.ingest('logs', logs(start + i * minute, 20, 9, 'added'), 'json');
    if (isLast) await product.app.ingest('logs', logs(start + i * minute + 500, 40, 17, 'could not add'), 'json');
    await product.pass(minute);
    await product.app.age();
  }
  await product.pass(20_000);
  await product.app.age();
  const { incidents } = await product.app.incidents({ limit: 10 });
  await product.close();
  return incidents.map(({ card }) => card.incident);
}

describe('the stream itself', () => {
  it('opens an incident for a burst of errors, with what is usual', async () => {
    const incidents = await burstAfter(20, 'on');
    expect(incidents).toMatchObject([{ title: 'Burst of errors: cart', service: 'cart', severity: 'warning' }]);
    expect(incidents[0]?.alerts[0]?.description).toContain('40 errors in a minute');
  });

  it('raises again what could not be stored, and nothing twice', async () => {
    const { watcher, tries, pass } = await watcherAtBurst();
    await expect(watcher.look()).rejects.toThrow('busy');
    await watcher.look();
    expect(tries).toHaveLength(2);
    expect(tries[1]).toEqual(tries[0]);
    expect(tries[1]).toMatchObject([{ title: 'Burst of errors: cart', startsAt: start + 21 * minute }]);
    await pass(9, 'added');
    await watcher.look();
    expect(tries).toHaveLength(2);
  });

  it.each([
    ['takes a service that says nothing for silent', false, ['Gone silent: cart']],
    ['takes none for silent while lines of these minutes may be missing', true, []],
  ])('%s', async (_, isInterrupted, titles) => {
    let at = start;
    const telemetry = createTelemetry({ file: null, now: () => at, windowMinutes: 60, maxBytes: 2 ** 26 });
    const raised: string[] = [];
    const watcher = createStreamWatcher({
      telemetry,
      now: () => at,
      log: { debug() {}, info() {}, warn() {}, error() {} },
      raise: async (alerts) => void raised.push(...alerts.map(({ title }) => title)),
      isInterrupted: () => isInterrupted,
    });
    for (let i = 0; i < 26; i++) {
      for (const service of i < 22 ? ['cart', 'mail', 'tax'] : ['mail', 'tax'])
        await telemetry.ingest('logs', logs(at, 40, 9, 'added', service), 'json');
      at += minute;
    }
    at += 15_000;
    await watcher.look();
    expect(raised).toEqual(titles);
    await telemetry.close();
  });

  it('opens none when that is off, or when normal is not known yet', async () => {
    expect(await burstAfter(20, 'off')).toEqual([]);
    expect(await burstAfter(4, 'on')).toEqual([]);
  });
});
