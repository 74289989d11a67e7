/**
 * Pushed telemetry of the last hour: columns in memory, received bodies as compressed segments, map and baseline kept up to
 * date as it comes. One process; with a file, everything is there again after a restart.
 */
import type { Baseline } from '../../domain/baseline/baseline.ts';
import type { Window } from '../../domain/evidence.ts';
import type { MapInference } from '../../domain/map-inference.ts';
import type { MapSnapshot } from '../../domain/map-state.ts';
import type { Decoded } from '../../domain/records.ts';
import type { ReportedEdge } from '../../domain/reported-edge.ts';
import type { Directory } from '../../domain/service.ts';
import { SpanBatch } from '../../domain/span-batch.ts';
import { type Breathe, inSlices, type Steps } from '../../domain/steps.ts';
import { StringTable, type TelemetryWindow } from '../../domain/telemetry.ts';
import type { Miner } from '../../domain/templates/miner.ts';
import type { Ingested, Knowledge, Signal, TelemetryStats } from '../../ports.ts';
import type { LogQuery } from '../../ports/sources.ts';
import { ingested, withoutOlder } from './ages.ts';
import { SenderClocks } from './clocks.ts';
import type { ColumnTelemetryOptions, Replayed, ReplayingTelemetry } from './column-options.ts';
import { Deliveries } from './deliveries.ts';
import { remembered } from './directory.ts';
import { LogTable } from './log-table.ts';
import { MetricTable } from './metric-table.ts';
import { attributesOfSpans, decodeOtlp } from './otlp/otlp.ts';
import { searchLogs, spansOfTrace } from './reading.ts';
import { Resources } from './resources.ts';
import { parsed, restoreMap } from './restoring.ts';
import { fileSegments } from './segment-file.ts';
import { memorySegments, type Received, type Segments } from './segments.ts';
import { SpanTable } from './span-table.ts';
import { TraceNumbers } from './trace-numbers.ts';

const minute = 60_000;
/** What is older than the window by more than this is not taken: senders and their clocks are late by minutes. */
const maxLateMs = 60 * minute;
/** Knowledge is written this often, and when the store closes. */
const persistEveryMs = 10_000;
/** A chunk of rows expires whole: one that takes rows for longer would hold old ones back. */
const maxOpenMs = minute;
/** A table of texts beyond this means unbounded names (ids in operations, say); further ones share one number. */
const maxTexts = 500_000;
const tooManyTexts = '(too many different texts)';

export function createColumnTelemetry(options: ColumnTelemetryOptions): ReplayingTelemetry {
  return new ColumnTelemetry(options);
}

class ColumnTelemetry implements ReplayingTelemetry {
  readonly #options: ColumnTelemetryOptions;
  readonly #segments: Segments;
  readonly #strings = new StringTable();
  readonly #resources = new Resources();
  readonly #spans = new SpanTable(this.#resources, maxOpenMs);
  readonly #logs = new LogTable(this.#resources, maxOpenMs);
  readonly #metrics = new MetricTable();
  readonly #clocks = new SenderClocks(this.#strings, this.#resources, this.#spans);
  readonly #batch = new SpanBatch();
  readonly #logDeliveries = new Deliveries<Ingested>();
  readonly #map: MapInference;
  readonly #baseline: Baseline;
  readonly #miner: Miner;
  readonly #dropped = { spans: 0, logs: 0, points: 0 };
  /** Newest time of what was dropped for space: a window that begins after it is whole. */
  #droppedUntil = Number.NEGATIVE_INFINITY;
  #duplicates = 0;
  #directory: Directory;
  /** End of the stretch that was learned or deliberately passed over. */
  #consideredUntil: number | null;
  /** Latest segment the map has counted. */
  #mappedSegment: number;
  #persistedAt: number;
  /** The baseline is by far the largest of what is written down, and changes once a minute. */
  #baselineWritten = true;

  constructor(options: ColumnTelemetryOptions) {
    this.#options = options;
    const segments = options.segments ?? (options.file === null ? memorySegments() : fileSegments(options.file));
    this.#segments = segments;
    const baseline = parsed<unknown>(segments.get('baseline'));
    this.#baseline = baseline === null ? options.createBaseline() : options.restoreBaseline(baseline);
    this.#miner = options.restoreMiner(parsed<unknown>(segments.get('miner')));
    this.#map = restoreMap(parsed<MapSnapshot>(segments.get('map')));
    this.#directory = parsed<Directory>(segments.get('directory')) ?? [];
    this.#consideredUntil = parsed<number>(segments.get('consideredUntil'));
    // Numbers begin anew once all segments have expired: what comes then is not what was counted.
    this.#mappedSegment = Math.min(parsed<number>(segments.get('mappedSegment')) ?? 0, segments.last);
    this.#persistedAt = options.now();
    segments.dropBefore(options.now() - options.windowMinutes * minute);
    for (const segment of segments.all()) this.#ingest(segment, segment.newestMs, () => segment.id);
    this.#duplicates = 0;
  }

