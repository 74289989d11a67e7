import { describe, expect, it } from 'vitest';
import { about, type MadeSeries, rankMetrics, series } from './made-metrics.ts';

/** Kind and figures of what is found on `cart`, beside a service that is as ever. */
function found(...made: readonly Omit<MadeSeries, 'service'>[]): Record<string, number> {
  const quiet = series({
    service: 'web',
    pod: 'web-0',
    name: 'k8s.pod.cpu_limit_utilization',
    unit: '1',
    value: (before) => about(0.2, before),
  });
  const { hypotheses } = rankMetrics([quiet, ...made.map((one) => series({ service: 'cart', pod: 'cart-0', ...one }))]);
  return { ...hypotheses.find(({ service }) => service === 'cart')?.features };
}

describe('what a service uses, against its own past', () => {
  it.each<[string, number, number]>([
    ['hikaricp_connections_pending', 0, 25],
    ['db.client.connection.count', 4, 40],
    ['jvm_threads_live_threads', 40, 220],
    ['request_queue_depth', 1, 60],
    ['container_sockets', 16, 600],
    ['kafka_consumergroup_lag', 10, 900],
  ])('%s that grows and stays so is pressure', (name, usual, full) => {
    const { pressure } = found({ name, value: (before) => (before < 2 ? full : about(usual, before)) });
    expect(pressure).toBeGreaterThan(1);
  });

  it.each<[string, (before: number) => number]>([
    ['grew for a moment', (before) => (before === 1 ? 60 : 1)],
    ['grew at the very end only', (before) => (before === 0 ? 60 : 1)],
    ['is as long as it was', (before) => about(60, before)],
  ])('a queue that %s is none', (_, value) => {
    expect(found({ name: 'request_queue_depth', value })).not.toHaveProperty('pressure');
  });

  it('the size of a pool is no pressure, however it changes', () => {
    expect(found({ name: 'hikaricp_connections_max', value: (before) => (before < 2 ? 50 : 10) })).toEqual({});
  });

  const memory = { name: 'k8s.pod.memory_limit_utilization', unit: '1' };
  it('memory that climbs to its limit is pressure; a level that jumped, or climbs far from the limit, is not', () => {
    expect(found({ ...memory, value: (before) => (before < 4 ? 0.95 - before * 0.12 : 0.5) })['pressure']).toBeGreaterThan(1);
    expect(found({ ...memory, value: (before) => (before < 2 ? 0.95 : 0.3) })).not.toHaveProperty('pressure');
    expect(found({ ...memory, value: (before) => (before < 4 ? 0.6 - before * 0.06 : 0.3) })).not.toHaveProperty('pressure');
  });

  it('percentages and shares of a limit are one and the same', () => {
    const cpu = (name: string, unit: string, times: number) =>
      found({ name, unit, value: (before) => times * (before < 2 ? 0.9 : about(0.2, before)) })['cpu'];
    expect(cpu('container.cpu.usage_percent', '%', 100)).toBeCloseTo(cpu('container.cpu.utilization', '1', 1)!, 6);
  });

  it('seconds of CPU that are counted up say nothing by growing', () => {
    expect(found({ name: 'container_cpu_usage_seconds_total', value: (before) => 30 * (16 - before) })).toEqual({});
  });
});
