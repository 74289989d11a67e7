/**
 * One measurement in the words of several tools: what a pod saw in an interval, written as a service graph's gauges, as a
 * mesh's counters, as OpenTelemetry's histograms. Counters run from the pod's start and fall to nothing now and then.
 */
import type { FolderMetrics, FolderPoint, KeyValue } from './folder.ts';
import type { Random } from './random.ts';

export interface SeenCalls {
  readonly client: string;
  readonly server: string;
  readonly calls: number;
  readonly failed: number;
  readonly latencyMs: number;
}

/** What one pod saw since its last scrape. */
export interface Scrape {
  readonly at: number;
  readonly inbound: readonly SeenCalls[];
  readonly outbound: readonly SeenCalls[];
  /** Shares of the pod's limits. */
  readonly cpu: number;
  readonly memory: number;
}

export interface MeasuredPod {
  readonly service: string;
  readonly name: string;
  readonly version: string;
}

/** How a whole system is measured. */
export interface Dialect {
  readonly tool: Tool;
  readonly intervalMs: number;
  /** Whether the series say which version a pod is of, and which pod it is. */
  readonly versions: boolean;
  readonly pods: boolean;
  /** Whether a pod's calls to others are measured on its side. */
  readonly outbound: boolean;
  readonly cpu: 'limit' | 'cores' | 'seconds';
}

const tools = ['graph', 'own graph', 'mesh', 'proxy', 'otel', 'plain'] as const;
type Tool = (typeof tools)[number];

export function dialectOf(random: Random): Dialect {
  const tool = random.chance(0.4) ? 'graph' : random.pick(tools);
  const versions = random.chance(0.85);
  const cpu = random.pick(['limit', 'limit', 'cores', 'seconds'] as const);
  const isCounted = cpu === 'seconds' || !(tool.endsWith('graph') || tool === 'plain');
  return {
    tool,
    intervalMs: random.pick([15_000, 30_000, 60_000, 60_000]),
    versions,
    // Counters of several replicas under one name would be no counters.
    pods: !versions || isCounted || random.chance(0.8),
    outbound: random.chance(0.7),
    cpu,
  };
}

class Series {
  readonly #all = new Map<string, { name: string; unit: string; points: FolderPoint[] }>();
  readonly #sums = new Map<string, number>();

  gauge(name: string, unit: string, at: number, value: number, labels: Readonly<Record<string, string>> = {}): void {
    const known = this.#all.get(name) ?? { name, unit, points: [] };
    this.#all.set(name, known);
    const attributes: KeyValue[] = Object.entries(labels).map(([key, stringValue]) => ({ key, value: { stringValue } }));
    known.points.push({ timeUnixNano: `${Math.floor(at)}000000`, asDouble: value, attributes });
  }

