/** One request after the other through a town, with what is wrong in it, written down as spans and lines. */
import type { FolderLog, FolderSpan, KeyValue } from '../folder.ts';
import type { Random } from '../random.ts';
import { dialects, type Step, type Town, type Via, type Work } from './traffic-towns.ts';

const consumerOf = (town: Town, queue: string, operation: string) =>
  town.works.find(
    (work) =>
      work.operation === operation &&
      town.stores[queue] !== undefined &&
      !town.entries.some((entry) => entry.startsWith(`${work.service}.`)),
  )!;

export const trafficFaults = ['slow', 'errors', 'store-slow', 'store-refuses', 'far', 'lagging', 'saturated', 'pool', 'skips'] as const;
export type Fault = (typeof trafficFaults)[number] | 'none';

export interface Plan {
  readonly fault: Fault;
  readonly service: string;
  readonly from: number;
  readonly strength: number;
}

export const attribute = (key: string, value: string | number): KeyValue => ({
  key,
  value: typeof value === 'number' ? { intValue: value } : { stringValue: value },
});

export class Tape {
  readonly spans = new Map<string, FolderSpan[]>();
  readonly logs = new Map<string, FolderLog[]>();
  readonly town: Town;
  readonly plan: Plan;
  readonly random: Random;
  touched = 0;
  constructor(town: Town, plan: Plan, random: Random) {
    this.town = town;
    this.plan = plan;
    this.random = random;
  }
  is(fault: Fault, service: string, at: number): boolean {
    const held = this.plan.fault === fault && this.plan.service === service && at >= this.plan.from;
    if (held) this.touched++;
    return held;
  }
  span(service: string, one: FolderSpan): void {
    const list = this.spans.get(service) ?? [];
    list.push(one);
    this.spans.set(service, list);
  }
  say(service: string, at: number, level: string, text: string, fields: string, traceId: string, spanId: string): void {
    if (this.town.form !== 'logs') return;
    const list = this.logs.get(service) ?? [];
    const severity =
      this.town.dialect === 'syslog'
        ? {}
        : { severityText: level.toUpperCase(), severityNumber: level === 'error' ? 17 : level === 'warn' ? 13 : 9 };
    list.push({
      timeUnixNano: nano(at),
      body: { stringValue: dialects[this.town.dialect](level, service, text, fields) },
      ...severity,
      traceId,
      spanId,
    });
    this.logs.set(service, list);
  }
}
export const nano = (at: number) => `${Math.round(at * 1000)}000`;

interface Done {
  readonly endAt: number;
  readonly failed: string | null;
}

export function visit(tape: Tape, work: Work, at: number, traceId: string, parent: string | null, via: Via): Done {
  const { town, plan, random } = tape;
  const { service } = work;
  const spanId = random.hex(16);
  const own = work.own * Math.exp(0.25 * random.normal());
  let now = at + own * 0.4;
  let failed: string | null = null;
  if (tape.is('slow', service, at) && random.chance(0.85)) now += work.own * plan.strength * 4 + 80;
  if (tape.is('saturated', service, at)) now += work.own * plan.strength * 2 * random.next() + 30;
  if (tape.is('pool', service, at) && random.chance(0.7)) {
    now += 900 * random.next() + 200;
    tape.say(service, now, 'warn', 'waiting for a free connection', `pending=${random.whole(5, 30)}`, traceId, spanId);
  }
  tape.say(service, at, 'info', `${work.operation} begins`, `ref=${random.hex(6)}`, traceId, spanId);
  if (tape.is('errors', service, at) && random.chance(0.5)) {
    failed = 'NullReference';
    tape.say(service, now, 'error', `${work.operation} threw: object reference not set`, `at=${service}/handler:88`, traceId, spanId);
  } else if (random.chance(0.004)) {
    failed = 'ValidationFailed';
    tape.say(service, now, 'error', 'request rejected: field "ref" is malformed', 'code=42', traceId, spanId);
  }
  const skips = tape.is('skips', service, at) && random.chance(0.9);
  if (failed === null)
    for (const step of skips ? work.steps.slice(0, 0) : work.steps) {
      if (step.share < 1 && !random.chance(step.share)) continue;
      let done: Done = { endAt: now, failed: null };
      for (let tries = 0; tries < step.tries; tries++) {
        done = call(tape, service, step, now, traceId, spanId);
        now = done.endAt + 0.2;
        if (done.failed === null) break;
        now += 20;
      }
      if (done.failed !== null) {
        failed = done.failed;
        tape.say(service, now, 'error', `${step.operation} on ${step.to} failed`, `cause=${done.failed}`, traceId, spanId);
        break;
      }
    }
  if (failed === null && !skips)
    tape.say(service, now, 'info', `${work.operation} stored result`, `rows=${random.whole(1, 9)}`, traceId, spanId);
  const endAt = now + own * 0.6;
  tape.say(
    service,
    endAt,
    failed === null ? 'info' : 'warn',
    `${work.operation} ends`,
    `ok=${failed === null} ms=${Math.round(endAt - at)}`,
    traceId,
    spanId,
  );
  tape.span(service, {
    traceId,
    spanId,
    ...(parent === null ? {} : { parentSpanId: parent }),
    name:
      via === 'grpc'
        ? `${town.name}.v1.${service}/${work.operation}`
        : via === 'queue'
          ? `process ${work.operation}`
          : `GET /${work.operation.toLowerCase()}`,
    kind: via === 'queue' ? 5 : 2,
    startTimeUnixNano: nano(at),
    endTimeUnixNano: nano(endAt),
    attributes:
      via === 'grpc'
        ? [attribute('rpc.system', 'grpc'), attribute('rpc.grpc.status_code', failed === null ? 0 : 13)]
        : via === 'queue'
          ? [attribute('messaging.system', 'kafka'), attribute('messaging.operation', 'process')]
          : [attribute('http.request.method', 'GET'), attribute('http.response.status_code', failed === null ? 200 : 500)],
    ...(failed === null ? {} : { status: { code: 2, message: failed } }),
  });
  return { endAt, failed };
}

