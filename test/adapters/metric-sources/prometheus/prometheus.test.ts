import { afterEach, describe, expect, it } from 'vitest';
import { prometheus, stepFor } from '../../../../src/adapters/metric-sources/prometheus/prometheus.ts';
import { QueriesSetting } from '../../../../src/adapters/metric-sources/prometheus/queries.ts';
import { inPattern } from '../../../../src/adapters/prometheus-api.ts';
import { type PrometheusStandIn, startPrometheus } from '../../../stand-ins/prometheus.ts';

const now = Date.parse('2026-03-01T12:00:00Z');
const window = { fromMs: now - 660_000, toMs: now };
const never = () => {};
const log = { debug: never, info: never, warn: never, error: never };
const signal = new AbortController().signal;
let server: PrometheusStandIn;
afterEach(() => server?.stop());

async function standIn(queries?: object[]) {
  server = await startPrometheus();
  const settings = { PROMETHEUS_URL: server.url, ...(queries === undefined ? {} : { PROMETHEUS_QUERIES: JSON.stringify(queries) }) };
  return prometheus.create(prometheus.settings.parse(settings), { fetch: globalThis.fetch, now: () => now, log });
}
const asked = () => server.questions().map(({ parameters }) => parameters.get('query') ?? '');

describe('prometheus', () => {
  it('asks once for all services, their names as a pattern, in steps that suit the window', async () => {
    const source = await standIn();
    await source.points({ window, services: ['a.b', 'shop/cart'] }, signal);
    expect(asked().every((query) => query.includes('a\\\\.b|cart'))).toBe(true);
    expect(server.questions()[0]?.parameters.get('step')).toBe('15');
    expect(asked().some((query) => query.includes('$'))).toBe(false);
  });

  it('says of one query that fails that it did, and keeps the others', async () => {
    const source = await standIn([{ name: 'own.queue', query: 'queue_length{app=~"$services"}', service: ['app'] }]);
    server.give('queue_length', { labels: { app: 'cart' }, value: '7' });
    server.warn();
    const { requests, gaps } = await source.points({ window, services: ['cart'] }, signal);
    expect(JSON.stringify(requests)).toContain('"own.queue"');
    expect(gaps.map(({ reason }) => reason)).toContain('prometheus: read own.queue: part of what was asked did not answer');
  });

  it('replaces a built-in query by its name, and leaves one out', async () => {
    const source = await standIn([
      { name: 'container.cpu.usage', query: 'my_cpu{pod=~"$services.*"}', service: ['pod'] },
      { name: 'container.memory.working_set', query: '' },
    ]);
    await source.points({ window, services: ['cart'] }, signal);
    expect(asked().filter((query) => query.startsWith('my_cpu'))).toHaveLength(1);
    expect(asked().some((query) => query.includes('container_cpu_usage_seconds_total'))).toBe(false);
    expect(asked().some((query) => query.startsWith('sum by (namespace, pod) (container_memory'))).toBe(false);
  });

  it('gives each series to the service whose pod, workload or job it is', async () => {
    const source = await standIn([{ name: 'x.queue', query: 'mine', service: ['job', 'pod'] }]);
    const labels = [
      { job: 'shop/cart' },
      { pod: 'cart-0' },
      { pod: 'cart-db-0' },
      { pod: 'cart-v2-6c9f7d8b54-x2x9z' },
      { pod: 'cartographer-0' },
    ];
    server.give('mine', ...labels.map((each) => ({ labels: each, value: '1' })));
    const { requests } = await source.points({ window, services: ['cart'] }, signal);
    const text = JSON.stringify(requests);
    expect(['cart-0', 'cart-v2-', 'cart-db-0', 'cartographer'].map((name) => text.includes(name))).toEqual([true, true, false, false]);
  });
});

describe('what is set', () => {
  it.each([
    ['no JSON', 'cpu'],
    ['another shape', '{"name":"x"}'],
    ['an unknown word', '[{"name":"x","query":"y","labels":[]}]'],
  ])('is refused where it is %s', (_, text) => {
    expect(QueriesSetting.safeParse(text).error?.issues[0]?.message).toContain('must be a list of { name, query, unit, service }');
  });

  it('keeps the answer below what Prometheus gives at most', () => {
    expect(stepFor({ fromMs: 0, toMs: 660_000 })).toBe(15_000);
    expect(86_400_000 / stepFor({ fromMs: 0, toMs: 86_400_000 })).toBeLessThanOrEqual(120);
  });
});

describe('inPattern', () => {
  it('keeps a name a name', () => {
    expect(inPattern('a.b')).toBe('a\\\\.b');
    expect(inPattern('x"} or vector(1)')).toBe('x\\"\\\\} or vector\\\\(1\\\\)');
    expect(inPattern('a|b\n')).toBe('a\\\\|b\\n');
  });
});
