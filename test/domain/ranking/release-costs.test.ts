/** What new pods cost beside old ones: memory that does not stop where the old ones are, containers that are started again. */
import { describe, expect, it } from 'vitest';
import { about, rankMetrics, released, series } from './made-metrics.ts';

/** Two old pods of `cart` and one new one since 5 minutes before the alert; and `ads`, released in the same minute and well. */
function ranked(name: string, unit: string, old: number, ofNew: (before: number) => number, ofAds: (before: number) => number) {
  const pods = ['cart', 'ads'].flatMap((service) => [
    ...[0, 1].map((i) =>
      series({
        service,
        pod: `${service}-v1-${i}`,
        version: 'v1',
        name,
        unit,
        value: (before) => (unit === '1' ? about(old, before, i) : old),
      }),
    ),
    series({ service, pod: `${service}-v2-0`, version: 'v2', name, unit, from: 5, value: service === 'cart' ? ofNew : ofAds }),
  ]);
  return rankMetrics(pods, [released('cart', 5.3), released('ads', 5.3)]);
}

describe('a release', () => {
  it('is bad where the memory of its new pods has passed the old ones and still climbs', () => {
    const warm = (before: number) => Math.min(0.4, 0.28 + 0.04 * (5 - before));
    const { verdict, hypotheses } = ranked('k8s.pod.memory_limit_utilization', '1', 0.4, (before) => 0.28 + 0.11 * (5 - before), warm);
    expect(verdict).toBe('cause');
    expect(hypotheses[0]).toMatchObject({ service: 'cart', change: { version: 'v2' } });
  });

  it('is no worse for memory that fills as it warms up, or that is a little larger and stays so', () => {
    const warm = (before: number) => Math.min(0.4, 0.28 + 0.04 * (5 - before));
    expect(ranked('k8s.pod.memory_limit_utilization', '1', 0.4, () => 0.5, warm).verdict).not.toBe('cause');
  });

  it.each(['kube_pod_container_status_restarts_total', 'k8s.container.restarts', 'kubernetes.containers.restarts'])(
    'is bad where its new pods are started again, by %s',
    (name) => {
      const { verdict, hypotheses } = ranked(
        name,
        '',
        0,
        (before) => Math.max(0, 3 - before),
        () => 0,
      );
      expect(verdict).toBe('cause');
      expect(hypotheses[0]).toMatchObject({ service: 'cart', change: { version: 'v2' } });
    },
  );

  it('is not bad for restarts of long ago', () =>
    expect(
      ranked(
        'k8s.container.restarts',
        '',
        7,
        () => 0,
        () => 0,
      ).verdict,
    ).not.toBe('cause'));

  it.each([
    [0.001, /lose \d+ times as many calls/],
    [0, /lose many times as many calls/],
  ])('is bad where its one new pod loses calls and the old ones beside it lose %d, however long ago it began', (usual, said) => {
    const pods = ['cart', 'ads'].flatMap((service) =>
      [0, 1, 2].map((i) => {
        const labels = { 'service.version': i === 2 ? 'v2' : 'v1' };
        const value = () => (service === 'cart' && i === 2 ? 0.3 : usual);
        return series({ service, pod: `${service}-${i}`, name: 'inbound.error_ratio', unit: '1', labels, value });
      }),
    );
    const { verdict, hypotheses, evidence } = rankMetrics(pods, [released('cart', 16), released('ads', 16)]);
    expect(verdict).toBe('cause');
    expect(hypotheses[0]).toMatchObject({ service: 'cart', change: { version: 'v2' } });
    expect(evidence.map(({ text }) => text).join(' ')).toMatch(said);
  });

  it.each([
    ['bad where its new pods get a fraction done of what old ones do for as many calls', 3, 15, 'cause'],
    ['no worse where its new pods get less done because they are called less', 3, 3, 'inconclusive'],
  ])('is %s', (_, doneByNew, callsOfNew, wanted) => {
    const pods = ['cart', 'ads'].flatMap((service) =>
      [0, 1, 2].flatMap((i) => {
        const isBad = service === 'cart' && i === 2;
        const from = i === 2 ? 6 : 15;
        const of = { service, pod: `${service}-${i}`, version: i === 2 ? 'v2' : 'v1', from };
        const total = (perMinute: number) => (before: number) => (from - before + 1) * perMinute;
        return [
          series({ ...of, name: `${service}_orders_completed_total`, value: total(10 * (isBad ? doneByNew : 15)) }),
          series({ ...of, name: 'http_requests_total', labels: { code: '200' }, value: total(10 * (isBad ? callsOfNew : 15)) }),
        ];
      }),
    );
    const { verdict, hypotheses } = rankMetrics(pods, [released('cart', 6.3), released('ads', 6.3)]);
    expect(verdict).toBe(wanted);
    if (wanted === 'cause') expect(hypotheses[0]).toMatchObject({ service: 'cart', change: { version: 'v2' } });
  });

  it.each([
    ['bad where its new pods ask a callee a fraction as often for each call', 2, 20, 'cause'],
    ['bad where its new pods ask a callee many times as often for each call', 80, 20, 'cause'],
    ['bad where its new pods never ask a callee that the old ones ask', null, 20, 'cause'],
    ['no worse where its new pods ask less because they are called less', 5, 5, 'inconclusive'],
  ])('is %s', (_, askedByNew, callsOfNew, wanted) => {
    const pods = ['cart', 'ads'].flatMap((service) =>
      [0, 1, 2].flatMap((i) => {
        const isBad = service === 'cart' && i === 2;
        const from = i === 2 ? 6 : 15;
        const of = { service, pod: `${service}-${i}`, version: i === 2 ? 'v2' : 'v1', from };
        const total = (perMinute: number) => (before: number) => (from - before + 1) * perMinute;
        const asked = isBad ? askedByNew : 20;
        const calls = { ...of, name: 'http_client_requests_total', labels: { peer: 'stock', code: '200' } };
        return [
          ...(asked === null ? [] : [series({ ...calls, value: total(10 * asked) })]),
          series({ ...of, name: 'http_server_requests_total', labels: { code: '200' }, value: total(10 * (isBad ? callsOfNew : 20)) }),
        ];
      }),
    );
    const stock = series({ service: 'stock', name: 'up', value: () => 1 });
    const { verdict, hypotheses } = rankMetrics([stock, ...pods], [released('cart', 6.3), released('ads', 6.3)]);
    expect(verdict).toBe(wanted);
    if (wanted === 'cause') expect(hypotheses[0]).toMatchObject({ service: 'cart', change: { version: 'v2' } });
  });

  it.each([
    ['no worse for one odd minute that one of its callers saw of its new pod', ['desk'], 'inconclusive'],
    ['bad where all its callers see its new pod slow in the last minute', ['desk', 'shop', 'app'], 'cause'],
  ])('is %s', (_, seenBy, wanted) => {
    const edges = ['cart', 'ads'].flatMap((service) =>
      [0, 1, 2].flatMap((i) =>
        ['desk', 'shop', 'app'].map((client) => {
          const labels = { client, server: service, 'service.version': i === 2 ? 'v2' : 'v1' };
          const isSlow = (before: number) => service === 'cart' && i === 2 && before === 0 && seenBy.includes(client);
          const value = (before: number) => about(isSlow(before) ? 66 : 15, before, i);
          return series({
            service,
            pod: `${service}-${i}`,
            name: 'service_graph.edge.latency',
            unit: 'ms',
            labels,
            from: i === 2 ? 6 : 15,
            value,
          });
        }),
      ),
    );
    expect(rankMetrics(edges, [released('cart', 7.3), released('ads', 7.3)]).verdict).toBe(wanted);
  });

  it.each([
    ['no worse for what one of its callers saw of its new pod in the only minute since it is warm', ['desk'], 'inconclusive'],
    ['bad where all its callers saw it slow in that minute', ['desk', 'shop', 'app'], 'cause'],
  ])('is %s', (_, seenBy, wanted) => {
    const edges = ['cart', 'ads'].flatMap((service) =>
      [0, 1, 2].flatMap((i) =>
        ['desk', 'shop', 'app'].map((client) => {
          const labels = { client, server: service, 'service.version': i === 2 ? 'v2' : 'v1' };
          const isSlow = service === 'cart' && i === 2 && seenBy.includes(client);
          const value = (before: number) => about(isSlow ? 90 : 15, before, i);
          const of = { service, pod: `${service}-${i}`, name: 'service_graph.edge.latency', unit: 'ms', labels };
          return series({ ...of, from: i === 2 ? 1 : 15, value });
        }),
      ),
    );
    expect(rankMetrics(edges, [released('cart', 1.3), released('ads', 1.3)]).verdict).toBe(wanted);
  });

  it.each([
    ['no worse for the CPU that its pods need once the old ones are gone, which had less to do while both were there', 0.4, 'inconclusive'],
    ['bad where they need far more than old ones did by themselves', 0.95, 'cause'],
  ])('is %s', (_, alone, wanted) => {
    const pods = [0, 1, 2, 3].map((i) => {
      const of = { service: 'cart', pod: `cart-${i}`, version: i > 1 ? 'v2' : 'v1', ...(i > 1 ? { from: 5 } : { to: 4 }) };
      const value = (before: number) => about(before > 5 ? 0.4 : before > 3 ? 0.2 : alone, before, i);
      return series({ ...of, name: 'process.cpu.utilization', unit: '1', value });
    });
    expect(rankMetrics(pods, [released('cart', 5.3)]).verdict).toBe(wanted);
  });

  it.each([
    ['kube_pod_container_resource_limits', { resource: 'memory', unit: 'byte' }, 'cause'],
    ['container_spec_memory_limit_bytes', {}, 'cause'],
    ['kube_pod_container_resource_limits', { resource: 'cpu', unit: 'core' }, 'inconclusive'],
  ])('is bad where its new pods stand at the limit that is told of their memory, by %s %j', (name, labels, wanted) => {
    const limit = 512 * 2 ** 20;
    const pods = ['cart', 'ads'].flatMap((service) =>
      [0, 1, 2].flatMap((i) => {
        const of = { service, pod: `${service}-${i}`, version: i === 2 ? 'v2' : 'v1', from: i === 2 ? 6 : 15 };
        // Killed before it is seen any higher: it does not climb to the end.
        const held = (before: number) =>
          i === 2 && service === 'cart' ? Math.min(0.98, 0.5 + 0.24 * (6 - before)) : about(0.5, before, i);
        return [
          series({ ...of, name: 'container_memory_working_set_bytes', unit: 'By', value: (before) => limit * held(before) }),
          series({ ...of, name, labels, value: () => limit }),
        ];
      }),
    );
    const { verdict, hypotheses } = rankMetrics(pods, [released('cart', 6.3), released('ads', 6.3)]);
    expect(verdict).toBe(wanted);
    if (wanted === 'cause') expect(hypotheses[0]).toMatchObject({ service: 'cart', change: { version: 'v2' } });
  });

  it.each([
    ['no worse for the CPU that twice as many calls take, with no old pod beside it', 2, 'inconclusive'],
    ['bad where as many calls as before take twice the CPU', 1, 'cause'],
  ])('is %s', (_, load, wanted) => {
    const pods = [0, 1].flatMap((i) => {
      const of = { service: 'cart', pod: `cart-${i}`, version: i === 1 ? 'v2' : 'v1', ...(i === 1 ? { from: 6 } : { to: 7 }) };
      const perMinute = 600 * (i === 1 ? load : 1);
      const total = (before: number) => 9000 + ((i === 1 ? 6 : 15) - before) * perMinute;
      return [
        series({ ...of, name: 'process.cpu.utilization', unit: '1', value: (before) => about(i === 1 ? 0.46 : 0.2, before, i) }),
        series({ ...of, name: 'http_server_requests_total', labels: { code: '200' }, value: total }),
      ];
    });
    expect(rankMetrics(pods, [released('cart', 6.3)]).verdict).toBe(wanted);
  });
});

