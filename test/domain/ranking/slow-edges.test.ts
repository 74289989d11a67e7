/** `web` asks `orders` and `search`, `orders` asks `stock`, and `stock` the store `shelf`: all that is known is how long calls take. */
import { describe, expect, it } from 'vitest';
import { about, rankMetrics, released, series } from './made-metrics.ts';

const edges = [
  ['edge', 'web', 80],
  ['web', 'orders', 50],
  ['web', 'search', 30],
  ['orders', 'stock', 20],
  ['stock', 'shelf', 5],
  ['search', 'shelf', 5],
] as const;

/** Lately calls take so much longer, by `client>server`. Since 3.5 minutes before the alert `orders` has new pods. */
function ranked(more: Readonly<Record<string, number>>, { isReleased = false, oldPodsToo = true } = {}) {
  const metrics = edges.flatMap(([client, server, usual], salt) => {
    const later = more[`${client}>${server}`] ?? 0;
    const pod = (name: string, version: string, from: number, to: number, isSlow: boolean) =>
      series({
        ...{ service: server, pod: name, version, name: 'service_graph.edge.latency', unit: 'ms', from, to },
        labels: { client, server, 'service.version': version },
        value: (before) => about(usual, before, salt) + (isSlow && before <= 4 ? later : 0),
      });
    if (server !== 'orders' || !isReleased) return [pod(`${server}-0`, 'v1', 20, 0, true)];
    return [pod('orders-0', 'v1', 20, 3.5, oldPodsToo), pod('orders-1', 'v2', 3.25, 0, true)];
  });
  const { verdict, hypotheses } = rankMetrics(metrics, isReleased ? [released('orders', 3.5)] : []);
  return { verdict, first: hypotheses[0]?.service };
}

const wholePath = { 'edge>web': 900, 'web>orders': 900, 'orders>stock': 900 };

describe('a service that nobody released', () => {
  it('is at fault where calls to it take longer and nothing beneath it explains that', () =>
    expect(ranked(wholePath)).toEqual({ verdict: 'cause', first: 'stock' }));

  it('is at fault where a release above it came while it was slow already', () =>
    expect(ranked(wholePath, { isReleased: true })).toEqual({ verdict: 'cause', first: 'stock' }));

  it.each([
    ['one of several callers alone waits longer', { 'stock>shelf': 400, 'orders>stock': 400, 'web>orders': 400, 'edge>web': 400 }, 'shelf'],
    ['what is beneath it explains it', { ...wholePath, 'stock>shelf': 850, 'search>shelf': 850, 'web>search': 850 }, 'stock'],
  ])('is not where %s', (_, more, innocent) => expect(ranked(more).first).not.toBe(innocent));

  it('is not where calls take a little longer', () =>
    expect(ranked({ 'edge>web': 20, 'web>orders': 18, 'orders>stock': 9 }).verdict).not.toBe('cause'));
});

describe('a release', () => {
  it('is at fault where its new pods alone take longer', () =>
    expect(ranked({ 'edge>web': 900, 'web>orders': 900 }, { isReleased: true, oldPodsToo: false })).toEqual({
      verdict: 'cause',
      first: 'orders',
    }));
});
