/** `web` calls `feed`, which calls `ranker`; both were released lately, and calls to `feed` fail. Whose release is behind that? */
import { describe, expect, it } from 'vitest';
import type { Change } from '../../../src/domain/change.ts';
import type { EdgeSample } from '../../../src/domain/ranking/edge-metrics.ts';
import type { Known } from '../../../src/domain/ranking/known.ts';
import { releasesBehind } from '../../../src/domain/ranking/release-onsets.ts';
import { about, alertAt, type MadeSeries, rankMetrics, released, series } from './made-metrics.ts';

const minute = 60_000;

/** Minutes before the alert. */
interface Plan {
  readonly feed: number;
  readonly ranker: number;
  /** From when on calls to `feed` fail: by its new pods, and by its old ones where these fail too. */
  readonly fails: number;
  readonly oldFail?: number;
  /** From when on its new pods are asked; with the release unless told. */
  readonly asked?: number;
  /** Whom `feed` calls. */
  readonly calls?: string;
  readonly oldPods?: number;
  /** Whether metrics tell new pods from old ones. */
  readonly told?: boolean;
  /** When `index` was released, which `ranker` calls; and whether calls to `ranker` fail. */
  readonly index?: number;
  readonly rankerFails?: boolean;
  /** Whether `feed` calls it in vain by its own doing. */
  readonly inVain?: boolean;
}

function behind({
  feed,
  ranker,
  fails,
  oldFail = -1,
  asked = feed,
  calls = 'ranker',
  oldPods = 1,
  told = true,
  index,
  rankerFails = false,
  inVain = false,
}: Plan): [string, string][] {
  const samplesOf = (version: string, from: number, failing: number): EdgeSample[] =>
    Array.from({ length: 60 }, (_, i) => 15 - i / 4)
      .filter((before) => before <= from)
      .map((before) => ({
        ...{ client: 'web', server: 'feed', pod: `feed-${version}`, service: 'feed', version },
        at: alertAt - before * minute,
        loss: before <= failing ? 0.4 : 0.001,
      }));
  const fresh = samplesOf('v2', asked, fails);
  const samples = [...Array.from({ length: oldPods }, () => samplesOf('v1', 15, oldFail)).flat(), ...fresh];
  const bad = samples.filter(({ at, loss }) => at >= alertAt - 2.5 * minute && loss > 0.1);
  const known = { reach: (caller: string) => new Set(caller === 'feed' ? [calls, 'index'] : []) } as unknown as Known;
  const found = releasesBehind({
    losses: new Map(
      ['feed', ...(rankerFails ? ['ranker'] : [])].map((server) => [
        server,
        { server, samples: server === 'feed' ? bad : [], before: 0.001 },
      ]),
    ),
    samples: told ? samples : fresh,
    changes: [released('feed', feed), released('ranker', ranker), ...(index === undefined ? [] : [released('index', index)])],
    fresh: ({ service }: Change) => (told && service === 'feed' ? fresh : null),
    known,
    own: new Map(inVain ? [['feed', [{ server: 'ranker', samples: [], before: 0 }]]] : []),
  });
  return [...found];
}

const rankers = [['feed', 'ranker']];

describe('the release behind the failures of another service', () => {
  it('is the one beneath it that came while its own had served well for a while', () => {
    const plan = { feed: 8, ranker: 3, fails: 2.5 };
    expect(behind(plan)).toEqual(rankers);
    expect(behind({ ...plan, told: false })).toEqual(rankers);
  });

  it('is of several beneath it the latest, unless another one fails itself and the latest does not', () => {
    const plan = { feed: 8, ranker: 4, index: 3, fails: 2.5 };
    expect(behind(plan)).toEqual([['feed', 'index']]);
    expect(behind({ ...plan, rankerFails: true })).toEqual(rankers);
  });

  it('is its own where that was hardly asked before the other came', () => {
    expect(behind({ feed: 8, ranker: 3, fails: 2.5, asked: 3 })).toEqual([]);
  });

  it('is its own where that had failed before the other came', () => {
    expect(behind({ feed: 8, ranker: 3, fails: 3.5 })).toEqual([]);
    expect(behind({ feed: 4, ranker: 2, fails: 4, oldPods: 3 })).toEqual([]);
  });

  it('is the one beneath it where it failed before its own', () => {
    expect(behind({ feed: 2, ranker: 3, fails: 2, oldFail: 2.5 })).toEqual(rankers);
  });

  it('is its own where it calls that in vain by its own doing, be it that one of its calls failed before', () => {
    expect(behind({ feed: 2, ranker: 3, fails: 2, oldFail: 2.5, inVain: true })).toEqual([]);
  });

  it('is its own where it fails right from that on, though the other came before', () => {
    expect(behind({ feed: 3, ranker: 4, fails: 3 })).toEqual([]);
  });

  it('is not that of a service which it does not call', () => {
    expect(behind({ feed: 8, ranker: 3, fails: 2.5, calls: 'stock' })).toEqual([]);
    expect(behind({ feed: 2, ranker: 3, fails: 2, oldFail: 2.5, calls: 'stock' })).toEqual([]);
  });

  it('is not one that came long before anything failed, or only after that', () => {
    expect(behind({ feed: 12, ranker: 6, fails: 2 })).toEqual([]);
    expect(behind({ feed: 1, ranker: 2, fails: 1, oldFail: 2.5 })).toEqual([]);
  });
});

describe('whose release is suspected', () => {
  /** Who is likely at fault where the pods of `feed` succeed like that, so many minutes before the alert; old ones go with a release. */
  const suspects = (feed: number, ranker: number, success: (before: number) => number): [string, boolean][] => {
    const well = () => 0.999;
    const metrics = [
      { service: 'feed', client: 'web', version: 'v1', from: 15, to: feed + 1, success },
      { service: 'feed', client: 'web', version: 'v2', from: feed, to: 0, success },
      { service: 'ranker', client: 'feed', version: 'v1', from: 15, to: ranker + 1, success: well },
      { service: 'ranker', client: 'feed', version: 'v2', from: ranker, to: 0, success: well },
    ].flatMap(({ service, client, version, from, to, success: value }, i) => {
      const labels = { client, server: service, 'service.version': version };
      const of = { service, pod: `${service}-${version}`, from, to, labels };
      const made: MadeSeries[] = [
        { ...of, name: 'service_graph.edge.success_ratio', unit: '1', value },
        { ...of, name: 'service_graph.edge.latency', unit: 'ms', value: (before) => about(10, before, i) },
      ];
      return made.map(series);
    });
    const { hypotheses } = rankMetrics(metrics, [released('feed', feed + 0.5), released('ranker', ranker + 0.5)]);
    return hypotheses.filter(({ confidence }) => confidence >= 0.5).map(({ service, confidence }) => [service, confidence > 0.9]);
  };
  const since = (failing: number) => (before: number) => (before <= failing ? 0.6 : 0.999);

  it('is that of the service beneath, where calls fail since then and went well on the new pods before', () => {
    expect(suspects(8, 2, since(2))).toEqual([['ranker', true]]);
  });

  it('or where they failed before the own one', () => {
    expect(suspects(1, 2, since(2))).toEqual([['ranker', true]]);
  });

  it('is its own where its new pods fail from the first on', () => {
    expect(suspects(2, 3, since(2))).toEqual([['feed', true]]);
  });
});
