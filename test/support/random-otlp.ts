/** Made-up OTLP requests of every kind, as JSON has them, with all that senders may write and some that they should not. */
import { nanos } from '../adapters/telemetry/bodies.ts';

/** xorshift32 (Marsaglia 2003): the same requests each run. */
export class Chance {
  #state: number;

  constructor(seed: number) {
    this.#state = (seed * 2_654_435_761) | 1;
  }

  below(limit: number): number {
    let state = this.#state;
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    this.#state = state;
    return (state >>> 0) % limit;
  }

  is(percent: number): boolean {
    return this.below(100) < percent;
  }

  of<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)]!;
  }

  list<T>(most: number, make: () => T): T[] {
    return Array.from({ length: this.below(most + 1) }, make);
  }

  hex(digits: number): string {
    return Array.from({ length: digits }, () => this.below(16).toString(16)).join('');
  }
}

const keys = [
  'http.response.status_code',
  'http.status_code',
  'error.type',
  'error',
  'server.address',
  'db.system.name',
  'db.namespace',
  'messaging.system',
  'messaging.destination.name',
  'messaging.operation.type',
  'peer.service',
  'url.full',
  'code.function.name',
  'rpc.grpc.status_code',
  'exception.type',
  'exception.message',
  'request_id',
  'logger.name',
  'trace_id',
  'client',
  'server',
  'schlüssel ☕',
  '__proto__',
  'a',
  '',
];
const texts = [
  '',
  'a',
  'GET /orders',
  'true',
  '500',
  'receive',
  'https://x.example/a?b',
  'ä ☕ 💥',
  '\uFEFFmarked',
  '\u0000',
  'x'.repeat(130),
];
const integers = ['0', '1', '-1', '200', '503', '14', '2147483648', '-9223372036854775808', '9223372036854775807', '9007199254740993'];
const doubles = [0, 0.5, -1.25, 1e300, 5e-324, 200, 503];

function anyValue(chance: Chance, depth = 0): object {
  const kind = chance.below(depth > 18 ? 6 : 9);
  if (kind <= 1) return { stringValue: chance.of(texts) };
  if (kind === 2) return { intValue: chance.of(integers) };
  if (kind === 3) return { doubleValue: chance.of(doubles) };
  if (kind === 4) return { boolValue: chance.is(50) };
  if (kind === 5) return chance.is(50) ? {} : { bytesValue: Buffer.from(chance.hex(6), 'hex').toString('base64') };
  if (kind === 6) return { arrayValue: { values: chance.list(3, () => anyValue(chance, depth + 1)) } };
  if (kind === 7) return { kvlistValue: { values: chance.list(3, () => ({ key: chance.of(keys), value: anyValue(chance, depth + 1) })) } };
  return depth === 0 && chance.is(10) ? nested(chance, 20) : { stringValue: chance.of(texts) };
}

/** Lists in lists, further down than anybody reads. */
function nested(chance: Chance, depth: number): object {
  return depth === 0 ? anyValue(chance, 99) : { arrayValue: { values: [nested(chance, depth - 1)] } };
}

const attributes = (chance: Chance, most = 6) =>
  chance.list(most, () => ({ key: chance.of(keys), ...(chance.is(95) ? { value: anyValue(chance) } : {}) }));

const resource = (chance: Chance) => ({
  attributes: [
    ...(chance.is(90) ? [{ key: 'service.name', value: { stringValue: chance.of(['shop', 'cart', 'käse']) } }] : []),
    ...(chance.is(30)
      ? [{ key: 'service.version', value: chance.of([{ stringValue: '1.2' }, { intValue: '7' }, { doubleValue: 1.5 }]) }]
      : []),
    ...(chance.is(30) ? [{ key: 'k8s.pod.name', value: { stringValue: 'pod-1' } }] : []),
    ...attributes(chance, 3),
  ],
});
const scope = (chance: Chance) => (chance.is(80) ? { scope: { name: chance.of(['', 'io.http', 'ä']), version: '1' } } : {});
/** Known traces and spans, so that parents and links are met. */
const traceIdOf = (chance: Chance) => (chance.is(90) ? chance.of(['1', '2', '3']).padStart(32, 'a') : chance.hex(chance.of([0, 8, 32])));
const spanIdOf = (chance: Chance) => (chance.is(90) ? String(chance.below(40)).padStart(16, 'b') : chance.hex(chance.of([0, 14, 16])));
const timeOf = (chance: Chance) => (chance.is(95) ? nanos(chance.below(30_000) + chance.below(1e6) / 1e6) : chance.of(['0', '1']));
const unknown = (chance: Chance) =>
  chance.is(20)
    ? {
        unknown: {
          zzzVarint: '18446744073709551615',
          zzzFixed64: '1',
          zzzBytes: '/////w==',
          zzzFixed32: 7,
          zzzPacked: [1, -1, 300],
          zzzUnpacked: [1, -1],
        },
      }
    : {};

