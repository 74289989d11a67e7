/** Failures to reach others, told by a service that says little else: noise while the system starts, a fault when it stays. */
import { describe, expect, it } from 'vitest';
import type { ServiceMap } from '../../../src/domain/service-map.ts';
import { rank, type Ranking } from '../../../src/domain/ranking/rank.ts';
import { alertAt, inputOf } from './made-metrics.ts';
import { learnFrom } from './recorded-case.ts';
import { flatten, type OtlpLog, type OtlpSpan, type OtlpTraces, Tables, windowOf } from './window-from-otlp.ts';

const seconds = 1000;
const ports: Readonly<Record<string, number>> = { shop: 7000, cart: 7001, stock: 7002, ads: 7003 };
const service = (name: string) => ({ name, addresses: [], ports: [ports[name]!] });

/**
 * `cart` writes nothing but failures to reach `stock` and `ads`, from 100 s before the alert until each is reached;
 * `shop` goes on with its work.
 */
function rankWith(reachedAfter: Readonly<Record<string, number>>): Ranking {
  const lines = new Map<string, OtlpLog[]>();
  const write = (name: string, at: number, severityNumber: number, text: string) =>
    lines.set(name, [
      ...(lines.get(name) ?? []),
      { timeUnixNano: `${alertAt - 100 * seconds + at * seconds}000000`, severityNumber, body: { stringValue: text } },
    ]);
  for (let at = 0; at < 99; at++) write('shop', at, 9, `order ${at} taken`);
  write('cart', 0, 9, 'configuration read');
  for (const [callee, until] of Object.entries(reachedAfter))
    for (let at = 1; at < until; at += 2) write('cart', at, 17, `dial tcp ${callee}:${ports[callee]}: connect: connection refused`);
  const logs = [...lines].map(([name, logRecords]) => ({
    resourceLogs: [{ resource: { attributes: [{ key: 'service.name', value: { stringValue: name } }] }, scopeLogs: [{ logRecords }] }],
  }));
  const window = windowOf(flatten({ traces: [], logs, metrics: [] }), new Tables(), alertAt - 20 * 60 * seconds, alertAt + 1);
  return rank({ ...inputOf([]), window, directory: Object.keys(ports).map(service) });
}

describe('what could not be reached', () => {
  it('is nothing to speak of where it was reached in the end, even by a service that wrote of several such failures and falls silent', () => {
    const { verdict, hypotheses } = rankWith({ stock: 22, ads: 18 });
    expect(verdict).not.toBe('cause');
    expect(hypotheses[0]?.confidence ?? 0).toBeLessThan(0.5);
  });

  it('is the cause where it is not reached to the end', () => {
    const { verdict, hypotheses } = rankWith({ stock: 99, ads: 18 });
    expect(verdict).toBe('cause');
    expect(hypotheses[0]?.service).toBe('stock');
  });
});

/** Every so many seconds, until the second that is said, a caller has an answer of a callee. */
type Answered = readonly (readonly [caller: string, callee: string, every: number, until?: number])[];

function tracesOf(answered: Answered): OtlpTraces[] {
  const spans = new Map<string, OtlpSpan[]>();
  const add = (name: string, span: OtlpSpan) => spans.set(name, [...(spans.get(name) ?? []), span]);
  for (const [caller, callee, every, until = 99] of answered)
    for (let at = 1; at < until; at += every) {
      const traceId = `${caller}${callee}${at}`;
      const from = alertAt - 100 * seconds + at * seconds;
      const times = { startTimeUnixNano: `${from}000000`, endTimeUnixNano: `${from + 5}000000`, status: { code: 0 } };
      add(caller, { traceId, spanId: `${traceId}a`, name: 'work', kind: 2, ...times });
      add(caller, { traceId, spanId: `${traceId}b`, parentSpanId: `${traceId}a`, name: 'ask', kind: 3, ...times });
      add(callee, { traceId, spanId: `${traceId}c`, parentSpanId: `${traceId}b`, name: 'answer', kind: 2, ...times });
    }
  return [...spans].map(([name, list]) => ({
    resourceSpans: [{ resource: { attributes: [{ key: 'service.name', value: { stringValue: name } }] }, scopeSpans: [{ spans: list }] }],
  }));
}