describe('new pods beside old ones', () => {
  /** Milliseconds that pods of `cart` take to answer, so many minutes before the alert: two old pods go, a third stays beside the new one. */
  const slowSince = (old: (before: number) => number, ofNew: (before: number) => number) => {
    const pods = [0, 1, 2, 3].map((i) =>
      series({
        ...{ service: 'cart', pod: `cart-${i}`, name: 'edge.latency', unit: 'ms', from: i === 3 ? 2 : 15, to: i < 2 ? 2 : 0 },
        labels: { client: 'web', server: 'cart', 'service.version': i === 3 ? 'v2' : 'v1' },
        value: (before) => about(i === 3 ? ofNew(before) : old(before), before, i),
      }),
    );
    const { evidence } = rankMetrics(pods, [released('cart', 2.5)]);
    return evidence.some(({ text }) => text.includes('new since, has edge.latency'));
  };
  const lately = (usual: number, slow: number) => (before: number) => (before <= 1 ? slow : usual);

  it('are worse where they alone got slow in the last minutes, or more so than the old ones', () => {
    expect(slowSince(() => 10, lately(10, 90))).toBe(true);
    expect(slowSince(lately(10, 20), lately(10, 200))).toBe(true);
  });

  it('are no worse where the old ones that are left got as slow at the same moments', () => {
    expect(slowSince(lately(10, 90), lately(10, 90))).toBe(false);
  });
});
