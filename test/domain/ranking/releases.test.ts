/** Releases in a system of three, seen through metrics: web calls cart and ads, cart calls db. */
import { describe, expect, it } from 'vitest';
import { about, type MadeSeries, rankMetrics, released, series } from './made-metrics.ts';

interface Pod {
  readonly service: string;
  readonly caller: string;
  readonly name: string;
  readonly version: string;
  readonly from?: number;
  readonly to?: number;
  readonly latency?: (before: number) => number;
  readonly success?: (before: number) => number;
  readonly cpu?: (before: number) => number;
}

function seriesOf(
  { service, caller, name, version, from = 15, to = 0, latency = () => 10, success = () => 1, cpu = () => 0.2 }: Pod,
  salt: number,
) {
  const labels = { client: caller, server: service, 'service.version': version };
  const of = { service, pod: name, from, to };
  const made: MadeSeries[] = [
    { ...of, name: 'service_graph.edge.latency', unit: 'ms', labels, value: (before) => about(latency(before), before, salt) },
    { ...of, name: 'service_graph.edge.success_ratio', unit: '1', labels, value: success },
    { ...of, name: 'k8s.pod.cpu_limit_utilization', unit: '1', value: (before) => about(cpu(before), before, salt) },
  ];
  return made.map(series);
}

const old = (service: string, caller: string, more: Partial<Pod> = {}): Pod[] =>
  [0, 1].map((i) => ({ service, caller, name: `${service}-v1-${i}`, version: 'v1', ...more }));
const fresh = (service: string, caller: string, from: number, more: Partial<Pod> = {}): Pod => ({
  service,
  caller,
  name: `${service}-v2-0`,
  version: 'v2',
  from,
  ...more,
});
const ranked = (pods: readonly Pod[], ...changes: Parameters<typeof rankMetrics>[1] & object) =>
  rankMetrics(
    pods.flatMap((pod, i) => seriesOf(pod, i)),
    changes,
  );
const system = [...old('cart', 'web'), ...old('ads', 'web'), ...old('db', 'cart')];

describe('which release is the bad one', () => {
  it('the one whose new pods are slow beside old ones of the same service', () => {
    const { verdict, hypotheses } = ranked(
      [...system, fresh('cart', 'web', 4, { latency: () => 80 }), fresh('ads', 'web', 4)],
      released('cart', 4.5),
      released('ads', 4.5),
    );
    expect(verdict).toBe('cause');
    expect(hypotheses[0]).toMatchObject({ service: 'cart', change: { version: 'v2' } });
    expect(hypotheses[0]!.summary).toMatch(/8(\.\d)? times as long to answer/);
  });

  it('and where no old pod is left, beside what the service showed before', () => {
    const gone = old('cart', 'web', { to: 5 });
    const { verdict, hypotheses } = ranked(
      [...old('ads', 'web'), ...old('db', 'cart'), ...gone, fresh('cart', 'web', 4, { latency: () => 80 })],
      released('cart', 4.5),
    );
    expect([verdict, hypotheses[0]?.service]).toEqual(['cause', 'cart']);
  });

  it('but not where all pods are as slow: something else slows them', () => {
    const slow = { latency: (before: number) => (before < 5 ? 80 : 10) };
    const { verdict } = ranked([...old('cart', 'web', slow), ...old('ads', 'web'), fresh('cart', 'web', 4, slow)], released('cart', 4.5));
    expect(verdict).toBe('inconclusive');
  });

  it('and not for the first minute of a pod, when healthy ones are slow too', () => {
    const first = fresh('cart', 'web', 1, { to: 1, latency: () => 170 });
    expect(ranked([...system, first], released('cart', 1.5)).verdict).toBe('inconclusive');
  });

  it('the one whose new pods use up their CPU', () => {
    const { verdict, hypotheses } = ranked(
      [...system, fresh('ads', 'web', 4, { cpu: () => 0.95 }), fresh('cart', 'web', 4)],
      released('cart', 4.5),
      released('ads', 4.5),
    );
    expect([verdict, hypotheses[0]?.service]).toEqual(['cause', 'ads']);
  });

  it('one bad replica of several new ones is enough', () => {
    const others = [1, 2].map((i) => ({ ...fresh('cart', 'web', 4), name: `cart-v2-${i}` }));
    const { verdict, hypotheses } = ranked(
      [...system, ...others, fresh('cart', 'web', 4, { success: () => 0.4 }), fresh('ads', 'web', 4)],
      released('cart', 4.5),
      released('ads', 4.5),
    );
    expect([verdict, hypotheses[0]?.service]).toEqual(['cause', 'cart']);
    expect(hypotheses[0]!.confidence).toBeGreaterThan(0.8);
  });

  it('the one that fails and not what was released behind it and answers well', () => {
    const failing = { success: (before: number) => (before < 3 ? 0.5 : 1) };
    const { hypotheses } = ranked(
      [...system, fresh('cart', 'web', 4, failing), fresh('db', 'cart', 4)],
      released('cart', 4.5),
      released('db', 4.5),
    );
    expect(hypotheses[0]!.service).toBe('cart');
  });

  it('the one that never served while others released at the same time do', () => {
    const { verdict, hypotheses } = ranked([...system, fresh('ads', 'web', 3)], released('cart', 4.5), released('ads', 4.5));
    expect([verdict, hypotheses[0]?.service]).toEqual(['cause', 'cart']);
    expect(hypotheses[0]!.summary).toContain('have not taken a single call yet');
  });

  it('the one that may yet serve, where the old pods that are left do the work of those that went', () => {
    const said = (cpu: (before: number) => number): string => {
      const [left, gone] = [old('cart', 'web', { cpu }), { ...old('cart', 'web', { to: 2, cpu })[0]!, name: 'cart-v1-2' }];
      return ranked([...left, gone, ...old('ads', 'web'), ...old('db', 'cart')], released('cart', 1.8)).hypotheses[0]?.summary ?? '';
    };
    expect(said((before) => (before <= 1 ? 0.4 : 0.2))).toContain('not taken a single call yet; the old ones that are left run hot');
    expect(said(() => 0.2)).not.toContain('run hot');
    expect(said((before) => (before <= 3 ? 0.4 : 0.2))).not.toContain('run hot');
  });

  it('the one that loses more than ever, and none for what an edge with few calls has always lost now and then', () => {
    const now = (before: number) => (before % 5 === 0 ? 0.84 : 1);
    const ads = (success: (before: number) => number) => [
      ...old('cart', 'web'),
      ...old('ads', 'web', { to: 4, success: now }),
      fresh('ads', 'web', 4, { success }),
      fresh('cart', 'web', 4),
    ];
    const changes = [released('ads', 4.5), released('cart', 4.5)] as const;
    expect(ranked(ads(now), ...changes).verdict).not.toBe('cause');
    const { verdict, hypotheses } = ranked(
      ads(() => 0.8),
      ...changes,
    );
    expect([verdict, hypotheses[0]?.service]).toEqual(['cause', 'ads']);
  });

  it('none, where all of them do well', () => {
    const { verdict } = ranked([...system, fresh('cart', 'web', 4), fresh('ads', 'web', 4)], released('cart', 4.5), released('ads', 4.5));
    expect(verdict).toBe('inconclusive');
  });

  it('a pod that goes on under the name of the one it replaced counts as new', () => {
    const failing = { success: (before: number) => (before < 3 ? 0.5 : 1) };
    const threeOld = [0, 1, 2].map((i): Pod => ({ ...failing, service: 'cart', caller: 'web', name: `cart-v1-${i}`, version: 'v1' }));
    const other = [...old('ads', 'web'), ...old('db', 'cart')].flatMap((pod, i) => seriesOf(pod, i + 5));
    const evidence = (salts: readonly number[]): number => {
      const mine = [fresh('cart', 'web', 4, failing), ...threeOld].flatMap((pod, i) => seriesOf(pod, salts[i]!));
      return rankMetrics([...mine, ...other], [released('cart', 4.5)]).hypotheses.find(({ service }) => service === 'cart')!.features[
        'release'
      ]!;
    };
    // The same numbers to the last digit, or those of pods of their own: then the old version fails as well.
    expect(evidence([0, 0, 0, 0])).toBeGreaterThan(evidence([0, 1, 2, 3]) + 0.3);
  });
});

