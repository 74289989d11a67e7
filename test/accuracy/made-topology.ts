/**
 * Systems out of a seed: services with made-up names in layers, operations as little programs of work, log lines, branches,
 * calls and store calls. Running an operation gives a request. Names mean nothing and differ from seed to seed.
 */
import type { KeyValue } from './folder.ts';
import { type Random, seeded } from './random.ts';
import type { Request } from './requests.ts';
import type { TracedWorld } from './traced-world.ts';

export interface TopologyStyle {
  readonly seed: string;
  readonly services: number;
  /** Spans say kind, status and HTTP or RPC attributes. */
  readonly statuses: boolean;
  readonly logs: 'plain' | 'json' | 'none';
  readonly closed: boolean;
  readonly gauges?: boolean;
}

type Step =
  | { readonly kind: 'work'; readonly ms: number }
  | { readonly kind: 'log'; readonly text: (random: Random) => string; readonly severity: number; readonly chance: number }
  | { readonly kind: 'inner'; readonly name: string; readonly steps: readonly Step[] }
  | { readonly kind: 'call'; readonly operation: Operation; readonly chance: number; readonly most: number }
  | { readonly kind: 'store'; readonly name: string; readonly ms: number };

interface Operation {
  readonly service: Service;
  readonly name: string;
  readonly steps: Step[];
}

interface Service {
  readonly name: string;
  readonly layer: number;
  readonly pods: readonly string[];
  readonly port: number;
  readonly store: { readonly system: string; readonly address: string } | null;
  readonly logger: string;
  readonly operations: Operation[];
}

const syllables = 'ba ce di fo gu ha ke li mo nu pa re si to va we xi yo zu lan mer tor vin dal'.split(' ');
const nouns = 'parcel ticket basket voucher tariff route seat invoice profile depot slot quota batch token rating label bundle stock'.split(
  ' ',
);
const verbs = 'resolved loaded computed stored matched fetched prepared validated merged issued picked refreshed'.split(' ');
const details = ['for account', 'in region', 'with limit', 'after attempt', 'from cache', 'at revision'];

function word(random: Random, parts: number): string {
  return Array.from({ length: parts }, () => random.pick(syllables)).join('');
}

function servicesOf(style: TopologyStyle, random: Random): Service[] {
  const suffix = random.pick(['', '-service', '-api', 'svc']);
  const names = new Set<string>();
  while (names.size < style.services) names.add(`${word(random, random.whole(2, 3))}${suffix}`);
  return [...names].map((name, index) => {
    const layer = index === 0 ? 0 : index < style.services * 0.3 ? 1 : index < style.services * 0.65 ? 2 : 3;
    const pods = Array.from({ length: random.whole(1, 2) }, () => `${name}-${random.hex(9)}-${random.hex(5)}`);
    const store =
      layer >= 2 && random.chance(0.6)
        ? { system: random.pick(['mysql', 'postgresql', 'mongodb', 'redis']), address: `${word(random, 2)}-db` }
        : null;
    return { name, layer, pods, port: random.whole(3000, 9900), store, logger: `${word(random, 2)}.${word(random, 3)}`, operations: [] };
  });
}

/** Lower layers first, so that every call has something to call. */
function giveOperations(services: readonly Service[], random: Random): void {
  for (const service of [...services].sort((a, b) => b.layer - a.layer)) {
    const count = service.layer === 0 ? 5 : random.whole(1, 3);
    for (let index = 0; index < count; index++) {
      const noun = random.pick(nouns);
      const name = random.chance(0.5)
        ? `${random.pick(['GET', 'POST'])} /${noun}s/{id}/${word(random, 2)}`
        : `${word(random, 2)}.${noun}/${word(random, 3)}`;
      const operation: Operation = { service, name, steps: [] };
      operation.steps.push(...stepsOf(service, services, random));
      service.operations.push(operation);
    }
  }
}

