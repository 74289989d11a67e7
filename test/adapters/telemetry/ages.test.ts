/** Times that cannot be: mostly ms or s where ns belong, which read as 1970. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createTelemetry } from '../../../src/telemetry.ts';
import { bytesOf, gaugeJson, logs, minute, spanId, start, traceId, traces } from './bodies.ts';

const everything = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER };
const open = (file: string | null = null, windowMinutes = 60) =>
  createTelemetry({ file, now: () => start, windowMinutes, maxBytes: 2 ** 28 });
const inMs = { startTimeUnixNano: `${start}`, endTimeUnixNano: `${start + 5}` };
const link = (span: number) => ({ links: [{ traceId: traceId(1), spanId: spanId(span) }] });

describe('what lies too far back', () => {
  it('is rejected alone; the spans around it stay whole', async () => {
    const telemetry = open();
    const body = traces({
      ghost: [{ trace: 9, span: 9, more: inMs }],
      shop: [
        { span: 1, name: 'first', attributes: { n: 1 } },
        { span: 2, name: 'gone', more: inMs },
        { span: 3, parent: 1, name: 'third', lasts: 7, more: link(1), attributes: { n: 3 } },
      ],
    });
    const answer = await telemetry.ingest('traces', body, 'json');
    expect(answer).toMatchObject({ accepted: 2, rejected: 2, oldestAt: start, newestAt: start });
    expect(answer.problem).toMatch(/2 entries are older/);
    expect(telemetry.stats()).toMatchObject({ spans: 2, oldestAt: start });
    const { spans, strings } = await telemetry.window(everything);
    expect([0, 1].map((row) => strings.text(spans.operation[row]!))).toEqual(['first', 'third']);
    expect([spans.parent[1], spans.link[0], spans.link[1], spans.durationMs[1]]).toEqual([0, -1, 0, 7]);
    expect((await telemetry.trace(traceId(1))).map(({ attributes }) => attributes['n'])).toEqual([1, 3]);
    expect((await telemetry.knowledge()).map.services.map(({ name }) => name)).toEqual(['shop']);
  });

  it('is rejected among log lines and points', async () => {
    const telemetry = open();
    const lines = logs({ shop: [{ text: 'now' }, { text: 'then', more: { timeUnixNano: `${start}` } }] });
    expect(await telemetry.ingest('logs', lines, 'json')).toMatchObject({ accepted: 1, rejected: 1 });
    const body = gaugeJson('shop', 'cpu', [
      { at: 0, value: 1 },
      { at: -121 * minute, value: 2 },
    ]);
    expect(await telemetry.ingest('metrics', bytesOf(body), 'json')).toMatchObject({ accepted: 1, rejected: 1 });
    expect(telemetry.stats()).toMatchObject({ logs: 1, points: 1, oldestAt: start });
  });

  it('is no less than an hour behind the window: what is only late is taken', async () => {
    for (const [windowMinutes, at, accepted] of [
      [60, -119 * minute, 1],
      [60, -121 * minute, 0],
      [24 * 60, -20 * 60 * minute, 1],
    ] as const) {
      const answer = await open(null, windowMinutes).ingest('traces', traces({ shop: [{ at }] }), 'json');
      expect(answer).toMatchObject({ accepted, rejected: 1 - accepted });
    }
  });

  it('stays out after a restart', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ages-'));
    try {
      const file = join(folder, 'telemetry.sqlite');
      const first = open(file);
      await first.ingest('traces', traces({ shop: [{ span: 1 }, { span: 2, more: inMs }] }), 'json');
      await first.close();
      const second = open(file);
      expect(second.stats()).toMatchObject({ spans: 1, oldestAt: start });
      await second.close();
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('has no minutes walked for it: at most those of the window are', async () => {
    const telemetry = open();
    await telemetry.ingest('traces', traces({ shop: [{ at: -100 * minute }] }), 'json');
    let asked = 0;
    const excluded = {
      get fromMs() {
        asked++;
        return 0;
      },
      toMs: 0,
    };
    await telemetry.advance(start + 30 * 24 * 60 * minute, [excluded]);
    expect(asked).toBeGreaterThan(40);
    expect(asked).toBeLessThanOrEqual(60);
    expect((await telemetry.knowledge()).baseline.minutes).toBe(0);
  });
});
