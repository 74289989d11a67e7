/**
 * Writes a recorded incident as the file exporter of the OpenTelemetry Collector would: requests run through little programs
 * of calls and lines, a bend makes some of them go wrong. Chance comes from a seed: the same folder every time.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type Random, seeded } from '../../accuracy/random.ts';

/** One visit to a service. `#` in a line is a number that varies. */
export interface Program {
  readonly service: string;
  readonly operation: string;
  readonly ms: number;
  readonly scope?: string;
  readonly lines?: readonly string[];
  readonly calls?: readonly Program[];
  readonly store?: string;
}

/** What goes wrong in a visit; callers suffer by themselves. */
export type Bend =
  | { readonly kind: 'throws'; readonly line: string; readonly problem: string }
  | { readonly kind: 'slow'; readonly ms: number }
  | { readonly kind: 'down' }
  | { readonly kind: 'refuses'; readonly code: number; readonly line: string }
  | { readonly kind: 'leaves out'; readonly line: number };
export type Bends = (program: Program, at: number) => Bend | null;

export interface Kept {
  readonly traces: boolean;
  readonly logs: boolean;
  /** `request`: no trace ids on lines, a request id instead. */
  readonly linesCarry: 'trace' | 'request';
}

export const minute = 60_000;
type Json = Record<string, unknown>;
const text = (key: string, value: string) => ({ key, value: { stringValue: value } });
const nanos = (ms: number) => `${Math.round(ms * 1_000)}000`;

export class Recorder {
  readonly random: Random;
  readonly alertAt: number;
  readonly kept: Kept;
  readonly #spans = new Map<string, Map<string, Json[]>>();
  readonly #lines = new Map<string, Map<string, Json[]>>();
  readonly #points = new Map<string, Map<string, Json[]>>();
  readonly #folder: string;
  readonly #instances = new Map<string, string>();
  #ids = 0;

  constructor(folder: string, alertAt: number, kept: Partial<Kept> = {}) {
    this.#folder = folder;
    this.alertAt = alertAt;
    this.kept = { traces: true, logs: true, linesCarry: 'trace', ...kept };
    this.random = seeded(folder.split('/').at(-1)!);
  }

  /** From now on a service runs as another version. */
  version(service: string, version: string): void {
    this.#instances.set(service, version);
  }

  /** Requests at a rate between two moments, given in minutes before the alert. */
  requests(program: Program, fromMinute: number, toMinute: number, perMinute: number, bends: Bends = () => null): void {
    const every = minute / perMinute;
    for (
      let at = this.alertAt - fromMinute * minute;
      at < this.alertAt - toMinute * minute - 2_000;
      at += every * this.random.between(0.7, 1.3)
    )
      this.#serve(program, { trace: this.#id(32), request: `r-${this.random.hex(8)}` }, '', at, bends);
  }