function logStep(random: Random): Step {
  const verb = random.pick(verbs);
  const noun = random.pick(nouns);
  const detail = random.pick(details);
  const tag = word(random, 2);
  const rare = random.chance(0.15);
  return {
    kind: 'log',
    text: (now) => `${tag}: ${verb} ${noun} ${now.hex(8)} ${detail} ${now.whole(1, 500)}`,
    severity: rare ? random.pick([13, 17]) : 9,
    chance: rare ? random.between(0.02, 0.15) : random.pick([1, 1, 1, 0.5]),
  };
}

function stepsOf(service: Service, services: readonly Service[], random: Random): Step[] {
  const steps: Step[] = [{ kind: 'work', ms: random.between(0.3, 4) }];
  for (let index = random.whole(1, 3); index > 0; index--) steps.push(logStep(random));
  if (service.store !== null) {
    const store: Step = { kind: 'store', name: `SELECT ${word(random, 2)}`, ms: random.between(0.5, 6) };
    steps.push(
      random.chance(0.5)
        ? store
        : { kind: 'inner', name: `${word(random, 3)}.find`, steps: [{ kind: 'work', ms: 0.3 }, store, logStep(random)] },
    );
  }
  const below = services.filter((other) => other.layer > service.layer && other.operations.length > 0);
  const calls = service.layer === 0 ? random.whole(2, 4) : service.layer === 3 ? 0 : random.whole(1, 3);
  for (const callee of random.shuffled(below).slice(0, calls)) {
    steps.push({
      kind: 'call',
      operation: random.pick(callee.operations),
      chance: random.pick([1, 1, 0.8, 0.5]),
      most: random.pick([1, 1, 1, 3]),
    });
    if (random.chance(0.6)) steps.push(logStep(random));
  }
  if (random.chance(0.4))
    steps.push({
      kind: 'inner',
      name: `${word(random, 3)}.${random.pick(verbs)}`,
      steps: [{ kind: 'work', ms: random.between(0.5, 8) }, logStep(random)],
    });
  steps.push({ kind: 'work', ms: random.between(0.2, 2) });
  return steps;
}

const text = (key: string, value: string): KeyValue => ({ key, value: { stringValue: value } });

class Run {
  readonly request: Request = { spans: [], logs: [], recordedId: 'none' };
  readonly #style: TopologyStyle;
  readonly #random: Random;

  constructor(style: TopologyStyle, random: Random) {
    this.#style = style;
    this.#random = random;
  }

  #took(ms: number): number {
    return ms * Math.exp(0.35 * this.#random.normal());
  }

