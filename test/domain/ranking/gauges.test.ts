/** A shop of which there are gauges alone, one bare word for each thing, every ten seconds: `front` asks `orders`, `orders` asks `pay`. */
import { describe, expect, it } from 'vitest';
import type { MetricSeries } from '../../../src/domain/telemetry.ts';
import { about, alertAt, rankMetrics, series } from './made-metrics.ts';

const usual: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  front: { cpu: 0.1, mem: 9e7, diskio: 4e3, socket: 60, workload: 60, latency_p50: 0.01, latency_p90: 0.04, error: 0 },
  orders: { cpu: 0.05, mem: 5e8, diskio: 3e3, socket: 30, workload: 8, latency_p50: 0.015, latency_p90: 0.03, error: 0 },
  pay: { cpu: 0.01, mem: 2e7, diskio: 1e3, socket: 8, workload: 8, latency_p50: 0.002, latency_p90: 0.004, error: 0 },
  search: { cpu: 0.2, mem: 3e8, diskio: 2e3, socket: 20, workload: 30, latency_p50: 0.01, latency_p90: 0.02, error: 0 },
  'orders-db': { cpu: 0.04, mem: 4e8, diskio: 5e4, socket: 12 },
};

/** What a gauge of a service shows so many seconds before the alert, given what it usually does; null: nothing. */
type Changes = Readonly<Record<string, (ago: number, value: number) => number | null>>;

interface Around {
  /** How gauges are called, by service and word. */
  readonly named?: (service: string, word: string) => string;
  readonly labels?: Record<string, string>;
  readonly more?: readonly MetricSeries[];
}

function ranked(changes: Changes, { named = (_, word) => word, labels = {}, more = [] }: Around = {}) {
  const metrics = Object.entries(usual).flatMap(([service, gauges], row) =>
    Object.entries(gauges).map(([word, value], column) => {
      const points: [number, number][] = [];
      for (let ago = 740; ago >= 5; ago -= 10) {
        const plain = about(value, ago / 10, row + 3 * column);
        const shown = (changes[`${service} ${word}`] ?? ((_, same) => same))(ago, plain);
        if (shown !== null) points.push([alertAt - ago * 1000, shown]);
      }
      return {
        ...{ service, instance: null, version: null, name: named(service, word), unit: null, labels },
        timeMs: Float64Array.from(points, ([at]) => at),
        values: Float64Array.from(points, ([, of]) => of),
      };
    }),
  );
  const { verdict, hypotheses, evidence } = rankMetrics([...metrics, ...more]);
  const [best] = hypotheses;
  return {
    verdict,
    first: best?.service,
    kind: best?.kind,
    confidence: best?.confidence ?? 0,
    second: hypotheses[1]?.confidence,
    says: evidence.map(({ text }) => text).join(' '),
  };
}

const since = (from: number, times: number) => (ago: number, value: number) => (ago <= from ? value * times : value);
const plus = (from: number, more: number) => (ago: number, value: number) => (ago <= from ? value + more : value);

/** Calls to `pay` take longer by so much, and so do those that wait for it. */
const slowPay: Changes = {
  'pay latency_p50': plus(130, 0.06),
  'pay latency_p90': plus(130, 0.08),
  'orders latency_p50': plus(130, 0.06),
  'orders latency_p90': plus(130, 0.08),
  'front latency_p90': plus(130, 0.05),
};
/** Orders take longer, and so does whoever waits for them. */
const slowOrders: Changes = {
  'orders latency_p50': since(120, 2),
  'orders latency_p90': since(120, 5),
  'front latency_p90': since(120, 3),
};
const failing = (share: number) => (ago: number) => (ago <= 120 ? share : 0);

