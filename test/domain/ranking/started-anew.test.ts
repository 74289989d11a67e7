/** `front` asks `user`, which asks the store `accounts`; of the store only CPU time and memory of its pods are told. */
import { describe, expect, it } from 'vitest';
import { about, rankMetrics, released, series } from './made-metrics.ts';

interface Plan {
  /** When pods of the store are there, in minutes before the alert, from and to; a pod that starts again is there twice. */
  readonly pods: readonly (readonly (readonly [number, number])[])[];
  readonly failing?: number;
  readonly isReleased?: boolean;
  readonly isTimed?: boolean;
}

function ranked({ pods, failing = 0.9, isReleased = false, isTimed = false }: Plan) {
  const loss = (client: string, server: string, share: number) =>
    series({
      ...{ service: server, pod: `${server}-0`, name: 'request_error_ratio', unit: '1', labels: { client, server } },
      value: (before) => (before <= 4 ? share : 0),
    });
  const told = pods.flatMap((stays, i) => {
    const at = { service: 'accounts', pod: `accounts-${i}` };
    const since = (before: number): number | null => stays.find(([from, to]) => before <= from && before >= to)?.[0] ?? null;
    const within = (value: (age: number) => number) => (before: number) => {
      const from = since(before);
      return from === null ? null : value(from - before);
    };
    return [
      series({ ...at, name: 'container_cpu_usage_seconds_total', value: within((age) => 5 * (age + 1)) }),
      series({ ...at, name: 'container_memory_working_set_bytes', value: within((age) => about(1e8, age)) }),
    ];
  });
  const metrics = [
    loss('front', 'user', failing),
    series({
      ...{ service: 'user', pod: 'user-0', name: 'istio_tcp_sent_bytes_total' },
      labels: { source_workload: 'user', destination_workload: 'accounts' },
      value: (before) => 1e6 * (30 - before),
    }),
    ...(isTimed ? [loss('user', 'accounts', 0)] : []),
    ...told,
  ];
  const { verdict, hypotheses, evidence } = rankMetrics(metrics, isReleased ? [released('accounts', 5)] : []);
  return { verdict, first: hypotheses[0]?.service, says: evidence.map(({ text }) => text).join(' ') };
}

describe('a store that starts anew again and again', () => {
  it.each<[string, Plan['pods']]>([
    ['with a new pod each time', [[[15, 8]], [[4, 3]], [[0, 0]]]],
    [
      'in one pod',
      [
        [
          [15, 8],
          [4, 3],
          [0, 0],
        ],
      ],
    ],
  ])('%s is why the one that asks it fails', (_, pods) => {
    const found = ranked({ pods });
    expect(found).toMatchObject({ verdict: 'cause', first: 'accounts' });
    expect(found.says).toContain('What is measured of accounts stopped and began anew 2 times within these minutes.');
    expect(found.says).toContain('Calls to user fail, which asks accounts while that begins anew.');
  });

  it('speaks for itself where calls to it are told of', () =>
    expect(ranked({ pods: [[[15, 8]], [[4, 3]], [[0, 0]]], isTimed: true }).says).not.toContain('asks accounts while'));

  it.each<[string, Plan]>([
    ['it was once', { pods: [[[15, 5]], [[2, 0]]] }],
    [
      'another pod was there all the time',
      {
        pods: [
          [[15, 0]],
          [
            [15, 8],
            [4, 3],
            [0, 0],
          ],
        ],
      },
    ],
    ['pods took over from each other', { pods: [[[15, 4]], [[4, 2]], [[2, 0]]] }],
    ['it did so before', { pods: [[[15, 13]], [[10, 9]], [[4, 3]], [[0, 0]]] }],
    ['it was released', { pods: [[[15, 8]], [[4, 3]], [[0, 0]]], isReleased: true }],
  ])('does not where %s', (_, plan) => expect(ranked(plan).says).not.toContain('began anew'));
});
