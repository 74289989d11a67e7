/** `search` asks `geo` for candidates, and complains where it is given none; `geo` writes how many it gave. */
import { describe, expect, it } from 'vitest';
import { type Baseline, createBaseline, overlapMs, restoreBaseline } from '../../../src/domain/baseline/baseline.ts';
import { rank } from '../../../src/domain/ranking/rank.ts';
import { atOnce } from '../../../src/domain/steps.ts';
import { alertAt, inputOf } from './made-metrics.ts';
import { type Flat, flatten, type OtlpLogs, type OtlpSpan, Tables, windowOf } from './window-from-otlp.ts';

const minute = 60_000;
const nanos = (at: number) => `${Math.round(at)}000000`;

type Said = readonly [severity: number, text: string];
interface Call {
  readonly service: string;
  readonly says: readonly Said[];
}
/** What happens in one request to `front`: whom it calls in this order, and what it says in the end itself. */
interface Request {
  readonly front: Call;
  readonly calls: readonly Call[];
}

function recorded(requestAt: (isLate: boolean, i: number) => Request): Flat {
  const spans = new Map<string, OtlpSpan[]>();
  const lines = new Map<string, object[]>();
  const put = <T>(map: Map<string, T[]>, service: string, one: T) => map.set(service, [...(map.get(service) ?? []), one]);
  for (let i = 0; i < 300; i++) {
    const at = alertAt - 12 * minute + i * 2400;
    const { front, calls } = requestAt(at > alertAt - 2 * minute, i);
    const traceId = (i + 1).toString(16).padStart(32, '0');
    const enter = ({ service, says }: Call, spanId: string, parent: string | null, from: number, to: number) => {
      const times = { startTimeUnixNano: nanos(at + from), endTimeUnixNano: nanos(at + to) };
      const span = { traceId, spanId, name: `${service}.do`, kind: 2, ...times, status: { code: 0 } };
      put(spans, service, parent === null ? span : { ...span, parentSpanId: parent });
      for (const [severityNumber, stringValue] of says)
        put(lines, service, { timeUnixNano: nanos(at + to - 1), traceId, spanId, severityNumber, body: { stringValue } });
    };
    enter(front, `${i}f`, null, 0, 100);
    for (const [n, call] of calls.entries()) enter(call, `${i}c${n}`, `${i}f`, 10 + 20 * n, 20 + 20 * n);
  }
  const resource = (name: string) => ({ attributes: [{ key: 'service.name', value: { stringValue: name } }] });
  return flatten({
    traces: [...spans].map(([name, list]) => ({ resourceSpans: [{ resource: resource(name), scopeSpans: [{ spans: list }] }] })),
    logs: [...lines].map(
      ([name, list]) => ({ resourceLogs: [{ resource: resource(name), scopeLogs: [{ logRecords: list }] }] }) as unknown as OtlpLogs,
    ),
    metrics: [],
  });
}

/** Learns all but the last three minutes where a baseline is given. */
function ranked(flat: Flat, baseline: Baseline | null = null, restart = (snapshot: unknown): unknown => snapshot) {
  const tables = new Tables();
  let learned = createBaseline();
  if (baseline !== null) {
    const [from, to] = [alertAt - 12 * minute, alertAt - 3 * minute];
    atOnce(baseline.learn(windowOf(flat, tables, from, to + overlapMs), from, to));
    learned = restoreBaseline(restart(JSON.parse(JSON.stringify(baseline.snapshot()))));
  }
  const { hypotheses, evidence } = rank({
    ...inputOf([]),
    baseline: learned,
    window: windowOf(flat, tables, alertAt - 20 * minute, alertAt + 1),
  });
  const confidence = (service: string) => hypotheses.find((one) => one.service === service)?.confidence ?? 0;
  return { first: hypotheses[0]?.service, confidence, texts: evidence.map(({ text }) => text) };
}

const geo = (count: string): Call => ({ service: 'geo', says: [[9, `nearby: resolved city=oslo candidates=${count}`]] });
const search = (found: string, complains: boolean): Call => ({
  service: 'search',
  says: complains ? [[13, 'no candidates in range']] : [[9, `search done results=${found}`]],
});
const good = (i: number): string => `${3 + (i % 7)}`;

