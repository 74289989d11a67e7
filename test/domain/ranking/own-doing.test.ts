/** `shop` and `desk` call `stock`, `web` calls them; `shop` was released, and since then its calls to `stock` fail. */
import { describe, expect, it } from 'vitest';
import { type MadeSeries, rankMetrics, released, series } from './made-metrics.ts';

interface Told {
  /** Who measured it, on pods of which version. */
  readonly by: string;
  readonly version: 'v1' | 'v2';
  readonly client: string;
  readonly server: string;
  readonly from?: number;
  readonly to?: number;
  readonly success?: (before: number) => number;
}

const told = ({ by, version, client, server, from = 15, to = 0, success = () => 1 }: Told) => {
  const labels = { client, server, 'service.version': version };
  const made: MadeSeries = {
    service: by,
    pod: `${by}-${version}-0`,
    name: 'edge.success_ratio',
    unit: '1',
    labels,
    from,
    to,
    value: success,
  };
  return series(made);
};
/** Both versions of a service run from its release, four and a half minutes before the alert, on. */
const both = (by: string, client: string, server: string, success: (version: string, before: number) => number = () => 1): Told[] => [
  { by, version: 'v1', client, server, success: (before) => success('v1', before) },
  { by, version: 'v2', client, server, from: 4, success: (before) => success('v2', before) },
];
const firstOf = (parts: readonly Told[], ...services: string[]) => {
  const { verdict, hypotheses } = rankMetrics(
    parts.map(told),
    services.map((service) => released(service, service === 'shop' ? 4.5 : 6.5)),
  );
  return [verdict, hypotheses[0]?.service];
};
const since = (before: number, lost: number): number => (before < 4.5 ? 1 - lost : 1);
/** What `web` finds: calls to `shop` fail, whichever version is said to have taken them. */
const seen = both('shop', 'web', 'shop', (_, before) => since(before, 0.5));
/** What new and old pods of `stock` count, released two minutes before `shop`, of the calls of each caller. */
const atStock = (shop: (version: string, before: number) => number, desk: (before: number) => number): Told[] =>
  (['v1', 'v2'] as const).flatMap((version) => [
    { by: 'stock', version, client: 'shop', server: 'stock', from: version === 'v2' ? 6 : 15, success: (before) => shop(version, before) },
    { by: 'stock', version, client: 'desk', server: 'stock', from: version === 'v2' ? 6 : 15, success: desk },
  ]);

