/** Whose the points are that an agent sends of containers which are not its own. */
import { describe, expect, it } from 'vitest';
import { decodeOtlpJson } from '../../../../src/adapters/telemetry/otlp/decode.ts';
import { decodeOtlpProtobuf } from '../../../../src/adapters/telemetry/otlp/decode-wire.ts';
import { SpanBatch } from '../../../../src/domain/span-batch.ts';
import { protobufOf } from '../../../support/otlp-protobuf.ts';

type Texts = Readonly<Record<string, string>>;
const listed = (texts: Texts) => Object.entries(texts).map(([key, stringValue]) => ({ key, value: { stringValue } }));

interface Sent {
  readonly metric: string;
  readonly labels: Texts;
  readonly resource?: Texts;
  readonly shape?: 'gauge' | 'sum' | 'histogram';
}

const agent = { 'service.name': 'kubernetes-cadvisor', 'service.instance.id': '10.0.0.7:10250', 'service.version': '1.31' };

/** Service, instance and version of each point, as read from both encodings. */
function ownersOf({ metric, labels, resource = agent, shape = 'gauge' }: Sent) {
  const point = { timeUnixNano: '1700000000000000000', attributes: listed(labels) };
  const value = shape === 'histogram' ? { count: '2', sum: 3 } : { asDouble: 5 };
  const metrics = [{ name: metric, [shape]: { dataPoints: [{ ...point, ...value }] } }];
  const request = { resourceMetrics: [{ resource: { attributes: listed(resource) }, scopeMetrics: [{ metrics }] }] };
  const json = decodeOtlpJson('metrics', new TextEncoder().encode(JSON.stringify(request)), new SpanBatch(), 0);
  const wire = decodeOtlpProtobuf('metrics', protobufOf('metrics', request), new SpanBatch(), 0);
  return [json, wire].map(({ points }) =>
    points.map(({ resource: { service, instance, version } }) => [service, instance, version].join(' ')),
  );
}

const both = (owner: string, points = 1) => Array.from({ length: 2 }, () => new Array<string>(points).fill(owner));
const pod = 'cart-6c9f7d8b54-x2x9z';
const ofAgent = 'kubernetes-cadvisor 10.0.0.7:10250 1.31';
const composed = { container_label_com_docker_compose_service: 'ledger' };

describe('points of containers that an agent tells of', () => {
  it.each<Sent & { owner: string; points?: number }>([
    { metric: 'container_cpu_usage_seconds_total', labels: { pod, container: 'app' }, shape: 'sum', owner: `cart ${pod} ` },
    { metric: 'container_memory_working_set_bytes', labels: { pod_name: pod }, owner: `cart ${pod} ` },
    { metric: 'container_memory_working_set_bytes', labels: { pod: '', pod_name: pod }, owner: `cart ${pod} ` },
    { metric: 'container.memory.usage', labels: { pod }, owner: `cart ${pod} ` },
    { metric: 'kube_pod_container_status_restarts_total', labels: { pod: 'db-0' }, owner: 'db db-0 ' },
    { metric: 'container_wait_seconds', labels: { pod }, shape: 'histogram', owner: `cart ${pod} `, points: 2 },
  ])("are those of the pod's workload: $metric $labels", ({ owner, points, ...sent }) => {
    expect(ownersOf(sent)).toEqual(both(owner, points));
  });

  it('are those of the service that Docker Compose started, by the name of its container', () => {
    const metric = 'container_cpu_usage_seconds_total';
    expect(ownersOf({ metric, labels: { ...composed, name: 'shop-ledger-1' } })).toEqual(both('ledger shop-ledger-1 '));
    expect(ownersOf({ metric, labels: { ...composed, pod: '' } })).toEqual(both('ledger  '));
    expect(ownersOf({ metric, labels: { ...composed, pod } })).toEqual(both(`cart ${pod} `));
  });

  it.each<Sent & { why: string; owner: string }>([
    { why: 'they name no container', metric: 'container_cpu_usage_seconds_total', labels: { id: '/', pod: '' }, owner: ofAgent },
    { why: "the metric is an application's own", metric: 'queue_depth', labels: { pod }, owner: ofAgent },
    { why: 'its name only begins alike', metric: 'containers_shipped', labels: { pod, ...composed }, owner: ofAgent },
    { why: 'its name only goes on alike', metric: 'my_container_age', labels: { pod, ...composed }, owner: ofAgent },
    {
      why: "the pod is the resource's own, whose name says more",
      metric: 'container_cpu_usage_seconds_total',
      labels: { pod, ...composed },
      resource: { 'service.name': 'shop-cart', 'k8s.pod.name': pod, 'service.version': '7' },
      owner: `shop-cart ${pod} 7`,
    },
  ])('stay with the resource where $why', ({ owner, why: _, ...sent }) => expect(ownersOf(sent)).toEqual(both(owner)));
});
