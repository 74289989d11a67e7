/** A sender that got no answer sends the same bytes again: that must change nothing, for log lines too. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Deliveries } from '../../../src/adapters/telemetry/deliveries.ts';
import { createTelemetry } from '../../../src/telemetry.ts';
import { logs, minute, start } from './bodies.ts';

const everything = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER };
const failed = logs({ shop: [{ text: 'failed', severity: 17 }, { text: 'failed', severity: 17 }, { more: { timeUnixNano: '1' } }] });

describe('log lines delivered twice', () => {
  it('count once, are answered as before, and differ from equal lines in another delivery', async () => {
    const telemetry = createTelemetry({ file: null, now: () => start, windowMinutes: 60, maxBytes: 2 ** 28 });
    const first = await telemetry.ingest('logs', failed, 'json');
    const { bytes } = telemetry.stats();
    expect(first).toMatchObject({ accepted: 2, rejected: 1 });
    expect(await telemetry.ingest('logs', failed.slice(), 'json')).toEqual(first);
    expect(telemetry.stats()).toMatchObject({ logs: 2, duplicates: 2, bytes });
    await telemetry.ingest('logs', logs({ shop: [{ text: 'failed', severity: 17, at: 1 }] }), 'json');
    expect(telemetry.stats().logs).toBe(3);
    // Equal lines of one instant are read as one (log-table.ts).
    expect((await telemetry.window(everything)).logs.length).toBe(2);
  });

  it('are known after a restart, as long as they are kept', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'deliveries-'));
    let now = start;
    const open = () => createTelemetry({ file: join(folder, 't.sqlite'), now: () => now, windowMinutes: 60, maxBytes: 2 ** 28 });
    try {
      const first = open();
      await first.ingest('logs', failed, 'json');
      await first.close();
      const second = open();
      await second.ingest('logs', failed, 'json');
      expect(second.stats()).toMatchObject({ logs: 2, duplicates: 2 });
      now = start + 62 * minute;
      await second.advance(now, []);
      expect(second.stats().logs).toBe(0);
      await second.ingest('logs', failed, 'json');
      expect(second.stats().logs).toBe(2);
      await second.close();
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('Deliveries', () => {
  it('remembers so many and no more, and none from before a time', () => {
    const deliveries = new Deliveries<number>(2);
    const keys = ['a', 'b', 'c'].map((text) => deliveries.key(new TextEncoder().encode(text)));
    for (const [i, key] of keys.entries()) deliveries.remember(key, i, i);
    expect(keys.map((key) => deliveries.answerTo(key))).toEqual([null, 1, 2]);
    deliveries.dropBefore(2);
    expect(keys.map((key) => deliveries.answerTo(key))).toEqual([null, null, 2]);
  });
});