/** Who fails to reach whom at each second of a minute and a half; who is named in `working` goes on with its work. */
function rankFailures(
  failures: Readonly<Record<string, readonly string[]>>,
  working: readonly string[],
  failing: (callee: string, at: number) => string | null = (callee) => `dial tcp ${callee}:${ports[callee] ?? 7777}: i/o timeout`,
  answered: Answered = [],
  map: ServiceMap = { services: [], edges: [] },
): Ranking {
  const logs = Object.keys(ports).map((name) => {
    const logRecords: OtlpLog[] = [];
    const write = (at: number, severityNumber: number, text: string) =>
      logRecords.push({
        timeUnixNano: `${alertAt - 100 * seconds + at * seconds}000000`,
        severityNumber,
        body: { stringValue: text },
      });
    for (let at = 0; at < 99; at++) {
      if (working.includes(name)) write(at, 9, `${name} did its work ${at}`);
      for (const callee of failures[name] ?? []) {
        const text = failing(callee, at);
        if (text !== null) write(at, 17, text);
      }
    }
    return {
      resourceLogs: [{ resource: { attributes: [{ key: 'service.name', value: { stringValue: name } }] }, scopeLogs: [{ logRecords }] }],
    };
  });
  const window = windowOf(
    flatten({ traces: tracesOf(answered), logs, metrics: [] }),
    new Tables(),
    alertAt - 20 * 60 * seconds,
    alertAt + 1,
  );
  return rank({ ...inputOf([]), window, map, directory: Object.keys(ports).map(service) });
}

describe('a service that reaches nobody', () => {
  it('is at fault itself where all it calls is at work', () => {
    const { hypotheses, evidence } = rankFailures({ cart: ['stock', 'ads'] }, ['shop', 'cart', 'stock', 'ads']);
    expect(hypotheses.map(({ service }) => service)).toEqual(['cart']);
    expect(hypotheses[0]!.confidence).toBeGreaterThan(0.5);
    expect(evidence.map(({ text }) => text)).toContain(
      'cart reaches none of ads, stock (198 lines): they are at work and nobody else fails to reach them.',
    );
  });

  it.each([
    { what: 'one of them shows no life', failures: { cart: ['stock', 'ads'] }, working: ['shop', 'cart', 'stock'] },
    {
      what: 'another fails to reach one of them',
      failures: { cart: ['stock', 'ads'], shop: ['stock'] },
      working: ['shop', 'cart', 'stock', 'ads'],
    },
    {
      what: 'one of them cannot reach another itself',
      failures: { cart: ['stock', 'ads'], stock: ['shop'] },
      working: ['shop', 'cart', 'stock', 'ads'],
    },
    { what: 'it calls only one', failures: { cart: ['stock'] }, working: ['shop', 'cart', 'stock', 'ads'] },
  ])('is not accused where $what', ({ failures, working }) => {
    expect(rankFailures(failures, working).hypotheses.map(({ service }) => service)).not.toContain('cart');
  });

  it('is at fault where it has an answer once in a while, and not where it has many', () => {
    const everybody = ['shop', 'cart', 'stock', 'ads'];
    const suspect = (every: number) =>
      rankFailures({ cart: ['stock', 'ads'] }, everybody, undefined, [
        ['cart', 'stock', every],
        ['cart', 'ads', every],
      ]).hypotheses[0]?.service;
    expect(suspect(11)).toBe('cart');
    expect(suspect(3)).not.toBe('cart');
  });

  it('is at fault though it calls one alone where two others have their answers of that', () => {
    const everybody = ['shop', 'cart', 'stock', 'ads'];
    const suspect = (...others: Answered) => rankFailures({ cart: ['stock'] }, everybody, undefined, others).hypotheses[0]?.service;
    expect(suspect(['shop', 'stock', 9], ['ads', 'stock', 9])).toBe('cart');
    expect(suspect(['shop', 'stock', 9])).toBe('stock');
    expect(suspect(['shop', 'stock', 9], ['ads', 'stock', 60])).toBe('stock');
    expect(suspect(['shop', 'stock', 9], ['shop', 'ads', 9])).toBe('stock');
    expect(suspect(['shop', 'stock', 9], ['cart', 'stock', 30])).toBe('stock');
  });

  it('is judged by the answers since it fails, its own and those of others', () => {
    const timeout = (callee: string, at: number) => (at < 60 ? null : `dial tcp ${callee}:${ports[callee]}: i/o timeout`);
    const suspect = (callees: readonly string[], answered: Answered) =>
      rankFailures({ cart: callees }, ['shop', 'cart', 'stock', 'ads'], timeout, answered).hypotheses[0]?.service;
    expect(
      suspect(
        ['stock', 'ads'],
        [
          ['cart', 'stock', 1, 58],
          ['cart', 'ads', 1, 58],
        ],
      ),
    ).toBe('cart');
    expect(
      suspect(
        ['stock'],
        [
          ['shop', 'stock', 1, 58],
          ['ads', 'stock', 1, 58],
        ],
      ),
    ).toBe('stock');
  });

  it('is at fault though it reaches one in the end, and not where that was much of what it said', () => {
    const suspect = (until: number) =>
      rankFailures({ cart: ['stock', 'ads', 'shop'] }, ['shop', 'cart', 'stock', 'ads'], (callee, at) =>
        callee === 'shop' && at > until ? null : `dial tcp ${callee}:${ports[callee]}: i/o timeout`,
      ).hypotheses[0]?.service;
    expect(suspect(30)).toBe('cart');
    expect(suspect(65)).not.toBe('cart');
  });

  it('does not take the blame for a place that several fail to reach', () => {
    const { hypotheses } = rankFailures({ cart: ['stock', 'ads'], shop: ['stock'] }, ['shop', 'cart', 'stock', 'ads']);
    expect(hypotheses[0]!.service).toBe('stock');
  });
});

