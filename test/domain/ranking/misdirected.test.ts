/**
 * A system that was never well, of which nothing is known but its lines and the list of its services: `shop` asks `desk`, which asks
 * `stock`. Somebody was given a wrong place, and not every line on what came of it says which.
 */
import { describe, expect, it } from 'vitest';
import { rank, type Ranking } from '../../../src/domain/ranking/rank.ts';
import { alertAt, inputOf } from './made-metrics.ts';
import { flatten, type OtlpLog, Tables, windowOf } from './window-from-otlp.ts';

const ports: Readonly<Record<string, number>> = { shop: 7000, desk: 7001, stock: 7002, rates: 7003, cache: 6379 };
const unlisted = { addresses: [] as string[] };

interface Said {
  /** As it starts. */
  readonly first?: string;
  /** Every two seconds to the end, or to the second that is said. */
  readonly fails?: string;
  readonly grade?: number;
  readonly until?: number;
}

function rankWith(said: Readonly<Record<string, Said>>, directory = listed()): Ranking {
  const logs = Object.keys(ports).map((name) => {
    const { first, fails, grade = 17, until = 90 } = said[name] ?? {};
    const logRecords: OtlpLog[] = [];
    const write = (second: number, text: string, severityNumber: number) =>
      logRecords.push({
        timeUnixNano: `${alertAt - 91_000 + second * 1_000}000000`,
        ...(severityNumber > 0 ? { severityNumber } : {}),
        body: { stringValue: text },
      });
    if (first !== undefined) write(0, first, 9);
    for (let second = 1; second < 90; second++) {
      write(second, `${name} handled ${second}`, 9);
      if (fails !== undefined && second % 2 === 0 && second < until) write(second, fails, grade);
    }
    const resource = { attributes: [{ key: 'service.name', value: { stringValue: name } }] };
    return { resourceLogs: [{ resource, scopeLogs: [{ logRecords }] }] };
  });
  const window = windowOf(flatten({ traces: [], logs, metrics: [] }), new Tables(), alertAt - 20 * 60_000, alertAt + 1);
  return rank({ ...inputOf([]), window, directory });
}

function listed() {
  return Object.entries(ports).map(([name, port], i) => ({ name, addresses: [`10.9.0.${i + 2}`], ports: [port] }));
}

const first = ({ verdict, hypotheses }: Ranking) => ({ verdict, first: hypotheses[0]?.service });
const quoted = 'order failed: rpc error: code = Internal desc = level: rpc error: code = Unimplemented desc = unknown service market.Stock';

describe('a server without the service, as somebody tells who was told', () => {
  it('speaks against the one that was given one place for two', () => {
    const desk = { first: 'config stockAddr:rates:7003 ratesAddr:rates:7003 listening' };
    expect(first(rankWith({ shop: { fails: quoted }, desk }))).toEqual({ verdict: 'cause', first: 'desk' });
  });

  it('speaks against the one that says so at first hand, be it without a word of an error', () => {
    const desk = { fails: 'status = StatusCode.UNIMPLEMENTED', grade: 0 };
    expect(first(rankWith({ shop: { fails: quoted }, desk }))).toEqual({ verdict: 'cause', first: 'desk' });
  });

  it.each<[string, Readonly<Record<string, Said>>]>([
    ['nobody was', {}],
    ['it was given two', { desk: { first: 'config stockAddr:stock:7002 ratesAddr:rates:7003' } }],
    ['it is a store that it was given for two', { desk: { first: 'config baskets=cache:6379 sessions=cache:6379' } }],
    ['it was given one under one name', { desk: { first: 'config stockAddr:rates:7003 stockAddr:rates:7003' } }],
    [
      'several were given one for two',
      { desk: { first: 'config a=rates:7003 b=rates:7003' }, rates: { first: 'config a=stock:7002 b=stock:7002' } },
    ],
  ])('speaks against nobody where %s', (_, said) => expect(rankWith({ shop: { fails: quoted }, ...said }).verdict).not.toBe('cause'));
});

describe('a port that one was given and its service does not have by the list', () => {
  const fails = 'order failed: could not get the level of stock';
  const desk = { first: 'config stockAddr:stock:7102' };

  it('speaks against whoever was given it, where requests fail', () => {
    const { verdict, hypotheses, evidence } = rankWith({ shop: { fails }, desk });
    expect({ verdict, first: hypotheses[0]?.service }).toEqual({ verdict: 'cause', first: 'desk' });
    expect(evidence.map(({ text }) => text)).toContain(
      'desk was given port 7102 of stock, by what it prints, which is no port of it in the list of services.',
    );
  });

  it.each<[string, Readonly<Record<string, Said>>]>([
    ['nothing fails', { desk }],
    ['it has no name', { shop: { fails }, desk: { first: 'leader is stock:7102' } }],
    ['it is one of a caller', { shop: { fails }, desk: { first: 'peer=stock:51034' } }],
    ['it was given several', { shop: { fails }, desk: { first: 'targets a=stock:7102 b=rates:7103' } }],
    ['what failed has passed', { shop: { fails, until: 30 }, desk }],
    ['it is warned of alone', { shop: { fails, grade: 13 }, desk }],
    ['the service says that it listens there', { shop: { fails }, desk, stock: { first: 'listening on :7102' } }],
    ['another was given it as well', { shop: { fails }, desk, rates: desk }],
    ['it is its own', { shop: { fails }, desk: { first: 'config adminAddr:desk:7102' } }],
  ])('speaks against nobody where %s', (_, said) => {
    expect(
      rankWith(said)
        .evidence.map(({ text }) => text)
        .join(),
    ).not.toContain('was given port');
  });
});

describe('a name that is listed with its address and that one alone does not find', () => {
  const fails = 'dial tcp: lookup stock on 10.96.0.10:53: no such host';

  it('speaks against the one that looks for it, though nobody is seen to find it', () =>
    expect(rankWith({ desk: { fails } }).hypotheses[0]).toMatchObject({ service: 'desk', kind: 'configuration' }));

  it.each<[string, Ranking]>([
    ['another does not find it either', rankWith({ desk: { fails }, shop: { fails } })],
    [
      'it is listed without one',
      rankWith(
        { desk: { fails } },
        listed().map((one) => ({ ...one, ...unlisted })),
      ),
    ],
    ['it is found and refused', rankWith({ desk: { fails: 'dial tcp stock:7002: connect: connection refused' } })],
  ])('speaks against the one that is looked for where %s', (_, ranking) => expect(ranking.hypotheses[0]?.service).toBe('stock'));
});
