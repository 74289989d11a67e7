/**
 * Pushed telemetry of the last hour: columns in memory, received bodies as compressed segments, map and baseline kept up to
 * date as it comes. One process; with a file, everything is there again after a restart.
 */
import type { Baseline } from '../../domain/baseline/baseline.ts';
import type { Window } from '../../domain/evidence.ts';
import { Failure } from '../../domain/failure.ts';
import { MapInference, type MapSnapshot } from '../../domain/map-inference.ts';
import type { Decoded } from '../../domain/records.ts';
import type { Directory } from '../../domain/service.ts';
import { type ServiceMap, emptyMap } from '../../domain/service-map.ts';
import { StringTable, type TelemetryWindow } from '../../domain/telemetry.ts';
import type { Ingested, Signal, Telemetry } from '../../ports.ts';
import { LogTable } from './log-table.ts';
import { MetricTable } from './metric-table.ts';
import { attributesOfEntry, decodeOtlpJson } from './otlp/decode.ts';
import { searchLogs, spansOfTrace } from './reading.ts';
import { fileSegments, memorySegments, readStoredValue } from './segments.ts';
import { SpanTable } from './span-table.ts';
import { TraceNumbers } from './trace-numbers.ts';

export interface ColumnTelemetryOptions {
  /** Where segments and knowledge are kept; null: in memory only. */
  readonly file: string | null;
  readonly now: () => number;
  readonly windowMinutes: number;
  readonly maxBytes: number;
  readonly createBaseline: () => Baseline;
  readonly restoreBaseline: (snapshot: unknown) => Baseline;
  readonly quarantineMs: number;
  /** How far past a learned stretch its window reaches, so that traces are whole. */
  readonly overlapMs: number;
  readonly miner: { add(body: string): number; text(template: number): string };
}

const minute = 60_000;
/** Knowledge is written this often, and when the store closes. */
const persistEveryMs = 10_000;
/** Rows are dropped in bulk: moving columns costs as much for one as for a tenth of all. */
const cutShare = 0.1;
/** A table of texts beyond this means unbounded names (ids in operations, say); further ones share one number. */
const maxTexts = 500_000;
const tooManyTexts = '(too many different texts)';

