/** `door` asks `shop`, which asks `cart`, lately without the token that `cart` wants. Who is at fault for what does not come about? */
import { describe, expect, it } from 'vitest';
import { rank } from '../../../src/domain/ranking/rank.ts';
import { alertAt, inputOf } from './made-metrics.ts';
import { flatten, type OtlpLogs, type OtlpSpan, Tables, windowOf } from './window-from-otlp.ts';

const minute = 60_000;
const nanos = (at: number) => `${Math.round(at)}000000`;

interface Plan {
  /** From the outermost to the innermost. */
  readonly chain: readonly string[];
  /** Status codes of answers by service, lately; spans fail as OpenTelemetry wants it: of who asked from 400 on, of who answered from 500 on. */
  readonly codes?: Readonly<Record<string, number>>;
  /** Whose spans have no code: of the callers alone, or of who answers. */
  readonly untold?: 'asking' | 'answering' | 'both';
  /** Spans fail of whoever answered with 400 or more as well. */
  readonly strict?: boolean;
  /** What services write, lately, as a warning where it is not said that it is as an error. */
  readonly says?: Readonly<Record<string, string>>;
  readonly loud?: boolean;
  /** Of so many requests one is like that, lately. */
  readonly oneIn?: number;
  /** Who writes that it has started, shortly before, or so many minutes before the alert. */
  readonly starts?: readonly string[];
  readonly startedAt?: number;
  /** At all times they are said: half of all requests come without a token every day. */
  readonly always?: boolean;
  /** Who leaves out lately what it always did. */
  readonly without?: readonly string[];
  /** Whom the map knows to call the outermost, though it sends no spans. */
  readonly calledBy?: string;
}

function suspectsOf({
  chain,
  codes = {},
  untold,
  strict = false,
  loud = false,
  starts = [],
  startedAt = 2.2,
  oneIn = 2,
  says = {},
  always = false,
  without = [chain.at(-1)!],
  calledBy,
}: Plan) {
  const spans = new Map<string, OtlpSpan[]>(chain.map((service) => [service, []]));
  const lines = new Map<string, object[]>(chain.map((service) => [service, []]));
  for (let i = 0; i < 300; i++) {
    const at = alertAt - 12 * minute + i * 2400;
    const isLate = at > alertAt - 2 * minute && i % oneIn === 0;
    const traceId = i.toString(16).padStart(32, '0');
    const add = (service: string, id: string, parent: string | null, kind: number, delay: number, answered = 200) => {
      const isUntold = untold === 'both' || untold === (kind === 3 ? 'asking' : 'answering');
      const code = kind === 1 || (isUntold && !strict) ? 0 : answered;
      const times = { startTimeUnixNano: nanos(at + delay), endTimeUnixNano: nanos(at + 80 - delay) };
      const attributes = code === 0 || isUntold ? [] : [{ key: 'http.response.status_code', value: { intValue: code } }];
      const status = { code: code >= (kind === 3 || strict ? 400 : 500) ? 2 : 0 };
      const span = { traceId, spanId: `${i}${id}`, name: id, kind, ...times, attributes, status };
      spans.get(service)!.push(parent === null ? span : { ...span, parentSpanId: `${i}${parent}` });
    };
    for (const [depth, service] of chain.entries()) {
      add(service, `enter ${service}`, depth === 0 ? null : `call ${service}`, 2, 4 * depth, isLate ? codes[service] : 200);
      const next = chain[depth + 1];
      if (next !== undefined) add(service, `call ${next}`, `enter ${service}`, 3, 4 * depth + 2, isLate ? codes[next] : 200);
      if (!isLate || !without.includes(service)) add(service, `${service} writes down`, `enter ${service}`, 1, 36);
      const isSaying = isLate || (always && i % 2 === 0);
      if (!isSaying || says[service] === undefined) continue;
      const line = { timeUnixNano: nanos(at + 40), traceId, spanId: `${i}enter ${service}`, severityNumber: loud ? 17 : 13 };
      lines.get(service)!.push({ ...line, body: { stringValue: says[service] } });
    }
  }
  for (const service of starts) {
    const body = { stringValue: `Started ${service} application in 3.1 seconds` };
    lines.get(service)!.push({ timeUnixNano: nanos(alertAt - startedAt * minute), severityNumber: 9, body });
  }
  const resource = (name: string) => ({ attributes: [{ key: 'service.name', value: { stringValue: name } }] });
  const flat = flatten({
    traces: [...spans].map(([name, list]) => ({ resourceSpans: [{ resource: resource(name), scopeSpans: [{ spans: list }] }] })),
    logs: [...lines].map(
      ([name, list]) => ({ resourceLogs: [{ resource: resource(name), scopeLogs: [{ logRecords: list }] }] }) as unknown as OtlpLogs,
    ),
    metrics: [],
  });
  const window = windowOf(flat, new Tables(), alertAt - 20 * minute, alertAt + 1);
  const of = { calls: 90, errors: 0, p50Ms: null, p95Ms: null, sources: ['metric'] as const, lastSeenAt: alertAt };
  const edges = calledBy === undefined ? [] : [{ caller: calledBy, callee: chain[0]!, ...of }];
  const { hypotheses } = rank({ ...inputOf([]), window, map: { services: [], edges } });
  const [first] = hypotheses.filter(({ confidence }) => confidence >= 0.5);
  return {
    first: first?.service,
    all: hypotheses.map(({ service }) => service),
    sure: first?.confidence ?? 0,
    features: first?.features ?? {},
  };
}