describe('a value that is hollow of late', () => {
  const wrong = recorded((isLate, i) => ({ front: search(good(i), isLate), calls: [geo(isLate ? '0' : good(i))] }));

  it.each([
    ['with the minutes before', null],
    ['with what was learned', createBaseline()],
  ])('speaks against who wrote it and not against who chokes on it, compared %s', (_, baseline) => {
    const { first, confidence, texts } = ranked(wrong, baseline);
    expect(first).toBe('geo');
    expect(confidence('geo')).toBeGreaterThan(0.8);
    expect(confidence('search')).toBeLessThan(0.05);
    expect(texts.join('\n')).toMatch(
      /geo writes the line "nearby: resolved city=oslo candidates=<\*>" with 0 for "candidates" in 4\d of \d+ visits to geo.do that write it, before in 0 of/,
    );
  });

  it('is a value like any other in a line that has always had it', () => {
    const { first, confidence, texts } = ranked(recorded((isLate, i) => ({ front: search(good(i), isLate), calls: [geo('0')] })));
    expect(first).toBe('search');
    expect(confidence('geo')).toBeLessThan(0.05);
    expect(texts.join('\n')).not.toContain('"candidates"');
  });

  it('says nothing where it was gone and is there no more', () => {
    const healed = recorded((isLate, i) => ({ front: search(good(i), false), calls: [geo(isLate ? good(i) : '0')] }));
    expect(ranked(healed).confidence('geo')).toBeLessThan(0.05);
  });

  it("is not the caller's doing where who it called says that it failed", () => {
    const beneath = recorded((isLate, i) => ({
      front: search(isLate ? '0' : good(i), false),
      calls: [isLate ? { service: 'geo', says: [[17, 'could not read the index']] } : geo(good(i))],
    }));
    const { first, confidence } = ranked(beneath);
    expect(first).toBe('geo');
    expect(confidence('search')).toBeLessThan(0.1);
  });

  it('of callers alone does not speak against who answered them', () => {
    const alone = recorded((isLate, i) => ({ front: search(isLate ? '0' : good(i), false), calls: [geo(good(i))] }));
    expect(ranked(alone).confidence('geo')).toBeLessThan(0.05);
  });

  it('is nothing new beside a past that was learned before values were looked at', () => {
    const always = recorded((isLate, i) => ({ front: search(good(i), isLate), calls: [geo('0')] }));
    const { confidence, texts } = ranked(always, createBaseline(), (snapshot) => {
      const { counts, names, ...rest } = snapshot as { counts: Record<string, number[]>; names: string[] };
      const { valued: _, items = [], ...others } = counts;
      const isOld = (key: number): boolean => !names[key % 16_777_216]!.startsWith('H');
      const kept = items.flatMap((value, at) => (isOld(items[at - (at % 2)]!) ? [value] : []));
      expect(kept.length).toBeLessThan(items.length);
      return { ...rest, names, counts: { ...others, items: kept } };
    });
    expect(confidence('geo')).toBeLessThan(0.05);
    expect(texts.join('\n')).not.toContain('"candidates"');
  });
});

