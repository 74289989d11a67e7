/** `web` asks `catalog`, which asks the store `shelf`; of calls to that nothing is known but that there are some. */
import { describe, expect, it } from 'vitest';
import { about, rankMetrics, series } from './made-metrics.ts';

interface Plan {
  /** Bytes that the store reads a minute, so many minutes before the alert. */
  readonly reads?: (before: number) => number;
  readonly catalogCpu?: number;
  readonly longer?: number;
  readonly name?: string;
  readonly unit?: string;
  /** In place of totals. */
  readonly gauge?: (before: number) => number;
}

function ranked({ reads = idle, catalogCpu = 1, longer = 200, name = 'container_fs_reads_bytes_total', unit, gauge }: Plan) {
  let total = 1e9;
  const labels = { source_workload: 'catalog', destination_workload: 'shelf', reporter: 'source' };
  const metrics = [
    series({
      ...{ service: 'web', pod: 'web-0', name: 'istio_request_duration_milliseconds', unit: 'ms' },
      labels: { source_workload: 'web', destination_workload: 'catalog', reporter: 'source' },
      value: (before) => about(20, before) + (before <= 3 ? longer : 0),
    }),
    series({ service: 'catalog', pod: 'catalog-0', name: 'istio_tcp_sent_bytes_total', labels, value: (before) => 1e6 * (30 - before) }),
    series({
      ...{ service: 'catalog', pod: 'catalog-0', name: 'k8s.pod.cpu.usage', unit: '{cpu}' },
      value: (before) => about(0.1, before) * (before <= 3 ? catalogCpu : 1),
    }),
    series({ service: 'shelf', pod: 'shelf-0', name, ...(unit && { unit }), value: gauge ?? ((before) => (total += reads(before))) }),
  ];
  const { verdict, hypotheses, evidence } = rankMetrics(metrics);
  return { verdict, first: hypotheses[0]?.service, says: evidence.map(({ text }) => text).join(' ') };
}

const idle = (before: number): number => about(2e5, before);
const busySince =
  (since: number, until = 0) =>
  (before: number): number =>
    before <= since && before >= until ? about(3e8, before) : idle(before);

describe('a store whose disk is busy as never before', () => {
  it.each(['container_fs_reads_bytes_total', 'container.blockio.io_service_bytes_recursive.read', 'system.disk.io'])(
    'is why the one that asks it got slow (%s)',
    (name) => {
      const found = ranked({ reads: busySince(3), name });
      expect(found).toMatchObject({ verdict: 'cause', first: 'shelf' });
      expect(found.says).toContain('(from web), and shelf, which it asks, is at work for far more than it ever was.');
    },
  );

  it('may also be told as so much a second', () =>
    expect(ranked({ name: 'disk.io', unit: 'By/s', gauge: busySince(3) })).toMatchObject({ verdict: 'cause', first: 'shelf' }));

  it.each<[string, Plan]>([
    ['it was as busy before, for a minute', { reads: (before) => Math.max(busySince(3)(before), busySince(10, 10)(before)) }],
    ['that is over', { reads: busySince(3, 2) }],
    ['it is twice as busy', { reads: (before) => idle(before) * (before <= 3 ? 2 : 1) }],
    ['the one that asks it is at work for far more itself', { reads: busySince(3), catalogCpu: 6 }],
    ['what is told is how much it may be', { reads: busySince(3), name: 'disk_io_limit_bytes' }],
  ])('is not where %s', (_, plan) => {
    const found = ranked(plan);
    expect(found.first).toBe('catalog');
    expect(found.says).not.toContain('which it asks');
  });

  it('is nothing where nobody waits', () => expect(ranked({ reads: busySince(3), longer: 0 }).says).not.toContain('which it asks'));
});
