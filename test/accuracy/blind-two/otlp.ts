/** Builds incident folders in OTLP's own words, so that a generator speaks only of services, times and values. */
import type {
  FolderChange,
  FolderLog,
  FolderLogs,
  FolderMetrics,
  FolderService,
  FolderSpan,
  FolderTraces,
  IncidentFolder,
  KeyValue,
} from '../folder.ts';

type Value = string | number | boolean;
export type Labels = Readonly<Record<string, Value>>;

export const nano = (ms: number) => `${Math.round(ms)}000000`;
export const nanoOf = (ms: number) => String(BigInt(Math.round(ms * 1000)) * 1000n);

export function keyValues(labels: Labels): KeyValue[] {
  return Object.entries(labels).map(([key, value]) => ({
    key,
    value:
      typeof value === 'string'
        ? { stringValue: value }
        : typeof value === 'boolean'
          ? { boolValue: value }
          : Number.isInteger(value)
            ? { intValue: String(value) }
            : { doubleValue: value },
  }));
}

export interface Histogram {
  readonly count: number;
  readonly sum: number;
  readonly bounds: readonly number[];
  readonly buckets: readonly number[];
}
interface Series {
  readonly resource: Labels;
  readonly name: string;
  readonly shape: 'gauge' | 'sum' | 'histogram';
  readonly points: object[];
}

/** One body of everything said so far. */
export class Book {
  readonly #spans = new Map<string, { resource: Labels; spans: FolderSpan[] }>();
  readonly #logs = new Map<string, { resource: Labels; records: FolderLog[] }>();
  readonly #series = new Map<string, Series>();

  span(resource: Labels, span: FolderSpan): void {
    const key = JSON.stringify(resource);
    const own = this.#spans.get(key) ?? { resource, spans: [] };
    this.#spans.set(key, own);
    own.spans.push(span);
  }

  log(resource: Labels, record: FolderLog): void {
    const key = JSON.stringify(resource);
    const own = this.#logs.get(key) ?? { resource, records: [] };
    this.#logs.set(key, own);
    own.records.push(record);
  }

  point(resource: Labels, name: string, shape: Series['shape'], atMs: number, value: number | Histogram, labels: Labels = {}): void {
    const key = `${resource['service.name']}/${resource['k8s.pod.name']}/${name}`;
    const own = this.#series.get(key) ?? { resource, name, shape, points: [] };
    this.#series.set(key, own);
    const when = { timeUnixNano: nano(atMs), attributes: keyValues(labels) };
    if (typeof value === 'number') own.points.push({ ...when, asDouble: value });
    else
      own.points.push({
        ...when,
        count: String(value.count),
        sum: value.sum,
        bucketCounts: value.buckets.map(String),
        explicitBounds: value.bounds,
      });
  }

  folder(about: { name: string; alertAt: number; changes?: FolderChange[]; services?: FolderService[] }): IncidentFolder {
    const traces: FolderTraces[] = [...this.#spans.values()].map(({ resource, spans }) => ({
      resourceSpans: [{ resource: { attributes: keyValues(resource) }, scopeSpans: [{ spans }] }],
    }));
    const logs: FolderLogs[] = [...this.#logs.values()].map(({ resource, records }) => ({
      resourceLogs: [
        {
          resource: { attributes: keyValues(resource) },
          scopeLogs: [{ logRecords: records.sort((a, b) => Number(BigInt(a.timeUnixNano) - BigInt(b.timeUnixNano))) }],
        },
      ],
    }));
    // Sums and histograms are written as such; the folder's type knows gauges only, the intake takes all three.
    const metrics = [...this.#series.values()].map(({ resource, name, shape, points }) => ({
      resourceMetrics: [
        {
          resource: { attributes: keyValues(resource) },
          scopeMetrics: [
            {
              metrics: [
                {
                  name,
                  [shape]:
                    shape === 'gauge' ? { dataPoints: points } : { dataPoints: points, aggregationTemporality: 2, isMonotonic: true },
                },
              ],
            },
          ],
        },
      ],
    })) as unknown as FolderMetrics[];
    return {
      name: about.name,
      path: null,
      alertAt: about.alertAt,
      traces,
      logs,
      metrics,
      changes: about.changes ?? [],
      services: about.services ?? [],
    };
  }
}
