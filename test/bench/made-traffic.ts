/**
 * Traffic of a made-up system of any size as OTLP/JSON bodies, one after the other, so that a million spans never exist as
 * objects at once. Four layers of services; an operation is a fixed list of calls, a store call at times, and log lines.
 *
 *   entry (layer 0) → 2 calls → layer 1 → 2 calls → layer 2 → 2 calls → layer 3, some of it with a store
 */
import { type Random, seeded } from '../accuracy/random.ts';

interface Operation {
  readonly service: number;
  readonly name: string;
  readonly ms: number;
  /** Calls and lines happen with a chance of their own: 1 for most. */
  readonly calls: readonly { readonly to: Operation; readonly chance: number }[];
  readonly store: string | null;
  readonly lines: readonly { readonly text: string; readonly chance: number }[];
}

/** How many operations a service has at most, how many lines an operation writes, and how often it leaves something out. */
export interface Variety {
  readonly operations: number;
  readonly lines: number;
  readonly branches: number;
}
const plain: Variety = { operations: 3, lines: 2, branches: 0 };

export interface MadeSystem {
  readonly services: readonly string[];
  readonly entries: readonly Operation[];
  readonly operations: readonly Operation[];
}

/** As many services in each layer: then the calls of one suffice to reach all of the next. */
const layers = 4;
const verbs = 'loaded stored matched priced merged issued checked queued'.split(' ');
const nouns = 'quote parcel route seat profile invoice basket voucher label slot'.split(' ');

/** A word of its own, without digits: those would be masked. */
const letters = (random: Random) => Array.from({ length: 5 }, () => random.pick([...'bcdfghklmnprstvz'])).join('');

export function madeSystem(seed: string, size: number, variety = plain): MadeSystem {
  const random = seeded(seed);
  const chance = () => (random.chance(variety.branches) ? random.between(0.2, 0.9) : 1);
  const services = Array.from({ length: size }, (_, index) => `${random.pick(nouns)}-${random.hex(3)}${index.toString(36)}`);
  const operations: Operation[] = [];
  let below: Operation[] = [];
  let last = size;
  for (let layer = layers - 1; layer >= 0; layer--) {
    const first = Math.round((size * layer) / layers);
    const here: Operation[] = [];
    // Callees are dealt like cards, so that every service is called by somebody.
    let deck: Operation[] = [];
    const deal = () => {
      if (deck.length === 0) deck = random.shuffled(below);
      return deck.pop()!;
    };
    for (let service = first; service < last; service++)
      for (let count = random.whole(1, variety.operations); count > 0; count--)
        here.push({
          service,
          name: `${random.pick(['GET', 'POST'])} /${random.pick(nouns)}s/${random.hex(2)}${operations.length + here.length}/{id}`,
          ms: random.between(0.5, 4),
          calls: below.length === 0 ? [] : [deal(), deal()].map((to) => ({ to, chance: chance() })),
          store: layer > 1 && random.chance(0.4) ? `db-${random.hex(3)}` : null,
          lines: Array.from({ length: random.whole(0, variety.lines) }, () => ({
            text: `${letters(random)} ${letters(random)} ${random.pick(verbs)} ${random.pick(nouns)} ${letters(random)}`,
            chance: chance(),
          })),
        });
    operations.push(...here);
    below = here;
    last = first;
  }
  return { services, entries: below, operations };
}

/** The operation of the deepest layer that most runs come to: a fault there is met in the smallest window too. */
export function busiestBelow(system: MadeSystem): Operation {
  const runs = new Map<Operation, number>();
  const count = (operation: Operation): void => {
    if (operation.calls.length === 0) runs.set(operation, (runs.get(operation) ?? 0) + 1);
    for (const { to } of operation.calls) count(to);
  };
  for (const entry of system.entries) count(entry);
  return [...runs].reduce((best, one) => (one[1] > best[1] ? one : best))[0];
}

export interface Stretch {
  readonly fromMs: number;
  readonly toMs: number;
  /** Spans wanted, met within one trace. */
  readonly spans: number;
  /** Lines for each span, met by leaving lines out or writing them again. */
  readonly linesPerSpan: number;
  /** From here on this operation fails: an exception, an error line, errors all the way up. */
  readonly fault: { readonly operation: Operation; readonly fromMs: number } | null;
  readonly seed: string;
}

export interface Bodies {
  readonly traces: Uint8Array;
  readonly logs: Uint8Array;
  readonly spans: number;
  readonly lines: number;
}

const spansPerBody = 2_000;
const encoder = new TextEncoder();
const text = (key: string, value: string) => ({ key, value: { stringValue: value } });
const nanos = (ms: number) => `${Math.floor(ms)}${String(Math.floor((ms % 1) * 1e6)).padStart(6, '0')}`;

class Batch {
  readonly spans = new Map<number, unknown[]>();
  readonly logs = new Map<number, unknown[]>();
  spanCount = 0;
  lineCount = 0;

  put(into: Map<number, unknown[]>, service: number, record: unknown): void {
    const known = into.get(service);
    if (known) known.push(record);
    else into.set(service, [record]);
  }

