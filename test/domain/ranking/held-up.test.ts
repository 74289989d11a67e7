/** Systems told of by lines alone: who is down because of another, whose list is wrong, and who alone does not get through. */
import { describe, expect, it } from 'vitest';
import { rank, type Ranking } from '../../../src/domain/ranking/rank.ts';
import { alertAt, inputOf } from './made-metrics.ts';
import { flatten, Tables, windowOf } from './window-from-otlp.ts';

const ports: Readonly<Record<string, number>> = { edge: 7000, accounts: 7001, orders: 7002, ledger: 7003, mail: 7004 };
const directory = Object.entries(ports).map(([name, port]) => ({ name, addresses: [], ports: [port] }));

interface Line {
  readonly by: string;
  readonly at: number;
  readonly text: string;
  readonly severity?: number;
}

const every = (step: number, from: number, line: (at: number) => Line): Line[] =>
  Array.from({ length: Math.ceil((99 - from) / step) }, (_, i) => line(from + i * step));
const refused = (by: string, whom: string, at: number, port = ports[whom]): Line => ({
  by,
  at,
  severity: 17,
  text: `dial tcp ${whom}:${port}: connect: connection refused`,
});
const atWork = (by: string): Line[] => every(1, 0, (at) => ({ by, at, text: `${by} did its work ${at}` }));

/** `at`: seconds since a hundred before the alert. */
function rankLines(lines: readonly Line[]): Ranking {
  const logs = Object.keys(ports).map((name) => ({
    resourceLogs: [
      {
        resource: { attributes: [{ key: 'service.name', value: { stringValue: name } }] },
        scopeLogs: [
          {
            logRecords: lines
              .filter(({ by }) => by === name)
              .sort((a, b) => a.at - b.at)
              .map(({ at, text, severity = 9 }) => ({
                timeUnixNano: `${alertAt - 100_000 + Math.round(at * 1000)}000000`,
                severityNumber: severity,
                body: { stringValue: text },
              })),
          },
        ],
      },
    ],
  }));
  const window = windowOf(flatten({ traces: [], logs, metrics: [] }), new Tables(), alertAt - 20 * 60_000, alertAt + 1);
  return rank({ ...inputOf([]), window, directory });
}

const first = ({ hypotheses }: Ranking) => hypotheses[0];

/** It begins, does not reach the ledger, gives up; after a while it begins anew. */
const start = (at: number): Line[] => [
  { by: 'accounts', at, text: 'starting accounts 4.1' },
  { by: 'accounts', at: at + 0.5, text: 'reading configuration' },
];
const failedStart = (at: number): Line[] => [
  ...start(at),
  refused('accounts', 'ledger', at + 1),
  { by: 'accounts', at: at + 1.1, text: 'giving up' },
];
const edgeIsRefused = every(1, 40, (at) => refused('edge', 'accounts', at));

describe('a service that is down because it does not reach another', () => {
  it('is not named before that other, though it starts again and again and more is said of it', () => {
    const ranking = rankLines([...atWork('edge'), ...atWork('mail'), ...edgeIsRefused, ...[2, 14, 34, 62].flatMap(failedStart)]);
    expect(first(ranking)).toMatchObject({ service: 'ledger' });
    expect(first(ranking)!.confidence).toBeGreaterThan(0.5);
  });

  it('is named where it got further in the end', () => {
    const ready = { by: 'accounts', at: 36, text: 'accepting calls' };
    const ranking = rankLines([...atWork('edge'), ...atWork('mail'), ...edgeIsRefused, ...failedStart(2), ...start(34), ready]);
    expect(first(ranking)).toMatchObject({ service: 'accounts' });
  });

  it('is named where that other only started up at the same time, and goes on: whoever nobody calls is quiet, and not stuck', () => {
    const waits = [1, 2.5, 5].map((after) => refused('accounts', 'ledger', 2 + after));
    const ledger = [
      { by: 'ledger', at: 6, text: 'starting ledger 2.0' },
      ...every(2, 14, (at) => ({ by: 'ledger', at, text: `entry ${at} written` })),
    ];
    const ranking = rankLines([...atWork('edge'), ...atWork('mail'), ...ledger, ...start(1), ...waits, ...start(5), ...edgeIsRefused]);
    expect(first(ranking)).toMatchObject({ service: 'accounts' });
  });

  it('is not one whose instances all started before it failed, and that goes on with its work', () => {
    const work = every(1, 10, (at) => ({ by: 'accounts', at, text: `request ${at} done` }));
    const failures = every(1, 30, (at) => refused('accounts', 'ledger', at)).filter(({ at }) => at < 70);
    const ranking = rankLines([
      ...atWork('edge'),
      ...atWork('mail'),
      ...atWork('ledger'),
      ...[1, 2, 3].flatMap(start),
      ...work,
      ...failures,
    ]);
    expect(first(ranking)?.service).not.toBe('ledger');
  });
});