describe('a service whose look-ups of names nobody answers', () => {
  const unanswered = (callee: string) => `getaddrinfo EAI_AGAIN ${callee}`;
  const both = { cart: ['stock', 'ads'] };
  const suspects = (...told: Parameters<typeof rankFailures>) => rankFailures(...told).hypotheses.map(({ service }) => service);

  it('is at fault itself, though nothing is heard of those that nobody else asks', () => {
    const { hypotheses, evidence } = rankFailures(both, ['shop', 'cart'], unanswered);
    expect(hypotheses.map(({ service }) => service)).toEqual(['cart']);
    expect(evidence.map(({ text }) => text).join(' ')).toContain('it cannot look up names, and nobody else fails to reach them');
  });

  it('has not been healed where one of them was asked for no more', () => {
    const ending = (callee: string, at: number) => (callee === 'ads' && at > 60 ? null : unanswered(callee));
    expect(suspects(both, ['shop', 'cart'], ending)).toEqual(['cart']);
  });

  it.each<[string, Parameters<typeof rankFailures>]>([
    ['it asks for one name only: a container that is gone may look like that', [{ cart: ['stock'] }, ['shop', 'cart'], unanswered]],
    ['others cannot reach one of them either', [{ ...both, shop: ['stock'] }, ['shop', 'cart'], unanswered]],
    ['it is told that there are no such names', [both, ['shop', 'cart'], (callee) => `getaddrinfo ENOTFOUND ${callee}`]],
  ])('is not accused where %s', (_, told) => expect(suspects(...told)).not.toContain('cart'));
});

describe('a place that nobody knows', () => {
  const working = Object.keys(ports);

  it('is the mistake of the one or two that ask for it', () => {
    expect(rankFailures({ cart: ['collector'] }, working).hypotheses[0]).toMatchObject({ service: 'cart', kind: 'configuration' });
    expect(rankFailures({ cart: ['collector'], ads: ['collector'] }, working).hypotheses[0]?.kind).toBe('configuration');
  });

  it("is nobody's where three ask for it: it is something beside the services", () => {
    const { hypotheses } = rankFailures({ cart: ['collector'], ads: ['collector'], stock: ['collector'] }, working);
    expect(hypotheses.filter(({ kind }) => kind === 'configuration')).toEqual([]);
  });
});