  #open(service: Service, pod: string, parent: number, name: string, kind: number, start: number, attributes: KeyValue[]): number {
    this.request.spans.push({
      parent,
      service: service.name,
      instance: pod,
      scope: null,
      name,
      kind: this.#style.statuses ? kind : 0,
      status: 0,
      message: null,
      attributes: this.#style.statuses ? attributes : [],
      start,
      end: start,
      gone: false,
    });
    return this.request.spans.length - 1;
  }

  /** Runs an operation from a moment; gives the moment it is done. */
  serve(operation: Operation, parent: number, start: number): number {
    const { service } = operation;
    const pod = this.#random.pick(service.pods);
    const attributes = [text('http.route', operation.name), { key: 'http.response.status_code', value: { intValue: '200' } }];
    const span = this.#open(service, pod, parent, operation.name, 2, start, attributes);
    const end = this.#steps(operation.steps, service, pod, span, start);
    this.request.spans[span]!.end = end;
    return end;
  }

  #steps(steps: readonly Step[], service: Service, pod: string, span: number, start: number): number {
    let now = start + 0.05;
    for (const step of steps) {
      if (step.kind === 'work') now += this.#took(step.ms);
      else if (step.kind === 'log') now = this.#log(step, service, pod, span, now);
      else if (step.kind === 'inner') {
        const inner = this.#open(service, pod, span, step.name, 1, now, []);
        now = this.#steps(step.steps, service, pod, inner, now) + 0.05;
        this.request.spans[inner]!.end = now;
      } else if (step.kind === 'store') {
        const store = service.store!;
        const call = this.#open(service, pod, span, step.name, 3, now, [
          text('db.system', store.system),
          text('server.address', store.address),
        ]);
        now += this.#took(step.ms);
        this.request.spans[call]!.end = now;
      } else now = this.#call(step, service, pod, span, now);
    }
    return now + 0.05;
  }

  #log(step: Step & { kind: 'log' }, service: Service, pod: string, span: number, now: number): number {
    if (this.#style.logs !== 'none' && this.#random.chance(step.chance)) {
      const line = step.text(this.#random);
      const written =
        this.#style.logs === 'json' ? JSON.stringify({ logger: service.logger, message: line }) : `${service.logger} - ${line}`;
      this.request.logs.push({
        service: service.name,
        instance: pod,
        scope: null,
        span,
        at: now,
        severity: step.severity,
        text: written,
        gone: false,
      });
    }
    return now + 0.1;
  }

  #call(step: Step & { kind: 'call' }, service: Service, pod: string, span: number, start: number): number {
    let now = start;
    if (!this.#random.chance(step.chance)) return now;
    for (let times = this.#random.whole(1, step.most); times > 0; times--) {
      const attributes = [text('server.address', step.operation.service.name)];
      const client = this.#open(service, pod, span, 'HTTP POST', 3, now, attributes);
      const answered = this.serve(step.operation, client, now + this.#took(0.5));
      now = answered + this.#took(0.4);
      this.request.spans[client]!.end = now;
    }
    return now;
  }
}

function drawnBy<T extends { readonly share: number }>(choices: readonly T[], at: number): T {
  let left = at;
  for (const choice of choices) {
    left -= choice.share;
    if (left < 0) return choice;
  }
  return choices[0]!;
}

/** 300 requests with a mix of journeys of their own. */
function session(style: TopologyStyle, entry: Service, name: string): Request[] {
  const random = seeded(`${style.seed} ${name}`);
  const shares = entry.operations.map((operation) => ({ operation, share: random.between(0.3, 1) }));
  const total = shares.reduce((sum, { share }) => sum + share, 0);
  return Array.from({ length: 300 }, () => {
    const journey = drawnBy(shares, random.next() * total);
    const run = new Run(style, random);
    run.serve(journey.operation, -1, 0);
    return run.request;
  });
}

export function madeTopology(style: TopologyStyle): TracedWorld {
  const random = seeded(style.seed);
  const services = servicesOf(style, random);
  giveOperations(services, random);
  const byName = new Map(services.map((service) => [service.name, service]));
  const addresses = new Map(
    services.map(({ name }) => [name, `10.${random.whole(0, 250)}.${random.whole(0, 250)}.${random.whole(1, 250)}`]),
  );
  const namedHosts = new Set(services.map(({ name }) => name).filter(() => random.chance(0.5)));
  const normal = session(style, services[0]!, 'normal');
  const later = session(style, services[0]!, 'later');
  const seen = new Set([...normal, ...later].flatMap((request) => request.spans.map((span) => span.service)));
  return {
    name: style.seed,
    isClosed: () => style.closed,
    gauges: style.gauges ?? false,
    services: services.map(({ name }) => name).filter((name) => seen.has(name)),
    normal,
    later,
    statuses: style.statuses,
    logs: style.logs !== 'none',
    errorLine: (service, message) => {
      const { logger } = byName.get(service)!;
      return style.logs === 'json'
        ? JSON.stringify({ logger, message: 'request failed', error: message })
        : `${logger} - request failed: ${message}`;
    },
    endpoint: (service) => `${namedHosts.has(service) ? service : addresses.get(service)}:${byName.get(service)?.port}`,
    directory: services.map(({ name, port }) => ({ name, addresses: [addresses.get(name)!], ports: [port] })),
  };
}