  line(service: string, at: number, severity: number, body: string, more: Json = {}, scope = ''): void {
    if (this.kept.logs)
      put(this.#lines, this.#resource(service), scope, {
        timeUnixNano: nanos(at),
        severityNumber: severity,
        body: { stringValue: body },
        ...more,
      });
  }

  /** A gauge once a minute. */
  gauge(service: string, name: string, value: (minutesBefore: number) => number, fromMinute: number): void {
    for (let before = fromMinute; before >= 0; before--) {
      const point = {
        timeUnixNano: nanos(this.alertAt - before * minute - 5_000),
        asDouble: value(before) * this.random.between(0.95, 1.05),
      };
      put(this.#points, this.#resource(service), name, point);
    }
  }

  #id(digits: number): string {
    this.#ids++;
    // Counted ids keep a committed folder small; they are as good as random ones.
    return this.#ids.toString(16).padStart(digits, 'c');
  }

  #resource(service: string): string {
    const version = this.#instances.get(service);
    const attributes = [text('service.name', service), ...(version === undefined ? [] : [text('service.version', version)])];
    return JSON.stringify(attributes);
  }

  #serve(
    program: Program,
    ids: { trace: string; request: string },
    parent: string,
    start: number,
    bends: Bends,
  ): { end: number; code: number } {
    const { service, scope = '', lines = [], calls = [] } = program;
    const span = this.#id(16);
    const bend = bends(program, start);
    const says = (at: number, severity: number, body: string) => {
      const carried =
        this.kept.linesCarry === 'trace' ? { traceId: ids.trace, spanId: span } : { attributes: [text('request_id', ids.request)] };
      this.line(
        service,
        at,
        severity,
        body.replaceAll('#', () => String(this.random.whole(10, 9_999))),
        carried,
        scope,
      );
    };
    let now = start + program.ms * this.random.between(0.8, 1.25) + (bend?.kind === 'slow' ? bend.ms * this.random.between(0.9, 1.2) : 0);
    let code = 200;
    if (bend?.kind === 'refuses') {
      says(now, 13, bend.line);
      code = bend.code;
    } else {
      lines.forEach((body, index) => {
        if (!(bend?.kind === 'leaves out' && bend.line === index)) says(start + 0.4 + index * 0.1, 9, body);
      });
      if (program.store !== undefined) now = this.#ask(program, ids, span, now);
      for (const callee of calls) {
        const answer = this.#call(program, callee, ids, span, now, bends);
        now = answer.end;
        if (answer.problem === null) continue;
        says(now, 17, `${callee.operation} failed: ${answer.problem}`);
        code = 502;
        break;
      }
      if (bend?.kind === 'throws') {
        says(now, 17, bend.line);
        code = 500;
      }
    }
    this.#span(program, ids.trace, span, parent, program.operation, 2, start, now, {
      attributes: [{ key: 'http.response.status_code', value: { intValue: code } }],
      ...(code >= 500 ? { status: { code: 2, message: bend?.kind === 'throws' ? bend.problem : '' } } : {}),
    });
    return { end: now, code };
  }

  #call(caller: Program, callee: Program, ids: { trace: string; request: string }, parent: string, at: number, bends: Bends) {
    const span = this.#id(16);
    const isDown = bends(callee, at)?.kind === 'down';
    const answer = isDown ? { end: at + 3, code: 0 } : this.#serve(callee, ids, span, at + 0.4, bends);
    const end = answer.end + 0.4;
    const problem = isDown
      ? `dial tcp ${callee.service}:8080: connect: connection refused`
      : answer.code >= 400
        ? `status ${answer.code}`
        : null;
    this.#span(caller, ids.trace, span, parent, 'GET', 3, at, end, {
      attributes: [
        text('server.address', callee.service),
        ...(isDown ? [] : [{ key: 'http.response.status_code', value: { intValue: answer.code } }]),
      ],
      ...(problem === null ? {} : { status: { code: 2, message: problem } }),
    });
    return { end, problem };
  }

  #ask(program: Program, ids: { trace: string }, parent: string, at: number): number {
    const end = at + this.random.between(0.8, 2);
    this.#span(program, ids.trace, this.#id(16), parent, 'SELECT', 3, at, end, {
      attributes: [text('db.system.name', 'postgresql'), text('server.address', program.store ?? '')],
    });
    return end;
  }

  #span(
    by: Program,
    traceId: string,
    spanId: string,
    parentSpanId: string,
    name: string,
    kind: number,
    start: number,
    end: number,
    more: Json,
  ): void {
    if (!this.kept.traces || end > this.alertAt) return;
    const parent = parentSpanId === '' ? {} : { parentSpanId };
    const times = { startTimeUnixNano: nanos(start), endTimeUnixNano: nanos(end) };
    put(this.#spans, this.#resource(by.service), by.scope ?? '', { traceId, spanId, ...parent, name, kind, ...times, ...more });
  }

  /** Spans recorded so far are not kept: whoever was to keep them is down. */
  loseSpansAfter(minutesBefore: number): void {
    for (const scopes of this.#spans.values())
      for (const [scope, spans] of scopes)
        scopes.set(
          scope,
          spans.filter((span) => Number(span['endTimeUnixNano']) / 1e6 < this.alertAt - minutesBefore * minute),
        );
  }

  write(alert: { name: string; service?: string; summary: string }, expected: Json, files: Readonly<Record<string, unknown>> = {}): void {
    mkdirSync(this.#folder, { recursive: true });
    const save = (file: string, value: unknown) => writeFileSync(join(this.#folder, file), `${JSON.stringify(value)}\n`);
    save('alert.json', alertBody(this.alertAt, alert));
    save('expected.json', expected);
    for (const [file, value] of Object.entries(files)) save(file, value);
    const lines = (of: Map<string, Map<string, Json[]>>, line: (resource: Json, scopes: [string, Json[]][]) => Json) =>
      gzipSync([...of].map(([resource, scopes]) => JSON.stringify(line({ attributes: JSON.parse(resource) }, [...scopes]))).join('\n'), {
        level: 9,
      });
    const named = (scope: string) => (scope === '' ? {} : { name: scope });
    const byTime = (records: Json[], key: string) => records.sort((a, b) => Number(a[key]) - Number(b[key]));
    if (this.#spans.size > 0)
      writeFileSync(
        join(this.#folder, 'traces.jsonl.gz'),
        lines(this.#spans, (resource, scopes) => ({
          resourceSpans: [
            { resource, scopeSpans: scopes.map(([scope, spans]) => ({ scope: named(scope), spans: byTime(spans, 'startTimeUnixNano') })) },
          ],
        })),
      );
    if (this.#lines.size > 0)
      writeFileSync(
        join(this.#folder, 'logs.jsonl.gz'),
        lines(this.#lines, (resource, scopes) => ({
          resourceLogs: [
            {
              resource,
              scopeLogs: scopes.map(([scope, logRecords]) => ({
                scope: named(scope),
                logRecords: byTime(
                  logRecords.filter((log) => Number(log['timeUnixNano']) / 1e6 <= this.alertAt),
                  'timeUnixNano',
                ),
              })),
            },
          ],
        })),
      );
    if (this.#points.size > 0)
      writeFileSync(
        join(this.#folder, 'metrics.jsonl.gz'),
        lines(this.#points, (resource, series) => ({
          resourceMetrics: [
            { resource, scopeMetrics: [{ metrics: series.map(([name, dataPoints]) => ({ name, unit: '1', gauge: { dataPoints } })) }] },
          ],
        })),
      );
  }
}

function put(into: Map<string, Map<string, Json[]>>, resource: string, scope: string, record: Json): void {
  const scopes = into.get(resource) ?? new Map<string, Json[]>();
  into.set(resource, scopes);
  const records = scopes.get(scope);
  if (records) records.push(record);
  else scopes.set(scope, [record]);
}

function alertBody(alertAt: number, { name, service, summary }: { name: string; service?: string; summary: string }): Json {
  const labels = { alertname: name, severity: 'critical', ...(service === undefined ? {} : { service }) };
  return {
    version: '4',
    groupKey: `{}:{alertname="${name}"}`,
    truncatedAlerts: 0,
    status: 'firing',
    receiver: 'tracepulse',
    groupLabels: { alertname: name },
    commonLabels: labels,
    commonAnnotations: { summary },
    externalURL: '',
    alerts: [
      {
        status: 'firing',
        labels,
        annotations: { summary },
        startsAt: new Date(alertAt).toISOString(),
        endsAt: '0001-01-01T00:00:00Z',
        generatorURL: '',
        fingerprint: '',
      },
    ],
  };
}