function span(chance: Chance): object {
  return {
    traceId: traceIdOf(chance),
    spanId: spanIdOf(chance),
    ...(chance.is(70) ? { parentSpanId: spanIdOf(chance) } : {}),
    ...(chance.is(90) ? { name: chance.of(texts) } : {}),
    ...(chance.is(90) ? { kind: chance.of([0, 1, 2, 3, 4, 5, 6, -1]) } : {}),
    startTimeUnixNano: timeOf(chance),
    ...(chance.is(97) ? { endTimeUnixNano: timeOf(chance) } : {}),
    attributes: attributes(chance),
    ...(chance.is(40)
      ? { status: chance.of([{}, { code: 0 }, { code: 1 }, { code: 2, message: chance.of(texts) }, { code: 2 }, { code: 9 }]) }
      : {}),
    ...(chance.is(30)
      ? { events: chance.list(3, () => ({ name: chance.of(['exception', 'log', '']), attributes: attributes(chance) })) }
      : {}),
    ...(chance.is(20) ? { links: chance.list(2, () => ({ traceId: traceIdOf(chance), spanId: spanIdOf(chance) })) } : {}),
    flags: 257,
    ...unknown(chance),
  };
}

function logRecord(chance: Chance): object {
  return {
    ...(chance.is(80) ? { timeUnixNano: timeOf(chance) } : {}),
    ...(chance.is(50) ? { observedTimeUnixNano: timeOf(chance) } : {}),
    ...(chance.is(70) ? { severityNumber: chance.of([0, 1, 9, 13, 17, 24, 25, -3]) } : {}),
    ...(chance.is(50) ? { severityText: chance.of(['WARN', 'crit', ' error ', 'what', '']) } : {}),
    ...(chance.is(90) ? { body: anyValue(chance) } : {}),
    ...(chance.is(50) ? { traceId: traceIdOf(chance), spanId: spanIdOf(chance) } : {}),
    ...(chance.is(20) ? { eventName: chance.of(texts) } : {}),
    attributes: attributes(chance),
    ...unknown(chance),
  };
}

const numberPoint = (chance: Chance) => ({
  timeUnixNano: timeOf(chance),
  attributes: attributes(chance, 3),
  ...chance.of([{ asDouble: chance.of(doubles) }, { asDouble: 'NaN' }, { asInt: chance.of(integers) }, {}]),
});
const countedPoint = (chance: Chance) => ({
  timeUnixNano: timeOf(chance),
  attributes: attributes(chance, 3),
  ...(chance.is(90) ? { count: chance.of(['0', '1', '10', '18446744073709551615']) } : {}),
  ...(chance.is(90) ? { sum: chance.of(doubles) } : {}),
});

function metric(chance: Chance): object {
  const data = chance.of([
    { gauge: { dataPoints: chance.list(3, () => numberPoint(chance)) } },
    { sum: { dataPoints: chance.list(3, () => numberPoint(chance)), isMonotonic: true, aggregationTemporality: 2 } },
    {
      histogram: {
        dataPoints: chance.list(3, () => ({
          ...countedPoint(chance),
          bucketCounts: ['1', '2', '300'],
          explicitBounds: [0.5, 1],
          min: 0,
          max: 2,
        })),
      },
    },
    {
      exponentialHistogram: {
        dataPoints: chance.list(3, () => ({
          ...countedPoint(chance),
          scale: -3,
          zeroCount: '1',
          positive: { offset: -7, bucketCounts: ['1', '300'] },
        })),
      },
    },
    { summary: { dataPoints: chance.list(3, () => ({ ...countedPoint(chance), quantileValues: [{ quantile: 0.5, value: 1 }] })) } },
    {},
  ]);
  return { name: chance.of(['cpu', 'calls', 'ä']), unit: chance.of(['', 's', '1']), description: 'd', ...data };
}

export function randomRequest(signal: 'traces' | 'logs' | 'metrics', seed: number): Record<string, unknown> {
  const chance = new Chance(seed);
  const groups = (entries: string, make: (chance: Chance) => object) =>
    chance.list(3, () => ({ ...scope(chance), [entries]: chance.list(6, () => make(chance)) }));
  const resources = (scopes: string, entries: string, make: (chance: Chance) => object) =>
    chance.list(3, () => ({ ...(chance.is(90) ? { resource: resource(chance) } : {}), [scopes]: groups(entries, make) }));
  if (signal === 'traces') return { resourceSpans: resources('scopeSpans', 'spans', span), ...unknown(chance) };
  if (signal === 'logs') return { resourceLogs: resources('scopeLogs', 'logRecords', logRecord) };
  return { resourceMetrics: resources('scopeMetrics', 'metrics', metric) };
}
