/** `web` has three pods and calls `cart`, of which a new pod stands beside two old ones; both ends measure the calls. */
import { describe, expect, it } from 'vitest';
import { about, type MadeSeries, rankMetrics, released, series } from './made-metrics.ts';

interface Seen {
  readonly success?: (before: number) => number;
  readonly latency?: (before: number) => number;
}

const labels = (version: string) => ({ client: 'web', server: 'cart', 'service.version': version });
function pod(service: string, name: string, version: string, from: number, { success = () => 1, latency = () => 10 }: Seen, salt: number) {
  const of = { service, pod: name, from, labels: labels(version) };
  const made: MadeSeries[] = [
    { ...of, name: 'edge.success_ratio', unit: '1', value: success },
    { ...of, name: 'edge.latency', unit: 'ms', value: (before) => about(latency(before), before, salt) },
  ];
  return made.map(series);
}
/** `fresh`: what the new pod of `cart` measures; `web`: what each of its callers does, or null where they measure nothing. */
function verdictOf(fresh: Seen, web: Seen | null): string {
  const metrics = [
    ...[0, 1].flatMap((i) => pod('cart', `cart-v1-${i}`, 'v1', 15, {}, i)),
    ...pod('cart', 'cart-v2-0', 'v2', 4, fresh, 2),
    ...(web ? [0, 1, 2].flatMap((i) => pod('web', `web-v1-${i}`, 'v1', 15, web, i + 3)) : []),
  ];
  const { verdict, hypotheses } = rankMetrics(metrics, [released('cart', 4.5)]);
  return verdict === 'cause' ? hypotheses[0]!.service : verdict;
}
const since = (now: number, usual: number) => (before: number) => (before < 4 ? now : usual);

describe('failures that the service called counts', () => {
  const failing = { success: since(0.85, 1) };

  it('say little where its callers, who count too, meet none', () => {
    expect(verdictOf(failing, {})).toBe('inconclusive');
  });

  it('speak against it where its callers meet their share of them', () => {
    expect(verdictOf(failing, { success: since(0.95, 1) })).toBe('cart');
  });

  it('and where no caller counts', () => {
    expect(verdictOf(failing, null)).toBe('cart');
  });
});

describe('new pods that are slower', () => {
  const slow = { latency: since(22, 10) };

  it('say little where callers wait no longer', () => {
    expect(verdictOf(slow, {})).toBe('inconclusive');
  });

  it('speak against the release where callers wait longer', () => {
    expect(verdictOf(slow, { latency: since(14, 10) })).toBe('cart');
  });
});
