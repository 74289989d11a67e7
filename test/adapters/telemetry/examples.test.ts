/** Bodies that others wrote: the examples of the protocol, and recorded incidents, where they lie beside the checkout. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { createTelemetry } from '../../../src/telemetry.ts';
import type { Signal } from '../../../src/ports.ts';

const beside = join(import.meta.dirname, '../../../../shared');
const examples = join(beside, 'examples');
const incidents = join(beside, 'incidents/tt');
const everything = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER };
const open = (now: number) => createTelemetry({ file: null, now: () => now, windowMinutes: 60, maxBytes: 2 ** 30 });

describe.skipIf(!existsSync(examples))("the protocol's own examples (skipped where they are not beside the checkout)", () => {
  it.each([
    { file: 'otlp-trace.json', of: 'traces', holds: { spans: 1, logs: 0, duplicates: 0 }, service: 'my.service' },
    // It holds one span twice.
    { file: 'otlp-trace-telemetrygen.json', of: 'traces', holds: { spans: 1, logs: 0, duplicates: 1 }, service: 'telemetrygen' },
    { file: 'otlp-logs.json', of: 'logs', holds: { spans: 0, logs: 1, duplicates: 0 }, service: 'my.service' },
    { file: 'otlp-events.json', of: 'logs', holds: { spans: 0, logs: 1, duplicates: 0 }, service: 'my.service' },
  ] as const)('$file', async ({ file, of, holds, service }) => {
    const telemetry = open(Date.parse('2018-12-13T15:00:00Z'));
    const answer = await telemetry.ingest(of, readFileSync(join(examples, file)), 'json');
    expect({ rejected: answer.rejected, problem: answer.problem }).toEqual({ rejected: 0, problem: null });
    expect(telemetry.stats()).toMatchObject(holds);
    expect((await telemetry.knowledge()).map.services).toMatchObject([{ name: service }]);
  });

  it('otlp-metrics.json gives its counter, gauge and histogram', async () => {
    const telemetry = open(Date.parse('2018-12-13T15:00:00Z'));
    await telemetry.ingest('metrics', readFileSync(join(examples, 'otlp-metrics.json')), 'json');
    const { metrics } = await telemetry.window(everything);
    const values = new Map(metrics.map(({ name, values: [value] }) => [name, value]));
    expect(values.get('my.counter')).toBe(5);
    expect(values.get('my.gauge')).toBe(10);
    expect(values.get('my.histogram.count')).toBe(2);
    expect(values.get('my.histogram.mean')).toBe(1);
  });
});

interface Entries {
  readonly resourceSpans?: readonly {
    readonly scopeSpans: readonly { readonly spans: readonly { traceId: string; spanId: string }[] }[];
  }[];
}

describe.skipIf(!existsSync(incidents))('recorded incidents (skipped where they are not beside the checkout)', () => {
  const cases = existsSync(incidents)
    ? readdirSync(incidents)
        .filter((name) => name.startsWith('tt-'))
        .slice(0, 2)
    : [];
  it.each(cases)('%s: all spans are there, under their ids, with the calls between services', async (name) => {
    const bodies = (signal: Signal) =>
      gunzipSync(readFileSync(join(incidents, name, `${signal}.jsonl.gz`)))
        .toString()
        .split('\n')
        .filter((line) => line !== '');
    const telemetry = open(0);
    const ids = new Set<string>();
    for (const body of bodies('traces')) {
      await telemetry.ingest('traces', new TextEncoder().encode(body), 'json');
      for (const { scopeSpans } of (JSON.parse(body) as Entries).resourceSpans ?? [])
        for (const { spans } of scopeSpans) for (const { traceId, spanId } of spans) ids.add(`${traceId} ${spanId}`);
    }
    const { spans } = await telemetry.window(everything);
    const found = new Set(Array.from({ length: spans.length }, (_, row) => `${spans.traceId(row)} ${spans.spanId(row)}`));
    expect(found).toEqual(ids);
    expect((await telemetry.knowledge()).map.edges.length).toBeGreaterThan(10);
  });
});
