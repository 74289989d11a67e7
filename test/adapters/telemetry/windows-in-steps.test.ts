/** A window is read in steps: what comes and goes between them changes nothing in it. */
import { expect, it } from 'vitest';
import type { TelemetryWindow } from '../../../src/domain/telemetry.ts';
import { createTelemetry } from '../../../src/telemetry.ts';
import { logs, minute, start, traces } from './bodies.ts';

const perBody = 500;
/** Ids of one width from here on. */
const base = 2 ** 32;

function fullStore() {
  const telemetry = createTelemetry({ file: null, now: () => start + minute, windowMinutes: 60, maxBytes: 18 * 2 ** 20 });
  let sent = 0;
  return {
    telemetry,
    async send() {
      const body = sent++;
      const rows = Array.from({ length: perBody }, (_, row) => ({
        trace: base + body * perBody + row,
        at: body * 10 + (row % 3),
        name: `GET /${row % 7}`,
        text: `${body} ${row} ${'x'.repeat(200)}`,
      }));
      await telemetry.ingest('traces', traces({ shop: rows }), 'json');
      await telemetry.ingest('logs', logs({ shop: rows }), 'json');
    },
  };
}

/** What a window says, without its numbers for traces. */
function told({ spans, logs: lines, strings }: TelemetryWindow) {
  const rows = (length: number) => [...Array(length).keys()];
  return {
    spans: rows(spans.length).map(
      (row) => `${spans.traceId(row)} ${spans.spanId(row)} ${strings.text(spans.operation[row]!)} ${spans.startMs[row]}`,
    ),
    lines: rows(lines.length).map((row) => `${lines.traceId(row)} ${lines.text(row)} ${lines.timeMs[row]} ${lines.severity[row]}`),
  };
}

it('holds what it began with when the oldest is dropped and more comes before it is done', async () => {
  const { telemetry, send } = fullStore();
  while (telemetry.stats().dropped.spans === 0) await send();
  const everything = { fromMs: start, toMs: start + minute };
  const before = told(await telemetry.window(everything));
  expect(before.spans.length).toBeGreaterThan(0);
  const { dropped } = telemetry.stats();
  let steps = 0;
  const during = await telemetry.window(everything, () => {
    steps++;
    // Once the spans are picked and once the lines are.
    return steps === 2 || steps === 4 ? pushOut() : undefined;
  });
  async function pushOut(): Promise<void> {
    const { spans } = telemetry.stats().dropped;
    while (telemetry.stats().dropped.spans < spans + 20_000) await send();
  }
  expect(telemetry.stats().dropped.spans).toBeGreaterThan(dropped.spans + 20_000);
  const after = told(during);
  expect(after.spans.length).toBe(before.spans.length);
  expect(after.spans).toEqual(before.spans);
  expect(new Set(after.lines).size).toBe(after.lines.length);
  expect(after.lines.length).toBeGreaterThan(0);
  expect(after.lines.every((line) => line.includes('x'.repeat(200)))).toBe(true);
});
