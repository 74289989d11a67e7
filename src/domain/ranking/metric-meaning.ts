/**
 * What a series measures, by the conventions that are about: OpenTelemetry's names, Prometheus' suffixes, the labels of
 * meshes and service graphs. Which service, which pod, which version, and on calls: whose and to whom.
 */
import type { MetricSeries } from '../telemetry.ts';
import type { Known } from './known.ts';

/** `work`: what a service gets done, in its own words; `served`: calls it took, both as counts between two scrapes. */
export type Measured = 'latency' | 'calls' | 'loss' | 'cpu' | 'memory' | 'pressure' | 'restarts' | 'work' | 'served';
/** A value as it stands, or one half of a running total. */
export type Part = 'value' | 'count' | 'sum' | 'mean';

export interface Meaning {
  readonly measured: Measured;
  readonly part: Part;
  /** The name without its part. */
  readonly base: string;
  /** Calls, latency: from whom (empty where any caller is meant) and to whom. Else: the service itself. */
  readonly client: string;
  readonly server: string;
  /** Whose pod it tells of. */
  readonly service: string;
  readonly pod: string;
  readonly version: string | null;
  /** Calls that failed; null where the series does not say. */
  readonly failed: boolean | null;
  /** What to divide by to get a share, for percentages. */
  readonly scale: number;
}

const latencyName = /(^|\.)(latency|duration|response\.time|request\.time|rtt)(\.|$)|request.{0,200}\.(seconds|milliseconds|ms)(\.|$)/;
const notLatency =
  /(^|\.)(gc|pause|startup|uptime|build|compile|scrape|cpu|process|collect|collector|lag|age|throttle|throttled|throttling)(\.|$)/;
const callsName = /(^|\.)(requests?|calls?|rpcs?|responses?)(\.|$)/;
const lossName = /(success|error|errors|failure|failed)\.(ratio|rate|percent|percentage)/;
const failedName = /\.(failed|failures?|errors?)(\.|$)/;
const cpuName =
  /(^|\.)cpu(\.|$).{0,200}(util|usage|percent|load|ratio|time|seconds)|(usage|percent|load).{0,200}(^|\.)cpu(\.|$)|cpu\.limit/;
const throttleName = /(^|\.)(throttled|throttling|throttle)(\.|$)/;
/** How often a container was started again, a total in every convention, whatever its type is called. */
const restartsName = /(^|\.)containers?(\..{0,40})?\.restarts?(\.|$)/;
const memoryName = /mem(ory)?\.(.*\.)?(util|usage|used|percent|working|rss)|memory\.limit|heap\.(used|usage|bytes)/;
/** What fills up, waits, or is handed out from a bounded stock. */
const pressureName =
  /(connections?|conns?|pool|threads?|queue|backlog|lag|pending|waiting|inflight|in\.flight|open\.files|file\.descriptors|fds|goroutines)/;
const notPressure = /(^|\.)(max|min|limit|capacity|created|closed|total|count|bucket|idle|available|free)(\.|$)|^up$/;

/** Totals of what a service is there for: orders placed, jobs completed, messages consumed. */
const workName =
  /(^|\.)(orders?|payments?|bookings?|checkouts?|sales|deliveries|signups?|jobs|messages|operations|transactions|completed|processed|handled|consumed|published|placed|booked|sold|paid|shipped|confirmed|issued)$/;
/** Without a suffix only what is done is a total: `jobs` may as well be those at hand. */
const doneName = /ed$|\.(sold|paid)$/;
const notWork =
  /(^|\.)(failed|failures?|errors?|rejected|dropped|retries|retried|cancell?ed|expired|evicted|gc|jvm|go|cache|db|sql|disk|network|tcp|container|process|thread|threads)(\.|$)/;

/** OpenTelemetry's gauges of what is there now are called counts. */
const stockName = /(^|\.)(connections?|threads?)\.count$/;

/** `istio_request_duration_milliseconds_sum` → `istio.request.duration.milliseconds.sum` */
const plain = (name: string): string => name.toLowerCase().replace(/[_/:-]/g, '.');

export function meaningOf(series: MetricSeries, known: Known): Meaning | null {
  const name = plain(series.name);
  if (name.endsWith('.bucket') || 'le' in series.labels) return null;
  const [, base = name, suffix = ''] = /^(.*?)(?:\.(sum|count|mean|total))?$/.exec(name) ?? [];
  const measured = measuredBy(name, base, suffix, series);
  if (measured === null) return null;
  const ends = measured === 'latency' || measured === 'calls' || measured === 'loss' ? endsOf(series, base, known) : bare(series);
  if (ends === null) return null;
  const share = series.unit === '%' || /percent/.test(name) ? 100 : 1;
  const pod = podOf(series);
  const failed = measured === 'calls' || measured === 'latency' ? failedBy(series.labels, base) : null;
  return { measured, part: partOf(measured, suffix, series), base, ...ends, pod, failed, scale: share };
}