const inWords = 'access denied: no bearer token in request';

describe('what a service refuses', () => {
  const chain = ['door', 'shop', 'cart'];
  const codes = { cart: 403, shop: 500, door: 500 };

  it('speaks against its caller alone, whatever it does not do for that', () => {
    expect(suspectsOf({ chain, codes })).toMatchObject({ first: 'shop', all: ['shop'] });
    expect(suspectsOf({ chain, codes: { cart: 403 } })).toMatchObject({ first: 'shop', all: ['shop'] });
  });

  it('is not a matter of why: too large, too long, or too many headers', () => {
    for (const cart of [413, 414, 431]) {
      const answers = { cart, shop: 500, door: 500 };
      expect(suspectsOf({ chain, codes: answers })).toMatchObject({ first: 'shop', all: ['shop'] });
    }
    // Nobody else knows that it is there no longer.
    expect(suspectsOf({ chain, codes: { cart: 410, shop: 500, door: 500 } }).all).toContain('cart');
  });

  it('says nothing against it, be it that only one of the two tells of it', () => {
    expect(suspectsOf({ chain, codes: { cart: 403 }, untold: 'answering' })).toMatchObject({ first: 'shop', all: ['shop'] });
    expect(suspectsOf({ chain, codes: { cart: 403 }, untold: 'asking' }).all).not.toContain('cart');
  });

  it('speaks against its caller where one line alone says it and everything seems well', () => {
    expect(suspectsOf({ chain, says: { cart: inWords } })).toMatchObject({ first: 'shop', all: ['shop'] });
    expect(suspectsOf({ chain, says: { cart: 'could not lock the cart' } })).toMatchObject({ first: 'cart', all: ['cart'] });
  });

  it.each([
    'Rejected GET /cart/7: missing Authorization header',
    'Full authentication is required to access this resource',
    'Authentication credentials were not provided.',
    'GET /cart/7 came without a bearer token',
  ])('speaks against its caller however loud it says that no token came, where spans have no codes: %s', (said) => {
    const failing = { chain, codes, untold: 'both', strict: true, loud: true } as const;
    expect(suspectsOf({ ...failing, says: { cart: said } })).toMatchObject({ first: 'shop', all: ['shop'] });
    // Of its own settings it would say the same.
    expect(suspectsOf({ ...failing, says: { cart: 'missing API key: unauthorized' } }).first).toBe('cart');
  });

  it.each([
    'reject: token signed by unknown kid q7Rk2',
    'Failed to get signing key: Unable to find key with kid: 656ea50',
    'SigningKeyNotFoundError: Unable to find a signing key that matches',
    'subject token: key 41ab not found in JWKS',
    'IDX10503: Signature validation failed. Token does not have a kid.',
  ])('speaks against itself where it has no key for the token: %s', (said) => {
    const answers = { cart: 401, shop: 502, door: 502 };
    expect(suspectsOf({ chain, codes: answers, says: { cart: said } }).first).toBe('cart');
    expect(suspectsOf({ chain, codes: answers, says: { cart: inWords } }).first).toBe('shop');
  });

  it('speaks against nobody where it is so every day', () => {
    expect(suspectsOf({ chain, says: { cart: inWords }, always: true, without: [] })).toMatchObject({ first: undefined, all: [] });
  });

  it('is no excuse for what its caller leaves out', () => {
    const without = ['door', 'shop', 'cart'];
    for (const refusal of [{ codes }, { says: { cart: inWords } }]) {
      const { first, features } = suspectsOf({ chain, ...refusal, without });
      expect(first).toBe('shop');
      expect(features['gone']).toBeGreaterThan(3);
    }
  });
});