describe('calls of one caller that fail since its release', () => {
  it('are its doing where they fail on all pods of a callee that serves others well, though that was released too', () => {
    const stock = atStock(
      (_, before) => since(before, 0.5),
      () => 1,
    );
    expect(firstOf([...seen, ...stock], 'shop', 'stock')).toEqual(['cause', 'shop']);
  });

  it('are its doing where its new pods alone find them failing, and a stumble of a new pod of the callee is no objection', () => {
    const own = both('shop', 'shop', 'stock', (version, before) => (version === 'v2' ? since(before, 0.9) : 1));
    const stock = atStock(
      (_, before) => since(before, 0.5),
      (before) => (before === 2 ? 0.93 : 1),
    );
    expect(firstOf([...seen, ...own, ...stock], 'shop', 'stock')).toEqual(['cause', 'shop']);
    expect(firstOf([...seen, ...own, ...stock], 'stock', 'shop')).toEqual(['cause', 'shop']);
    const { evidence } = rankMetrics([...seen, ...own, ...stock].map(told), [released('shop', 4.5), released('stock', 6.5)]);
    expect(evidence.map(({ text }) => text).join(' ')).toContain('Calls of desk to stock fail');
  });

  it('are not where somebody else was released', () => {
    const stock: Told[] = [
      { by: 'stock', version: 'v1', client: 'shop', server: 'stock', success: (before) => since(before, 0.5) },
      { by: 'stock', version: 'v1', client: 'desk', server: 'stock' },
    ];
    const { evidence } = rankMetrics([...seen, ...stock].map(told), [released('desk', 6.5)]);
    expect(evidence.map(({ text }) => text).join(' ')).toContain('Calls of shop to stock fail');
  });

  it('are its doing where it hides them from those who call it, and are told as the reason', () => {
    const own = both('shop', 'shop', 'stock', (version, before) => (version === 'v2' ? since(before, 0.9) : 1));
    const stock = atStock(
      (_, before) => since(before, 0.5),
      () => 1,
    );
    const { hypotheses } = rankMetrics([...both('shop', 'web', 'shop'), ...own, ...stock].map(told), [
      released('shop', 4.5),
      released('stock', 6.5),
    ]);
    expect(hypotheses[0]).toMatchObject({ service: 'shop' });
    expect(hypotheses[0]!.summary).toContain('its calls to stock fail, those of others do not');
  });

  it('are its doing where the callee never gets to see them', () => {
    const own = both('shop', 'shop', 'stock', (version, before) => (version === 'v2' ? since(before, 0.9) : 1));
    const stock: Told[] = atStock(
      () => 1,
      () => 1,
    ).filter(({ client }) => client === 'shop');
    expect(firstOf([...seen, ...own, ...stock], 'shop', 'stock')).toEqual(['cause', 'shop']);
  });

  it('are its doing where nobody else calls: its few old pods find the callee well, and old and new pods of that fail alike', () => {
    const own: Told[] = [
      { by: 'shop', version: 'v1', client: 'shop', server: 'stock', to: 1 },
      { by: 'shop', version: 'v2', client: 'shop', server: 'stock', from: 4, success: (before) => since(before, 0.9) },
    ];
    const counts = (fails: (version: string) => number) =>
      atStock(
        (version, before) => since(before, fails(version)),
        () => 1,
      ).filter(({ client }) => client === 'shop');
    expect(firstOf([...seen, ...own, ...counts(() => 0.7)], 'shop', 'stock')).toEqual(['cause', 'shop']);
    const stocks = counts((version) => (version === 'v2' ? 0.9 : 0));
    expect(firstOf([...seen, ...own, ...stocks], 'shop', 'stock')[1]).not.toBe('shop');
  });

  it('are its doing whomever it calls, and all of these are told', () => {
    const broken = (server: string): Told[] => [
      ...both('shop', 'shop', server, (version, before) => (version === 'v2' ? since(before, 0.9) : 1)),
      { by: server, version: 'v1', client: 'desk', server },
    ];
    const { hypotheses } = rankMetrics([...seen, ...broken('stock'), ...broken('till')].map(told), [released('shop', 4.5)]);
    expect(hypotheses[0]).toMatchObject({ service: 'shop' });
    expect(hypotheses[0]!.summary).toContain('its calls to stock, till fail, those of others do not');
  });

  it('are not where other callers find the callee failing as well', () => {
    const stock = atStock(
      (_, before) => since(before, 0.5),
      (before) => since(before, 0.5),
    );
    expect(firstOf([...seen, ...stock], 'shop', 'stock')).toEqual(['cause', 'stock']);
  });

  it('are not where the new pods of the callee alone fail them: what only this caller asks for is broken there', () => {
    const own = both('shop', 'shop', 'stock', (_, before) => since(before, 0.5));
    const stock = atStock(
      (version, before) => (version === 'v2' ? since(before, 0.9) : 1),
      () => 1,
    );
    expect(firstOf([...seen, ...own, ...stock], 'shop', 'stock')).toEqual(['cause', 'stock']);
  });

  it('are not where the callee itself is failed by a release beneath it, which only this caller comes to', () => {
    const stock: Told[] = [
      { by: 'stock', version: 'v1', client: 'shop', server: 'stock', success: (before) => since(before, 0.5) },
      { by: 'stock', version: 'v1', client: 'desk', server: 'stock' },
      ...both('depot', 'stock', 'depot', (version, before) => (version === 'v2' ? since(before, 0.9) : 1)),
    ];
    const { verdict, hypotheses, evidence } = rankMetrics([...seen, ...stock].map(told), [released('shop', 4.5), released('depot', 6.5)]);
    expect([verdict, hypotheses[0]?.service]).toEqual(['cause', 'depot']);
    expect(evidence.map(({ text }) => text).join(' ')).not.toContain('those of others do not');
  });

  it('are not where they failed before its release', () => {
    const earlier = (_: string, before: number): number => (before < 6.5 ? 0.5 : 1);
    const stock = atStock(earlier, () => 1);
    const all = both('shop', 'web', 'shop', earlier);
    expect(firstOf([...all, ...stock], 'shop', 'stock')).toEqual(['cause', 'stock']);
  });

  it.each([
    ['is its doing', 1.5, true],
    ['is not where it began half a minute earlier', 2.5, false],
  ])('that began with a release of just now %s', (_, began, isOwn) => {
    const lately = (before: number): number => (before < began ? 0.5 : 1);
    const parts: Told[] = [
      { by: 'shop', version: 'v1', client: 'web', server: 'shop', success: lately },
      { by: 'shop', version: 'v1', client: 'shop', server: 'stock', success: lately },
      { by: 'stock', version: 'v1', client: 'desk', server: 'stock' },
    ];
    const { evidence } = rankMetrics(parts.map(told), [released('shop', 1.5)]);
    expect(evidence.some(({ text }) => text.includes('its calls to stock fail'))).toBe(isOwn);
  });

  it('are not where new pods of the callee have yet to serve', () => {
    const parts = [
      ...both('shop', 'shop', 'stock', (_, before) => since(before, 0.5)),
      { by: 'stock', version: 'v1', client: 'desk', server: 'stock' } as const,
    ];
    const says = (...changes: ReturnType<typeof released>[]) =>
      rankMetrics([...seen, ...parts].map(told), [released('shop', 4.5), ...changes])
        .evidence.map(({ text }) => text)
        .join(' ');
    expect(says()).toContain('its calls to stock fail');
    expect(says(released('stock', 0.5))).not.toContain('its calls to stock fail');
  });
});
