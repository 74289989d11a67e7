/** A restart in the middle of an incident changes nothing of the answer, and an incident's own minutes teach nothing. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openRecording } from '../../src/cli/recording.ts';
import { initialWeights } from '../../src/domain/feedback.ts';
import { rank } from '../../src/domain/ranking/rank.ts';
import type { Telemetry } from '../../src/ports.ts';
import { createTelemetry, lookbackMs } from '../../src/telemetry.ts';

const minute = 60_000;
const recording = openRecording(join(import.meta.dirname, '../scenarios/copper'));
const { alertAt } = recording;
let folder = '';
let now = alertAt;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'restarted-'));
  now = alertAt;
});
afterEach(() => rmSync(folder, { recursive: true }));

const open = () => createTelemetry({ file: join(folder, 'telemetry.sqlite'), now: () => now, windowMinutes: 60, maxBytes: 2 ** 28 });

async function recorded(): Promise<Telemetry> {
  const telemetry = open();
  for (const signal of ['traces', 'logs'] as const)
    for (const body of recording.bodies(signal)) await telemetry.ingest(signal, body, 'json');
  await telemetry.advance(now, []);
  return telemetry;
}

async function answer(telemetry: Telemetry) {
  const window = await telemetry.window({ fromMs: alertAt - lookbackMs, toMs: alertAt + 1 });
  const focus = { service: null, correlationIds: [] };
  return rank({ incidentId: 'INC-1', window, ...(await telemetry.knowledge()), changes: [], weights: initialWeights, alertAt, focus });
}

it('the answer after a restart is the answer before', async () => {
  const first = await recorded();
  const before = await answer(first);
  expect(before.hypotheses[0]?.service).toBe('tariffs');
  await first.close();
  const second = open();
  expect(await answer(second)).toEqual(before);
  await second.close();
});

it('what an incident covers is not learned once it has left quarantine, and so is no new normal', async () => {
  const telemetry = await recorded();
  const { baseline } = await telemetry.knowledge();
  const failures = () => baseline.normal.traces.sum(1);
  const learned = baseline.minutes;
  expect([learned > 0, failures()]).toEqual([true, 0]);
  now = alertAt + 20 * minute;
  await telemetry.advance(now, [{ fromMs: alertAt - 4 * minute, toMs: alertAt + minute }]);
  expect(failures()).toBe(0);
  expect(baseline.minutes).toBeGreaterThan(learned);
  await telemetry.close();
});
