/** `web` asks `prices`, which asks `cache` and `rates`, as meshes and client libraries tell it: from both ends, or from one. */
import { describe, expect, it } from 'vitest';
import type { MetricSeries } from '../../../src/domain/telemetry.ts';
import { about, rankMetrics, series } from './made-metrics.ts';

const edges = [
  ['edge', 'web', 60],
  ['web', 'prices', 40],
  ['web', 'pages', 15],
  ['prices', 'cache', 4],
  ['prices', 'rates', 20],
] as const;
const slowFor = 2;

/** How much longer calls take lately, by `client>server`; what comes after a `!` is what the callee says itself. */
function ranked(longer: Readonly<Record<string, number>>, more: readonly MetricSeries[] = []) {
  const account = (client: string, server: string, by: string, usual: number, later: number, salt: number) =>
    series({
      ...{ service: by, pod: `${by}-0`, name: 'istio_request_duration_milliseconds', unit: 'ms' },
      labels: { reporter: by === client ? 'source' : 'destination', source_workload: client, destination_workload: server },
      value: (before) => about(usual, before, salt) + (before <= slowFor ? later : 0),
    });
  const metrics = edges.flatMap(([client, server, usual], salt) => [
    account(client, server, client, usual, longer[`${client}>${server}`] ?? 0, salt),
    account(client, server, server, usual - 2, longer[`!${server}`] ?? 0, salt),
  ]);
  const { verdict, hypotheses, evidence } = rankMetrics([...metrics, ...more]);
  const of = (service: string) => hypotheses.find((one) => one.service === service);
  return { verdict, first: hypotheses[0]?.service, of, says: evidence.map(({ text }) => text).join(' ') };
}

const lost = (name: string, service: string, perMinute: number, usual = 0) =>
  series({
    ...{ service, pod: `${service}-0`, name },
    value: (before) => 100 + usual * (16 - before) + (before <= slowFor ? perMinute * (slowFor + 1 - before) : 0),
  });

const toPrices = { 'edge>web': 700, '!web': 690, 'web>prices': 680 };

describe('calls that take longer on the way', () => {
  it('speak against the one called, by what its caller tells, however quick it says it is', () => {
    expect(ranked(toPrices)).toMatchObject({ verdict: 'cause', first: 'prices' });
    expect(ranked(toPrices).says).toMatch(/Calls to prices take 1[789] times as long as before \(from web\)/);
  });

  it('speak against the one in the middle where all its calls do, and those to it', () => {
    const found = ranked({ ...toPrices, '!prices': 400, 'prices>cache': 200, 'prices>rates': 200 });
    expect(found).toMatchObject({ verdict: 'cause', first: 'prices' });
    expect(found.says).toContain('(from web), and so do its own calls to all it asks.');
    expect(found.of('cache')?.confidence ?? 0).toBeLessThan(0.1);
  });

  it.each<[string, Record<string, number>, string]>([
    ['one of those it asks says itself that it takes longer', { 'prices>cache': 200, 'prices>rates': 600, '!rates': 590 }, 'rates'],
    ['others wait for those it asks as well', { 'prices>cache': 600, 'prices>rates': 100, 'pages>cache': 600 }, 'cache'],
    ['one of those it asks is as quick as ever', { 'prices>cache': 1, 'prices>rates': 650 }, 'rates'],
  ])('do not where %s', (_, longer, guilty) => {
    const pages = series({
      ...{ service: 'pages', pod: 'pages-0', name: 'istio_request_duration_milliseconds', unit: 'ms' },
      labels: { reporter: 'source', source_workload: 'pages', destination_workload: 'cache' },
      value: (before) => about(4, before) + (before <= slowFor ? (longer['pages>cache'] ?? 0) : 0),
    });
    const found = ranked({ ...toPrices, '!prices': 680, ...longer }, [pages]);
    expect(found.says).not.toContain('all it asks');
    expect(found.first).toBe(guilty);
  });

  it('do not where nobody waits for it', () =>
    expect(ranked({ 'prices>cache': 200, 'prices>rates': 200 }).says).not.toContain('all it asks'));

  it('do not where nobody asks it at all', () => {
    const toPages = series({
      ...{ service: 'edge', pod: 'edge-0', name: 'istio_request_duration_milliseconds', unit: 'ms' },
      labels: { reporter: 'source', source_workload: 'edge', destination_workload: 'pages' },
      value: (before) => about(15, before) + (before <= slowFor ? 700 : 0),
    });
    expect(ranked({ 'edge>web': 700 }, [toPages]).of('web')?.features['slow']).toBeGreaterThan(2);
  });

  it('speak against whichever end loses packets, where it asks one alone', () => {
    const toDrawer = series({
      ...{ service: 'pages', pod: 'pages-0', name: 'istio_request_duration_milliseconds', unit: 'ms' },
      labels: { reporter: 'source', source_workload: 'pages', destination_workload: 'drawer' },
      value: (before) => about(4, before) + (before <= slowFor ? 500 : 0),
    });
    const first = (...losing: string[]): string | undefined => {
      const packets = losing.map((service) => lost('k8s.pod.network.errors', service, 600));
      return ranked({ 'web>pages': 600, 'edge>web': 600 }, [toDrawer, ...packets]).first;
    };
    expect(first()).toBe('drawer');
    expect(first('pages')).toBe('pages');
    expect(first('drawer')).toBe('drawer');
    expect(first('pages', 'drawer')).toBe('drawer');
  });
});

describe('packets that a container loses', () => {
  it.each(['container_network_transmit_packets_dropped_total', 'k8s.pod.network.errors'])('count against it (%s)', (name) => {
    const found = ranked(toPrices, [lost(name, 'prices', 600)]);
    expect(found.of('prices')?.features['pressure']).toBeGreaterThan(1);
    expect(found.says).toContain('prices: packets lost a second is 10.0');
  });

  it.each([
    ['a few', 20, 0],
    ['as many as ever', 0, 600],
  ])('do not where they are %s', (_, perMinute, usual) =>
    expect(
      ranked(toPrices, [lost('k8s.pod.network.errors', 'prices', perMinute, usual)]).of('prices')?.features['pressure'] ?? 0,
    ).toBeLessThan(0.3),
  );

  it("of a whole node are nobody's", () =>
    expect(ranked({}, [lost('node_network_transmit_drop_total', 'node-exporter', 600)]).of('node-exporter')).toBeUndefined());
});