describe('a hollow value that is handed on', () => {
  const booking = (isLate: boolean, amountOf: (service: string) => string): Request => ({
    front: { service: 'booking', says: [isLate ? [17, 'payment failed, releasing hold'] : [9, 'booking confirmed']] },
    calls: [
      { service: 'rates', says: [[9, `rate locked amount=${amountOf('rates')}`]] },
      {
        service: 'payments',
        says: [isLate ? [17, `refusing to charge amount=${amountOf('payments')}`] : [9, `charge captured amount=${amountOf('payments')}`]],
      },
    ],
  });

  it('speaks against who came up with it, not against who was given it and complains', () => {
    const { first, confidence } = ranked(recorded((isLate, i) => booking(isLate, () => (isLate ? '0' : good(i)))));
    expect(first).toBe('rates');
    expect(confidence('payments')).toBeLessThan(0.05);
    expect(confidence('booking')).toBeLessThan(0.05);
  });

  it("is who complains' own doing where nobody before had it", () => {
    const own = recorded((isLate, i) => booking(isLate, (service) => (isLate && service === 'payments' ? '0' : good(i))));
    expect(ranked(own).first).toBe('payments');
  });

  it('speaks against who came up with it first where the other has always written it down as well', () => {
    const both = recorded((isLate, i) => ({
      front: { service: 'booking', says: [isLate ? [17, 'payment failed, releasing hold'] : [9, 'booking confirmed']] },
      calls: [
        { service: 'rates', says: [[9, `rate locked amount=${isLate ? '0' : good(i)}`]] },
        {
          service: 'payments',
          says: [[9, `charge asked amount=${isLate ? '0' : good(i)}`], ...(isLate ? [[17, 'refusing to charge'] as const] : [])],
        },
      ],
    }));
    const { first, confidence } = ranked(both);
    expect(first).toBe('rates');
    expect(confidence('payments')).toBeLessThan(0.05);
  });

  it('speaks against who came up with it though whoever asked them goes on as ever', () => {
    const silent = (isLate: boolean, amount: string, isRefused: boolean): Request => ({
      front: { service: 'booking', says: [[9, 'booking confirmed']] },
      calls: [
        { service: 'rates', says: [[9, `rate locked amount=${amount}`]] },
        {
          service: 'payments',
          says: [[9, `charge asked amount=${amount}`], ...(isLate && isRefused ? [[17, 'refusing to charge'] as const] : [])],
        },
      ],
    });
    const { first, confidence } = ranked(recorded((isLate, i) => silent(isLate, isLate ? '0' : good(i), true)));
    expect(first).toBe('rates');
    expect(confidence('rates')).toBeGreaterThan(0.5);
    // What else is zero in those requests is not what was refused.
    const beside = recorded((isLate, i) => {
      const { front, calls } = silent(isLate, isLate ? '0' : good(i), true);
      return { front, calls: [...calls, { service: 'catalog', says: [[9, `page served misses=${isLate ? '0' : good(i)}`]] }] };
    });
    expect(ranked(beside).first).toBe('rates');
    expect(ranked(beside).confidence('catalog')).toBeLessThan(0.05);
    // Nobody missed it.
    const idle = ranked(recorded((isLate, i) => silent(isLate, isLate ? '0' : good(i), false)));
    expect(idle.confidence('rates')).toBeLessThan(0.05);
  });

  it('excuses nobody who has written that value down all the time', () => {
    const usual = recorded((isLate, i) => ({
      front: { service: 'booking', says: [[9, 'booking confirmed']] },
      calls: [
        { service: 'rates', says: [[9, `rate locked amount=${isLate ? '0' : good(i)}`]] },
        { service: 'payments', says: [[9, 'fee taken amount=0'], ...(isLate ? [[17, 'lost the till'] as const] : [])] },
      ],
    }));
    expect(ranked(usual).confidence('payments')).toBeGreaterThan(0.3);
  });

  it('does not come from who has written that value down all the time', () => {
    const usual = recorded((isLate, i) => ({
      front: { service: 'booking', says: [isLate ? [17, 'payment failed, releasing hold'] : [9, 'booking confirmed']] },
      calls: [
        { service: 'taxes', says: [[9, 'tax found amount=0']] },
        { service: 'rates', says: [[9, `rate locked amount=${isLate ? '0' : good(i)}`]] },
      ],
    }));
    expect(ranked(usual).first).toBe('rates');
  });

  it('is followed by its name alone: a number without one may be any other', () => {
    const bare = recorded((isLate, i) => ({
      front: { service: 'booking', says: [[9, 'booking confirmed']] },
      calls: [
        { service: 'rates', says: [[9, `${isLate ? '0' : good(i)} locked today`]] },
        { service: 'payments', says: isLate ? [[17, '0 refused today']] : [[9, `${good(i)} charged today`]] },
      ],
    }));
    expect(ranked(bare).first).toBe('payments');
  });
});

describe('a hollow value of which lines are lost', () => {
  /** Of so many lines of `geo` one is lost, at all times. Lately `search` complains in three of five requests, be it there or not. */
  const losing = (every: number) =>
    recorded((isLate, i) => ({
      front: search(good(i), isLate && i % 5 < 3),
      calls: [i % every === 1 ? { service: 'geo', says: [] } : geo(isLate ? '0' : good(i))],
    }));

  it('was answered as well where the line did not come, as nearly all that came have it', () => {
    const { first, confidence } = ranked(losing(7));
    expect(first).toBe('geo');
    expect(confidence('search')).toBeLessThan(0.05);
  });

  it('was not for all that is known where many lines are lost', () => {
    expect(ranked(losing(4)).confidence('search')).toBeGreaterThan(0.5);
  });
});