describe('what an edge lost before', () => {
  it('is what it lost before the release, however long it has failed since', () => {
    const success = (since: number) => (before: number) => (before < since ? 0.8 : 1);
    const replaced = [
      ...old('cart', 'web', { to: 11, success: success(11) }),
      ...[0, 1].map((i) => fresh('cart', 'web', 11, { name: `cart-v2-${i}`, success: success(11) })),
    ];
    const { verdict, hypotheses } = ranked(
      [...replaced, ...old('ads', 'web'), ...old('db', 'cart'), fresh('ads', 'web', 4)],
      released('cart', 11.5),
      released('ads', 4.5),
    );
    expect(verdict).toBe('cause');
    expect(hypotheses[0]).toMatchObject({ service: 'cart', change: { version: 'v2' } });
  });
});

describe('changes beside what else is seen', () => {
  const failing = [
    ...old('cart', 'web', { success: (before: number) => (before < 3 ? 0.9 : 1) }),
    ...old('ads', 'web', { success: (before: number) => (before < 3 ? 0.9 : 1) }),
  ];
  const confidence = (changes: Parameters<typeof rankMetrics>[1] & object) =>
    ranked(failing, ...changes).hypotheses.find(({ service }) => service === 'cart')?.confidence ?? 0;

  it('a change just before the onset raises its service', () => {
    expect(confidence([released('cart', 4, { version: null })])).toBeGreaterThan(confidence([]) + 0.1);
  });

  it.each<[string, Parameters<typeof released>[2]]>([
    ['merged and not deployed', { kind: 'commit', deployedBy: null }],
    ['announced, and nobody says that it runs', { kind: 'deployment', deployedBy: null }],
    ['started after the alert', { startedAt: Date.UTC(2026, 4, 4, 12, 5) }],
    ['part of normal life by now', { startedAt: Date.UTC(2026, 4, 4, 9, 0) }],
  ])('one that is %s does not', (_, more) => {
    expect(confidence([released('cart', 4, { version: null, ...more })])).toBe(confidence([]));
  });
});

describe('calls that fail for one caller alone', () => {
  /** `desk` calls `cart`, which calls `stock`, as `shop` does; `cart` and `stock` were released. */
  const firstOf = (othersLose: number) => {
    const loss = (service: string, client: string, server: string, now: number, name = `${client} ${server}`) =>
      series({
        service,
        pod: `${service}-1`,
        name: 'edge.error_ratio',
        unit: '1',
        labels: { client, server, name },
        value: (before) => (before < 5 ? now : 0.001),
      });
    const metrics = [loss('cart', 'cart', 'stock', 0.4), loss('shop', 'shop', 'stock', othersLose), loss('desk', 'desk', 'cart', 0.4)];
    return rankMetrics(metrics, [released('cart', 5.5), released('stock', 6)]).hypotheses[0]?.service;
  };

  it('speak against that caller where it was just released and others find the callee well', () => {
    expect(firstOf(0.001)).toBe('cart');
  });

  it('speak against the callee where others find it failing too', () => {
    expect(firstOf(0.4)).toBe('stock');
  });
});
