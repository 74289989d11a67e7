/** The same minutes in the words of many tools: a tenth of 600 calls a minute fails, they take 30 ms, and half of them ask `store-api`. */
import { describe, expect, it } from 'vitest';
import { readingsOf } from '../../../src/domain/ranking/metric-readings.ts';
import { observe } from '../../../src/domain/ranking/scene.ts';
import { atOnce } from '../../../src/domain/steps.ts';
import { inputOf, type MadeSeries, series } from './made-metrics.ts';

type Told = Omit<MadeSeries, 'service' | 'value'> & { readonly value: number; readonly isTotal?: boolean };

/** Gauges go up and down a little; totals rise. */
const written = ({ value, isTotal, ...rest }: Told): MadeSeries => ({
  service: 'cart',
  pod: 'cart-1',
  ...rest,
  value: (before) => (isTotal ? (16 - before) * value : value * (1 + 0.001 * (before % 2))),
});

const read = (told: readonly Told[]) =>
  readingsOf(
    atOnce(observe(inputOf([series({ service: 'store-api', name: 'up', value: () => 1 }), ...told.map((one) => series(written(one)))]))),
  );

const dialects: Record<string, readonly Told[]> = {
  'StatsD, with service and callee within the name': [
    { name: 'stats.gauges.cart.requests.rate', value: 10 },
    { name: 'stats.gauges.cart.requests.errors_per_s', value: 1 },
    { name: 'stats.gauges.cart.requests.p95_ms', value: 30 },
    { name: 'cart.upstream.store-api.rate', value: 5 },
    { name: 'cart.upstream.store-api.errors_per_s', value: 0.5 },
  ],
  'rates of which the one of errors is called a rate': [
    { name: 'http.server.requests.rate', value: 10 },
    { name: 'http.server.errors.rate', value: 1 },
    { name: 'http.server.latency.p95', value: 30 },
    { name: 'http.client.requests.rate', labels: { peer: 'store-api' }, value: 5 },
    { name: 'http.client.errors.rate', labels: { peer: 'store-api' }, value: 0.5 },
  ],
  "a tracer's hits and errors of each minute": [
    { name: 'trace.servlet.request.hits', value: 600 },
    { name: 'trace.servlet.request.errors', value: 60 },
    { name: 'trace.servlet.request.duration.95percentile', value: 30 },
    { name: 'trace.http.client.request.hits', labels: { 'peer.service': 'store-api' }, value: 300 },
    { name: 'trace.http.client.request.errors', labels: { 'peer.service': 'store-api' }, value: 30 },
  ],
  'totals of all and of those that failed': [
    { name: 'http.server.requests.count', value: 600, isTotal: true },
    { name: 'http.server.errors.count', value: 60, isTotal: true },
    { name: 'http.server.request.time.avg', value: 30 },
    { name: 'http.client.requests.count', labels: { 'server.address': 'store-api' }, value: 300, isTotal: true },
    { name: 'http.client.errors.count', labels: { 'server.address': 'store-api' }, value: 30, isTotal: true },
  ],
  "Envoy's classes of answers": [
    ...[540, 60].map((value, i) => ({
      name: 'envoy_http_downstream_rq_xx',
      labels: { envoy_http_conn_manager_prefix: 'inbound_8080', envoy_response_code_class: i === 0 ? '2' : '5' },
      value,
      isTotal: true,
    })),
    { name: 'envoy_http_downstream_rq_time_sum', value: 600 * 30, isTotal: true },
    { name: 'envoy_http_downstream_rq_time_count', value: 600, isTotal: true },
    ...[270, 30].map((value, i) => ({
      name: 'envoy_cluster_upstream_rq_xx',
      labels: { envoy_cluster_name: 'outbound|80||store-api.shop.svc.cluster.local', envoy_response_code_class: i === 0 ? '2' : '5' },
      value,
      isTotal: true,
    })),
  ],
  "timers pushed each minute, as Micrometer's": [
    ...[540, 60].map((value, i) => ({
      name: 'http.server.requests.count',
      labels: { outcome: i === 0 ? 'SUCCESS' : 'SERVER_ERROR' },
      value,
    })),
    { name: 'http.server.requests.mean', labels: { outcome: 'SUCCESS' }, value: 30 },
    ...[270, 30].map((value, i) => ({
      name: 'http.client.requests.count',
      labels: { 'client.name': 'store-api', outcome: i === 0 ? 'SUCCESS' : 'SERVER_ERROR' },
      value,
    })),
  ],
};

