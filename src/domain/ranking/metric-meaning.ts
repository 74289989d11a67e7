/**
 * What a series measures, by the conventions that are about: OpenTelemetry's names, Prometheus' suffixes, the labels of
 * meshes and service graphs. Which service, which pod, which version, and on calls: whose and to whom.
 */
import type { MetricSeries } from '../telemetry.ts';
import type { Known } from './known.ts';
import { countsFailures, type Measured, measuredBy, type Part, partOf, type Words, wordsOf } from './metric-words.ts';

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
  /** Whether what it tells of are calls that failed; null where the series does not say. */
  readonly failed: boolean | null;
  /** What to divide by to get a share, for percentages. */
  readonly scale: number;
}

export function meaningOf(series: MetricSeries, known: Known): Meaning | null {
  const words = wordsOf(series, known);
  const { name, base } = words;
  if (name.endsWith('.bucket') || 'le' in series.labels) return null;
  const status = failedBy(series.labels);
  const measured = measuredBy(words, series, status ?? (countsFailures(base) || null));
  if (measured === null) return null;
  const ends = measured === 'latency' || measured === 'calls' || measured === 'loss' ? endsOf(series, words, known) : bare(series);
  if (ends === null) return null;
  const share = series.unit === '%' || /percent|(^|\.)pct(\.|$)/.test(name) ? 100 : 1;
  const isOfCalls = measured === 'calls' || measured === 'latency';
  const failed = isOfCalls ? (countsFailures(base) ? true : status) : null;
  return { measured, part: partOf(measured, words, series.unit), base, ...ends, pod: podOf(series), failed, scale: share };
}

const first = (labels: Readonly<Record<string, string>>, ...keys: string[]): string => {
  for (const key of keys) {
    const value = labels[key];
    if (value !== undefined && value !== '' && value !== 'unknown') return value;
  }
  return '';
};

export const podOf = (series: MetricSeries): string =>
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
  'destination_service_name',
  'destination',
];
/** Hosts are only taken for services where they are known as such. Spring's clients put the host they call into `client.name`. */
const hostKeys = [
  'destination_service_name',
  'destination_service',
  'server.address',
  'net.peer.name',
  'client_name',
  'client.name',
  'peer',
  'upstream_cluster',
  'envoy_cluster_name',
  'cluster_name',
  'target_service',
  'target',
  'upstream',
  'remote_service',
  'dependency',
  'host',
];

function nameAmong(labels: Readonly<Record<string, string>>, nameOf: (name: string) => string | null): string | null {
  for (const key of hostKeys) {
    const name = nameOf(labels[key] ?? '');
    if (name !== null) return name;
  }
  return null;
}

/** Envoy's `outbound|8080||cart.shop.svc.cluster.local`, and hosts with their port. */
const hostIn = (text: string): string => text.toLowerCase().replace(/^.*\|/, '').replace(/:\d+$/, '');

/** A sidecar's account of what its own service sends out through it is that of the calls upstream, said twice. */
const isRelay = (labels: Readonly<Record<string, string>>): boolean =>
  /^(outbound|egress)/.test(labels['envoy_http_conn_manager_prefix'] ?? '');

function endsOf(
  series: MetricSeries,
  { peer, side }: Words,
  known: Known,
): Pick<Meaning, 'client' | 'server' | 'service' | 'version'> | null {
  const { labels } = series;
  if (isRelay(labels)) return null;
  const own = bare(series);
  const said = { outbound: 'outbound', source: 'outbound', inbound: 'inbound', destination: 'inbound' }[
    labels['direction'] ?? labels['reporter'] ?? ''
  ];
  const outbound = (said ?? side) === 'outbound';
  const inbound = (said ?? side) === 'inbound';
  const nameOf = (name: string): string | null => (name === '' ? null : (known.resolve(hostIn(name), null)?.service ?? null));
  const holder = first(labels, 'deployment', 'workload') || series.service;
  const from = first(labels, ...clientKeys) || (inbound ? (peer ?? '') : '');
  const client = nameOf(from) ?? from;
  const to = first(labels, ...serverKeys) || (inbound ? '' : (peer ?? ''));
  const named = nameOf(to) ?? (to === '' ? nameAmong(labels, nameOf) : to);
  // Calls that it says it made itself, to somebody nobody knows.
  if (named === null && client === series.service) return null;
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

/** A digit that stands for a hundred codes: `2`, `5xx`. */
const classKeys = ['response_code_class', 'envoy_response_code_class', 'status_class', 'status_code_class', 'code_class'];

/** Whether a series counts calls that failed, by its status label. What the client did wrong is no failure. */
function failedBy(labels: Readonly<Record<string, string>>): boolean | null {
  for (const key of classKeys) if (labels[key]) return labels[key].startsWith('5');
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
  return null;
}