export function createColumnTelemetry(options: ColumnTelemetryOptions): Telemetry {
  const { now } = options;
  const segments = options.file === null ? memorySegments() : fileSegments(options.file);
  const strings = new StringTable();
  const spans = new SpanTable();
  const logs = new LogTable();
  const metrics = new MetricTable();
  const dropped = { spans: 0, logs: 0, points: 0 };
  let duplicates = 0;
  let map = restoreMap(segments.get('map'));
  let baseline = restoreOr(segments.get('baseline'), options.restoreBaseline, options.createBaseline);
  let directory: Directory = parsed(segments.get('directory')) ?? [];
  /** End of the stretch that was learned or deliberately passed over. */
  let consideredUntil: number | null = parsed(segments.get('consideredUntil'));
  let persistedAt = now();
  /** Latest segment the stored map has counted. */
  let mappedSegment = parsed<number>(segments.get('mappedSegment')) ?? 0;

  const intern = (text: string | null): number => {
    if (text === null) return -1;
    return strings.size < maxTexts || strings.find(text) >= 0 ? strings.id(text) : strings.id(tooManyTexts);
  };

  for (const segment of segments.all()) {
    const decoded = decodeOtlpJson(segment.signal, segment.body);
    const fresh = store(decoded, segment.id);
    if (segment.id > mappedSegment) infer(fresh);
    mappedSegment = Math.max(mappedSegment, segment.id);
  }

  /** Answers what of it is new: what came before counts nowhere again. */
  function store(decoded: Decoded, segment: number): Decoded {
    const fresh = decoded.spans.filter((span) => spans.add(span, segment, intern));
    duplicates += decoded.spans.length - fresh.length;
    for (const log of decoded.logs) logs.add(log, options.miner.add(log.text), intern);
    for (const point of decoded.points) if (!metrics.add(point)) dropped.points++;
    return { ...decoded, spans: fresh };
  }

  function infer(decoded: Decoded): void {
    map.spans(decoded.spans, now());
    map.points(decoded.points);
    for (const { resource, timeMs } of decoded.logs) map.heard(resource.service, timeMs, resource.version, resource.instance);
  }

  function bytes(): number {
    return spans.bytes + logs.bytes + metrics.bytes + segments.bytes;
  }

  /** Drops what is past the window, then the oldest of what is too much. */
  function reclaim(): void {
    const oldest = now() - options.windowMinutes * minute;
    cutBefore(oldest);
    while (bytes() > options.maxBytes && spans.length + logs.length > 0) {
      const before = bytes();
      cutRows(Math.ceil(spans.length * cutShare), Math.ceil(logs.length * cutShare));
      const kept = Math.min(spans.columns.startMs[0] ?? Number.POSITIVE_INFINITY, logs.columns.timeMs[0] ?? Number.POSITIVE_INFINITY);
      if (Number.isFinite(kept)) segments.dropBefore(kept);
      else segments.dropBefore(Number.POSITIVE_INFINITY);
      if (bytes() >= before) break;
    }
  }

  function cutBefore(oldest: number): void {
    const oldSpans = leading(spans.length, (row) => spans.columns.startMs[row]! < oldest);
    const oldLogs = leading(logs.length, (row) => logs.columns.timeMs[row]! < oldest);
    if (oldSpans > spans.length * cutShare || oldLogs > logs.length * cutShare) cutRows(oldSpans, oldLogs);
    metrics.dropBefore(oldest);
    segments.dropBefore(oldest);
  }

  function cutRows(oldSpans: number, oldLogs: number): void {
    if (oldSpans > 0) spans.cut(oldSpans);
    if (oldLogs > 0) logs.cut(oldLogs);
    dropped.spans += oldSpans;
    dropped.logs += oldLogs;
  }

  function windowOf({ fromMs, toMs }: Window): TelemetryWindow {
    const traces = new TraceNumbers();
    const local = new StringTable(strings);
    const { view, rowOf } = spans.view(fromMs, toMs, traces);
    return {
      fromMs,
      toMs,
      strings: local,
      spans: view,
      logs: logs.view(fromMs, toMs, traces, local, spans, rowOf),
      metrics: metrics.view(fromMs, toMs),
      traces: traces.count,
      templateText: (template) => options.miner.text(template),
      dropped: { spans: 0, logs: 0, points: 0, ...droppedInside(fromMs) },
    };
  }

  /** What was dropped for space belongs to a window only when the window reaches back to where rows are gone. */
  function droppedInside(fromMs: number): Partial<typeof dropped> {
    const expired = now() - options.windowMinutes * minute;
    const oldest = oldestAt();
    return oldest !== null && fromMs < oldest && oldest > expired + 2 * minute ? dropped : {};
  }

  function oldestAt(): number | null {
    let oldest = metrics.oldestAt() ?? Number.POSITIVE_INFINITY;
    for (let row = 0; row < spans.length; row++) oldest = Math.min(oldest, spans.columns.startMs[row]!);
    for (let row = 0; row < logs.length; row++) oldest = Math.min(oldest, logs.columns.timeMs[row]!);
    return Number.isFinite(oldest) ? oldest : null;
  }

  /** Learns whole minutes that have left quarantine, except those an incident covers. */
  function learn(excluded: readonly Window[]): void {
    const until = Math.floor((now() - options.quarantineMs) / minute) * minute;
    const oldest = oldestAt();
    if (oldest === null) return;
    let from = Math.max(consideredUntil ?? Number.NEGATIVE_INFINITY, Math.floor(oldest / minute) * minute);
    for (; from < until; from += minute) {
      const to = from + minute;
      consideredUntil = to;
      if (excluded.some((window) => window.fromMs < to && window.toMs > from)) continue;
      const window = windowOf({ fromMs: from, toMs: to + options.overlapMs });
      if (window.spans.length + window.logs.length + window.metrics.length > 0) baseline.learn(window, from, to);
    }
  }

  function persist(): void {
    persistedAt = now();
    segments.put('map', JSON.stringify(map.snapshot()));
    segments.put('drawn', JSON.stringify(map.map(directory)));
    segments.put('mappedSegment', JSON.stringify(mappedSegment));
    segments.put('baseline', JSON.stringify(baseline.snapshot()));
    segments.put('consideredUntil', JSON.stringify(consideredUntil));
  }

  return {
    async ingest(signal: Signal, body: Uint8Array, format): Promise<Ingested> {
      if (format !== 'json') throw new Failure('rejected', 'otlp', 'read the body', { hint: 'only JSON is taken' });
      const decoded = decodeOtlpJson(signal, body);
      const times = timesOf(decoded);
      const segment = times === null ? 0 : segments.add(signal, times.newestAt, body);
      infer(store(decoded, segment));
      mappedSegment = Math.max(mappedSegment, segment);
      if (bytes() > options.maxBytes) reclaim();
      const accepted = decoded.spans.length + decoded.logs.length + decoded.points.length;
      return {
        accepted,
        rejected: decoded.rejected,
        problem: decoded.problem,
        oldestAt: times?.oldestAt ?? null,
        newestAt: times?.newestAt ?? null,
      };
    },
    window: async (window) => windowOf(window),
    knowledge: async () => ({ map: map.map(directory), baseline, directory: remembered(directory, map.map(directory)) }),
    async advance(_, excluded) {
      learn(excluded);
      reclaim();
      map.age(now());
      if (now() - persistedAt >= persistEveryMs) persist();
    },
    async know(entries) {
      directory = [...new Map([...directory, ...entries].map((entry) => [entry.name, entry])).values()];
      map.redraw();
      segments.put('directory', JSON.stringify(directory));
    },
    logs: async (query) => searchLogs(logs, strings, query),
    trace: async (traceId) => spansOfTrace(spans, strings, traceId, attributesIn),
    stats: () => ({
      spans: spans.length,
      logs: logs.length,
      points: metrics.points,
      bytes: bytes(),
      oldestAt: oldestAt(),
      newestAt: newestAt(),
      dropped: { ...dropped },
      duplicates,
    }),
    async flush() {
      persist();
      segments.flush();
    },
    async close() {
      persist();
      segments.close();
      map = new MapInference();
      baseline = options.createBaseline();
    },
  };

  function attributesIn(segment: number, ordinals: ReadonlySet<number>) {
    const body = segments.read(segment);
    return body === null ? new Map<number, Record<string, string | number | boolean>>() : attributesOfEntry('traces', body, ordinals);
  }

  function newestAt(): number | null {
    let newest = Number.NEGATIVE_INFINITY;
    for (let row = 0; row < spans.length; row++) newest = Math.max(newest, spans.columns.startMs[row]!);
    for (let row = 0; row < logs.length; row++) newest = Math.max(newest, logs.columns.timeMs[row]!);
    return Number.isFinite(newest) ? newest : null;
  }
}

