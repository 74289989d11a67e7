/**
 * A recorded incident's folder: OTLP/JSON requests a line, one Alertmanager body, changes and services (format: the
 * contract's "Incident folder"). Only what was known at the alert is handed on.
 */
import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { z } from 'zod';
import { type Change, changeKinds } from '../domain/change.ts';
import { Failure } from '../domain/failure.ts';
import type { Directory } from '../domain/service.ts';
import type { Signal } from '../ports.ts';

const RecordedChanges = z.array(
  z.object({
    kind: z.enum(changeKinds),
    service: z.string(),
    startedAt: z.iso.datetime({ offset: true }),
    steps: z.array(z.iso.datetime({ offset: true })).optional(),
    version: z.string().nullish(),
    sha: z.string().nullish(),
    url: z.string().nullish(),
    title: z.string().nullish(),
    files: z.array(z.string()).nullish(),
  }),
);
const RecordedServices = z.array(
  z.object({ name: z.string(), addresses: z.array(z.string()).nullish(), ports: z.array(z.number()).nullish() }),
);
const RecordedAlert = z.object({ alerts: z.array(z.object({ startsAt: z.iso.datetime({ offset: true }) })).min(1) });

export interface Recording {
  readonly name: string;
  readonly alertAt: number;
  readonly alertBody: Uint8Array;
  readonly changes: readonly Change[];
  readonly directory: Directory;
  /** Request bodies of one signal, in file order, cut at the alert. */
  bodies(signal: Signal): Generator<Uint8Array>;
}

export function openRecording(folder: string): Recording {
  const alertBody = read(folder, 'alert.json');
  if (alertBody === null) throw new Failure('rejected', 'replay', `read ${join(folder, 'alert.json')}`, { hint: 'there is no such file' });
  const alert = parse(RecordedAlert, alertBody, folder, 'alert.json');
  const alertAt = Math.max(...alert.alerts.map((a) => Date.parse(a.startsAt)));
  const changes = read(folder, 'changes.json');
  const services = read(folder, 'services.json');
  return {
    name: basename(folder),
    alertAt,
    alertBody,
    changes: changes === null ? [] : parse(RecordedChanges, changes, folder, 'changes.json').map(toChange),
    directory:
      services === null
        ? []
        : parse(RecordedServices, services, folder, 'services.json').map((s) => ({
            name: s.name,
            addresses: s.addresses ?? [],
            ports: s.ports ?? [],
          })),
    *bodies(signal) {
      const text = read(folder, `${signal}.jsonl`);
      if (text === null) return;
      let from = 0;
      while (from < text.length) {
        const end = text.indexOf(10, from);
        const line = text.subarray(from, end < 0 ? text.length : end);
        from = end < 0 ? text.length : end + 1;
        if (line.length > 1) yield knownAt(line, signal, alertAt);
      }
    },
  };
}

function read(folder: string, file: string): Uint8Array | null {
  const path = join(folder, file);
  if (existsSync(path)) return readFileSync(path);
  return existsSync(`${path}.gz`) ? gunzipSync(readFileSync(`${path}.gz`)) : null;
}

function parse<T>(schema: z.ZodType<T>, body: Uint8Array, folder: string, file: string): T {
  const what = `read ${join(folder, file)}`;
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(body));
  } catch (cause) {
    throw new Failure('rejected', 'replay', what, { hint: 'it is not JSON', cause });
  }
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  const issue = read.error.issues[0];
  throw new Failure('rejected', 'replay', what, { hint: issue?.message ?? 'it has another shape', path: issue?.path.join('.') ?? '' });
}

function toChange(recorded: z.infer<typeof RecordedChanges>[number]): Change {
  return {
    kind: recorded.kind,
    service: recorded.service,
    startedAt: Date.parse(recorded.startedAt),
    steps: (recorded.steps ?? []).map((step) => Date.parse(step)),
    version: recorded.version ?? null,
    sha: recorded.sha ?? null,
    url: recorded.url ?? null,
    title: recorded.title ?? null,
    files: recorded.files ?? [],
  };
}

/** The places of a request body where timed entries stand, by signal. */
const layout = {
  traces: { resources: 'resourceSpans', scopes: 'scopeSpans', entries: 'spans', time: 'endTimeUnixNano' },
  logs: { resources: 'resourceLogs', scopes: 'scopeLogs', entries: 'logRecords', time: 'timeUnixNano' },
  metrics: { resources: 'resourceMetrics', scopes: 'scopeMetrics', entries: 'metrics', time: 'timeUnixNano' },
} as const;

type Json = Record<string, unknown>;

/**
 * Takes out what was recorded after the alert: nothing later is known when the investigation begins. Most bodies lie
 * wholly before it and are handed on as they are.
 */
function knownAt(line: Uint8Array, signal: Signal, alertAt: number): Uint8Array {
  const { resources, scopes, entries, time } = layout[signal];
  const body = JSON.parse(new TextDecoder().decode(line)) as Json;
  const isKnown = (entry: Json) => Number(entry[time] ?? entry['observedTimeUnixNano'] ?? 0) / 1e6 <= alertAt;
  let removed = 0;
  const keep = (owner: Json, key: string, test: (entry: Json) => boolean) => {
    const list = owner[key];
    if (!Array.isArray(list)) return;
    const kept = list.filter(test);
    removed += list.length - kept.length;
    owner[key] = kept;
  };
  for (const resource of list(body[resources]))
    for (const scope of list(resource[scopes]))
      if (signal !== 'metrics') keep(scope, entries, isKnown);
      else
        for (const metric of list(scope[entries]))
          for (const shape of ['gauge', 'sum', 'histogram', 'summary']) keep((metric[shape] ?? {}) as Json, 'dataPoints', isKnown);
  return removed === 0 ? line : new TextEncoder().encode(JSON.stringify(body));
}

function list(value: unknown): Json[] {
  return Array.isArray(value) ? (value as Json[]) : [];
}
