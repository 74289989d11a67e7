/** `web` calls `feed`, which calls `ranker` and `ads`; calls to `feed` fail, though it was not released and all its own succeed. */
import { describe, expect, it } from 'vitest';
import { type MadeSeries, rankMetrics, released, series } from './made-metrics.ts';

interface Plan {
  /** Minutes before the alert. */
  readonly fails?: number;
  readonly releases?: readonly [service: string, before: number][];
  /** How the new pods of `ranker` answer. */
  readonly answers?: (before: number) => number;
  /** How busy the pods of `feed` are. */
  readonly cpu?: (before: number) => number;
}

function suspect({
  fails = 2,
  releases = [
    ['ranker', 2.5],
    ['mail', 5],
  ],
  answers = () => 1,
  cpu = () => 0.2,
}: Plan): string {
  const at = new Map(releases);
  const of = (client: string, service: string, success: (before: number) => number = () => 1): MadeSeries[] =>
    ['v1', 'v2'].flatMap((version) => {
      const isNew = version === 'v2';
      if (isNew && !at.has(service)) return [];
      const labels = { client, server: service, 'service.version': version };
      const from = isNew ? Math.floor(at.get(service)!) : 15;
      const value = service === 'ranker' && isNew ? answers : success;
      return [{ service, pod: `${service}-${version}`, name: 'edge.success_ratio', unit: '1', labels, from, value }];
    });
  const metrics = [
    ...of('web', 'feed', (before) => (before <= fails ? 0.5 : 1)),
    ...of('feed', 'ranker'),
    ...of('feed', 'ads'),
    ...of('web', 'mail'),
    { service: 'feed', pod: 'feed-v1', name: 'k8s.pod.cpu_limit_utilization', unit: '1', value: cpu },
  ];
  const { verdict, hypotheses } = rankMetrics(
    metrics.map(series),
    releases.map(([service, before]) => released(service, before)),
  );
  return verdict === 'cause' ? hypotheses[0]!.service : verdict;
}

describe('a service that fails though nobody released it and all its calls succeed', () => {
  it('is given wrong answers by the one release beneath it', () => {
    expect(suspect({})).toBe('ranker');
  });

  it.each<[string, Plan]>([
    [
      'it was released itself',
      {
        releases: [
          ['ranker', 2.5],
          ['feed', 2.5],
        ],
      },
    ],
    ['it failed before that release', { fails: 6 }],
    ['that release had been out for long', { releases: [['ranker', 9]] }],
    [
      'another beneath it was released too',
      {
        releases: [
          ['ranker', 2.5],
          ['ads', 2.5],
        ],
      },
    ],
    ['it runs at its own limit', { cpu: (before) => (before <= 2 ? 1 : 0.2) }],
    ['what was released is not beneath it', { releases: [['mail', 2.5]] }],
  ])('but not where %s', (_, plan) => {
    expect(suspect(plan)).not.toBe('ranker');
    expect(suspect(plan)).not.toBe('ads');
    expect(suspect(plan)).not.toBe('mail');
  });
});
