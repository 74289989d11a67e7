/** What lies beside the executable: the unit and the collector's configuration name things that are so. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { patienceMs } from '../support/patience.ts';

const folder = join(import.meta.dirname, '..', '..', 'deploy', 'edge');
const unit = readFileSync(join(folder, 'tracepulse.service'), 'utf8');
const hasSystemd = spawnSync('systemd-analyze', ['--version'], { timeout: patienceMs }).status === 0;

/** `[Section]` and `Key=value` lines, later ones of a key after earlier ones. */
function sections(text: string): Map<string, Map<string, string[]>> {
  const found = new Map<string, Map<string, string[]>>();
  let now = new Map<string, string[]>();
  for (const line of text.split('\n').filter((one) => one !== '' && !one.startsWith('#'))) {
    const name = /^\[(\w+)\]$/.exec(line)?.[1];
    if (name !== undefined) {
      now = new Map();
      found.set(name, now);
      continue;
    }
    const [key = '', ...rest] = line.split('=');
    now.set(key, [...(now.get(key) ?? []), rest.join('=')]);
  }
  return found;
}

describe('the unit for systemd', () => {
  const service = sections(unit).get('Service')!;

  it('starts the product, does not restart what is set up wrongly, and gives a report time to end', () => {
    expect(service.get('ExecStart')).toEqual(['/usr/local/bin/tracepulse start']);
    expect(service.get('RestartPreventExitStatus')).toEqual(['78']);
    expect(Number(service.get('TimeoutStopSec')?.[0])).toBeGreaterThanOrEqual(25);
  });

  it('writes where systemd made it a folder, as nobody in particular', () => {
    expect(service.get('Environment')).toEqual([
      `TRACEPULSE_DATA=/var/lib/${service.get('StateDirectory')?.[0]}`,
      'BUN_JSC_forceRAMSize=536870912',
    ]);
    expect(service.get('DynamicUser')).toEqual(['yes']);
    expect(service.get('ProtectSystem')).toEqual(['strict']);
  });

  it.skipIf(!hasSystemd)('is one that systemd understands', () => {
    const { stdout, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', join(folder, 'tracepulse.service')], {
      encoding: 'utf8',
      timeout: patienceMs,
    });
    // Where the executable is not installed it says so, and rightly.
    const complaints = (stdout + stderr).split('\n').filter((line) => line !== '' && !line.includes('not executable'));
    expect(complaints.filter((line) => line.includes('tracepulse'))).toEqual([]);
  });
});

describe('the snippet for the OpenTelemetry Collector', () => {
  const config = parse(readFileSync(join(folder, 'collector.yaml'), 'utf8')) as {
    receivers: object;
    processors: object;
    exporters: Record<string, { endpoint: string; headers: Record<string, string> }>;
    service: { pipelines: Record<string, { receivers: string[]; processors: string[]; exporters: string[] }> };
  };

  it('uses in its pipelines what it defines, and sends all three signals', () => {
    const { pipelines } = config.service;
    expect(Object.keys(pipelines).sort()).toEqual(['logs', 'metrics', 'traces']);
    for (const { receivers, processors, exporters } of Object.values(pipelines)) {
      expect(Object.keys(config.receivers)).toEqual(receivers);
      expect(Object.keys(config.processors)).toEqual(processors);
      expect(Object.keys(config.exporters)).toEqual(exporters);
    }
  });

  it('reaches the product where it listens by itself, with the token it asks for', () => {
    const exporter = config.exporters['otlphttp/tracepulse']!;
    expect(exporter.endpoint).toBe('http://127.0.0.1:3000');
    expect(exporter.headers['Authorization']).toContain('TRACEPULSE_WEBHOOK_TOKEN');
  });
});
