/**
 * Istio's metrics in Prometheus (PROTOCOLS D1). Each request is counted by the caller's proxy and by the callee's, so the two
 * sides are added up apart and put together edge by edge. What never arrived is known to the caller's side alone: it has no
 * workload at the far end, only the service that was meant.
 */
import { mapSource } from '../../../ports/sources.ts';
import { createPrometheus, PrometheusSettings, type Series } from '../../prometheus-api.ts';
import { askMesh } from '../mesh-questions.ts';
import { hostName, type Place, Tallies, withoutVersion } from '../tallies.ts';

const ends = [
  'reporter',
  'source_workload',
  'source_workload_namespace',
  'source_canonical_service',
  'destination_workload',
  'destination_workload_namespace',
  'destination_canonical_service',
  'destination_service_name',
  'destination_service_namespace',
];

export const istio = mapSource({
  id: 'istio',
  settings: PrometheusSettings,
  create(settings, tools) {
    const prometheus = createPrometheus(settings, tools);
    return {
      async edges(window, signal) {
        const mesh = askMesh(prometheus, 'istio', window, signal);
        const [requests, connections, times] = await Promise.all([
          mesh.rises('istio_requests_total', [...ends, 'response_code', 'grpc_response_status']),
          mesh.rises('istio_tcp_connections_opened_total', ends),
          mesh.times('istio_request_duration_milliseconds_bucket', ends),
        ]);
        const sides = { caller: new Tallies(), callee: new Tallies() };
        for (const { labels, count } of [...requests, ...connections]) {
          const edge = edgeOf(labels);
          if (edge !== null) sides[sideOf(labels)].add(edge.caller, edge.callee, count, isFailed(labels) ? count : 0);
        }
        for (const { labels, times: each } of times) {
          const edge = edgeOf(labels);
          if (edge !== null) sides[sideOf(labels)].time(edge.caller, edge.callee, each);
        }
        return { edges: sides.callee.orElse(sides.caller).edges(), gaps: [...mesh.gaps] };
      },
      async probe(signal) {
        const question = { attempt: 'count edges of istio', query: 'count(istio_requests_total)', at: tools.now() };
        const { series } = await prometheus.instant(question, signal);
        return series[0]?.points[0] === undefined
          ? 'Prometheus answers, and has no metrics of Istio'
          : `${series[0].points[0][1]} series of Istio`;
      },
    };
  },
});

type Labels = Series['labels'];

/** Waypoints of ambient mode stand before the callee. */
const sideOf = ({ reporter }: Labels): 'caller' | 'callee' => (reporter === 'source' ? 'caller' : 'callee');

const isNamed = (name: string | undefined): name is string => name !== undefined && name !== '' && name !== 'unknown';
/** What Envoy calls the way to hosts that nobody has listed. */
const nobody = new Set(['PassthroughCluster', 'BlackHoleCluster', 'InboundPassthroughCluster', 'InboundPassthroughClusterIpv4']);

function edgeOf(labels: Labels): { caller: Place; callee: Place } | null {
  const caller = workloadAt('source', labels);
  const callee = workloadAt('destination', labels) ?? serviceMeant(labels);
  return caller === null || callee === null ? null : { caller, callee };
}

function workloadAt(end: 'source' | 'destination', labels: Labels): Place | null {
  const workload = labels[`${end}_workload`];
  const canonical = labels[`${end}_canonical_service`];
  const namespace = labels[`${end}_workload_namespace`];
  const name = isNamed(canonical) ? canonical : isNamed(workload) ? withoutVersion(workload) : null;
  return name === null ? null : { name, namespace: isNamed(namespace) ? namespace : '' };
}

function serviceMeant({ destination_service_name: service, destination_service_namespace: namespace }: Labels): Place | null {
  if (!isNamed(service) || nobody.has(service)) return null;
  return { name: hostName(service), namespace: isNamed(namespace) && !service.includes('.') ? namespace : '' };
}

/** 0: no answer came, e.g. the caller gave up or could not connect. */
function isFailed({ response_code: code = '', grpc_response_status: grpc = '' }: Labels): boolean {
  return /^5\d\d$|^0$/.test(code) || (grpc !== '' && grpc !== '0');
}
