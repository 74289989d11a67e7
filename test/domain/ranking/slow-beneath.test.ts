/** `web` calls `feed`, which calls `ranker` and `ads`: calls to `feed` take longer. Its own release's doing, or one's beneath it? */
import { describe, expect, it } from 'vitest';
import { about, rankMetrics, released, series } from './made-metrics.ts';

interface Plan {
  /** Minutes before the alert at which each was released; `feed` has no old pod left then, the others have. */
  readonly releases: Readonly<Record<string, number>>;
  /** How many ms new pods of those that `feed` calls take, old ones 10; and their old pods, lately. */
  readonly newPods?: Readonly<Record<string, number>>;
  readonly oldPods?: number;
  /** How many ms calls to `feed` take lately; 20 before. */
  readonly feed?: number;
}

function first({ releases, newPods = {}, oldPods = 10, feed = 150 }: Plan): { service?: string; confidence?: number } {
  const pod = (client: string, service: string, version: string, from: number, to: number, value: (before: number) => number) => {
    const labels = { client, server: service, 'service.version': version };
    const salt = service.length + Number(version[1]);
    const times = (before: number) => about(value(before), before, salt);
    const of = { service, pod: `${service}-${version}`, from, to, labels };
    return series({ ...of, name: 'edge.latency', unit: 'ms', value: times });
  };
  const slow = (before: number) => (before <= 2 ? feed : 20);
  const feedAt = releases['feed'];
  const metrics = [
    ...(feedAt === undefined
      ? [pod('web', 'feed', 'v1', 15, 0, slow)]
      : [pod('web', 'feed', 'v1', 15, Math.ceil(feedAt), slow), pod('web', 'feed', 'v2', Math.floor(feedAt), 0, slow)]),
    ...['ranker', 'ads'].flatMap((callee) => [
      pod('feed', callee, 'v1', 15, 0, (before) => (before <= 2 ? oldPods : 10)),
      // Its new pods are there for less than a minute: of themselves they tell nothing yet.
      ...(releases[callee] === undefined ? [] : [pod('feed', callee, 'v2', 0, 0, () => newPods[callee] ?? 10)]),
      series({
        ...{ service: 'feed', pod: 'feed-v1', from: 15, name: 'edge.latency', unit: 'ms' },
        labels: { client: 'feed', server: callee, 'service.version': 'v1' },
        value: (before) => about(before <= 2 && newPods[callee] ? 20 + (feed - 20) : 10, before, callee.length),
      }),
    ]),
  ];
  const { verdict, hypotheses } = rankMetrics(
    metrics,
    Object.entries(releases).map(([service, before]) => released(service, before)),
  );
  return verdict === 'cause' ? { service: hypotheses[0]!.service, confidence: hypotheses[0]!.confidence } : {};
}

describe('a service that takes longer and has no old pod left', () => {
  it('is slowed by the release beneath it whose new pods are slower than its old ones by as much, though not for sure', () => {
    const { service, confidence } = first({ releases: { feed: 4.5, ranker: 2.5 }, newPods: { ranker: 300 } });
    expect(service).toBe('ranker');
    expect(confidence).toBeLessThanOrEqual(0.78);
  });

  it('is slowed by the slowest of several', () => {
    const plan = { releases: { feed: 4.5, ranker: 2.5, ads: 2.5 } };
    expect(first({ ...plan, newPods: { ranker: 300, ads: 200 } }).service).toBe('ranker');
    expect(first({ ...plan, newPods: { ranker: 200, ads: 300 } }).service).toBe('ads');
  });

  it('is slow itself where no new pods beneath it are slower by as much', () => {
    expect(first({ releases: { feed: 4.5 } }).service).toBe('feed');
    expect(first({ releases: { feed: 4.5, ranker: 2.5 }, newPods: { ranker: 40 } }).service).toBe('feed');
  });
});

describe('a service that nobody released and that takes longer', () => {
  it('is slowed by the release beneath it, be its new pods only just there', () => {
    const { service, confidence } = first({ releases: { ranker: 2.5 }, newPods: { ranker: 300 } });
    expect(service).toBe('ranker');
    expect(confidence).toBeLessThanOrEqual(0.78);
  });

  it('is not where the old pods beneath it are as slow', () => {
    expect(first({ releases: { ranker: 2.5 }, newPods: { ranker: 300 }, oldPods: 295 }).service).not.toBe('ranker');
  });
});
