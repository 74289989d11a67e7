/**
 * Test support: OTLP/JSON export requests → a TelemetryWindow, the small way. What production does with bytes, segments
 * is in `src/adapters/telemetry`; this one needs nothing but the shapes and the miner, so ranking can be tested alone.
 */
import {
  type LogView,
  type MetricSeries,
  peerKind,
  type SpanView,
  spanKind,
  spanStatus,
  StringTable,
  type TelemetryWindow,
} from '../../../src/domain/telemetry.ts';
import { createMiner, type Miner } from '../../../src/domain/templates/miner.ts';

interface KeyValue {
  key: string;
  value: { stringValue?: string; intValue?: string | number; doubleValue?: number; boolValue?: boolean };
}
export interface OtlpSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind?: number;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes?: KeyValue[];
  status?: { code?: number; message?: string };
  events?: { name: string; attributes?: KeyValue[] }[];
}
export interface OtlpLog {
  timeUnixNano: string;
  severityNumber?: number;
  severityText?: string;
  body: { stringValue?: string };
  traceId?: string;
  spanId?: string;
  attributes?: KeyValue[];
}
export interface OtlpPoint {
  timeUnixNano: string;
  asDouble?: number;
  asInt?: string | number;
  attributes?: KeyValue[];
}
interface Resource {
  attributes: KeyValue[];
}
export interface OtlpTraces {
  resourceSpans: { resource: Resource; scopeSpans: { scope?: { name?: string }; spans: OtlpSpan[] }[] }[];
}
export interface OtlpLogs {
  resourceLogs: { resource: Resource; scopeLogs: { scope?: { name?: string }; logRecords: OtlpLog[] }[] }[];
}
export interface OtlpMetrics {
  resourceMetrics: {
    resource: Resource;
    scopeMetrics: { metrics: { name: string; unit?: string; gauge?: { dataPoints: OtlpPoint[] }; sum?: { dataPoints: OtlpPoint[] } }[] }[];
  }[];
}
export interface Recording {
  readonly traces: readonly OtlpTraces[];
  readonly logs: readonly OtlpLogs[];
  readonly metrics: readonly OtlpMetrics[];
}

type Attributes = Record<string, string>;

function attributesOf(pairs: readonly KeyValue[] | undefined): Attributes {
  const found: Attributes = {};
  for (const { key, value } of pairs ?? [])
    found[key] = String(value.stringValue ?? value.intValue ?? value.doubleValue ?? value.boolValue ?? '');
  return found;
}

const ms = (nanos: string): number => Number(nanos.slice(0, -6)) + Number(nanos.slice(-6)) / 1e6;
const instanceOf = (a: Attributes): string | null => a['k8s.pod.name'] ?? a['service.instance.id'] ?? null;

interface FlatSpan {
  span: OtlpSpan;
  service: string;
  instance: string | null;
  version: string | null;
  scope: string | null;
  startMs: number;
}
interface FlatLog {
  log: OtlpLog;
  service: string;
  instance: string | null;
  version: string | null;
  scope: string | null;
  timeMs: number;
}

/** Everything a recording holds, flat and in time order, so that windows of it are cut without parsing again. */
export interface Flat {
  readonly spans: readonly FlatSpan[];
  readonly logs: readonly FlatLog[];
  readonly metrics: readonly MetricSeries[];
}

export function flatten(recording: Recording): Flat {
  const spans: FlatSpan[] = [];
  for (const request of recording.traces)
    for (const { resource, scopeSpans } of request.resourceSpans) {
      const a = attributesOf(resource.attributes);
      const of = { service: a['service.name'] ?? '', instance: instanceOf(a), version: a['service.version'] ?? null };
      for (const { scope, spans: list } of scopeSpans)
        for (const span of list) spans.push({ span, ...of, scope: scope?.name ?? null, startMs: ms(span.startTimeUnixNano) });
    }
  const logs: FlatLog[] = [];
  for (const request of recording.logs)
    for (const { resource, scopeLogs } of request.resourceLogs) {
      const a = attributesOf(resource.attributes);
      const of = { service: a['service.name'] ?? '', instance: instanceOf(a), version: a['service.version'] ?? null };
      for (const { scope, logRecords } of scopeLogs)
        for (const log of logRecords) logs.push({ log, ...of, scope: scope?.name ?? null, timeMs: ms(log.timeUnixNano) });
    }
  spans.sort((x, y) => x.startMs - y.startMs);
  logs.sort((x, y) => x.timeMs - y.timeMs);
  return { spans, logs, metrics: flattenMetrics(recording) };
}