/** `cart` alone tells of anything, every two seconds; of so many of its lines one is a failure to reach `stock`. */
function rankSteady(every: number, everyBefore: number | null, says = 'did its work', until = 1): Ranking {
  const logRecords: OtlpLog[] = [];
  for (let at = -25 * 60; at < 0; at += 2) {
    const isLate = at > -100;
    const fails = isLate ? at < -until && -at % (2 * every) === 0 : everyBefore !== null && -at % (2 * everyBefore) === 0;
    const text = fails ? `dial tcp stock:${ports['stock']}: i/o timeout` : `${says} ${-at}`;
    logRecords.push({ timeUnixNano: `${alertAt + at * seconds}000000`, severityNumber: fails ? 17 : 9, body: { stringValue: text } });
  }
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'cart' } }] };
  const flat = flatten({ traces: [], logs: [{ resourceLogs: [{ resource, scopeLogs: [{ logRecords }] }] }], metrics: [] });
  const tables = new Tables();
  const past = everyBefore === null ? {} : { baseline: learnFrom(flat, tables, alertAt) };
  const window = windowOf(flat, tables, alertAt - (everyBefore === null ? 100 : 660) * seconds, alertAt + 1);
  return rank({ ...inputOf([]), window, directory: Object.keys(ports).map(service), ...past });
}

describe('what fails now and then', () => {
  const suspects = (...told: Parameters<typeof rankSteady>) => rankSteady(...told).hypotheses.map(({ service }) => service);

  it('is nothing new where it always did as often, and is where it does ten times as often', () => {
    expect(suspects(5, 5)).toEqual([]);
    expect(suspects(2, 20)).toEqual(['stock']);
  });

  it('has not healed where its reporter answers health checks and does nothing else since', () => {
    expect(suspects(1, null, 'did its work', 60)).toEqual([]);
    expect(suspects(1, null, 'GET /healthz 200', 60)).toEqual(['stock']);
  });
});

describe('a service that answers', () => {
  const everybody = ['shop', 'cart', 'stock', 'ads'];
  const seldom = (words: string) => (callee: string, at: number) => (at % 10 === 5 ? words.replace('?', callee) : null);
  const timeout = 'dial tcp ?:7002: i/o timeout';
  /** How much speaks against `stock`. */
  const weight = (working: readonly string[], words: string, answered: Answered = []): number =>
    rankFailures({ cart: ['stock'] }, working, seldom(words), answered).hypotheses.find(({ service }) => service === 'stock')?.features[
      'unreachable'
    ] ?? 0;

  const full = weight(everybody, timeout);

  it('is hardly suspected by one that it answers most of its calls', () => {
    expect(full).toBeGreaterThan(1);
    expect(weight(everybody, timeout, [['cart', 'stock', 1]])).toBeLessThan(full / 5);
  });

  it.each<[string, Answered]>([
    ['others than the one that complains', [['shop', 'stock', 1]]],
    ['before', [['cart', 'stock', 1, 50]]],
  ])('is suspected as much where it answered %s', (_, answered) => expect(weight(everybody, timeout, answered)).toBe(full));

  it('is suspected as much by one that others answer', () => expect(weight(everybody, timeout, [['cart', 'ads', 1]])).toBe(full));

  it('is half suspected where a registry lists it no more, unless it does nothing', () => {
    const none = 'java.lang.IllegalStateException: No instances available for ?';
    expect(weight(everybody, none)).toBeCloseTo(full / 2, 2);
    expect(weight(['shop', 'cart', 'ads'], none)).toBe(full);
  });
});

describe('a store that spans alone tell of and that cannot be reached', () => {
  const suspect = (...callers: string[]) => {
    const seen = { firstSeenAt: 0, lastSeenAt: alertAt };
    const store = { ...seen, name: 'db:purse', kind: 'database', versions: [], instances: [] } as const;
    const edges = callers.map((caller) => ({
      ...seen,
      ...{ caller, callee: store.name, calls: 40, errors: 0, p50Ms: null, p95Ms: null, sources: ['span'] as const },
    }));
    const failing = (callee: string) => `dial tcp ${callee}:5432: i/o timeout`;
    const map = { services: [store], edges };
    return rankFailures({ cart: ['purse'] }, ['shop', 'cart', 'stock', 'ads'], failing, [], map).hypotheses[0]?.service;
  };

  it('is a part of the one that has it to itself', () => expect(suspect('cart')).toBe('cart'));

  it('is at fault itself where others have it as well', () => expect(suspect('cart', 'shop')).toBe('db:purse'));
});
