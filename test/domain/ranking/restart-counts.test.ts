/** `front` asks `back`; what is known is how often containers were started again, and a few failed calls. */
import { describe, expect, it } from 'vitest';
import { about, rankMetrics, released, series } from './made-metrics.ts';

interface Plan {
  /** By pod of `back`, how many minutes before the alert its container was started again. */
  readonly starts: readonly (readonly number[])[];
  readonly isReleased?: boolean;
}

function ranked({ starts, isReleased = false }: Plan) {
  const metrics = starts.flatMap((of, i) => {
    const at = { service: 'back', pod: `back-${i}` };
    const value = (before: number): number => 4 + of.filter((start) => start >= before).length;
    return [
      series({ ...at, name: 'kube_pod_container_status_restarts_total', value }),
      series({ ...at, name: 'container_memory_working_set_bytes', value: (before) => about(2e8, before, i) }),
    ];
  });
  metrics.push(series({ service: 'front', pod: 'front-0', name: 'kube_pod_container_status_restarts_total', value: () => 1 }));
  const { verdict, hypotheses, evidence } = rankMetrics(metrics, isReleased ? [released('back', 3)] : []);
  return { verdict, first: hypotheses[0], says: evidence.map(({ text }) => text).join(' ') };
}

describe('a service whose containers are started again', () => {
  it('is suspected, the more so the more often and the more of its pods', () => {
    const sure = (starts: Plan['starts']): number => ranked({ starts }).first?.confidence ?? 0;
    expect(ranked({ starts: [[4, 3, 1]] }).first?.service).toBe('back');
    expect(ranked({ starts: [[4, 3, 1]] }).says).toContain(
      'Containers of back were started again within these minutes, at least 2 times, on 1 of 1 pods',
    );
    expect(sure([[4, 3, 1]])).toBeGreaterThan(sure([[1]]));
    expect(sure([[4, 3, 1]])).toBeGreaterThan(sure([[4, 3, 1], [], [], []]));
  });

  it('is not the cause for one start of one of its pods', () => expect(ranked({ starts: [[2], []] }).verdict).not.toBe('cause'));

  it.each<[string, Plan]>([
    ['they were before as well', { starts: [[12, 9, 3, 1]] }],
    ['it was long before', { starts: [[9, 8]] }],
    ['it was released, and is judged by its pods', { starts: [[2.5, 1]], isReleased: true }],
  ])('is not where %s', (_, plan) => expect(ranked(plan).says).not.toContain('were started again'));
});