function flattenMetrics(recording: Recording): MetricSeries[] {
  const series = new Map<string, { head: Omit<MetricSeries, 'timeMs' | 'values'>; points: [number, number][] }>();
  for (const request of recording.metrics)
    for (const { resource, scopeMetrics } of request.resourceMetrics) {
      const a = attributesOf(resource.attributes);
      for (const { metrics } of scopeMetrics)
        for (const { name, unit, gauge, sum } of metrics)
          for (const point of (gauge ?? sum)?.dataPoints ?? []) {
            const labels = attributesOf(point.attributes);
            const head = {
              service: a['service.name'] ?? '',
              instance: instanceOf(a),
              version: labels['service.version'] ?? a['service.version'] ?? null,
              name,
              unit: unit ?? null,
              labels,
            };
            const key = JSON.stringify(head);
            const known = series.get(key) ?? { head, points: [] };
            series.set(key, known);
            known.points.push([ms(point.timeUnixNano), Number(point.asDouble ?? point.asInt ?? 0)]);
          }
    }
  return [...series.values()].map(({ head, points }) => {
    points.sort((x, y) => x[0] - y[0]);
    return { ...head, timeMs: Float64Array.from(points, (p) => p[0]), values: Float64Array.from(points, (p) => p[1]) };
  });
}

/** Tables that live as long as a store would: template numbers and strings stay the same from window to window. */
export class Tables {
  readonly strings = new StringTable();
  readonly miner = createMiner();
}

/** The window [fromMs, toMs) of a recording. */
export function windowOf(flat: Flat, tables: Tables, fromMs: number, toMs: number): TelemetryWindow {
  const { strings, miner } = tables;
  const traceNumbers = new StringTable();
  const kept = flat.spans.filter((s) => s.startMs >= fromMs && s.startMs < toMs);
  const lines = flat.logs.filter((l) => l.timeMs >= fromMs && l.timeMs < toMs);
  const rows = new Map(kept.map((s, row) => [`${s.span.traceId}/${s.span.spanId}`, row]));
  const spans = spanView(kept, rows, strings, traceNumbers);
  const logs = logView(lines, rows, strings, miner, traceNumbers);
  const metrics = flat.metrics.flatMap((s) => {
    const from = s.timeMs.findIndex((t) => t >= fromMs);
    if (from < 0) return [];
    const past = s.timeMs.findIndex((t) => t >= toMs);
    const to = past < 0 ? s.timeMs.length : past;
    return to <= from ? [] : [{ ...s, timeMs: s.timeMs.slice(from, to), values: s.values.slice(from, to) }];
  });
  return {
    fromMs,
    toMs,
    strings,
    spans,
    logs,
    metrics,
    traces: traceNumbers.size,
    templateText: (template) => miner.text(template),
    dropped: { spans: 0, logs: 0, points: 0 },
  };
}

/** Each line is given to the miner once, when it is first read, as at intake. */
type Mined = { readonly template: number; readonly hollow: number };
const mined = new WeakMap<Miner, Map<FlatLog, Mined>>();
function minedOf(miner: Miner, line: FlatLog): Mined {
  const known = mined.get(miner) ?? new Map<FlatLog, Mined>();
  mined.set(miner, known);
  let found = known.get(line);
  if (found === undefined) {
    found = { template: miner.add(line.log.body.stringValue ?? ''), hollow: miner.hollow() };
    known.set(line, found);
  }
  return { ...found, template: miner.canonical(found.template) };
}

const ints = (length: number): Int32Array => new Int32Array(length).fill(-1);