describe('with gauges alone', () => {
  it('the one whose answers changed most, for its own, is at fault', () =>
    expect(ranked(slowPay)).toMatchObject({ verdict: 'cause', first: 'pay', kind: 'latency' }));

  it.each([
    ['with its service before them', (service: string, word: string) => `${service}_${word.replace('_p', '-')}`],
    ['with what holds them before them', (_: string, word: string) => `container.${word}`],
    [
      'in other words',
      (_: string, word: string) => word.replace('mem', 'memory').replace('socket', 'sockets').replace('diskio', 'disk_io'),
    ],
  ])('names are read %s', (_, named) =>
    expect(ranked({ ...slowPay, 'pay socket': since(130, 20) }, { named })).toMatchObject({
      first: 'pay',
      says: expect.stringContaining('connections'),
    }),
  );

  it('so is, of a mild change, the one that uses more since then', () =>
    expect(ranked({ 'search latency_p50': since(140, 1.5), 'search cpu': plus(140, 0.5) })).toMatchObject({
      ...{ verdict: 'cause', first: 'search', says: expect.stringContaining('times the CPU') },
    }));

  it.each([
    ['it has as much more to do', { 'search workload': since(140, 3), 'search cpu': since(140, 3) }],
    ['it used more long before', { 'search cpu': since(320, 6) }],
  ])('but not where %s', (_, more) =>
    expect(ranked({ 'search latency_p50': since(140, 1.5), ...more }).says).not.toContain('times the CPU'),
  );

  it('who waits holds more connections as well', () => expect(ranked({ ...slowPay, 'orders socket': since(130, 20) }).first).toBe('pay'));

  it('two that changed as much share the blame', () => {
    const both = ['pay', 'search'].flatMap((name) => ['50', '90'].map((q) => [`${name} latency_p${q}`, since(130, 10)]));
    expect(ranked(Object.fromEntries(both)).second).toBeGreaterThan(0.15);
  });

  it('a store that nobody times is, where it uses more since answers of somebody take longer', () =>
    expect(ranked({ ...slowOrders, 'orders-db diskio': since(120, 900) })).toMatchObject({
      verdict: 'cause',
      first: 'orders-db',
      kind: 'saturation',
    }));

  it.each([
    ['who waits uses more as well', { 'orders cpu': since(120, 4), 'orders-db diskio': since(120, 9) }, 'orders'],
    ['its job has ended', { 'orders-db diskio': (ago: number, value: number) => (ago <= 120 && ago > 60 ? 900 * value : value) }, 'orders'],
    [
      'it did so ten minutes ago',
      { 'orders-db diskio': (ago: number, value: number) => (ago <= 120 || (ago > 600 && ago < 660) ? 900 * value : value) },
      'orders',
    ],
  ])('it is not where %s', (_, more, first) => expect(ranked({ ...slowOrders, ...more }).first).toBe(first));

  it('it is not where those it is named after are well', () =>
    expect(
      ranked({
        ...Object.fromEntries(['50', '90'].map((q) => [`search latency_p${q}`, since(120, 8)])),
        'orders-db diskio': since(120, 900),
      }).first,
    ).toBe('search'));

  it('who was gone while calls to it failed is, before those who fail with it', () => {
    const away = (ago: number): boolean => ago <= 125 && (ago % 60 < 10 || ago % 60 >= 40);
    const gone = (ago: number, value: number) => (away(ago) ? null : ago < 125 ? 0.8 * value : value);
    const failed = (ago: number) => (away(ago) ? 1 : 0);
    const died = ranked({ 'pay mem': gone, 'pay cpu': gone, 'pay error': failed, 'orders error': failed });
    expect(died).toMatchObject({ verdict: 'cause', first: 'pay', says: expect.stringContaining('pay was gone 2 times') });
  });

  const away = (ago: number): boolean => ago <= 125 && ago > 80;
  const gone = (ago: number, value: number) => (away(ago) ? null : ago < 125 ? 0.8 * value : value);
  const failed: Changes = { 'orders error': (ago) => (away(ago) ? 0.9 : 0), 'front error': (ago) => (away(ago) ? 0.1 : 0) };

  it('so is a store that nobody times, and that was gone while calls failed', () =>
    expect(ranked({ ...failed, 'orders-db mem': gone, 'orders-db cpu': gone })).toMatchObject({
      ...{ verdict: 'cause', first: 'orders-db', kind: 'unavailable', says: expect.stringContaining('orders-db was gone once') },
    }));

  it.each([
    [
      'its points are missing and it goes on as it was',
      Object.fromEntries(['mem', 'cpu'].map((word) => [`orders-db ${word}`, (ago: number) => (away(ago) ? null : 0.5)])),
    ],
    ['of it only one series ends', { 'orders-db mem': (ago: number, value: number) => (ago <= 125 ? null : value) }],
    [
      'it had been gone before as well',
      {
        'orders-db mem': (ago: number, value: number) => (away(ago) || away(ago - 300) ? null : value),
        'orders-db cpu': (ago: number, value: number) => (away(ago) || away(ago - 300) ? null : value),
      },
    ],
  ])('which it is not where %s', (_, more) => expect(ranked({ ...failed, ...more }).first).toBe('orders'));

  it('of those who fail it is the one that fails in most of its calls', () =>
    expect(ranked({ 'orders error': failing(0.3), 'front error': failing(0.04) })).toMatchObject({
      verdict: 'cause',
      first: 'orders',
      kind: 'error',
    }));

  it('but where others that fail about as much are quicker to answer, it is the quickest, and not for sure', () => {
    const { verdict, first, says, confidence } = ranked({
      'orders error': failing(0.6),
      'pay error': failing(0.25),
      'front error': failing(0.2),
    });
    expect({ verdict, first, says }).toMatchObject({
      verdict: 'cause',
      first: 'pay',
      says: expect.stringContaining('the quickest to answer'),
    });
    expect(confidence).toBeLessThan(0.8);
  });

  it('but not who takes most calls, which is where requests come in', () =>
    expect(ranked({ 'orders error': failing(0.2), 'front error': failing(0.06) })).toMatchObject({ verdict: 'cause', first: 'orders' }));

  it('by time alone nobody is named for sure, nor a store by somebody who has another name', () => {
    expect(ranked(slowPay).confidence).toBeLessThan(0.8);
    expect(ranked({ ...slowPay, 'orders-db diskio': since(130, 900) })).toMatchObject({ first: 'orders-db', confidence: 0.78 });
    expect(ranked({ ...slowOrders, 'orders-db diskio': since(120, 900) }).confidence).toBeGreaterThan(0.9);
  });

  it('failures in numbers are held against the calls there are', () =>
    expect(ranked({ 'orders error': failing(4), 'front error': failing(4.4) })).toMatchObject({ verdict: 'cause', first: 'orders' }));
});