function measuredBy(name: string, base: string, suffix: string, { labels, unit }: MetricSeries): Measured | null {
  if (restartsName.test(name)) return 'restarts';
  if (lossName.test(name)) return 'loss';
  if (latencyName.test(base) && !notLatency.test(base)) return 'latency';
  if (throttleName.test(name)) return 'pressure';
  if (cpuName.test(name)) return 'cpu';
  if (memoryName.test(name)) return 'memory';
  if (suffix !== '' && callsName.test(base)) return 'calls';
  if (callsName.test(name) && failedBy(labels, base) !== null && unit !== 'ms') return 'calls';
  const isIdle = (labels['state'] ?? labels['db.client.connection.state']) === 'idle';
  if (pressureName.test(name) && (stockName.test(name) || !notPressure.test(name)) && !isIdle) return 'pressure';
  return (suffix === 'total' || doneName.test(name)) && workName.test(base) && !notWork.test(base) ? 'work' : null;
}

function partOf(measured: Measured, suffix: string, { name }: MetricSeries): Part {
  if (measured === 'latency') return suffix === '' || suffix === 'total' ? 'value' : (suffix as Part);
  if (measured === 'calls' || measured === 'restarts' || measured === 'work') return 'count';
  return (measured === 'cpu' && /(seconds|time)/i.test(name)) || (/throttl/i.test(name) && suffix !== '') ? 'count' : 'value';
}

const first = (labels: Readonly<Record<string, string>>, ...keys: string[]): string => {
  for (const key of keys) {
    const value = labels[key];
    if (value !== undefined && value !== '' && value !== 'unknown') return value;
  }
  return '';
};

const podOf = (series: MetricSeries): string =>
  series.instance ?? first(series.labels, 'k8s.pod.name', 'pod', 'pod_name', 'destination_pod', 'instance', 'service.instance.id');

const bare = (series: MetricSeries): Pick<Meaning, 'client' | 'server' | 'service' | 'version'> => ({
  client: '',
  server: series.service,
  service: series.service,
  version: series.version ?? (first(series.labels, 'service.version', 'version', 'app_version') || null),
});

const clientKeys = ['client', 'source_workload', 'source_canonical_service', 'source_app', 'source_service', 'caller', 'source'];
const serverKeys = [
  'server',
  'destination_workload',
  'destination_canonical_service',
  'destination_app',
  'dst_deployment',
  'dst_service',
  'callee',
  'peer.service',
  'destination',
];
/** Hosts are only taken for services where they are known as such. Spring's clients put the host they call into `client.name`. */
const hostKeys = ['server.address', 'net.peer.name', 'client_name', 'client.name', 'peer', 'upstream_cluster', 'host'];

function endsOf(series: MetricSeries, base: string, known: Known): Pick<Meaning, 'client' | 'server' | 'service' | 'version'> | null {
  const { labels } = series;
  const own = bare(series);
  const outbound = labels['direction'] === 'outbound' || labels['reporter'] === 'source' || /(^|\.)client(\.|$)/.test(base);
  const inbound = labels['direction'] === 'inbound' || labels['reporter'] === 'destination' || /(^|\.)server(\.|$)/.test(base);
  const nameOf = (name: string): string | null => (name === '' ? null : (known.resolve(name.toLowerCase(), null)?.service ?? null));
  const holder = first(labels, 'deployment', 'workload') || series.service;
  const from = first(labels, ...clientKeys);
  const client = nameOf(from) ?? from;
  const to = first(labels, ...serverKeys);
  const named = nameOf(to) ?? (to === '' ? nameOf(first(labels, ...hostKeys)) : to);
  if (inbound || (named === null && !outbound)) {
    const server = named !== null && from !== '' ? named : holder;
    return { client, server, service: server, version: first(labels, 'destination_version') || own.version };
  }
  if (named === null) return null;
  const server = named;
  const theirs = first(labels, 'destination_version');
  if (theirs !== '') return { client: client || holder, server, service: server, version: theirs };
  if (outbound)
    return { client: client || holder, server, service: client || holder, version: first(labels, 'source_version') || own.version };
  const ofEither = series.service === server || series.service === client || client === '';
  return { client: client || holder, server, service: ofEither ? series.service : server, version: own.version };
}

const statusKeys = [
  'http.response.status_code',
  'http.status_code',
  'http_status_code',
  'http_response_status_code',
  'response_code',
  'status_code',
  'status',
  'code',
  'rpc.grpc.status_code',
  'grpc_code',
  'grpc_response_status',
  'classification',
  'outcome',
  'result',
  'error.type',
];

/** Whether a series counts calls that failed, by its status label or its name. What the client did wrong is no failure. */
function failedBy(labels: Readonly<Record<string, string>>, base: string): boolean | null {
  for (const key of statusKeys) {
    const value = labels[key]?.toLowerCase();
    if (value === undefined || value === '') continue;
    if (key === 'error.type') return true;
    if (/^\d{3}$/.test(value)) return value >= '500';
    if (/^\dxx$/.test(value)) return value[0] === '5';
    if (/^\d{1,2}$/.test(value)) return ['2', '4', '8', '12', '13', '14', '15'].includes(value);
    if (/(fail|error|unavailable|internal|deadline|exhausted|unknown|data_?loss)/.test(value)) return true;
    return false;
  }
  return failedName.test(`.${base}`) ? true : null;
}
