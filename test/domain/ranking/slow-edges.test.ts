/** `web` asks `orders` and `search`, `orders` asks `stock`, and `stock` the store `shelf`: all that is known is how long calls take. */
import { describe, expect, it } from 'vitest';
import type { MetricSeries } from '../../../src/domain/telemetry.ts';
import { about, rankMetrics, released, series } from './made-metrics.ts';

const edges = [
  ['edge', 'web', 80],
  ['web', 'orders', 50],
  ['web', 'search', 30],
  ['orders', 'stock', 20],
  ['stock', 'shelf', 5],
  ['search', 'shelf', 5],
] as const;

interface Around {
  readonly isReleased?: boolean;
  readonly oldPodsToo?: boolean;
  /** What is told begins and ends so many minutes before the alert, and calls are slow for so many. */
  readonly since?: number;
  readonly until?: number;
  readonly slowFor?: number;
  readonly more?: readonly MetricSeries[];
}

/** Lately calls take so much longer, by `client>server`. Since 3.5 minutes before the alert `orders` has new pods. */
function ranked(
  longer: Readonly<Record<string, number>>,
  { isReleased = false, oldPodsToo = true, since = 20, until = 0, slowFor = 4, more = [] }: Around = {},
) {
  const metrics = edges.flatMap(([client, server, usual], salt) => {
    const later = longer[`${client}>${server}`] ?? 0;
    const pod = (name: string, version: string, from: number, to: number, isSlow: boolean) =>
      series({
        ...{ service: server, pod: name, version, name: 'service_graph.edge.latency', unit: 'ms', from, to },
        labels: { client, server, 'service.version': version },
        value: (before) => about(usual, before, salt) + (isSlow && before <= slowFor ? later : 0),
      });
    if (server !== 'orders' || !isReleased) return [pod(`${server}-0`, 'v1', since, until, true)];
    return [pod('orders-0', 'v1', 20, 3.5, oldPodsToo), pod('orders-1', 'v2', 3.25, 0, true)];
  });
  const { verdict, hypotheses, evidence } = rankMetrics([...metrics, ...more], isReleased ? [released('orders', 3.5)] : []);
  const slow = (service: string) => hypotheses.find((one) => one.service === service)?.features['slow'] ?? 0;
  return { verdict, first: hypotheses[0]?.service, slow, says: evidence.map(({ text }) => text).join(' ') };
}

const wholePath = { 'edge>web': 900, 'web>orders': 900, 'orders>stock': 900 };

describe('a service that nobody released', () => {
  it('is at fault where calls to it take longer and nothing beneath it explains that', () =>
    expect(ranked(wholePath)).toMatchObject({ verdict: 'cause', first: 'stock' }));

  it('is at fault where a release above it came while it was slow already', () =>
    expect(ranked(wholePath, { isReleased: true })).toMatchObject({ verdict: 'cause', first: 'stock' }));

  it.each([
    ['one of several callers alone waits longer', { 'stock>shelf': 400, 'orders>stock': 400, 'web>orders': 400, 'edge>web': 400 }, 'shelf'],
    ['what is beneath it explains it', { ...wholePath, 'stock>shelf': 850, 'search>shelf': 850, 'web>search': 850 }, 'stock'],
  ])('is not where %s', (_, longer, innocent) => expect(ranked(longer).slow(innocent)).toBeLessThan(0.3));

  it('says how much of it comes from beneath', () => {
    const some = { ...wholePath, 'stock>shelf': 450, 'search>shelf': 450, 'web>search': 450 };
    expect(ranked(some).says).toMatch(
      /Calls to stock take [\d.]+ times as long as before \(from orders\), of which what it calls explains (49|50|51) %\./,
    );
    expect(ranked(wholePath).says).toMatch(
      /Calls to stock take [\d.]+ times as long as before \(from orders\), and nothing beneath it explains that\./,
    );
  });

  it('is named with the caller that waits longest for it', () => {
    const shared = { 'stock>shelf': 400, 'search>shelf': 60 };
    expect(ranked(shared).says).toContain('Calls to shelf take 81 times as long as before (from stock)');
    expect(ranked({ 'stock>shelf': 60, 'search>shelf': 400 }).says).toContain('(from search)');
  });

  it.each<[string, Record<string, number>, Around]>([
    ['it was measured twice since', wholePath, { until: 2 }],
    ['it was measured a few times before', wholePath, { since: 6, slowFor: 2 }],
    ['that began after the alert', wholePath, { slowFor: -1, until: -4 }],
    [
      'nobody knows who calls',
      {},
      {
        more: [
          series({
            ...{ service: 'kiosk', pod: 'kiosk-0', name: 'http.server.request.duration', unit: 'ms', from: 20 },
            value: (before) => (before <= 4 ? 900 : about(20, before)),
          }),
        ],
      },
    ],
  ])('is not where %s', (_, longer, around) => expect(ranked(longer, around).says).not.toContain('Calls to'));

  it('is not where calls take a little longer', () =>
    expect(ranked({ 'edge>web': 20, 'web>orders': 18, 'orders>stock': 9 }).verdict).not.toBe('cause'));
});

describe('a release', () => {
  it('is at fault where its new pods alone take longer', () =>
    expect(ranked({ 'edge>web': 900, 'web>orders': 900 }, { isReleased: true, oldPodsToo: false })).toMatchObject({
      verdict: 'cause',
      first: 'orders',
    }));

  it('is judged by its pods, and not by all calls to it', () =>
    expect(ranked({ 'edge>web': 900, 'web>orders': 900 }, { isReleased: true, oldPodsToo: false }).says).not.toContain('Calls to orders'));
});
