/** `travel` calls `price` for what `route` has; nothing is known of the past but where a case says so. */
import { describe, expect, it } from 'vitest';
import { servedPath, tellsNotFound, unroutedPath } from '../../../src/domain/baseline/unrouted-text.ts';
import { rank } from '../../../src/domain/ranking/rank.ts';
import { alertAt, inputOf } from './made-metrics.ts';
import { learnFrom } from './recorded-case.ts';
import { flatten, Tables, windowOf } from './window-from-otlp.ts';

type Line = readonly [service: string, text: string, severity?: number];
type Call = (i: number) => readonly Line[];

const names = ['front', 'travel', 'price', 'route'];
const said: Call = (i) => [
  ['price', `PageNotFound : No mapping for GET /api/routes/${i}a`, 13],
  ['travel', 'Servlet.service() threw HttpClientErrorException$NotFound: 404 : [{"status":404}]', 17],
];
const recorded: Call = (i) => [
  ['price', `10.0.0.4 - "GET /api/routes/${i}a HTTP/1.1" 404`],
  ['travel', '{"err":{"message":"Request failed with status code 404"}}', 17],
];

interface Plan {
  readonly call: Call;
  readonly calls?: number;
  /** Written in between. */
  readonly besides?: readonly Line[];
  /** Calls ended so many ms before the alert. */
  readonly until?: number;
  readonly hasPast?: boolean;
  readonly listed?: readonly string[];
}

function suspectOf({ call, calls = 12, besides = [], until = 0, hasPast = false, listed = names }: Plan) {
  const lines: { at: number; line: Line }[] = [];
  for (let at = alertAt - (hasPast ? 1_800_000 : 120_000), i = 0; at < alertAt; at += 3_000, i++) {
    for (const name of names) lines.push({ at, line: [name, `${name} is at work ${i}`, 9] });
    for (const line of besides) lines.push({ at: at + 500, line });
  }
  for (let i = 0; i < calls; i++)
    for (const [j, line] of call(i).entries()) lines.push({ at: alertAt - until - 5_000 * (calls - i) + 1_000 + 4 * j, line });
  const logs = [...Map.groupBy(lines, ({ line }) => line[0])].map(([service, of]) => ({
    resourceLogs: [
      {
        resource: { attributes: [{ key: 'service.name', value: { stringValue: service } }] },
        scopeLogs: [
          {
            logRecords: of
              .sort((a, b) => a.at - b.at)
              .map(({ at, line }) => ({ timeUnixNano: `${at}000000`, severityNumber: line[2] ?? 0, body: { stringValue: line[1] } })),
          },
        ],
      },
    ],
  }));
  const [flat, tables] = [flatten({ traces: [], logs, metrics: [] }), new Tables()];
  const learned = hasPast ? { baseline: learnFrom(flat, tables, alertAt) } : {};
  const window = windowOf(flat, tables, alertAt - 11 * 60_000, alertAt + 1);
  const directory = listed.map((name, i) => ({ name, addresses: [], ports: [7_000 + i] }));
  const { hypotheses, verdict } = rank({ ...inputOf([]), window, ...learned, directory });
  return verdict === 'cause' ? hypotheses[0] : undefined;
}

describe('who alone asks a server for what that has not', () => {
  it.each([
    ['by its own words', said],
    ['by its records', recorded],
  ])('is at fault %s, though not for sure', (_, call) => {
    const first = suspectOf({ call });
    expect(first).toMatchObject({ service: 'travel', kind: 'configuration' });
    expect(first!.summary).toContain('travel alone asks price for /api/routes/*');
    expect(first!.confidence).toBeLessThan(0.8);
  });

  it('is so where it hands on what it is asked, by its route to that server', () => {
    const call: Call = () => [
      ['price', '10.0.0.4 - "POST /route HTTP/1.1" 404'],
      ['front', '10.9.9.9 "POST /route" 404 5ms'],
    ];
    const besides: Line[] = [['front', 'routing /route -> http://price:80', 9]];
    expect(suspectOf({ call, besides })?.service).toBe('front');
    expect(suspectOf({ call })).toBeUndefined();
    expect(suspectOf({ call, besides, listed: ['front', 'travel', 'price'] })).toBeUndefined();
  });

  it.each<[string, Plan]>([
    ['the server answers the like well at times', { call: recorded, besides: [['price', '"GET /api/routes/7b HTTP/1.1" 200', 9]] }],
    ['two ask', { call: (i) => [...said(i), ['front', 'upstream said 404', 17]] }],
    ['nobody tells of it', { call: (i) => said(i).slice(0, 1) }],
    ['a few times only', { call: said, calls: 4 }],
    ['it is over', { call: said, until: 90_000, calls: 5 }],
    ['the system was well before', { call: said, hasPast: true }],
    [
      'files are looked for that nobody has',
      {
        call: () => [
          ['price', '"GET /wp-login.php HTTP/1.1" 404'],
          ['travel', 'answered 404', 17],
        ],
      },
    ],
  ])('is nobody where %s', (_, plan) => expect(suspectOf(plan)).toBeUndefined());
});

it.each([
  ['No mapping for GET /a/b', '/a/b', true],
  ['Cannot POST /a', '/a', true],
  ['Route GET:/a/b not found', '/a/b', true],
  ['"GET /a?x=1 HTTP/1.1" 404 12', '/a', false],
  ['response status=404 method=POST uri=/v1/refunds latency=0 ms', '/v1/refunds', false],
])('reads the path in %s', (text, path, isSaid) => expect(unroutedPath(text)).toEqual({ path, isSaid }));

it('reads no path in what was answered well, nor 404 in other numbers', () => {
  expect(unroutedPath('"GET /a HTTP/1.1" 200 404')).toBeNull();
  expect(servedPath('"GET /a HTTP/1.1" 200 404')).toBe('/a');
  expect(['in 404ms', '10.404.1', 'id a404', 'File "/app/pay.py", line 404, in charge'].some(tellsNotFound)).toBe(false);
});