  async ingest(signal: Signal, body: Uint8Array, format: 'json' | 'protobuf'): Promise<Ingested> {
    const received = { signal, body, format };
    const answer = this.#ingest(received, this.#options.now(), (newestAt) => this.#segments.add(received, newestAt));
    this.#makeRoom();
    return answer;
  }

  replay({ received, arrivedAt, isCounted }: Replayed): void {
    this.#ingest(received, arrivedAt, (newestAt) => {
      const segment = this.#segments.add(received, newestAt);
      if (isCounted) this.#mappedSegment = segment;
      return segment;
    });
    this.#makeRoom();
  }

  async window(window: Window, breathe: Breathe = () => undefined): Promise<TelemetryWindow> {
    return inSlices(this.#window(window), breathe);
  }

  async knowledge(): Promise<Knowledge> {
    const map = this.#map.map(this.#directory);
    return { map, baseline: this.#baseline, directory: remembered(this.#directory, map) };
  }

  async advance(now: number, excluded: readonly Window[], breathe: Breathe = () => undefined): Promise<void> {
    await inSlices(this.#learn(now, excluded), breathe);
    this.#expire(now);
    this.#map.age(now);
    if (now - this.#persistedAt >= persistEveryMs) this.#persist(now);
  }

  async know(entries: Directory): Promise<void> {
    this.#directory = [...new Map([...this.#directory, ...entries].map((entry) => [entry.name, entry])).values()];
    this.#map.redraw();
    this.#segments.put('directory', JSON.stringify(this.#directory));
  }

  async reported(edges: readonly ReportedEdge[], at: number): Promise<void> {
    this.#map.reported(edges, at);
  }

  async logs(query: LogQuery) {
    return searchLogs(this.#logs, this.#strings, query);
  }

  async trace(traceId: string) {
    return spansOfTrace(this.#spans, this.#resources, this.#strings, traceId, (segment, ordinals) => {
      const found = this.#segments.read(segment);
      return found === null ? new Map() : attributesOfSpans(found, ordinals);
    });
  }

  stats(): TelemetryStats {
    const oldestAt = Math.min(this.#spans.table.oldestMs, this.#logs.table.oldestMs, this.#metrics.oldestAt() ?? Number.POSITIVE_INFINITY);
    const newestAt = Math.max(this.#spans.table.newestMs, this.#logs.table.newestMs);
    return {
      spans: this.#spans.length,
      logs: this.#logs.length,
      points: this.#metrics.points,
      bytes: this.#bytes,
      oldestAt: Number.isFinite(oldestAt) ? oldestAt : null,
      newestAt: Number.isFinite(newestAt) ? newestAt : null,
      dropped: { ...this.#dropped },
      duplicates: this.#duplicates,
      problem: this.#segments.problem,
    };
  }

  async flush(): Promise<void> {
    this.#persist(this.#options.now());
    this.#segments.flush();
  }

  async close(): Promise<void> {
    this.#persist(this.#options.now());
    this.#segments.close();
  }

  get #bytes(): number {
    return this.#spans.bytes + this.#logs.bytes + this.#metrics.bytes + this.#segments.bytes;
  }

  readonly #intern = (text: string | null): number => {
    if (text === null) return -1;
    const strings = this.#strings;
    return strings.size < maxTexts || strings.find(text) >= 0 ? strings.id(text) : strings.id(tooManyTexts);
  };

  /** `keep` answers the number of the segment that holds the body; of a body without anything good none is kept. */
  #ingest(received: Received, arrivedAt: number, keep: (newestAt: number) => number): Ingested {
    const now = this.#options.now();
    const delivery = received.signal === 'logs' ? this.#logDeliveries.key(received.body) : null;
    const known = delivery === null ? null : this.#logDeliveries.answerTo(delivery);
    if (known !== null) {
      this.#duplicates += known.accepted;
      return known;
    }
    const decoded = withoutOlder(decodeOtlp(received, this.#batch, arrivedAt), this.#windowFrom(now) - maxLateMs);
    const answer = ingested(decoded);
    if (answer.newestAt === null) return answer;
    this.#take(decoded, keep(answer.newestAt), Math.min(arrivedAt, now));
    if (delivery !== null) this.#logDeliveries.remember(delivery, answer, now);
    return answer;
  }

  #windowFrom(now: number): number {
    return now - this.#options.windowMinutes * minute;
  }

  /** Stores what was decoded; the map counts what is new, and a segment it has counted before not at all. */
  #take(decoded: Decoded, segment: number, now: number): void {
    this.#duplicates += this.#spans.add(decoded.spans, segment, now, this.#intern);
    for (const log of decoded.logs) this.#logs.add(log, this.#miner.add(log.text), this.#miner.hollow(), segment, now, this.#intern);
    for (const point of decoded.points) if (!this.#metrics.add(point)) this.#dropped.points++;
    this.#clocks.request(decoded);
    if (segment <= this.#mappedSegment) return;
    this.#map.spans(decoded.spans, now);
    this.#map.points(decoded.points);
    this.#map.lines(decoded.logs, now);
    this.#mappedSegment = segment;
  }

  /** Lets go of what is past the window. */
  #expire(now: number): void {
    const oldest = this.#windowFrom(now);
    for (const rows of [this.#spans, this.#logs])
      for (let first = rows.table.chunks[0]; first !== undefined && first.expiresMs < oldest; first = rows.table.chunks[0])
        rows.dropOldest();
    this.#metrics.dropBefore(oldest);
    this.#logDeliveries.dropBefore(oldest);
    this.#segments.dropBefore(oldest);
  }

  /** Drops the oldest of what is too much, spans or lines, and the bodies nobody points to any more. */
  #makeRoom(): void {
    while (this.#bytes > this.#options.maxBytes) {
      const [span, log] = [this.#spans.table.chunks[0], this.#logs.table.chunks[0]];
      const isSpan = span !== undefined && (log === undefined || span.firstSegment <= log.firstSegment);
      const gone = isSpan ? this.#spans.dropOldest() : this.#logs.dropOldest();
      if (gone === null) return;
      this.#dropped[isSpan ? 'spans' : 'logs'] += gone.length;
      this.#droppedUntil = Math.max(this.#droppedUntil, gone.expiresMs);
      const first = Math.min(...[this.#spans, this.#logs].map(({ table }) => table.chunks[0]?.firstSegment ?? Number.POSITIVE_INFINITY));
      this.#segments.dropUntil(first);
    }
  }

  *#window({ fromMs, toMs }: Window): Steps<TelemetryWindow> {
    const traces = new TraceNumbers();
    const shifts = yield* this.#clocks.shifts(this.#options.now());
    const { view, rowOf: spanRowOf } = yield* this.#spans.view(fromMs, toMs, traces, shifts);
    // Made last: while it is under way new texts come, and it sees those that were there when it was made.
    const strings = new StringTable(this.#strings);
    const logs = yield* this.#logs.view(fromMs, toMs, { traces, strings, spans: this.#spans, spanRowOf, shifts });
    yield;
    return {
      fromMs,
      toMs,
      strings,
      spans: view,
      // A template may have been merged into another since the line came.
      logs: { ...logs, template: logs.template.map((template) => this.#miner.canonical(template)) },
      metrics: this.#metrics.view(fromMs, toMs, this.#clocks.measuringShift),
      traces: traces.count,
      templateText: (template) => this.#miner.text(template),
      dropped: fromMs <= this.#droppedUntil ? { ...this.#dropped } : { spans: 0, logs: 0, points: 0 },
    };
  }

  /** Learns whole minutes that have left quarantine, except those an incident covers. */
  *#learn(now: number, excluded: readonly Window[]): Steps<void> {
    const until = Math.floor((now - this.#options.quarantineMs) / minute) * minute;
    const { oldestAt } = this.stats();
    if (oldestAt === null) return;
    // One thing with a time of long ago must not have all the minutes since then walked.
    const first = Math.floor(Math.max(oldestAt, this.#windowFrom(now)) / minute) * minute;
    for (let from = Math.max(this.#consideredUntil ?? 0, first); from < until; from += minute) {
      const to = from + minute;
      this.#consideredUntil = to;
      if (excluded.some((window) => window.fromMs < to && window.toMs > from)) continue;
      if (!this.#hasAny(from, to + this.#options.overlapMs)) continue;
      const window = yield* this.#window({ fromMs: from, toMs: to + this.#options.overlapMs });
      if (window.spans.length + window.logs.length + window.metrics.length === 0) continue;
      yield* this.#baseline.learn(window, from, to);
      this.#baselineWritten = false;
    }
  }

  #hasAny(fromMs: number, toMs: number): boolean {
    return this.#spans.table.mayHave(fromMs, toMs) || this.#logs.table.mayHave(fromMs, toMs) || this.#metrics.has(fromMs, toMs);
  }

  #persist(now: number): void {
    this.#persistedAt = now;
    const values = {
      map: this.#map.snapshot(),
      drawn: this.#map.map(this.#directory),
      mappedSegment: this.#mappedSegment,
      consideredUntil: this.#consideredUntil,
      ...(this.#baselineWritten ? {} : { baseline: this.#baseline.snapshot(), miner: this.#miner.snapshot() }),
    };
    this.#baselineWritten = true;
    for (const [key, value] of Object.entries(values)) this.#segments.put(key, JSON.stringify(value));
  }
}
