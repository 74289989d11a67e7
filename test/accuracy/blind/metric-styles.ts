/** One scrape of a pod in the names that different monitoring stacks give to the same things. */
interface Sampled {
  readonly client: string;
  readonly count: number;
  readonly failed: number;
  readonly ms: number;
  readonly countTotal: number;
  readonly failedTotal: number;
  readonly msTotal: number;
}
export interface Sample {
  readonly at: number;
  readonly system: string;
  readonly service: string;
  readonly pod: string;
  readonly version: string;
  readonly everyMs: number;
  readonly startedAt: number;
  readonly memory: number;
  readonly cpu: number;
  readonly throttled: number;
  readonly periods: number;
  readonly cpuSeconds: number;
  readonly restarts: number;
  readonly business: number;
  readonly calls: readonly Sampled[];
}

type Labels = Readonly<Record<string, string>>;
const nano = (at: number) => `${Math.round(at)}000000`;
const attributes = (labels: Labels) => Object.entries(labels).map(([key, value]) => ({ key, value: { stringValue: value } }));
const gauge = (name: string, unit: string, at: number, points: readonly (readonly [number, Labels])[]) => ({
  name,
  unit,
  gauge: { dataPoints: points.map(([value, labels]) => ({ timeUnixNano: nano(at), asDouble: value, attributes: attributes(labels) })) },
});
const sum = (name: string, unit: string, { at, startedAt }: Sample, points: readonly (readonly [number, Labels])[], temporality = 2) => ({
  name,
  unit,
  sum: {
    aggregationTemporality: temporality,
    isMonotonic: true,
    dataPoints: points.map(([value, labels]) => ({
      startTimeUnixNano: nano(startedAt),
      timeUnixNano: nano(at),
      asDouble: value,
      attributes: attributes(labels),
    })),
  },
});
const limitBytes = 512 * 1024 * 1024;

const gauges = (one: Sample) => [
  gauge('k8s.pod.cpu_limit_utilization', '1', one.at, [[one.cpu, {}]]),
  gauge('k8s.pod.memory_limit_utilization', '1', one.at, [[one.memory, {}]]),
  gauge(
    'service_graph.edge.success_ratio',
    '1',
    one.at,
    one.calls.map((call) => [1 - call.failed / call.count, { client: call.client, server: one.service, 'service.version': one.version }]),
  ),
  gauge(
    'service_graph.edge.latency',
    'ms',
    one.at,
    one.calls.map((call) => [call.ms, { client: call.client, server: one.service, 'service.version': one.version }]),
  ),
];

const container = (one: Sample) => {
  const labels = { namespace: one.system, pod: one.pod, container: one.service };
  return [
    gauge('container_memory_working_set_bytes', 'By', one.at, [[one.memory * limitBytes, labels]]),
    gauge('kube_pod_container_resource_limits', '', one.at, [[limitBytes, { ...labels, resource: 'memory', unit: 'byte' }]]),
    sum('container_cpu_usage_seconds_total', 's', one, [[one.cpuSeconds, labels]]),
    sum('container_cpu_cfs_throttled_periods_total', '', one, [[one.throttled, labels]]),
    sum('container_cpu_cfs_periods_total', '', one, [[one.periods, labels]]),
    sum('kube_pod_container_status_restarts_total', '', one, [[one.restarts, labels]]),
    sum(`${one.service}_operations_completed_total`, '', one, [[one.business, {}]]),
  ];
};

const istio = (one: Sample) => {
  const labels = (call: Sampled) => ({
    reporter: 'destination',
    source_workload: call.client,
    destination_workload: one.service,
    destination_service_name: one.service,
    destination_version: one.version,
    request_protocol: 'http',
  });
  return [
    sum(
      'istio_requests_total',
      '',
      one,
      one.calls.flatMap((call) => [
        [call.countTotal, { ...labels(call), response_code: '200' }] as const,
        [call.failedTotal, { ...labels(call), response_code: '503' }] as const,
      ]),
    ),
    sum(
      'istio_request_duration_milliseconds_sum',
      'ms',
      one,
      one.calls.map((call) => [call.msTotal, { ...labels(call), response_code: '200' }]),
    ),
    sum(
      'istio_request_duration_milliseconds_count',
      '',
      one,
      one.calls.map((call) => [call.countTotal + call.failedTotal, { ...labels(call), response_code: '200' }]),
    ),
    ...container(one),
  ];
};

const totals = (one: Sample) => ({
  ok: one.calls.reduce((all, call) => all + call.countTotal, 0),
  failed: one.calls.reduce((all, call) => all + call.failedTotal, 0),
  ms: one.calls.reduce((all, call) => all + call.msTotal, 0),
});