/** The map as the running product last wrote it; empty where it never did. */
export function readStoredMap(file: string): ServiceMap {
  return parsed<ServiceMap>(readStoredValue(file, 'drawn')) ?? emptyMap;
}

/** Services ever seen are known to exist, also while they are silent. */
function remembered(directory: Directory, map: ServiceMap): Directory {
  const listed = new Set(directory.map((entry) => entry.name));
  const seen = map.services.filter((service) => service.kind === 'service' && !listed.has(service.name));
  return [...directory, ...seen.map(({ name }) => ({ name, addresses: [], ports: [] }))];
}

function leading(length: number, isOld: (row: number) => boolean): number {
  let row = 0;
  while (row < length && isOld(row)) row++;
  return row;
}

function timesOf({ spans, logs, points }: Decoded): { oldestAt: number; newestAt: number } | null {
  let oldestAt = Number.POSITIVE_INFINITY;
  let newestAt = Number.NEGATIVE_INFINITY;
  const take = (from: number, to: number) => {
    oldestAt = Math.min(oldestAt, from);
    newestAt = Math.max(newestAt, to);
  };
  for (const { startMs } of spans) take(startMs, startMs);
  for (const { timeMs } of logs) take(timeMs, timeMs);
  for (const { timeMs } of points) take(timeMs, timeMs);
  return Number.isFinite(oldestAt) ? { oldestAt, newestAt } : null;
}

function parsed<T>(text: string | null): T | null {
  return text === null ? null : (JSON.parse(text) as T);
}

function restoreMap(text: string | null): MapInference {
  const snapshot = parsed<MapSnapshot>(text);
  return snapshot === null ? new MapInference() : MapInference.restore(snapshot);
}

function restoreOr<T>(text: string | null, restore: (snapshot: unknown) => T, create: () => T): T {
  return text === null ? create() : restore(JSON.parse(text));
}