  bodies(system: MadeSystem): Bodies {
    const resource = (service: number) => ({
      attributes: [text('service.name', system.services[service]!), text('k8s.pod.name', `${system.services[service]}-0`)],
    });
    const traces = {
      resourceSpans: [...this.spans].map(([service, spans]) => ({ resource: resource(service), scopeSpans: [{ scope: {}, spans }] })),
    };
    const logs = {
      resourceLogs: [...this.logs].map(([service, logRecords]) => ({
        resource: resource(service),
        scopeLogs: [{ scope: {}, logRecords }],
      })),
    };
    return {
      traces: encoder.encode(JSON.stringify(traces)),
      logs: encoder.encode(JSON.stringify(logs)),
      spans: this.spanCount,
      lines: this.lineCount,
    };
  }
}

/** Every trace is one run of an entry operation; they are spread evenly over the stretch. */
export function* bodiesOf(system: MadeSystem, stretch: Stretch): Generator<Bodies> {
  const random = seeded(stretch.seed);
  let batch = new Batch();
  let spans = 0;
  let lines = 0;
  while (spans < stretch.spans) {
    const at = stretch.fromMs + ((stretch.toMs - stretch.fromMs - 1_000) * spans) / stretch.spans;
    const traffic = new Trace(
      system,
      stretch,
      batch,
      random,
      () => lines + batch.lineCount < (spans + batch.spanCount) * stretch.linesPerSpan,
    );
    traffic.serve(random.pick(system.entries), '', at);
    if (batch.spanCount < spansPerBody && spans + batch.spanCount < stretch.spans) continue;
    spans += batch.spanCount;
    lines += batch.lineCount;
    yield batch.bodies(system);
    batch = new Batch();
  }
}

class Trace {
  readonly #system: MadeSystem;
  readonly #stretch: Stretch;
  readonly #batch: Batch;
  readonly #random: Random;
  readonly #isShort: () => boolean;
  readonly #traceId: string;

  constructor(system: MadeSystem, stretch: Stretch, batch: Batch, random: Random, isShort: () => boolean) {
    this.#system = system;
    this.#stretch = stretch;
    this.#batch = batch;
    this.#random = random;
    this.#isShort = isShort;
    this.#traceId = random.hex(32);
  }

  #id(): string {
    return this.#random.hex(16);
  }

  #span(service: number, spanId: string, parentSpanId: string, name: string, kind: number, from: number, to: number, rest: object): void {
    const times = { startTimeUnixNano: nanos(from), endTimeUnixNano: nanos(to) };
    const parent = parentSpanId === '' ? {} : { parentSpanId };
    this.#batch.put(this.#batch.spans, service, { traceId: this.#traceId, spanId, ...parent, name, kind, ...times, ...rest });
    this.#batch.spanCount++;
  }

  #line(service: number, spanId: string, at: number, severityNumber: number, body: string): void {
    this.#batch.put(this.#batch.logs, service, {
      timeUnixNano: nanos(at),
      severityNumber,
      body: { stringValue: body },
      traceId: this.#traceId,
      spanId,
    });
    this.#batch.lineCount++;
  }

  /** Answers when it was done and whether it worked. */
  serve(operation: Operation, parent: string, start: number): { end: number; works: boolean } {
    const { fault } = this.#stretch;
    const random = this.#random;
    const spanId = this.#id();
    let now = start + operation.ms * Math.exp(0.3 * random.normal());
    // What an operation writes it always writes; more lines than that are details, left out when there are enough.
    for (const line of operation.lines)
      this.#line(operation.service, spanId, now, 9, `${line} ${random.hex(8)} for ${random.whole(1, 500)}`);
    if (operation.store !== null) {
      const took = 0.4 + random.next();
      this.#span(operation.service, this.#id(), spanId, 'SELECT', 3, now, now + took, {
        attributes: [text('db.system', 'postgresql'), text('server.address', operation.store)],
      });
      now += took;
    }
    let works = !(operation === fault?.operation && start >= fault.fromMs);
    if (!works) this.#line(operation.service, spanId, now, 17, `request failed: index ${random.whole(10, 99)} out of bounds`);
    else
      for (const { to: callee, chance } of operation.calls) {
        if (chance < 1 && !random.chance(chance)) continue;
        const client = this.#id();
        const answer = this.serve(callee, client, now + 0.3);
        this.#span(operation.service, client, spanId, 'HTTP GET', 3, now, answer.end + 0.3, {
          attributes: [text('server.address', this.#system.services[callee.service]!)],
          ...(answer.works ? {} : { status: { code: 2 } }),
        });
        now = answer.end + 0.6;
        works = answer.works;
        if (!works) break;
      }
    if (this.#isShort()) this.#line(operation.service, spanId, now, 9, `done in ${random.whole(1, 90)} ms`);
    const failed = works ? {} : { status: { code: 2, message: 'failed' } };
    this.#span(operation.service, spanId, parent, operation.name, 2, start, now, failed);
    return { end: now, works };
  }
}
