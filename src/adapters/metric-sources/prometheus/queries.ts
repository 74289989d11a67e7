/**
 * What is asked of Prometheus for a set of services: saturation and, by the names that are about, requests that fail or take
 * long. All services in one question each. `$services` stands for their names as a pattern, `$range` for the stretch of a rate.
 */
import { z } from 'zod';
import { structured } from '../../../domain/structured-setting.ts';

/** One question. `service`: labels that name the service, the first that is there counts; its pods and workloads are its own. */
export const MetricQuery = z.strictObject({
  name: z.string().regex(/^[A-Za-z][\w.]*$/),
  unit: z.string().default(''),
  query: z.string(),
  service: z.array(z.string()).min(1).default(['service', 'service_name', 'job', 'deployment', 'pod']),
});
export type MetricQuery = z.infer<typeof MetricQuery>;

const pods = 'container!="", container!="POD", pod=~"(?:$services)-.+"';
const jobs = 'job=~"(?:.+/)?(?:$services)"';
const rate = (metric: string) => `rate(${metric}[$range])`;

interface Asked {
  readonly name: string;
  readonly by: readonly string[];
  readonly service: readonly string[];
}

/** Share of requests that failed. Without a failure there is no series of failures, and the share is none. */
function share({ name, by, service }: Asked, all: string, failed: readonly string[]): MetricQuery {
  const sum = (metric: string) => `sum by (${by.join(', ')}) (${rate(metric)})`;
  const either = [...failed.map(sum), `0 * ${sum(all)}`].join(' or ');
  return { name, unit: '1', query: `(${either}) / (${sum(all)} > 0)`, service: [...service] };
}

/** The time that 95 of 100 requests stay below. */
function slowest({ name, by, service }: Asked, buckets: string, unit: string): MetricQuery {
  const query = `histogram_quantile(0.95, sum by (${[...by, 'le'].join(', ')}) (${rate(buckets)}))`;
  return { name, unit, query, service: [...service] };
}

const byJob = { by: ['job', 'instance'], service: ['job'] };
const pod = { by: ['namespace', 'pod'], service: ['pod'] };
const istio = {
  by: ['reporter', 'source_workload', 'destination_workload', 'destination_version'],
  service: ['destination_workload', 'destination_canonical_service', 'destination_service_name'],
};
const linkerd = { by: ['namespace', 'deployment', 'direction'], service: ['deployment'] };
const semconv = 'http_server_request_duration_seconds';
const arrived = 'reporter=~"destination|waypoint", destination_workload=~"(?:$services)(?:-v?[0-9]+)?"';
const inbound = 'direction="inbound", deployment=~"$services"';

export const builtIn: readonly MetricQuery[] = [
  {
    name: 'container.cpu.usage',
    unit: '{cpu}',
    query: `sum by (namespace, pod) (${rate(`container_cpu_usage_seconds_total{${pods}}`)})`,
    service: ['pod'],
  },
  {
    name: 'container.memory.working_set',
    unit: 'By',
    query: `sum by (namespace, pod) (container_memory_working_set_bytes{${pods}})`,
    service: ['pod'],
  },
  {
    name: 'container.memory.limit_utilization',
    unit: '1',
    query: `max by (namespace, pod) (container_memory_working_set_bytes{${pods}} / (container_spec_memory_limit_bytes{${pods}} > 0))`,
    service: ['pod'],
  },
  share({ name: 'container.cpu.throttled_ratio', ...pod }, `container_cpu_cfs_periods_total{${pods}}`, [
    `container_cpu_cfs_throttled_periods_total{${pods}}`,
  ]),
  {
    name: 'k8s.container.restarts',
    unit: '{restart}',
    query: 'sum by (namespace, pod) (increase(kube_pod_container_status_restarts_total{pod=~"(?:$services)-.+"}[$range]))',
    service: ['pod'],
  },
  { name: 'process.cpu.utilization', unit: '{cpu}', query: rate(`process_cpu_seconds_total{${jobs}}`), service: ['job'] },
  { name: 'process.memory.usage', unit: 'By', query: `process_resident_memory_bytes{${jobs}}`, service: ['job'] },
  {
    name: 'http.server.request.rate',
    unit: '{request}/s',
    query: `sum by (job, instance) (${rate(`${semconv}_count{${jobs}}`)})`,
    service: ['job'],
  },
  share({ name: 'http.server.error_ratio', ...byJob }, `${semconv}_count{${jobs}}`, [
    `${semconv}_count{${jobs}, http_response_status_code=~"5.."}`,
  ]),
  slowest({ name: 'http.server.request.duration', ...byJob }, `${semconv}_bucket{${jobs}}`, 's'),
  {
    name: 'http.request.rate',
    unit: '{request}/s',
    query: `sum by (job, instance) (${rate(`http_requests_total{${jobs}}`)})`,
    service: ['job'],
  },
  share({ name: 'http.error_ratio', ...byJob }, `http_requests_total{${jobs}}`, [
    `http_requests_total{${jobs}, status=~"5.."}`,
    `http_requests_total{${jobs}, code=~"5.."}`,
  ]),
  slowest({ name: 'http.request.duration', ...byJob }, `http_request_duration_seconds_bucket{${jobs}}`, 's'),
  share({ name: 'istio.error_ratio', ...istio }, `istio_requests_total{${arrived}}`, [
    `istio_requests_total{${arrived}, response_code=~"5..|0"}`,
  ]),
  slowest({ name: 'istio.request.duration', ...istio }, `istio_request_duration_milliseconds_bucket{${arrived}}`, 'ms'),
  share({ name: 'linkerd.error_ratio', ...linkerd }, `response_total{${inbound}}`, [
    `response_total{${inbound}, classification="failure"}`,
  ]),
  slowest({ name: 'linkerd.response.latency', ...linkerd }, `response_latency_ms_bucket{${inbound}}`, 'ms'),
];

/** What is set stands in for the built-in of the same name, or beside them; an empty query turns one off. */
export function withSet(set: readonly MetricQuery[]): MetricQuery[] {
  const names = new Set(set.map(({ name }) => name));
  return [...builtIn.filter(({ name }) => !names.has(name)), ...set.filter(({ query }) => query.trim() !== '')];
}

export const QueriesSetting = structured(z.array(MetricQuery), 'a list of { name, query, unit, service }')
  .optional()
  .describe(
    'Queries beside or in place of those that are built in, as a list of `{ name, query, unit, service }`; `$services` and `$range` are filled in; best written in tracepulse.config.yaml',
  );
