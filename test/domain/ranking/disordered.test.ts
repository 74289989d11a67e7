/** `orders` tells `books` of what was opened and of what was paid, by message or by call. Lately `books` fails on what was paid. */
import { describe, expect, it } from 'vitest';
import { rank } from '../../../src/domain/ranking/rank.ts';
import { alertAt, inputOf } from './made-metrics.ts';
import { flatten, type OtlpSpan, Tables, windowOf } from './window-from-otlp.ts';

const minute = 60_000;
const nanos = (at: number) => `${Math.round(at)}000000`;

interface Plan {
  readonly by: 'message' | 'call';
  /** Whether what was paid is told of first in a request, and whether that fails, lately and before. */
  readonly isReversed: (request: number, isLate: boolean) => boolean;
  readonly isFailing: (request: number, isLate: boolean, reversed: boolean) => boolean;
  /** For so many minutes before the alert there were requests. */
  readonly since?: number;
}

function suspectOf({ by, isReversed, isFailing, since = 10 }: Plan) {
  const spans = new Map<string, OtlpSpan[]>([
    ['orders', []],
    ['books', []],
  ]);
  let n = 0;
  for (let at = alertAt - since * minute; at < alertAt - 1000; at += 3_000) {
    const isLate = at > alertAt - 2 * minute;
    const traceId = (n++).toString(16).padStart(32, '0');
    const reversed = isReversed(n, isLate);
    const isBad = isFailing(n, isLate, reversed);
    const add = (service: string, id: string, parent: string | null, kind: number, from: number, to: number, bad = false) => {
      const times = { startTimeUnixNano: nanos(at + from), endTimeUnixNano: nanos(at + to) };
      const span = { traceId, spanId: `${n}${id}`, name: id, kind, ...times, status: { code: bad ? 2 : 0 } };
      spans.get(service)!.push(parent === null ? span : { ...span, parentSpanId: `${n}${parent}` });
    };
    const [asks, takes] = by === 'message' ? [4, 5] : [3, 2];
    add('orders', 'POST /pay', null, 2, 0, 100);
    for (const [place, what] of (reversed ? ['paid', 'opened'] : ['opened', 'paid']).entries()) {
      const from = 10 + 40 * place;
      const bad = isBad && what === 'paid';
      add('orders', `tell ${what}`, 'POST /pay', asks, from, from + 20, bad && by === 'call');
      add('books', `take ${what}`, `tell ${what}`, takes, from + 5, from + 15, bad);
      if (!bad) add('books', `note ${what}`, `take ${what}`, 1, from + 8, from + 12);
    }
  }
  const resource = (name: string) => ({ attributes: [{ key: 'service.name', value: { stringValue: name } }] });
  const traces = [...spans].map(([name, list]) => ({ resourceSpans: [{ resource: resource(name), scopeSpans: [{ spans: list }] }] }));
  const window = windowOf(flatten({ traces, logs: [], metrics: [] }), new Tables(), alertAt - 20 * minute, alertAt + 1);
  const { hypotheses } = rank({ ...inputOf([]), window });
  return hypotheses[0]?.service;
}

const everyThird = (request: number) => request % 3 !== 0;

describe.each(['message', 'call'] as const)('who fails on what comes the other way round, by %s', (by) => {
  it('is not at fault, but who asks', () => {
    const isReversed = (_: number, isLate: boolean) => isLate;
    expect(suspectOf({ by, isReversed, isFailing: (_, __, reversed) => reversed })).toBe('orders');
    expect(
      suspectOf({ by, isReversed: (request, isLate) => isLate && everyThird(request), isFailing: (_, __, reversed) => reversed }),
    ).toBe('orders');
  });

  it.each([
    ['it fails as well on what comes as ever', { isReversed: () => false, isFailing: (_: number, isLate: boolean) => isLate }],
    [
      'some always came so, and went well',
      {
        isReversed: (request: number) => request % 12 === 0,
        isFailing: (_: number, isLate: boolean, reversed: boolean) => isLate && reversed,
        since: 18,
      },
    ],
    ['it always came so', { isReversed: () => true, isFailing: (_: number, isLate: boolean) => isLate }],
    [
      'it comes in either order, and fails in either',
      { isReversed: everyThird, isFailing: (request: number, isLate: boolean) => isLate && request % 4 !== 0 },
    ],
    [
      'nobody knows how it came when all was well',
      { isReversed: () => true, isFailing: (request: number) => request % 12 !== 0, since: 2 },
    ],
  ] as const)('is at fault where %s', (_, plan) => expect(suspectOf({ by, ...plan })).toBe('books'));
});
