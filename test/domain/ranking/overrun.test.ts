/** `web` calls `search` and `chat`, which both call `profile`; nobody released `profile`, and it runs hot and fails them. */
import { describe, expect, it } from 'vitest';
import { about, type MadeSeries, rankMetrics, released, series } from './made-metrics.ts';

interface Plan {
  /** Minutes before the alert. */
  readonly hot?: number;
  readonly releases?: readonly [service: string, before: number][];
  /** How busy the second pod of `profile` is, where not as the first. */
  readonly second?: (before: number) => number;
  /** How busy the callers are. */
  readonly callers?: ((before: number) => number) | null;
  /** Whether `profile` counts the calls it takes. */
  readonly counts?: boolean;
  /** Times as long that new pods take to answer as old ones beside them do. */
  readonly slower?: Readonly<Record<string, number>>;
}

function suspect({
  hot = 2,
  releases = [
    ['search', 2.5],
    ['mail', 2.5],
  ],
  second,
  callers = () => 0.3,
  counts = false,
  slower = {},
}: Plan): string {
  const at = new Map(releases);
  const busy = (before: number): number => (before <= hot ? 0.95 : 0.4);
  const failing = (before: number): number => (before <= hot ? 0.7 : 1);
  const versions = (service: string): [string, number][] =>
    [['v1', 15], ...(at.has(service) ? [['v2', at.get(service)!] as const] : [])].map(([version, from]) => [
      String(version),
      Math.floor(Number(from)),
    ]);
  const into = (client: string, service: string, value: (before: number) => number): MadeSeries[] =>
    versions(service).map(([version, from]) => {
      const labels = { client, server: service, 'service.version': version };
      const lost = (before: number): number => about(1 - value(before), before, Number(version[1]));
      return {
        ...{ service, pod: `${service}-${version}`, name: 'edge.success_ratio', unit: '1', labels, from },
        value: (before) => 1 - lost(before),
      };
    });
  const latency = (client: string, service: string): MadeSeries[] =>
    versions(service).map(([version, from]) => ({
      ...{ service, pod: `${service}-${version}`, name: 'edge.latency', unit: 'ms', from },
      labels: { client, server: service, 'service.version': version },
      value: (before) => about(before <= hot ? 60 : 10, before, Number(version[1])) * (version === 'v2' ? (slower[service] ?? 1) : 1),
    }));
  const cpu = (service: string, value: (before: number) => number, pod = ''): MadeSeries[] =>
    versions(service).map(([version, from]) => ({
      ...{ service, pod: `${service}-${version}${pod}`, name: 'k8s.pod.cpu_limit_utilization', unit: '1' },
      ...{ from, labels: { 'service.version': version } },
      value: (before) => value(before) * about(1, before, Number(version[1])),
    }));
  const calls: MadeSeries[] = ['search', 'chat'].map((client) => ({
    ...{ service: 'profile', pod: 'profile-v1', name: 'http_requests_total', labels: { client, server: 'profile' } },
    value: (before) => 300 * (15 - before),
  }));
  const metrics = [
    ...into('web', 'search', (before) => (before <= hot ? 0.9 : 1)),
    ...into('web', 'chat', (before) => (before <= hot ? 0.9 : 1)),
    ...into('web', 'mail', () => 1),
    ...into('search', 'profile', failing),
    ...into('chat', 'profile', failing),
    ...into('profile', 'store', () => 1),
    ...latency('web', 'search'),
    ...latency('web', 'chat'),
    ...latency('search', 'profile'),
    ...cpu('profile', busy),
    ...cpu('profile', second ?? busy, '-b'),
    ...(callers === null ? [] : [...cpu('search', callers), ...cpu('chat', callers)]),
    ...(counts ? calls : []),
  ];
  const { verdict, hypotheses } = rankMetrics(
    metrics.map(series),
    releases.map(([service, before]) => released(service, before)),
  );
  return verdict === 'cause' ? hypotheses[0]!.service : verdict;
}

describe('a service that runs hot and fails though nobody released it', () => {
  it('is overrun by the one caller that was released when that began', () => {
    expect(suspect({})).toBe('search');
  });

  /** Four minutes are enough for new pods to be seen warm. */
  const both: Plan = {
    hot: 3,
    releases: [
      ['search', 4],
      ['chat', 4],
    ],
  };

  it('is of several callers that were released overrun by the one whose new pods answer later than its old ones', () => {
    expect(suspect({ ...both, slower: { search: 5 } })).toBe('search');
    expect(suspect({ ...both, slower: { chat: 5 } })).toBe('chat');
    expect(suspect({ ...both, slower: { search: 5, chat: 5 } })).not.toBe('profile');
  });

  it('is overrun by that one though it was released too, unless its own new pods are slower as well', () => {
    const three: Plan = { ...both, releases: [...both.releases!, ['profile', 4.5]] };
    expect(suspect({ ...three, slower: { search: 5 } })).toBe('search');
    expect(suspect(three)).toBe('profile');
    expect(suspect({ ...three, slower: { search: 5, profile: 5 } })).toBe('profile');
  });

  it.each<[string, Plan]>([
    ['it ran hot before that release', { releases: [['search', 1.5]] }],
    ['that release had been out for long', { releases: [['search', 8]] }],
    [
      'another caller was released too',
      {
        releases: [
          ['search', 2.5],
          ['chat', 2.5],
        ],
      },
    ],
    [
      'something beneath it was released too',
      {
        releases: [
          ['search', 2.5],
          ['store', 2.5],
        ],
      },
    ],
    ['only one of its pods is hot', { second: () => 0.4 }],
    ['its callers are busier themselves, as with more users', { callers: (before) => (before <= 2 ? 0.5 : 0.3) }],
    ['its calls are counted and are no more than before', { counts: true }],
  ])('but not where %s', (_, plan) => {
    expect(suspect(plan)).not.toBe('search');
  });

  it.each<[string, Plan]>([
    ['one of its pods never used a processor', { second: () => 0 }],
    ['nobody measures how busy its callers are', { callers: null }],
  ])('is not told to be overrun where %s', (_, plan) => expect(suspect(plan)).not.toBe('search'));
});
