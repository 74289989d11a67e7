import { describe, expect, it } from 'vitest';
import { rolloutsIn } from '../../src/domain/rollouts.ts';
import { createTelemetry } from '../../src/telemetry.ts';

const start = Date.parse('2026-03-01T12:00:00Z');

/** Log lines as (service, version, second). */
async function windowOf(lines: readonly (readonly [string, string | null, number])[]) {
  const telemetry = createTelemetry({ file: null, now: () => start + 60_000, windowMinutes: 60, maxBytes: 2 ** 26 });
  const resourceLogs = lines.map(([service, version, second]) => ({
    resource: {
      attributes: [
        { key: 'service.name', value: { stringValue: service } },
        ...(version === null ? [] : [{ key: 'service.version', value: { stringValue: version } }]),
      ],
    },
    scopeLogs: [{ logRecords: [{ timeUnixNano: `${start + second * 1_000}000000`, body: { stringValue: `line ${second}` } }] }],
  }));
  await telemetry.ingest('logs', new TextEncoder().encode(JSON.stringify({ resourceLogs })), 'json');
  return telemetry.window({ fromMs: start, toMs: start + 60_000 });
}

describe('rolloutsIn', () => {
  it('sees a version that begins within the window', async () => {
    const window = await windowOf([
      ['cart', '1.0', 0],
      ['cart', '1.0', 20],
      ['cart', '1.1', 30],
      ['cart', '1.1', 40],
    ]);
    expect(rolloutsIn(window)).toMatchObject([
      { kind: 'release', service: 'cart', version: '1.1', startedAt: start + 30_000, deployedBy: 'telemetry' },
    ]);
  });

  it('takes two versions that were there from the start for no rollout', async () => {
    expect(
      rolloutsIn(
        await windowOf([
          ['cart', '1.0', 0],
          ['cart', '1.1', 2],
          ['cart', '1.0', 30],
        ]),
      ),
    ).toEqual([]);
  });

  it('sees nothing in one version, or in none', async () => {
    expect(
      rolloutsIn(
        await windowOf([
          ['cart', '1.0', 0],
          ['shop', '2.0', 30],
        ]),
      ),
    ).toEqual([]);
    expect(
      rolloutsIn(
        await windowOf([
          ['cart', null, 0],
          ['cart', null, 30],
        ]),
      ),
    ).toEqual([]);
  });
});
