/**
 * Linkerd's metrics in Prometheus (PROTOCOLS D3): what proxies count of calls that go out, with whom they were resolved to, and
 * connections that are open without a call.
 */
import { mapSource } from '../../../ports/sources.ts';
import { createPrometheus, PrometheusSettings, type Series } from '../../prometheus-api.ts';
import { askMesh } from '../mesh-questions.ts';
import { hostName, type Place, Tallies } from '../tallies.ts';

const workloads = ['deployment', 'statefulset', 'daemonset'];
const ends = ['namespace', ...workloads, 'dst_namespace', ...workloads.map((kind) => `dst_${kind}`), 'dst_service', 'authority'];
const outbound = '{direction="outbound"}';

export const linkerd = mapSource({
  id: 'linkerd',
  settings: PrometheusSettings,
  create(settings, tools) {
    const prometheus = createPrometheus(settings, tools);
    return {
      async edges(window, signal) {
        const mesh = askMesh(prometheus, 'linkerd', window, signal);
        const [responses, open, times] = await Promise.all([
          mesh.rises(`response_total${outbound}`, [...ends, 'classification']),
          mesh.now(`tcp_open_connections${outbound}`, ends),
          mesh.times(`response_latency_ms_bucket${outbound}`, ends),
        ]);
        const tallies = new Tallies();
        for (const { labels, count } of responses) {
          const edge = edgeOf(labels);
          if (edge !== null) tallies.add(edge.caller, edge.callee, count, labels['classification'] === 'failure' ? count : 0);
        }
        for (const { labels } of open) {
          const edge = edgeOf(labels);
          if (edge !== null) tallies.add(edge.caller, edge.callee, 0, 0);
        }
        for (const { labels, times: each } of times) {
          const edge = edgeOf(labels);
          if (edge !== null) tallies.time(edge.caller, edge.callee, each);
        }
        return { edges: tallies.edges(), gaps: [...mesh.gaps] };
      },
      async probe(signal) {
        const question = { attempt: 'count edges of linkerd', query: 'count(response_total{direction="outbound"})', at: tools.now() };
        const { series } = await prometheus.instant(question, signal);
        return series[0]?.points[0] === undefined
          ? 'Prometheus answers, and has no metrics of Linkerd'
          : `${series[0].points[0][1]} series of Linkerd`;
      },
    };
  },
});

type Labels = Series['labels'];

function edgeOf(labels: Labels): { caller: Place; callee: Place } | null {
  const caller = workloadIn(labels, '');
  const callee = workloadIn(labels, 'dst_') ?? serviceMeant(labels);
  return caller === null || callee === null ? null : { caller, callee };
}

function workloadIn(labels: Labels, prefix: '' | 'dst_'): Place | null {
  const name = workloads.map((kind) => labels[`${prefix}${kind}`]).find((workload) => workload);
  return name === undefined ? null : { name, namespace: labels[`${prefix}namespace`] ?? '' };
}

/** Destinations that Linkerd did not resolve itself have the name that was asked for. */
function serviceMeant({ dst_service: service = '', dst_namespace: namespace = '', authority = '' }: Labels): Place | null {
  if (service !== '') return { name: service, namespace };
  return authority === '' ? null : { name: hostName(authority), namespace: '' };
}
