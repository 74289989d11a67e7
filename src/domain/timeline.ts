/**
 * What happened minute by minute to the services an incident is about: small enough to be kept with the report, so that a
 * picture of it can be drawn when the telemetry itself has gone.
 */
import type { FaultKind } from './hypothesis.ts';
import { spanKind, spanStatus, type TelemetryWindow } from './telemetry.ts';

/** One service's minutes, all arrays equally long. */
export interface TimelineSeries {
  /** The hypothesis whose service it is; null: the service of the alert. */
  readonly hypothesisId: string | null;
  readonly calls: readonly number[];
  readonly failed: readonly number[];
  /** 95th percentile of the durations in ms; null where nothing was timed. */
  readonly p95Ms: readonly (number | null)[];
  /** Log lines at ERROR and above. */
  readonly errorLines: readonly number[];
}

export interface Timeline {
  readonly fromMs: number;
  readonly stepMs: number;
  readonly series: readonly TimelineSeries[];
}

export interface TimelineSubject {
  readonly hypothesisId: string | null;
  readonly service: string;
}

const minuteMs = 60_000;
/** More points than this are no longer told apart in a picture of a hand's width. */
const maxSteps = 45;
const errorSeverity = 17;

export function timelineOf(window: TelemetryWindow, subjects: readonly TimelineSubject[]): Timeline {
  const stepMs = minuteMs * Math.max(1, Math.ceil((window.toMs - window.fromMs) / minuteMs / maxSteps));
  const fromMs = Math.floor(window.fromMs / stepMs) * stepMs;
  const steps = Math.max(1, Math.ceil((window.toMs - fromMs) / stepMs));
  const numbers = subjects.map(({ service }) => window.strings.find(service));
  const rows = rowsOf(window, numbers);
  const lines = errorLines(window, numbers, { fromMs, stepMs, steps });
  return {
    fromMs,
    stepMs,
    series: subjects.map(({ hypothesisId }, i) => ({
      hypothesisId,
      ...measured(window, rows[i] ?? [], { fromMs, stepMs, steps }),
      errorLines: lines[i] ?? [],
    })),
  };
}

interface Steps {
  readonly fromMs: number;
  readonly stepMs: number;
  readonly steps: number;
}

/** The calls a service took; where it tells of none, those that others made to it, else its own steps that began a trace. */
function rowsOf({ spans }: TelemetryWindow, services: readonly number[]): number[][] {
  const taken: number[][] = services.map(() => []);
  const made: number[][] = services.map(() => []);
  const begun: number[][] = services.map(() => []);
  const wanted = new Map<number, number[]>();
  services.forEach((service, i) => {
    if (service >= 0) wanted.set(service, [...(wanted.get(service) ?? []), i]);
  });
  for (let row = 0; row < spans.length; row++) {
    const kind = spans.kind[row];
    for (const i of wanted.get(spans.service[row] ?? -1) ?? []) {
      if (kind === spanKind.server || kind === spanKind.consumer) taken[i]?.push(row);
      else if (spans.parent[row] === -1) begun[i]?.push(row);
    }
    for (const i of wanted.get(spans.peer[row] ?? -1) ?? []) if (spans.service[row] !== spans.peer[row]) made[i]?.push(row);
  }
  return services.map((_, i) => [taken[i], made[i], begun[i]].find((rows) => rows !== undefined && rows.length > 0) ?? []);
}

function measured({ spans }: TelemetryWindow, rows: readonly number[], { fromMs, stepMs, steps }: Steps) {
  const calls = new Array<number>(steps).fill(0);
  const failed = new Array<number>(steps).fill(0);
  const durations: number[][] = calls.map(() => []);
  for (const row of rows) {
    const step = Math.floor(((spans.startMs[row] ?? 0) - fromMs) / stepMs);
    if (step < 0 || step >= steps) continue;
    calls[step] = (calls[step] ?? 0) + 1;
    if (spans.status[row] === spanStatus.error) failed[step] = (failed[step] ?? 0) + 1;
    durations[step]?.push(spans.durationMs[row] ?? 0);
  }
  return { calls, failed, p95Ms: durations.map(p95) };
}

function p95(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  const value = [...values].sort((a, b) => a - b)[Math.ceil(values.length * 0.95) - 1] ?? 0;
  return Math.round(value * 100) / 100;
}

function errorLines({ logs }: TelemetryWindow, services: readonly number[], { fromMs, stepMs, steps }: Steps): number[][] {
  const lines = services.map(() => new Array<number>(steps).fill(0));
  for (let row = 0; row < logs.length; row++) {
    if ((logs.severity[row] ?? 0) < errorSeverity) continue;
    const step = Math.floor(((logs.timeMs[row] ?? 0) - fromMs) / stepMs);
    if (step < 0 || step >= steps) continue;
    services.forEach((service, i) => {
      const of = lines[i];
      if (of !== undefined && service >= 0 && logs.service[row] === service) of[step] = (of[step] ?? 0) + 1;
    });
  }
  return lines;
}

/** What of a service is drawn over time. */
export interface Curve {
  readonly measure: 'failed calls' | 'slowest calls' | 'error lines' | 'calls';
  readonly unit: '%' | 'ms' | 'per minute';
  readonly values: readonly (number | null)[];
}

/** What shows the suspect's fault best, of what it was measured by. */
export function measureFor({ failed, p95Ms, errorLines: lines, calls }: TimelineSeries, kind: FaultKind): Curve['measure'] | null {
  const some = (values: readonly (number | null)[]) => values.some((value) => value !== null && value > 0);
  if ((kind === 'latency' || kind === 'saturation') && some(p95Ms)) return 'slowest calls';
  if (some(failed)) return 'failed calls';
  if (some(lines)) return 'error lines';
  if (kind === 'unavailable' && some(calls)) return 'calls';
  if (some(p95Ms)) return 'slowest calls';
  return some(calls) ? 'calls' : null;
}

export function curveOf(series: TimelineSeries, measure: Curve['measure'], stepMs: number): Curve {
  const perMinute = (count: number) => (count * minuteMs) / stepMs;
  switch (measure) {
    case 'failed calls':
      return {
        measure,
        unit: '%',
        values: series.failed.map((count, i) => ((series.calls[i] ?? 0) === 0 ? null : (100 * count) / (series.calls[i] ?? 1))),
      };
    case 'slowest calls':
      return { measure, unit: 'ms', values: series.p95Ms };
    case 'error lines':
      return { measure, unit: 'per minute', values: series.errorLines.map(perMinute) };
    case 'calls':
      return { measure, unit: 'per minute', values: series.calls.map(perMinute) };
  }
}
