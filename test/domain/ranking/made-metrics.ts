/** Test support: a system seen through metrics alone, ranked without store or HTTP. */
import { createBaseline } from '../../../src/domain/baseline/baseline.ts';
import type { Change } from '../../../src/domain/change.ts';
import { initialWeights } from '../../../src/domain/feedback.ts';
import { rank, type Ranking } from '../../../src/domain/ranking/rank.ts';
import type { RankInput } from '../../../src/domain/ranking/rank-input.ts';
import type { MetricSeries } from '../../../src/domain/telemetry.ts';
import { flatten, Tables, windowOf } from './window-from-otlp.ts';

export const alertAt = Date.UTC(2026, 4, 4, 12, 0, 0);
const minute = 60_000;

export interface MadeSeries {
  readonly service: string;
  readonly pod?: string;
  readonly version?: string;
  readonly name: string;
  readonly unit?: string;
  readonly labels?: Record<string, string>;
  /** Minutes before the alert at which it begins and ends. */
  readonly from?: number;
  readonly to?: number;
  /** Its value so many minutes before the alert; null: no point. */
  readonly value: (minutesBefore: number) => number | null;
}

export function series({ service, pod, version, name, unit, labels = {}, from = 15, to = 0, value }: MadeSeries): MetricSeries {
  const points: [number, number][] = [];
  for (let before = from; before >= to; before--) {
    const at = value(before);
    if (at !== null) points.push([alertAt - before * minute - 1000, at]);
  }
  return {
    service,
    instance: pod ?? null,
    version: labels['service.version'] ?? version ?? null,
    name,
    unit: unit ?? null,
    labels,
    timeMs: Float64Array.from(points, ([at]) => at),
    values: Float64Array.from(points, ([, of]) => of),
  };
}

export function released(service: string, minutesBefore: number, more: Partial<Change> = {}): Change {
  const startedAt = alertAt - minutesBefore * minute;
  return { kind: 'release', service, startedAt, steps: [], version: 'v2', sha: null, url: null, title: null, files: [], ...more };
}

export function inputOf(metrics: readonly MetricSeries[], changes: readonly Change[] = []): RankInput {
  const none = flatten({ traces: [], logs: [], metrics: [] });
  return {
    incidentId: 'made',
    window: { ...windowOf(none, new Tables(), alertAt - 20 * minute, alertAt + 1), metrics },
    baseline: createBaseline(),
    map: { services: [], edges: [] },
    directory: [],
    changes,
    weights: initialWeights,
    alertAt,
    focus: { service: null, correlationIds: [] },
  };
}

export const rankMetrics = (metrics: readonly MetricSeries[], changes: readonly Change[] = []): Ranking => rank(inputOf(metrics, changes));

/** Not quite even, and the same on every run. */
export const about = (value: number, minutesBefore: number, salt = 0): number =>
  value * (1 + 0.06 * Math.sin(7 * minutesBefore + 3 * salt));