const prometheus = (one: Sample) => {
  const { ok, failed, ms } = totals(one);
  return [
    sum('http_requests_total', '', one, [
      [ok, { method: 'GET', code: '200' }],
      [failed, { method: 'GET', code: '500' }],
    ]),
    sum('http_request_duration_seconds_sum', 's', one, [[ms / 1000, { method: 'GET' }]]),
    sum('http_request_duration_seconds_count', '', one, [[ok + failed, { method: 'GET' }]]),
    ...container(one),
  ];
};

const histogram = (name: string, one: Sample, points: readonly (readonly [{ count: number; ms: number }, Labels])[]) => ({
  name,
  unit: 's',
  histogram: {
    aggregationTemporality: 1,
    dataPoints: points
      .filter(([{ count }]) => count > 0)
      .map(([{ count, ms }, labels]) => {
        const bounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];
        const at = bounds.findIndex((bound) => ms / 1000 <= bound);
        const bucket = at === -1 ? bounds.length : at;
        return {
          startTimeUnixNano: nano(one.at - one.everyMs),
          timeUnixNano: nano(one.at),
          count: String(count),
          sum: (count * ms) / 1000,
          explicitBounds: bounds,
          bucketCounts: [...bounds, 0].map((_, index) => String(index === bucket ? count : 0)),
          attributes: attributes(labels),
        };
      }),
  },
});
const otel = (one: Sample) => [
  histogram(
    'http.server.request.duration',
    one,
    one.calls.flatMap((call) => [
      [
        { count: call.count - call.failed, ms: call.ms },
        { 'http.request.method': 'GET', 'http.route': `/${call.client}`, 'http.response.status_code': '200' },
      ] as const,
      [
        { count: call.failed, ms: call.ms },
        { 'http.request.method': 'GET', 'http.route': `/${call.client}`, 'http.response.status_code': '500', 'error.type': '500' },
      ] as const,
    ]),
  ),
  gauge('k8s.container.memory_limit_utilization', '1', one.at, [[one.memory, { 'k8s.container.name': one.service }]]),
  gauge('k8s.container.cpu_limit_utilization', '1', one.at, [[one.cpu, { 'k8s.container.name': one.service }]]),
  gauge('k8s.container.restarts', '{restart}', one.at, [[one.restarts, { 'k8s.container.name': one.service }]]),
  sum(`${one.service}.jobs.completed`, '{job}', one, [[one.business, {}]]),
];

const datadog = (one: Sample) => {
  const count = one.calls.reduce((all, call) => all + call.count, 0);
  const failed = one.calls.reduce((all, call) => all + call.failed, 0);
  const tags = { service: one.service, pod_name: one.pod, version: one.version, env: 'prod' };
  return [
    gauge('trace.http.request.hits', 'request', one.at, [[count, tags]]),
    gauge('trace.http.request.errors', 'error', one.at, [[failed, tags]]),
    gauge('trace.http.request.duration.avg', 's', one.at, [
      [one.calls.reduce((all, call) => all + call.ms * call.count, 0) / count / 1000, tags],
    ]),
    gauge('kubernetes.memory.usage_pct', '1', one.at, [[one.memory, tags]]),
    gauge('kubernetes.cpu.usage.total', 'nanocore', one.at, [[one.cpu * 1e9, tags]]),
    gauge('kubernetes.cpu.cfs.throttled.periods', '', one.at, [[one.throttled, tags]]),
    gauge('kubernetes.containers.restarts', '', one.at, [[one.restarts, tags]]),
    sum(`${one.service}.completed`, '', one, [[one.business, tags]]),
  ];
};

const linkerd = (one: Sample) => {
  const labels = (call: Sampled) => ({
    direction: 'outbound',
    deployment: call.client,
    dst_deployment: one.service,
    dst_pod: one.pod,
    dst_version: one.version,
  });
  return [
    sum(
      'response_total',
      '',
      one,
      one.calls.flatMap((call) => [
        [call.countTotal, { ...labels(call), classification: 'success', status_code: '200' }] as const,
        [call.failedTotal, { ...labels(call), classification: 'failure', status_code: '500' }] as const,
      ]),
    ),
    sum(
      'response_latency_ms_sum',
      'ms',
      one,
      one.calls.map((call) => [call.msTotal, labels(call)]),
    ),
    sum(
      'response_latency_ms_count',
      '',
      one,
      one.calls.map((call) => [call.countTotal + call.failedTotal, labels(call)]),
    ),
    ...container(one),
  ];
};

export const stylists = { gauges, istio, prometheus, otel, datadog, linkerd } as const;