describe('with gauges alone nobody is at fault where', () => {
  it.each<[string, Changes]>([
    ['a job takes CPU and disk and nobody waits', { 'search cpu': since(90, 8), 'orders-db diskio': since(90, 500) }],
    [
      'everybody does more',
      Object.fromEntries(Object.keys(usual).flatMap((name) => ['cpu', 'workload'].map((word) => [`${name} ${word}`, since(150, 1.7)]))),
    ],
    ['answers took longer for a while', { 'pay latency_p50': (ago, value) => (ago <= 160 && ago > 100 ? 8 * value : value) }],
    ['answers take longer all the time, bit by bit', { 'pay latency_p50': (ago, value) => value * (1 + (740 - ago) / 600) }],
    [
      'answers took longer for minutes and are well again',
      { 'pay latency_p50': (ago, value) => (ago <= 300 && ago > 45 ? 8 * value : value) },
    ],
    [
      'answers take longer again and again',
      { 'pay latency_p50': (ago, value) => (ago <= 40 || (ago <= 240 && ago % 30 !== 0) ? 8 * value : value) },
    ],
    ['answers take longer every few minutes', { 'pay latency_p50': (ago, value) => (ago % 200 < 100 ? 4 * value : value) }],
    ['one call in a while fails, in numbers', { 'front error': (ago) => (ago < 130 && ago % 30 === 0 ? 0.1 : 0) }],
    ['a call fails now and then', { 'front error': (ago) => ({ 700: 0.2, 190: 0.27, 100: 0.23, 20: 0.31 })[ago] ?? 0 }],
    ['points of one are missing and nothing fails', { 'pay mem': (ago, value) => (ago < 100 && ago > 50 ? null : value) }],
  ])('%s', (_, changes) => expect(ranked(changes).verdict).not.toBe('cause'));

  it('the words mean something else', () => expect(ranked(slowPay, { named: (_, word) => `batch_${word}_budget` }).first).toBeUndefined());

  it('calls are measured by who makes them, which tells whose time it is', () => {
    const labels = { client: 'front', server: 'orders' };
    const edge = series({ service: 'orders', name: 'service_graph.edge.latency', unit: 'ms', labels, value: () => 20 });
    expect(ranked(slowPay, { more: [edge] }).first).toBeUndefined();
  });

  it('gauges are of parts of a service', () => expect(ranked(slowPay, { labels: { shard: 'a' } }).verdict).not.toBe('cause'));
});
