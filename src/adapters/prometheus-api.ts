/** Prometheus and what speaks its language (PROTOCOLS C6): for measurements, and for the meshes whose edges lie there. */
import { z } from 'zod';
import type { Tools } from '../adapter.ts';
import type { Window } from '../domain/evidence.ts';
import { createJsonApi, httpAddress, tenantId } from './json-api.ts';

export const PrometheusSettings = z.object({
  PROMETHEUS_URL: httpAddress().describe(
    'Address of Prometheus, Mimir, Thanos or VictoriaMetrics, whose measurements and mesh edges are read; with their path, e.g. `/prometheus`',
  ),
  PROMETHEUS_TOKEN: z.string().optional().describe('Its token; with PROMETHEUS_USER a password'),
  PROMETHEUS_USER: z.string().optional().describe("User of Prometheus' basic authentication"),
  PROMETHEUS_TENANT: tenantId().optional().describe('Tenant (X-Scope-OrgID) of Mimir or Cortex'),
});
export type PrometheusSettings = z.infer<typeof PrometheusSettings>;

export interface Series {
  readonly labels: Readonly<Record<string, string>>;
  /** ms since the epoch and value; what is no number is left out. */
  readonly points: readonly (readonly [number, number])[];
}

export interface Answer {
  readonly series: readonly Series[];
  /** Parts of it did not answer, as Thanos and Mimir say of their stores. */
  readonly hasWarnings: boolean;
}

export interface Prometheus {
  range(
    question: { readonly attempt: string; readonly query: string; readonly window: Window; readonly stepMs: number },
    signal: AbortSignal,
  ): Promise<Answer>;
  instant(question: { readonly attempt: string; readonly query: string; readonly at: number }, signal: AbortSignal): Promise<Answer>;
}

const Sample = z.tuple([z.number(), z.string()]);
const Shape = z.object({
  status: z.literal('success'),
  data: z.object({
    // Native histograms have `histogram` in place of a value, and are passed over.
    result: z.array(z.object({ metric: z.record(z.string(), z.string()), value: Sample.optional(), values: z.array(Sample).optional() })),
  }),
  warnings: z.array(z.string()).optional(),
});

export function createPrometheus(settings: PrometheusSettings, tools: Pick<Tools, 'fetch' | 'now'>): Prometheus {
  const { PROMETHEUS_URL: url, PROMETHEUS_TOKEN: token, PROMETHEUS_USER: user, PROMETHEUS_TENANT: tenant } = settings;
  const api = createJsonApi({ system: 'prometheus', url, token, user, tenant }, tools);
  const ask = async (path: string, attempt: string, parameters: Readonly<Record<string, string>>, signal: AbortSignal): Promise<Answer> => {
    const { data, warnings } = await api.ask({ attempt, path: `api/v1/${path}`, parameters, method: 'POST', shape: Shape, signal });
    return { series: data.result.map(seriesOf), hasWarnings: (warnings?.length ?? 0) > 0 };
  };
  const seconds = (ms: number) => String(ms / 1_000);
  return {
    range({ attempt, query, window, stepMs }, signal) {
      // At whole steps the same stretch read again gives the same points.
      const [start, end] = [Math.ceil(window.fromMs / stepMs) * stepMs, Math.floor(window.toMs / stepMs) * stepMs];
      return ask('query_range', attempt, { query, start: seconds(start), end: seconds(end), step: seconds(stepMs) }, signal);
    },
    instant: ({ attempt, query, at }, signal) => ask('query', attempt, { query, time: seconds(at) }, signal),
  };
}

function seriesOf({ metric, value, values }: z.infer<typeof Shape>['data']['result'][number]): Series {
  const samples = values ?? (value === undefined ? [] : [value]);
  const points = samples.map(([at, text]) => [Math.round(at * 1_000), Number(text)] as const);
  return { labels: metric, points: points.filter(([, number]) => Number.isFinite(number)) };
}

/** Text inside a regular expression inside a string of PromQL: `a.b` → `a\\.b` */
export function inPattern(text: string): string {
  return text.replace(/[\\^$.|?*+()[\]{}]/g, '\\$&').replace(/["\\\n]/g, (c) => (c === '\n' ? '\\n' : `\\${c}`));
}
