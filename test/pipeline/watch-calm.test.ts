/** On the recorded calm hours the stream raises nothing; where the recordings are absent there is nothing to watch. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openRecording } from '../../src/cli/recording.ts';
import type { Alert } from '../../src/domain/alert.ts';
import { createStreamWatcher } from '../../src/pipeline/watch-stream.ts';
import { createTelemetry } from '../../src/telemetry.ts';

const folder = join(import.meta.dirname, '..', '..', '..', 'shared', 'incidents', 'calm');
const cases = existsSync(folder) ? readdirSync(folder).filter((name) => existsSync(join(folder, name, 'alert.json'))) : [];
const minute = 60_000;

/** Everything of the recording, looked at minute by minute as it would have come. */
async function watched(name: string): Promise<{ raised: Alert[]; minutes: number; lines: number }> {
  const recording = openRecording(join(folder, name));
  const telemetry = createTelemetry({ file: null, now: () => recording.alertAt, windowMinutes: 1_440, maxBytes: 2 ** 30 });
  for (const signal of ['traces', 'logs', 'metrics'] as const)
    for (const body of recording.bodies(signal)) await telemetry.ingest(signal, body, 'json');
  const { oldestAt, logs } = telemetry.stats();
  const raised: Alert[] = [];
  let at = Math.floor((oldestAt ?? recording.alertAt) / minute) * minute;
  const watcher = createStreamWatcher({
    telemetry,
    now: () => at,
    log: { debug() {}, info() {}, warn() {}, error() {} },
    raise: async (alerts) => void raised.push(...alerts),
  });
  let minutes = 0;
  for (; at < recording.alertAt + minute; at += minute) {
    await watcher.look();
    minutes++;
  }
  await telemetry.close();
  return { raised, minutes, lines: logs };
}

describe.skipIf(cases.length === 0)('the stream of a calm system', () => {
  it.each(cases)('%s raises nothing', async (name) => {
    const { raised, minutes, lines } = await watched(name);
    expect(minutes).toBeGreaterThan(1);
    expect(lines).toBeGreaterThan(0);
    expect(raised.map(({ title, service, description }) => `${title}: ${service} (${description})`)).toEqual([]);
  });
});