function spanView(kept: readonly FlatSpan[], rows: ReadonlyMap<string, number>, strings: StringTable, traces: StringTable): SpanView {
  const n = kept.length;
  const optional = (text: string | null | undefined): number => (text ? strings.id(text) : -1);
  const view = {
    length: n,
    startMs: new Float64Array(n),
    durationMs: new Float32Array(n),
    service: ints(n),
    operation: ints(n),
    kind: new Uint8Array(n),
    status: new Uint8Array(n),
    statusCode: new Uint16Array(n),
    peer: ints(n),
    peerKind: new Uint8Array(n),
    instance: ints(n),
    version: ints(n),
    component: ints(n),
    problem: ints(n),
    trace: ints(n),
    parent: ints(n),
    link: ints(n),
    traceId: (row: number) => kept[row]?.span.traceId ?? '',
    spanId: (row: number) => kept[row]?.span.spanId ?? '',
  };
  kept.forEach(({ span, service, instance, version, scope, startMs }, row) => {
    const a = attributesOf(span.attributes);
    view.startMs[row] = startMs;
    view.durationMs[row] = ms(span.endTimeUnixNano) - startMs;
    view.service[row] = strings.id(service);
    view.operation[row] = strings.id(span.name);
    view.kind[row] = span.kind ?? 0;
    view.status[row] = span.status?.code ?? 0;
    view.statusCode[row] = Number(a['http.response.status_code'] ?? a['http.status_code'] ?? 0);
    if (view.kind[row] === 0 && (view.statusCode[row] ?? 0) >= 500) view.status[row] = spanStatus.error;
    const peer = peerOf(span, a);
    if (peer) {
      view.peer[row] = strings.id(peer.name);
      view.peerKind[row] = peer.kind;
    }
    view.instance[row] = optional(instance);
    view.version[row] = optional(version);
    view.component[row] = optional(a['code.namespace'] ?? scope);
    const thrown = span.events?.find((event) => event.name === 'exception');
    const e = attributesOf(thrown?.attributes);
    view.problem[row] = optional(thrown ? `${e['exception.type'] ?? ''}: ${e['exception.message'] ?? ''}` : span.status?.message);
    view.trace[row] = traces.id(span.traceId);
    const parentId = span.parentSpanId;
    view.parent[row] = !parentId || /^0+$/.test(parentId) ? -1 : (rows.get(`${span.traceId}/${parentId}`) ?? -2);
  });
  return view;
}

function peerOf(span: OtlpSpan, a: Attributes): { name: string; kind: number } | null {
  if (a['messaging.system']) return { name: `queue:${a['messaging.system']}/${a['messaging.destination.name']}`, kind: peerKind.queue };
  if (span.kind !== spanKind.client && span.kind !== spanKind.producer) return null;
  const host = a['peer.service'] ?? a['server.address'];
  const system = a['db.system'] ?? a['rpc.system'] ?? '';
  if (a['db.system'] || /mongo|mysql|jdbc|redis|postgres|jedis|lettuce/i.test(system))
    return { name: `db:${host ?? system}`, kind: peerKind.database };
  if (!host) return a['url.full'] ? { name: `ext:${new URL(a['url.full']).hostname}`, kind: peerKind.host } : null;
  return { name: host, kind: peerKind.service };
}

function logView(
  lines: readonly FlatLog[],
  rows: ReadonlyMap<string, number>,
  strings: StringTable,
  miner: Miner,
  traces: StringTable,
): LogView {
  const n = lines.length;
  const optional = (text: string | null | undefined): number => (text ? strings.id(text) : -1);
  const view = {
    length: n,
    timeMs: Float64Array.from(lines, (l) => l.timeMs),
    service: Int32Array.from(lines, (l) => strings.id(l.service)),
    severity: Uint8Array.from(lines, (l) => l.log.severityNumber ?? 0),
    template: Int32Array.from(lines, (l) => minedOf(miner, l).template),
    hollow: Uint8Array.from(lines, (l) => minedOf(miner, l).hollow),
    hollowFields: ints(n),
    instance: Int32Array.from(lines, (l) => optional(l.instance)),
    version: Int32Array.from(lines, (l) => optional(l.version)),
    component: Int32Array.from(lines, (l) => optional(l.scope)),
    trace: Int32Array.from(lines, (l) => (l.log.traceId ? traces.id(l.log.traceId) : -1)),
    span: Int32Array.from(lines, (l) => (l.log.spanId ? (rows.get(`${l.log.traceId}/${l.log.spanId}`) ?? -1) : -1)),
    correlation: Int32Array.from(lines, (l) => optional(attributesOf(l.log.attributes)['request.id'])),
    text: (row: number) => lines[row]?.log.body.stringValue ?? '',
    traceId: (row: number) => lines[row]?.log.traceId ?? '',
  };
  return view;
}