describe('a service that says it stopped, and begins again', () => {
  const run = (at: number): Line[] => [
    ...start(at),
    { by: 'accounts', at: at + 10, text: 'received SIGTERM' },
    { by: 'accounts', at: at + 10.5, text: 'exiting' },
  ];
  const once = { by: 'accounts', at: 3, text: 'an option is deprecated' };
  const restarts = (lines: readonly Line[]): number =>
    rankLines([...atWork('edge'), ...lines]).hypotheses.find(({ service }) => service === 'accounts')?.features['restart'] ?? 0;

  it('has restarted, whatever it says only the first time', () => {
    expect(restarts([...run(2), once, ...run(30), ...run(60)])).toBeGreaterThan(1);
  });

  it('has not where its first line comes again while it runs', () => {
    expect(restarts([...start(2), once, ...start(30), ...start(60)])).toBe(0);
  });
});

describe('a port that the list does not have', () => {
  const work = ['edge', 'accounts', 'orders', 'ledger', 'mail'].flatMap(atWork);
  const asking = (by: string): Line[] => every(2, 30, (at) => refused(by, 'ledger', at, 7999));

  it('is the mistake of the one that asks there', () => {
    expect(first(rankLines([...work, ...asking('orders')]))).toMatchObject({ service: 'orders', kind: 'configuration' });
  });

  it('is the mistake of the list where several ask there, or where the service says that it listens there', () => {
    expect(first(rankLines([...work, ...asking('orders'), ...asking('edge')]))?.service).toBe('ledger');
    const says = { by: 'ledger', at: 1, text: 'listening on 0.0.0.0:7999' };
    expect(first(rankLines([...work, ...asking('orders'), says]))?.service).toBe('ledger');
  });

  it('is not where the service writes of that port for another reason', () => {
    const says = { by: 'ledger', at: 1, text: 'backup sent to store:7999' };
    expect(first(rankLines([...work, ...asking('orders'), says]))?.service).toBe('orders');
  });
});

describe('a service that alone does not reach another', () => {
  const work = ['edge', 'orders', 'ledger', 'mail'].flatMap(atWork);
  const late = every(2, 40, (at) => ({ ...refused('orders', 'ledger', at), text: `dial tcp ledger:${ports['ledger']}: i/o timeout` }));
  const cameThrough = (by: string): Line[] => [refused(by, 'ledger', 1), { by, at: 5, text: `${by} connected` }];

  it('is named, though not for sure, where two others got through to it', () => {
    const ranking = rankLines([...work, ...cameThrough('edge'), ...cameThrough('mail'), ...late]);
    expect(first(ranking)).toMatchObject({ service: 'orders', kind: 'configuration' });
    expect(first(ranking)!.confidence).toBeLessThanOrEqual(0.78);
  });

  it('is not where nobody else is known to have, or one alone', () => {
    expect(first(rankLines([...work, ...late]))?.service).toBe('ledger');
    expect(first(rankLines([...work, ...cameThrough('edge'), ...late]))?.service).toBe('ledger');
  });
});
