/**
 * Prometheus (PROTOCOLS C6): saturation, failures and durations of the services around an incident, as gauges. A question
 * for each measure, all at once; one that fails is a gap, and only all of them together a failure.
 */
import type { Gap } from '../../../domain/evidence.ts';
import { Failure } from '../../../domain/failure.ts';
import { identityOf } from '../../../domain/service.ts';
import { metricSource, type OtlpRequest } from '../../../ports/sources.ts';
import { createPrometheus, inPattern, PrometheusSettings, type Series } from '../../prometheus-api.ts';
import { type MetricQuery, QueriesSetting, withSet } from './queries.ts';

/** Points of one series: enough to see a minute, far below the 11,000 that Prometheus gives at most. */
const mostPoints = 120;
const leastStepMs = 15_000;
/** Scrapes are up to a minute apart, and a rate needs two of them. */
const leastRangeMs = 120_000;
const dayMs = 86_400_000;

/** Whole quarters of a minute. `{ 11 min } → 15 s`, `{ 1 h } → 30 s`, `{ 1 day } → 12 min` */
export function stepFor({ fromMs, toMs }: { readonly fromMs: number; readonly toMs: number }): number {
  return Math.max(1, Math.ceil((toMs - fromMs) / mostPoints / leastStepMs)) * leastStepMs;
}

export const prometheus = metricSource({
  id: 'prometheus',
  settings: PrometheusSettings.extend({ PROMETHEUS_QUERIES: QueriesSetting }),
  create(settings, tools) {
    const api = createPrometheus(settings, tools);
    const queries = withSet(settings.PROMETHEUS_QUERIES ?? []);
    return {
      async points({ window, services }, signal) {
        const stepMs = stepFor(window);
        const names = [...new Set(services.map((service) => identityOf(service).name))];
        if (names.length === 0) return { requests: [], gaps: [] };
        const filled = { services: names.map(inPattern).join('|'), range: `${Math.max(leastRangeMs, 4 * stepMs) / 1_000}s` };
        const failures: Failure[] = [];
        const gaps: Gap[] = [];
        const metrics = await Promise.all(
          queries.map(async (asked) => {
            const attempt = `read ${asked.name}`;
            try {
              const { series, hasWarnings } = await api.range({ attempt, query: fill(asked.query, filled), window, stepMs }, signal);
              if (hasWarnings) gaps.push({ source: 'prometheus', reason: `prometheus: ${attempt}: part of what was asked did not answer` });
              return { asked, series };
            } catch (error) {
              if (!(error instanceof Failure)) throw error;
              failures.push(error);
              return { asked, series: [] };
            }
          }),
        );
        if (failures[0] !== undefined && failures.length === queries.length) throw failures[0];
        gaps.push(...failures.map(({ message }) => ({ source: 'prometheus', reason: message })));
        return { requests: requestsOf(metrics, services), gaps };
      },
      async probe(signal) {
        const question = { attempt: 'count targets', query: 'count by (job) (up)', at: tools.now() };
        const { series } = await api.instant(question, signal);
        if (series.length > 0) return `it scrapes ${series.length} jobs`;
        const lately = {
          attempt: 'count targets',
          query: `count(count by (job) (last_over_time(up[${dayMs / 1_000}s])))`,
          at: tools.now(),
        };
        return (await api.instant(lately, signal)).series.length > 0
          ? 'it answers, and scrapes nothing now'
          : 'it answers, and has no targets';
      },
    };
  },
});

const fill = (query: string, { services, range }: { readonly services: string; readonly range: string }): string =>
  query.replaceAll('$services', () => services).replaceAll('$range', () => range);

interface Measured {
  readonly asked: MetricQuery;
  readonly series: readonly Series[];
}

/** A request for each service, so that what belongs to nobody asked for stays out. */
function requestsOf(metrics: readonly Measured[], services: readonly string[]): OtlpRequest[] {
  const owner = ownersOf(services);
  const resourceMetrics = new Map<string, object[]>();
  for (const { asked, series } of metrics) {
    const owned = Map.groupBy(series, ({ labels }) => owner(asked.service.map((label) => labels[label]).find((value) => value) ?? ''));
    for (const [service, of] of owned) {
      const dataPoints = of.flatMap(pointsOf);
      if (service === null || dataPoints.length === 0) continue;
      const isQuantile = asked.query.includes('histogram_quantile(0.95');
      const points = isQuantile ? dataPoints.map((point) => withLabel(point, 'quantile', '0.95')) : dataPoints;
      const metric = { name: asked.name, unit: asked.unit, gauge: { dataPoints: points } };
      resourceMetrics.set(service, [...(resourceMetrics.get(service) ?? []), metric]);
    }
  }
  return [...resourceMetrics].map(([service, of]) => ({
    resourceMetrics: [{ resource: { attributes: resourceAttributes(service) }, scopeMetrics: [{ scope: {}, metrics: of }] }],
  }));
}

interface DataPoint {
  readonly timeUnixNano: string;
  readonly asDouble: number;
  readonly attributes: readonly object[];
}

const attribute = (key: string, value: string) => ({ key, value: { stringValue: value } });
const withLabel = (point: DataPoint, key: string, value: string): DataPoint => ({
  ...point,
  attributes: [...point.attributes, attribute(key, value)],
});

function pointsOf({ labels, points }: Series): DataPoint[] {
  // `job` and `service` say again whose it is.
  const kept = Object.entries(labels).filter(([key]) => key !== '__name__' && key !== 'job' && key !== 'service');
  const attributes = kept.map(([key, value]) => attribute(key, value));
  return points.map(([at, value]) => ({ timeUnixNano: `${at}000000`, asDouble: value, attributes }));
}

function resourceAttributes(service: string): object[] {
  const { name, namespace, environment } = identityOf(service);
  return [
    attribute('service.name', name),
    ...(namespace === null ? [] : [attribute('service.namespace', namespace)]),
    ...(environment === null ? [] : [attribute('deployment.environment.name', environment)]),
  ];
}

/** What a replica set or a stateful set adds to a name for its pods, and people for a version: `cart-6c9f7d8b54-x2x9z`, `cart-0`, `cart-v2`. */
const additions = /^-(?:[0-9a-f]{6,10}-[a-z0-9]{5}|[a-z0-9]{5}|v?\d+(?:-[0-9a-f]{6,10}-[a-z0-9]{5})?)$/;

function ownersOf(services: readonly string[]): (value: string) => string | null {
  const named = services.map((service) => ({ service, name: identityOf(service).name })).sort((a, b) => b.name.length - a.name.length);
  return (value) => {
    // OpenTelemetry writes a job as namespace and name.
    const plain = value.replace(/^.*\//, '');
    const exact = named.find(({ service }) => service === value) ?? named.find(({ name }) => name === plain);
    const own = exact ?? named.find(({ name }) => plain.startsWith(name) && additions.test(plain.slice(name.length)));
    return own?.service ?? null;
  };
}