describe('who refuses since it was started anew', () => {
  const chain = ['door', 'shop', 'cart'];
  const codes = { cart: 413, shop: 500, door: 500 };

  it('has become stricter, where who asks was not', () => {
    expect(suspectsOf({ chain, codes, starts: ['cart'], oneIn: 1 }).first).toBe('cart');
    expect(suspectsOf({ chain, codes, starts: ['cart', 'shop'], oneIn: 1 }).first).toBe('shop');
    expect(suspectsOf({ chain, codes, starts: ['shop'], oneIn: 1 }).first).toBe('shop');
  });

  it('has not, where a hundred requests went well between that and the first that it refused', () =>
    expect(suspectsOf({ chain, codes, starts: ['cart'], startedAt: 6, oneIn: 1 }).first).toBe('shop'));

  it('has not, where it takes most of what comes', () =>
    expect(suspectsOf({ chain, codes, starts: ['cart'], oneIn: 3 }).first).toBe('shop'));
});

describe('a refusal that is passed on', () => {
  const chain = ['door', 'edge', 'mid', 'cart'];
  const without = ['edge', 'mid', 'cart'];

  it('speaks against who was refused first', () => {
    const codes = { cart: 403, mid: 403, edge: 500, door: 500 };
    expect(suspectsOf({ chain, codes }).first).toBe('mid');
    expect(suspectsOf({ chain, codes, without }).first).toBe('mid');
    expect(suspectsOf({ chain, codes: { cart: 403, mid: 403 }, without }).first).toBe('mid');
  });

  it('be it in words alone', () => {
    const says = { cart: inWords, mid: inWords };
    expect(suspectsOf({ chain, says })).toMatchObject({ first: 'mid', all: ['mid'] });
    expect(suspectsOf({ chain, says, without })).toMatchObject({ first: 'mid', all: ['mid'] });
  });
});

describe('who refuses somebody that sends no spans', () => {
  const chain = ['till'];

  it('is not suspected for sure: nobody sees what it was asked', () => {
    const { first, sure } = suspectsOf({ chain, codes: { till: 422 }, calledBy: 'gate' });
    expect(first).toBe('till');
    expect(sure).toBeLessThan(0.8);
  });

  it('is suspected for sure where nobody of ours calls it, and where it fails and does not refuse', () => {
    expect(suspectsOf({ chain, codes: { till: 422 } }).sure).toBeGreaterThan(0.9);
    expect(suspectsOf({ chain, codes: { till: 500 }, calledBy: 'gate' }).sure).toBeGreaterThan(0.9);
  });
});