describe.each(Object.entries(dialects))('%s', (_, told) => {
  const found = read(told);
  const values = (measured: string, server: string) =>
    found.filter((reading) => reading.measured === measured && reading.server === server).map((reading) => reading.values.at(-1));

  it('tells how many calls a service took, how many failed and how long they took', () => {
    expect([...new Set(values('served', 'cart').map((value) => Math.round(value!)))]).toEqual([expect.closeTo(600, -1)]);
    expect(values('loss', 'cart')).toEqual([expect.closeTo(0.1, 2)]);
    expect(values('latency', 'cart')).toEqual([expect.closeTo(30, 0)]);
  });

  it('tells what it asks of whom', () => {
    expect(values('served', 'store-api')).toEqual([expect.closeTo(300, -1)]);
    expect(values('loss', 'store-api')).toEqual([expect.closeTo(0.1, 2)]);
    expect(found.find(({ server }) => server === 'store-api')).toMatchObject({ client: 'cart', service: 'cart', pod: 'cart-1' });
  });
});

describe('what says nothing of calls', () => {
  it.each([
    ['a count of all calls alone', 'http.server.requests.count', 'served'],
    ['bytes', 'http.server.request.body.size.count', undefined],
    ['hits of a cache', 'redis.keyspace.hits', undefined],
    ['errors of a disk', 'disk.errors.total', undefined],
    ['memory', 'process_resident_memory_bytes', 'memory'],
    ['starts', 'pod.restarts', 'restarts'],
    ['how often a cache had the answer', 'http.request.cache.hit.rate', undefined],
    ['how many calls are made once more', 'rpc.retry.rate', undefined],
    ['memory that several have in common', 'system.mem.shared', undefined],
  ])('%s: no share that fails', (_, name, measured) => {
    const found = read([{ name, value: 600, isTotal: true }]);
    expect([...new Set(found.map((reading) => reading.measured))]).toEqual(measured === undefined ? [] : [measured]);
  });

  it('a name that merely holds that of another service is no call to it', () => {
    const found = read([{ name: 'cart.cached.store-api.requests.rate', value: 5 }]);
    expect(found.map(({ server }) => server)).toEqual(['cart']);
  });

  it('a rate that its unit calls a share', () => {
    expect(read([{ name: 'http.requests.admitted.rate', unit: '1', value: 0.8 }])).toEqual([]);
    for (const unit of ['1/s', '1'])
      expect(read([{ name: 'http.requests.admitted.rate', unit, value: 8 }]).map(({ measured }) => measured)).toEqual(['served']);
  });
});

it('only the whole word says that a value is a share', () => {
  const shareOf = (name: string) => read([{ name, value: 5 }]).map(({ measured, isShare }) => ({ measured, isShare }));
  expect(shareOf('process.memory.used.shared')).toEqual([{ measured: 'memory', isShare: false }]);
  expect(shareOf('process.memory.share')).toEqual([{ measured: 'memory', isShare: true }]);
  expect(shareOf('system.mem.pct')).toEqual([{ measured: 'memory', isShare: true }]);
});

it("finds a service in a metric's name however its own name is written", () => {
  const told = ['fareApi', 'shop/seat-map'].map((service) => series({ service, name: 'up', value: () => 1 }));
  const rates = ['out.fareApi.rate', 'out.fare_api.requests.rate', 'out.seat.map.rate'];
  const asked = rates.map((name) => series(written({ name, value: 5 })));
  const found = readingsOf(atOnce(observe(inputOf([...told, ...asked]))));
  expect(found.map(({ client, server }) => `${client} > ${server}`).sort()).toEqual(['cart > fareApi', 'cart > shop/seat-map']);
});

describe('counts of one family from services that count differently', () => {
  const total = (before: number) => (16 - before) * 600;
  const perMinute = (service: string) =>
    ['a', 'b', 'c'].map((route, i) =>
      series({ service, name: 'http.requests.count', labels: { route }, value: (before) => 200 + ((before + i) % 2) }),
    );
  const served = (told: readonly ReturnType<typeof series>[], service: string) =>
    readingsOf(atOnce(observe(inputOf(told))))
      .find((one) => one.measured === 'served' && one.server === service)
      ?.values.slice(-4);

  it('are totals where they only rise, and counts of each minute where they do not', () => {
    const orders = series({ service: 'orders', name: 'http_requests_total', labels: { code: '200' }, value: total });
    const told = [orders, ...perMinute('mailer')];
    expect(served(told, 'orders')).toEqual([600, 600, 600, 600]);
    expect(served(told, 'mailer')).toEqual([601, 602, 601, 602].map(() => expect.closeTo(601.5, -1)));
  });

  it('stay totals where the only pod of a service was started again', () => {
    const restarted = (before: number) => (before > 5 ? total(before) : (6 - before) * 600);
    const orders = series({ service: 'orders', name: 'http_requests_total', labels: { code: '200' }, value: restarted });
    expect(served([orders, ...perMinute('mailer')], 'orders')).toEqual([600, 600, 600, 600]);
  });

  it('are what they are elsewhere in a service that has only begun to count', () => {
    const young = ['a', 'b', 'c'].map((route) =>
      series({ service: 'young', name: 'http.requests.count', labels: { route }, from: 1, value: (before) => 200 - before }),
    );
    expect(served([...young, ...perMinute('mailer')], 'young')).toEqual([597, 600]);
  });
});
