/**
 * The whole product in-process, given a recorded incident and, besides, whatever a test plants in what it reads: log lines,
 * spans, alerts, changes with their diffs. Then everything that any door of the product gives out, as text.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSqliteLedger } from '../../src/adapters/ledgers/sqlite.ts';
import { openRecording } from '../../src/cli/recording.ts';
import type { Change } from '../../src/domain/change.ts';
import { createRedactor } from '../../src/domain/redact.ts';
import type { EnginePorts } from '../../src/engine.ts';
import { createTelemetry } from '../../src/telemetry.ts';
import { bytesOf } from '../adapters/telemetry/bodies.ts';
import { rememberingSink, testProduct } from '../support/app.ts';

const recording = openRecording(join(import.meta.dirname, '..', 'scenarios', 'copper'));
export const alertAt = recording.alertAt;
/** Whose telemetry the recording blames. */
export const culprit = 'tariffs';

export interface PlantedLine {
  readonly text: string;
  readonly service?: string;
  readonly severity?: number;
  readonly attributes?: Readonly<Record<string, string>>;
}

export interface PlantedSpan {
  readonly name: string;
  readonly problem?: string;
  readonly service?: string;
  readonly attributes?: Readonly<Record<string, string>>;
}

export interface PlantedAlert {
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly generatorURL?: string;
}

export interface Plantings {
  readonly lines?: readonly PlantedLine[];
  /** Each list is a trace. */
  readonly traces?: readonly (readonly PlantedSpan[])[];
  readonly alerts?: readonly PlantedAlert[];
  readonly changes?: readonly Change[];
}

const hexOf = (n: number, length: number, first: string) => first + n.toString(16).padStart(length - 1, '0');
export const plantedTraceId = (n: number) => hexOf(n, 32, 'c');
const nanos = (ms: number) => `${Math.round(ms)}000000`;
const listed = (of: Readonly<Record<string, string>> = {}) =>
  Object.entries(of).map(([key, value]) => ({ key, value: { stringValue: value } }));

function logsBody(lines: readonly PlantedLine[]) {
  return {
    resourceLogs: lines.map(({ text, service = culprit, severity = 17, attributes }, i) => ({
      resource: { attributes: listed({ 'service.name': service }) },
      scopeLogs: [
        {
          logRecords: [
            {
              timeUnixNano: nanos(alertAt - 40_000 + (i % 30_000)),
              severityNumber: severity,
              body: { stringValue: text },
              attributes: listed(attributes),
            },
          ],
        },
      ],
    })),
  };
}

function tracesBody(traces: readonly (readonly PlantedSpan[])[]) {
  return {
    resourceSpans: traces.flatMap((spans, trace) =>
      spans.map(({ name, problem, service = culprit, attributes }, i) => ({
        resource: { attributes: listed({ 'service.name': service }) },
        scopeSpans: [
          {
            spans: [
              {
                traceId: plantedTraceId(trace),
                spanId: hexOf(trace * 1_000 + i, 16, 'd'),
                ...(i === 0 ? {} : { parentSpanId: hexOf(trace * 1_000, 16, 'd') }),
                name,
                kind: 2,
                startTimeUnixNano: nanos(alertAt - 30_000 + i),
                endTimeUnixNano: nanos(alertAt - 29_900 + i),
                attributes: listed(attributes),
                ...(problem === undefined ? {} : { status: { code: 2, message: problem } }),
              },
            ],
          },
        ],
      })),
    ),
  };
}

const alertBody = ({ labels = {}, annotations = {}, generatorURL }: PlantedAlert) => ({
  version: '4',
  status: 'firing',
  alerts: [
    {
      status: 'firing',
      labels: { alertname: 'ErrorsHigh', severity: 'critical', service: 'lobby', ...labels },
      annotations: { summary: 'Too many errors', ...annotations },
      startsAt: new Date(alertAt).toISOString(),
      endsAt: '0001-01-01T00:00:00Z',
      ...(generatorURL === undefined ? {} : { generatorURL }),
    },
  ],
});

export async function incidentWith(plantings: Plantings, over: Partial<EnginePorts> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'tracepulse-doors-'));
  const now = () => alertAt;
  const { redactDeep, ...redactor } = createRedactor({ key: 'test' });
  const memory = rememberingSink();
  const product = testProduct(
    {
      ledger: createSqliteLedger({ file: join(folder, 'ledger.sqlite'), now }),
      telemetry: createTelemetry({ file: join(folder, 'telemetry.sqlite'), now, windowMinutes: 60, maxBytes: 2 ** 28 }),
      sinks: new Map([['slack', { ...memory.sink, paceMs: 0 }]]),
      redactor: { redactDeep, ...redactor },
      changeSources: new Map([['told', { changes: async () => ({ changes: [...(plantings.changes ?? [])], gaps: [] }) }]]),
      ...over,
    },
    alertAt,
  );
  const { app } = product;
  for (const signal of ['traces', 'logs', 'metrics'] as const)
    for (const body of recording.bodies(signal)) await app.ingest(signal, body, 'json');
  if (plantings.lines) await app.ingest('logs', bytesOf(logsBody(plantings.lines)), 'json');
  if (plantings.traces) await app.ingest('traces', bytesOf(tracesBody(plantings.traces)), 'json');
  await app.age();
  for (const alert of plantings.alerts ?? [{}]) {
    const delivery = { route: '/webhook/alertmanager', headers: {}, body: bytesOf(alertBody(alert)), receivedAt: alertAt };
    await app.receive('alertmanager', delivery);
  }
  await app.settle();
  await product.pass(3_000);
  return {
    ...product,
    memory,
    folder,
    redactDeep,
    async end() {
      await app.stop();
      await product.ledger.close();
      await product.telemetry.close();
      await product.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export type World = Awaited<ReturnType<typeof incidentWith>>;
