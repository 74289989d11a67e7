/**
 * A system that was never well, of which nothing is known but its lines and the list of its services: of what fails as it starts, what
 * fails to the end is the fault.
 */
import { describe, expect, it } from 'vitest';
import { rank, type Ranking } from '../../../src/domain/ranking/rank.ts';
import { alertAt, inputOf } from './made-metrics.ts';
import { flatten, Tables, windowOf } from './window-from-otlp.ts';

type Line = readonly [second: number, text: string, severity?: number];
const ports: Readonly<Record<string, number>> = { shop: 7000, ads: 7001, pay: 7002, basket: 7003, cache: 6379 };

/** Seconds of a minute and a half, the alert at its end. */
function rankLines(lines: Readonly<Record<string, readonly Line[]>>): Ranking {
  const logs = Object.entries(lines).map(([name, of]) => {
    const logRecords = [...of]
      .sort(([a], [b]) => a - b)
      .map(([second, text, severityNumber = 9], i) => ({
        timeUnixNano: `${alertAt - 90_000 + Math.round(second * 1_000)}${String(i % 1_000).padStart(3, '0')}000`,
        severityNumber,
        body: { stringValue: text },
      }));
    const resource = { attributes: [{ key: 'service.name', value: { stringValue: name } }] };
    return { resourceLogs: [{ resource, scopeLogs: [{ logRecords }] }] };
  });
  const window = windowOf(flatten({ traces: [], logs, metrics: [] }), new Tables(), alertAt - 20 * 60_000, alertAt + 1);
  return rank({ ...inputOf([]), window, directory: Object.entries(ports).map(([name, port]) => ({ name, addresses: [], ports: [port] })) });
}

const every = (step: number, from: number, to: number, text: (second: number) => string, severity = 9): Line[] =>
  Array.from({ length: Math.ceil((to - from) / step) }, (_, i) => [from + i * step, text(i), severity] as const);
const working = (name: string, from = 0): Line[] => [
  [from, `${name} starting`],
  [from + 0.1, `${name} listening`],
  ...every(1, from + 1, 89, (i) => `${name} handled ${i}`),
];
const refused = (callee: string) => () => `dial tcp ${callee}:${ports[callee]}: connect: connection refused`;

/** `ads` comes a minute late: until then nobody reaches it, often. */
const late = {
  shop: [...working('shop'), ...every(0.5, 2, 60, refused('ads'), 17)],
  ads: working('ads', 60),
  basket: working('basket'),
  cache: working('cache'),
};

describe('a service that came up late and was reached then', () => {
  it('is not named while another is not reached to the end, of which less is said', () => {
    const { verdict, hypotheses } = rankLines({ ...late, shop: [...late.shop, ...every(10, 5, 90, refused('pay'), 17)] });
    expect(verdict).toBe('cause');
    expect(hypotheses[0]?.service).toBe('pay');
    expect(hypotheses.find(({ service }) => service === 'ads')?.confidence ?? 0).toBeLessThan(0.3);
  });

  it('is where nobody else fails: what came late may go again', () => {
    const { verdict, hypotheses } = rankLines({ ...late, pay: working('pay') });
    expect(verdict).toBe('cause');
    expect(hypotheses[0]?.service).toBe('ads');
  });
});

describe('lines that all bear one instant', () => {
  const atOnce = every(0.0001, 0, 0.004, () => `Can't access storage: UnableToConnect on cache:6379/Interactive`, 17);
  const quotes = (to: number) =>
    every(1, 2, to, () => `rpc error: code = FailedPrecondition desc = Can't access storage: UnableToConnect on cache:6379`, 17);
  const others = { ads: working('ads'), basket: atOnce, pay: working('pay'), cache: [[0, 'cache starting']] as Line[] };

  it('tell of what has healed, where another that tells of the same place no longer does', () => {
    const { verdict } = rankLines({ ...others, shop: [...working('shop'), ...quotes(30)] });
    expect(verdict).not.toBe('cause');
  });

  it('tell of what lasts where the other goes on, or nobody else tells of it', () => {
    for (const shop of [[...working('shop'), ...quotes(90)], working('shop')]) {
      const { verdict, hypotheses } = rankLines({ ...others, shop });
      expect(verdict).toBe('cause');
      expect(hypotheses[0]?.service).toBe('cache');
    }
  });
});

describe('who says that it is connected', () => {
  const timeouts = every(7, 10, 90, () => 'Could not connect to cache:6379: Operation timed out', 17);
  const quiet = {
    shop: working('shop'),
    pay: working('pay'),
    cache: [
      [0, 'cache starting'],
      [1, 'accepting connections'],
    ] as Line[],
  };
  const connected = (name: string): Line[] => [...working(name), [30, 'Connected to cache:6379']];

  it('clears a store that says little: the one that does not reach it is shut in', () => {
    const { hypotheses } = rankLines({
      ...quiet,
      shop: [...working('shop'), ...timeouts],
      ads: connected('ads'),
      basket: connected('basket'),
    });
    expect(hypotheses[0]).toMatchObject({ service: 'shop', kind: 'configuration' });
  });

  it.each([
    ['only one says so', working('basket')],
    [
      'the other fails to reach it since',
      [...connected('basket'), ...every(7, 20, 90, () => 'Could not connect to cache:6379: Operation timed out', 17)],
    ],
    ['it says that it is not', [...working('basket'), [30, 'not connected to cache:6379']]],
  ] as const)('does not where %s', (_, basket) => {
    const { hypotheses } = rankLines({
      ...quiet,
      shop: [...working('shop'), ...timeouts],
      ads: connected('ads'),
      basket: basket as Line[],
    });
    expect(hypotheses[0]?.service).toBe('cache');
  });
});