  count(name: string, unit: string, at: number, more: number, labels: Readonly<Record<string, string>> = {}): number {
    const key = `${name} ${JSON.stringify(labels)}`;
    const total = (this.#sums.get(key) ?? 0) + more;
    this.#sums.set(key, total);
    this.gauge(name, unit, at, total, labels);
    return total;
  }

  /** As the intake keeps an OpenTelemetry histogram: how many there were since the start, and their mean. */
  histogram(name: string, unit: string, at: number, calls: number, each: number, labels: Readonly<Record<string, string>>): void {
    const count = this.count(`${name}.count`, unit, at, calls, labels);
    const key = `${name} ${JSON.stringify(labels)}`;
    const sum = (this.#sums.get(key) ?? 0) + calls * each;
    this.#sums.set(key, sum);
    if (count > 0) this.gauge(`${name}.mean`, unit, at, sum / count, labels);
  }

  restart(): void {
    this.#sums.clear();
  }

  written(attributes: KeyValue[]): FolderMetrics {
    const metrics = [...this.#all.values()].map(({ name, unit, points }) => ({ name, unit, gauge: { dataPoints: points } }));
    return { resourceMetrics: [{ resource: { attributes }, scopeMetrics: [{ metrics }] }] };
  }
}

const text = (key: string, value: string): KeyValue => ({ key, value: { stringValue: value } });

export function written(pod: MeasuredPod, scrapes: readonly Scrape[], dialect: Dialect, random: Random): FolderMetrics {
  const series = new Series();
  for (const scrape of scrapes) {
    if (random.chance(0.003)) series.restart();
    for (const calls of scrape.inbound) writeCalls(series, dialect, pod, scrape.at, calls, true);
    if (dialect.outbound) for (const calls of scrape.outbound) writeCalls(series, dialect, pod, scrape.at, calls, false);
    writeResources(series, dialect, scrape);
  }
  return series.written([
    text('service.name', pod.service),
    ...(dialect.pods ? [text('k8s.pod.name', pod.name)] : []),
    ...(dialect.versions && !dialect.tool.endsWith('graph') ? [text('service.version', pod.version)] : []),
  ]);
}

function writeCalls(series: Series, { tool, versions }: Dialect, pod: MeasuredPod, at: number, seen: SeenCalls, inbound: boolean): void {
  const { client, server, calls, failed, latencyMs } = seen;
  const well = calls - failed;
  const version: Record<string, string> = versions ? { 'service.version': pod.version } : {};
  if (calls === 0) return;
  if (tool === 'graph' || tool === 'own graph') {
    const edge = { client, server, ...version };
    series.gauge('service_graph.edge.success_ratio', '1', at, well / calls, edge);
    series.gauge('service_graph.edge.latency', 'ms', at, latencyMs, edge);
  } else if (tool === 'mesh') {
    const edge = { reporter: inbound ? 'destination' : 'source', source_workload: client, destination_workload: server };
    const side: Record<string, string> = versions ? { [inbound ? 'destination_version' : 'source_version']: pod.version } : {};
    series.count('istio_requests_total', '', at, well, { ...edge, ...side, response_code: '200' });
    if (failed > 0) series.count('istio_requests_total', '', at, failed, { ...edge, ...side, response_code: '503' });
    series.count('istio_request_duration_milliseconds_sum', '', at, calls * latencyMs, { ...edge, ...side });
    series.count('istio_request_duration_milliseconds_count', '', at, calls, { ...edge, ...side });
  } else if (tool === 'proxy') {
    const edge = inbound
      ? { direction: 'inbound', deployment: server }
      : { direction: 'outbound', deployment: client, dst_deployment: server };
    series.count('response_total', '', at, well, { ...edge, classification: 'success' });
    if (failed > 0) series.count('response_total', '', at, failed, { ...edge, classification: 'failure' });
    series.count('response_latency_ms_sum', '', at, calls * latencyMs, edge);
    series.count('response_latency_ms_count', '', at, calls, edge);
  } else if (tool === 'otel') {
    const name = inbound ? 'http.server.request.duration' : 'http.client.request.duration';
    const edge: Record<string, string> = inbound ? { 'http.route': '/' } : { 'server.address': `${server}.shop.svc.cluster.local` };
    if (well > 0) series.histogram(name, 's', at, well, latencyMs / 1000, { ...edge, 'http.response.status_code': '200' });
    if (failed > 0) series.histogram(name, 's', at, failed, latencyMs / 1000, { ...edge, 'http.response.status_code': '500' });
  } else if (inbound) {
    series.gauge('http_requests_error_ratio', '1', at, failed / calls, { caller: client });
    series.gauge('http_request_latency_p95_seconds', 's', at, (1.8 * latencyMs) / 1000, { caller: client });
  }
}

function writeResources(series: Series, { cpu, intervalMs }: Dialect, scrape: Scrape): void {
  if (cpu === 'limit') series.gauge('k8s.pod.cpu_limit_utilization', '1', scrape.at, scrape.cpu);
  else if (cpu === 'cores') series.gauge('container.cpu.usage', '{cpu}', scrape.at, 0.5 * scrape.cpu);
  else series.count('container_cpu_usage_seconds_total', 's', scrape.at, (0.5 * scrape.cpu * intervalMs) / 1000);
  if (cpu === 'limit') series.gauge('k8s.pod.memory_limit_utilization', '1', scrape.at, scrape.memory);
  else series.gauge('container_memory_working_set_bytes', 'By', scrape.at, 512 * 2 ** 20 * scrape.memory);
}
