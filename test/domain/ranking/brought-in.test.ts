/** `door` passes what people ask for on to `book`. Lately more is turned down: since others ask besides, or since `book` has got stricter? */
import { describe, expect, it } from 'vitest';
import type { Change } from '../../../src/domain/change.ts';
import { rank } from '../../../src/domain/ranking/rank.ts';
import { alertAt, inputOf, released } from './made-metrics.ts';
import { learnFrom } from './recorded-case.ts';
import { flatten, type OtlpLogs, type OtlpSpan, Tables, windowOf } from './window-from-otlp.ts';

const minute = 60_000;
const nanos = (at: number) => `${Math.round(at)}000000`;

interface Plan {
  /** Of so many of the usual requests lately one is turned down; 0: of none. */
  readonly turns?: number;
  /** How many others come for each usual one lately, and are turned down. */
  readonly besides?: number;
  readonly code?: number;
  /** Spans have no codes: lines alone tell. */
  readonly isUntold?: boolean;
  /** What `book` writes then, and how loud. */
  readonly says?: string;
  readonly severity?: number;
  /** `book` starts anew so many minutes before the alert. */
  readonly startsAt?: number;
  readonly changes?: readonly Change[];
  /** For so many minutes before the alert there were requests. */
  readonly since?: number;
  /** The outermost is no server: it asks of its own accord. */
  readonly isJob?: boolean;
}

function ranked(plan: Plan) {
  const { turns = 0, besides = 0, code = 404, isUntold = false, says = 'none of that number', severity = 13, since = 20 } = plan;
  const spans = new Map<string, OtlpSpan[]>([
    ['door', []],
    ['book', []],
  ]);
  const lines = new Map<string, object[]>([
    ['door', []],
    ['book', []],
  ]);
  const write = (service: string, at: number, severityNumber: number, stringValue: string, of: object = {}) =>
    lines.get(service)!.push({ timeUnixNano: nanos(at), severityNumber, body: { stringValue }, ...of });
  let n = 0;
  const request = (at: number, isBad: boolean) => {
    const traceId = (n++).toString(16).padStart(32, '0');
    const add = (service: string, id: string, parent: string | null, kind: number, delay: number) => {
      const value = { intValue: isBad ? code : 200 };
      const attributes = isUntold ? [] : [{ key: 'http.response.status_code', value }];
      const times = { startTimeUnixNano: nanos(at + delay), endTimeUnixNano: nanos(at + 60 - delay) };
      const span = { traceId, spanId: `${n}${id}`, name: id, kind, ...times, attributes, status: { code: isBad ? 2 : 0 } };
      spans.get(service)!.push(parent === null ? span : { ...span, parentSpanId: `${n}${parent}` });
      return { traceId, spanId: `${n}${id}` };
    };
    const entered = add('door', 'GET /number', null, plan.isJob === true ? 1 : 2, 0);
    add('door', 'ask', 'GET /number', 3, 2);
    const found = add('book', 'look up', 'ask', 2, 4);
    if (isBad) {
      write('book', at + 20, severity, `GET /book/${n} -> ${code}: ${says}`, found);
      write('door', at + 50, 13, `GET /number/${n} -> ${code}: [${code}] from book`, entered);
    } else write('book', at + 20, 9, `found number ${n}`, found);
  };
  for (let at = alertAt - since * minute, i = 0; at < alertAt; at += 4_000, i++) {
    const isLate = at > alertAt - 2 * minute;
    request(at, isLate ? turns > 0 && i % turns === 0 : i % 25 === 0);
    if (isLate) for (let more = 1; more <= besides; more++) request(at + more * 300, true);
  }
  if (plan.startsAt !== undefined) write('book', alertAt - plan.startsAt * minute, 9, 'Started BookApplication in 4.1 seconds');
  const resource = (name: string) => ({ attributes: [{ key: 'service.name', value: { stringValue: name } }] });
  const flat = flatten({
    traces: [...spans].map(([name, list]) => ({ resourceSpans: [{ resource: resource(name), scopeSpans: [{ spans: list }] }] })),
    logs: [...lines].map(
      ([name, list]) => ({ resourceLogs: [{ resource: resource(name), scopeLogs: [{ logRecords: list }] }] }) as unknown as OtlpLogs,
    ),
    metrics: [],
  });
  const tables = new Tables();
  const baseline = learnFrom(flat, tables, alertAt);
  const window = windowOf(flat, tables, alertAt - 11 * minute, alertAt + 1);
  const { verdict } = rank({ ...inputOf([]), window, baseline, changes: plan.changes ?? [] });
  return verdict;
}

const bookReleased = released('book', 3);

describe('requests that come besides the usual ones and are turned down', () => {
  it.each([
    ['with a code', {}],
    ['because nobody may do that', { code: 401, says: 'bad credentials' }],
    ['in words alone', { isUntold: true }],
    ['one in ten of the usual as well', { turns: 10 }],
    ['after a start long ago', { startsAt: 10 }],
  ] as const)('are nobody’s fault: %s', (_, plan) => expect(ranked({ besides: 4, ...plan })).toBe('healthy'));

  it.each([
    ['they are the usual ones', { turns: 1 }],
    ['they are the usual ones, and people try again', { turns: 1, besides: 4 }],
    ['half of the usual are turned down, and people try once more', { turns: 2, besides: 1 }],
    ['they fail', { besides: 4, code: 500 }],
    ['somebody calls it an error', { besides: 4, severity: 17 }],
    ['there are too many', { besides: 4, code: 429, says: 'too many requests' }],
    ['who turns them down has just started anew', { besides: 4, startsAt: 2.2 }],
    ['who turns them down was just released', { besides: 4, changes: [bookReleased] }],
    ['nobody knows how many are usual', { besides: 4, since: 5 }],
    ['nobody asked for them', { besides: 4, isJob: true }],
  ] as const)('are somebody’s fault where %s', (_, plan) => expect(ranked(plan)).toBe('cause'));
});
