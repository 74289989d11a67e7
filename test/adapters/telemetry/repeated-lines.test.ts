/** A line that came twice was written once. */
import { expect, it } from 'vitest';
import { createTelemetry } from '../../../src/telemetry.ts';
import { logs, minute, start } from './bodies.ts';

it('counts a line once that says the same of the same instant, and each of those that only look alike', async () => {
  const telemetry = createTelemetry({ file: null, now: () => start + minute, windowMinutes: 60, maxBytes: 2 ** 28 });
  const told = [
    { text: 'a', at: 1 },
    { text: 'b', at: 1 },
    { text: 'a', at: 1 },
    { text: 'a', at: 2 },
    { text: 'a', at: 3, trace: 1 },
    { text: 'a', at: 3, trace: 2 },
  ];
  await telemetry.ingest('logs', logs({ cart: told, pay: [{ text: 'a', at: 1 }] }), 'json');
  await telemetry.ingest('logs', logs({ cart: [{ text: 'b', at: 1 }], pay: [{ text: 'c', at: 1 }] }), 'json');
  const { logs: view, strings } = await telemetry.window({ fromMs: start, toMs: start + minute });
  const rows = [...Array(view.length).keys()];
  const seen = rows.map((row) => `${strings.text(view.service[row]!)} ${view.text(row)} ${Math.round(view.timeMs[row]! - start)}`);
  expect(seen).toEqual(['cart a 1', 'cart b 1', 'pay a 1', 'pay c 1', 'cart a 2', 'cart a 3', 'cart a 3']);
  expect([view.severity.length, view.template.length, view.component.length]).toEqual([7, 7, 7]);
});
