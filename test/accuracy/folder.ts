/** An incident folder in memory: what `replay` reads from disk, and the truth that only the scorer sees. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

export interface KeyValue {
  key: string;
  value: { stringValue?: string; intValue?: string | number; doubleValue?: number; boolValue?: boolean };
}
export interface FolderSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind?: number;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes?: KeyValue[];
  status?: { code?: number; message?: string };
}
export interface FolderLog {
  timeUnixNano: string;
  severityNumber?: number;
  severityText?: string;
  body: { stringValue?: string };
  traceId?: string;
  spanId?: string;
}
export interface FolderPoint {
  timeUnixNano: string;
  asDouble: number;
  attributes: KeyValue[];
}
interface Resource {
  attributes: KeyValue[];
}
export interface FolderTraces {
  resourceSpans: { resource: Resource; scopeSpans: { scope?: { name?: string }; spans: FolderSpan[] }[] }[];
}
export interface FolderLogs {
  resourceLogs: { resource: Resource; scopeLogs: { scope?: { name?: string }; logRecords: FolderLog[] }[] }[];
}
export interface FolderMetrics {
  resourceMetrics: {
    resource: Resource;
    scopeMetrics: { metrics: { name: string; unit?: string; gauge: { dataPoints: FolderPoint[] } }[] }[];
  }[];
}
export interface FolderChange {
  kind: 'release' | 'deployment' | 'commit';
  service: string;
  startedAt: string;
  steps?: string[];
  version?: string;
}
export interface FolderService {
  name: string;
  addresses?: string[];
  ports?: number[];
}

export interface IncidentFolder {
  readonly name: string;
  /** Where it lies on disk; null for one that only exists in memory. */
  readonly path: string | null;
  readonly alertAt: number;
  readonly traces: readonly FolderTraces[];
  readonly logs: readonly FolderLogs[];
  readonly metrics: readonly FolderMetrics[];
  readonly changes: readonly FolderChange[];
  readonly services: readonly FolderService[];
}

export interface Truth {
  /** Any of them is right; none means that nothing was wrong. */
  readonly services: readonly string[];
  readonly fault: string;
  /** Set where the question is which release did it. */
  readonly changeService: string | null;
}

export interface Case {
  readonly set: string;
  readonly truth: Truth;
  /** Requests the fault touched before the alert; null where that is not known. */
  readonly affected: number | null;
  /** Of several faults at once, the requests touched by the one that touched fewest. */
  readonly leastAffected?: number;
  /** Whether the case is one to design on or only to report. */
  readonly half: 'open' | 'closed';
  read(): IncidentFolder;
}

function lines<T>(folder: string, name: string): T[] {
  const file = join(folder, `${name}.jsonl`);
  const bytes = existsSync(file) ? readFileSync(file) : existsSync(`${file}.gz`) ? gunzipSync(readFileSync(`${file}.gz`)) : null;
  if (bytes === null) return [];
  return bytes
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T);
}

export function readFolder(folder: string): IncidentFolder {
  const list = <T>(name: string): T[] =>
    existsSync(join(folder, name)) ? (JSON.parse(readFileSync(join(folder, name), 'utf8')) as T[]) : [];
  const alert = JSON.parse(readFileSync(join(folder, 'alert.json'), 'utf8')) as { alerts: { startsAt: string }[] };
  return {
    name: folder.split('/').at(-1)!,
    path: folder,
    alertAt: Date.parse(alert.alerts[0]!.startsAt),
    traces: lines(folder, 'traces'),
    logs: lines(folder, 'logs'),
    metrics: lines(folder, 'metrics'),
    changes: list('changes.json'),
    services: list('services.json'),
  };
}

/** Where the recordings lie when they are beside the checkout. */
export const recordingsRoot = join(import.meta.dirname, '../../../shared/incidents');
export const recordedSets = ['tt', 'dtl', 'cob', 'crca', 'calm'] as const;

interface RecordedTruth {
  readonly service: string | null;
  readonly fault?: string;
  readonly change_service?: string | null;
}

/** Of `cob` two services' cases are closed, so that one set of recordings has a half nobody designs on. */
const closedServices = new Set(['cob/adservice', 'cob/frontend']);

export function recordedCases(set: string): Case[] {
  if (!existsSync(join(recordingsRoot, set))) return [];
  const truths = JSON.parse(readFileSync(join(recordingsRoot, set, 'truth.json'), 'utf8')) as Record<string, RecordedTruth>;
  return readdirSync(join(recordingsRoot, set))
    .filter((id) => truths[id] !== undefined)
    .sort()
    .map((id) => {
      const { service, fault, change_service } = truths[id]!;
      return {
        set,
        truth: { services: service === null ? [] : [service], fault: fault ?? 'none', changeService: change_service ?? null },
        affected: null,
        half: closedServices.has(`${set}/${service}`) ? 'closed' : 'open',
        read: () => readFolder(join(recordingsRoot, set, id)),
      };
    });
}