function call(tape: Tape, caller: string, step: Step, at: number, traceId: string, parent: string): Done {
  const { town, plan, random } = tape;
  const spanId = random.hex(16);
  let endAt = at;
  let failed: string | null = null;
  let attributes: KeyValue[] = [];
  let name = step.operation;
  let kind = 3;
  if (step.via === 'sql' || step.via === 'cache' || step.via === 'outside') {
    endAt = at + (step.via === 'cache' ? 0.8 : step.via === 'sql' ? 3 : 25) * Math.exp(0.35 * random.normal());
    if (tape.is('store-slow', step.to, at)) endAt += 40 + 60 * plan.strength * random.next();
    if (tape.is('store-refuses', step.to, at) && random.chance(0.7)) failed = 'ConnectionRefused';
    attributes =
      step.via === 'outside'
        ? [attribute('http.request.method', step.operation.split(' ')[0]!), attribute('server.address', `${step.to}.example.com`)]
        : [
            attribute('db.system', town.stores[step.to]!),
            attribute('server.address', step.to),
            attribute('db.operation.name', step.operation.split(' ')[0]!),
          ];
  } else if (step.via === 'queue') {
    endAt = at + 1.5 * Math.exp(0.3 * random.normal());
    kind = 4;
    name = `publish ${step.to}`;
    attributes = [
      attribute('messaging.system', town.stores[step.to]!),
      attribute('messaging.destination.name', step.to),
      attribute('server.address', step.to),
    ];
    const work = consumerOf(town, step.to, step.operation);
    const lag = 8 * Math.exp(0.4 * random.normal()) + (tape.is('lagging', work.service, at) ? 3000 + 200 * plan.strength : 0);
    visit(tape, tape.is('lagging', work.service, at) ? { ...work, own: work.own * 12 } : work, endAt + lag, traceId, spanId, 'queue');
  } else {
    const far = tape.is('far', step.to, at) ? 60 + 60 * plan.strength * random.next() : 0;
    const work = town.works.find((one) => one.service === step.to && one.operation === step.operation)!;
    const done = visit(tape, work, at + 0.6 + far, traceId, spanId, step.via);
    endAt = done.endAt + 0.6 + far;
    failed = done.failed;
    name = step.via === 'grpc' ? `${town.name}.v1.${step.to}/${step.operation}` : 'GET';
    attributes =
      step.via === 'grpc'
        ? [
            attribute('rpc.system', 'grpc'),
            attribute('rpc.grpc.status_code', failed === null ? 0 : 13),
            attribute('server.address', step.to),
          ]
        : [
            attribute('http.request.method', 'GET'),
            attribute('server.address', step.to),
            attribute('http.response.status_code', failed === null ? 200 : 500),
          ];
  }
  tape.span(caller, {
    traceId,
    spanId,
    parentSpanId: parent,
    name,
    kind,
    startTimeUnixNano: nano(at),
    endTimeUnixNano: nano(endAt),
    attributes,
    ...(failed === null ? {} : { status: { code: 2, message: failed } }),
  });
  return { endAt, failed };
}
