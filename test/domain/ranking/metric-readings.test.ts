import { describe, expect, it } from 'vitest';
import { readingsOf } from '../../../src/domain/ranking/metric-readings.ts';
import { observe } from '../../../src/domain/ranking/scene.ts';
import { atOnce } from '../../../src/domain/steps.ts';
import type { MetricSeries } from '../../../src/domain/telemetry.ts';
import { inputOf, type MadeSeries, series } from './made-metrics.ts';

const read = (...made: MadeSeries[]) => readingsOf(atOnce(observe(inputOf(made.map(series)))));
const known: MetricSeries = series({ service: 'cart', name: 'up', value: () => 1 });
const running =
  (perMinute: number, from = 15) =>
  (before: number) =>
    (from - before + 1) * perMinute;

describe('what a series measures', () => {
  it.each<[string, MadeSeries[], number]>([
    [
      'a gauge of a service graph',
      [{ service: 'cart', name: 'service_graph.edge.latency', unit: 'ms', labels: { client: 'web', server: 'cart' }, value: () => 12 }],
      12,
    ],
    [
      "a mesh's sum over its count",
      ['sum', 'count'].map((part) => ({
        service: 'cart',
        name: `istio_request_duration_milliseconds_${part}`,
        labels: { reporter: 'destination', source_workload: 'web', destination_workload: 'cart' },
        value: running(part === 'sum' ? 120 : 10),
      })),
      12,
    ],
    [
      "OpenTelemetry's histogram, kept as count and mean",
      ['mean', 'count'].map((part) => ({
        service: 'cart',
        name: `http.server.request.duration.${part}`,
        unit: 's',
        labels: { 'http.route': '/cart' },
        value: part === 'mean' ? () => 0.012 : running(10),
      })),
      0.012,
    ],
    [
      'a quantile under a name of its own',
      [{ service: 'cart', name: 'http_request_latency_p95_seconds', unit: 's', value: () => 0.02 }],
      0.02,
    ],
  ])('%s is time to answer of the service called', (_, made, wanted) => {
    const [found] = read(...made);
    expect(found).toMatchObject({ measured: 'latency', server: 'cart', service: 'cart' });
    expect(found!.values.length).toBeGreaterThan(10);
    for (const value of found!.values) expect(value).toBeCloseTo(wanted, 6);
  });

  it.each<[string, Record<string, string>, Record<string, string>, string]>([
    ['HTTP codes', { response_code: '200' }, { response_code: '503' }, 'istio_requests_total'],
    ['gRPC codes', { grpc_code: '0' }, { grpc_code: '14' }, 'grpc_server_handled_requests_total'],
    ['words', { classification: 'success' }, { classification: 'failure' }, 'response_total'],
  ])('counters by %s become the share that fails, whatever is restarted', (_, well, failed, name) => {
    const restart = (of: number) => (before: number) => (before > 7 ? (16 - before) * of : (8 - before) * of);
    const found = read(
      { service: 'cart', name, labels: well, value: restart(30) },
      { service: 'cart', name, labels: failed, value: restart(10) },
    );
    expect(found.map(({ measured }) => measured)).toEqual(['loss', 'served']);
    expect(found[0]).toMatchObject({ measured: 'loss', server: 'cart' });
    for (const value of found[0]!.values) expect(value).toBeCloseTo(0.25, 6);
  });

  it('what the client did wrong is no failure of the server', () => {
    const found = read(
      { service: 'cart', name: 'http_requests_total', labels: { status: '200' }, value: running(30) },
      { service: 'cart', name: 'http_requests_total', labels: { status: '404' }, value: running(10) },
    );
    expect(Math.max(...found[0]!.values)).toBe(0);
  });

  it('a count of what failed beside a count of all', () => {
    const labels = { client: 'web', server: 'cart' };
    const found = read(
      { service: 'tempo', name: 'traces_service_graph_request_total', labels, value: running(40) },
      { service: 'tempo', name: 'traces_service_graph_request_failed_total', labels, value: running(4) },
    );
    expect(found[0]).toMatchObject({ measured: 'loss', client: 'web', server: 'cart', service: 'cart' });
    for (const value of found[0]!.values) expect(value).toBeCloseTo(0.1, 6);
  });

  it("a caller's own measurement is of the one it calls, where the host is known", () => {
    const made = (address: string) =>
      series({ service: 'web', name: 'http.client.request.duration', unit: 's', labels: { 'server.address': address }, value: () => 0.1 });
    const of = (address: string) =>
      readingsOf(atOnce(observe(inputOf([known, made(address)])))).filter(({ measured }) => measured === 'latency');
    expect(of('cart.shop.svc.cluster.local')[0]).toMatchObject({ client: 'web', server: 'cart', service: 'web' });
    expect(of('api.example.com')).toEqual([]);
  });

  it.each(['jvm_gc_pause_seconds', 'http_request_duration_seconds_bucket', 'process_uptime_seconds', 'scrape_duration_seconds'])(
    '%s is no time to answer',
    (name) => {
      expect(read({ service: 'cart', name, labels: name.endsWith('bucket') ? { le: '1' } : {}, value: () => 3 })).toEqual([]);
    },
  );

  it('seconds of CPU, counted up, are a rate', () => {
    const [found] = read({ service: 'cart', name: 'container_cpu_usage_seconds_total', value: running(30) });
    expect(found!.measured).toBe('cpu');
    expect(Math.max(...found!.values) / Math.min(...found!.values)).toBeCloseTo(1, 6);
  });
});

it("Spring's clients name the host they call, where that is a service", () => {
  const calls = (client_name: string) => ({
    service: 'web',
    name: 'http_client_requests_seconds_count',
    labels: { client_name, outcome: 'SERVER_ERROR' },
    value: running(10),
  });
  const found = readingsOf(atOnce(observe(inputOf([known, series(calls('cart')), series(calls('mail.example.org'))]))));
  expect(found.map(({ measured, client, server }) => [measured, client, server])).toEqual([
    ['loss', 'web', 'cart'],
    ['served', 'web', 'cart'],
  ]);
});

it('calls that a service says it made itself are to whom it names, by whatever label, and never calls it took', () => {
  const made = (destination_service: string) =>
    series({
      service: 'web',
      name: 'proxy_requests_total',
      labels: { source_service: 'web', destination_service, status: '200' },
      value: running(10),
    });
  const found = readingsOf(atOnce(observe(inputOf([known, made('cart.shop.svc.cluster.local'), made('mail.example.org')]))));
  expect(found.map(({ client, server, service }) => [client, server, service])).toEqual([
    ['web', 'cart', 'web'],
    ['web', 'cart', 'web'],
  ]);
});

it('quantiles of one name are not one reading', () => {
  const quantile = (of: string, value: number) => ({
    service: 'cart',
    name: 'rpc_duration',
    unit: 'ms',
    labels: { quantile: of },
    value: () => value,
  });
  expect(read(quantile('0.5', 10), quantile('0.99', 80)).map(({ values }) => values[0])).toEqual([10, 80]);
});
