/**
 * Faults laid onto normal requests. Each is made once for an incident (which operation, how much, how often) and then
 * asked for every request after the onset; it says whether it touched it. No text says which service is to blame, except
 * where a real client would: a refused connection names the address it dialled.
 */
import { cpuFault, inboundDelay, outboundDelay } from './delay-faults.ts';
import { callerVisit, fail, raise, write } from './failing.ts';
import type { Random } from './random.ts';
import { childrenOf, cutShort, entriesOf, insertTime, isWithin, ownMoment, type Request, remove, shapeOf, stopAfter } from './requests.ts';
import { type GaugeEffect, makeResourceFault, type ResourceFaultName } from './resource-faults.ts';
import type { TracedWorld } from './traced-world.ts';

export const faultNames = ['return', 'thrown', 'swallowed', 'inbound delay', 'outbound delay', 'cpu', 'down', 'dependency down'] as const;
export type FaultName = (typeof faultNames)[number] | ResourceFaultName;

export interface Fault {
  readonly name: FaultName;
  readonly service: string;
  /** Bends the request; true when it did. */
  apply(request: Request): boolean;
  /** Share of its limit that the service's CPU uses meanwhile, where the fault shows there. */
  readonly cpu?: number;
  /** The service's pods emit nothing any more. */
  readonly silent?: boolean;
  readonly gauges?: GaugeEffect;
}

/** Null where the service cannot have the fault: nobody calls it, it writes nothing, it has no store. */
export function makeFault(name: FaultName, service: string, world: TracedWorld, random: Random): Fault | null {
  const often = random.pick([0.6, 0.8, 1, 1]);
  const hit = () => random.chance(often);
  const made = {
    return: () => wrongReturn(service, world, random, hit),
    thrown: () => thrown(service, world, random, hit),
    swallowed: () => swallowed(service, world, random, hit),
    'inbound delay': () => inboundDelay(service, world, random, hit),
    'outbound delay': () => outboundDelay(service, world, random, hit),
    cpu: () => cpuFault(service, random),
    down: () => down(service, world, random),
    'dependency down': () => dependencyDown(service, world, random, hit),
    'memory leak': () => makeResourceFault('memory leak', service, world, random),
    'pool exhausted': () => makeResourceFault('pool exhausted', service, world, random),
    'packet loss': () => makeResourceFault('packet loss', service, world, random),
  }[name]();
  return made === null ? null : { name, service, ...made };
}

type Made = Omit<Fault, 'name' | 'service'> | null;

/** The operation of the service that the fault sits in: one of those called most. */
function operationOf(service: string, world: TracedWorld, random: Random): string | null {
  const counts = new Map<string, number>();
  for (const request of world.later)
    for (const entry of entriesOf(request, service)) {
      const { name } = request.spans[entry]!;
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
  const sorted = [...counts].sort((a, b) => b[1] - a[1]).slice(0, 3);
  return sorted.length === 0 ? null : random.pick(sorted)[0];
}

function visits(request: Request, service: string, operation: string): number[] {
  return entriesOf(request, service).filter((entry) => request.spans[entry]!.name === operation);
}

/** Indexes of the service's own lines during a visit, in time order. */
function linesOf(request: Request, entry: number, service: string): number[] {
  return request.logs
    .map((log, index) => ({ log, index }))
    .filter(({ log }) => !log.gone && log.service === service && log.span >= 0 && isWithin(request, log.span, entry))
    .sort((a, b) => a.log.at - b.log.at)
    .map(({ index }) => index);
}

/** Shapes of lines that nearly every visit writes. */
function steadyLines(service: string, operation: string, world: TracedWorld): string[] {
  const counts = new Map<string, number>();
  let total = 0;
  for (const request of world.later)
    for (const entry of visits(request, service, operation)) {
      total++;
      for (const shape of new Set(linesOf(request, entry, service).map((index) => shapeOf(request.logs[index]!.text))))
        counts.set(shape, (counts.get(shape) ?? 0) + 1);
    }
  return [...counts].filter(([, count]) => count >= 0.85 * total).map(([shape]) => shape);
}

/** A method gives back something else: a line or a call that always came does not; often the caller has nothing to go on with. */
function wrongReturn(service: string, world: TracedWorld, random: Random, hit: () => boolean): Made {
  const operation = operationOf(service, world, random);
  if (operation === null) return null;
  const steady = steadyLines(service, operation, world);
  const lost = steady.length > 0 ? random.pick(steady) : null;
  const callerStops = random.chance(0.4);
  const innerIsSkipped = lost === null || random.chance(0.3);
  const warns = random.chance(0.3);
  const apply = (request: Request): boolean => {
    let touched = false;
    for (const entry of visits(request, service, operation)) {
      if (request.spans[entry]!.gone || !hit()) continue;
      if (lost !== null)
        for (const index of linesOf(request, entry, service))
          if (shapeOf(request.logs[index]!.text) === lost) {
            request.logs[index]!.gone = true;
            touched = true;
          }
      if (innerIsSkipped) touched = skipInner(request, entry, service) || touched;
      if (callerStops && touched) stopCaller(request, entry, world, random, warns);
    }
    return touched;
  };
  return { apply };
}

/** The last inner call of a visit is not made. */
function skipInner(request: Request, entry: number, service: string): boolean {
  const last = childrenOf(request, entry)
    .filter((child) => request.spans[child]!.service === service || entriesBelow(request, child))
    .sort((a, b) => request.spans[b]!.start - request.spans[a]!.start)[0];
  if (last === undefined) return false;
  const { start, end, parent } = request.spans[last]!;
  remove(request, last);
  insertTime(request, end, start - end, parent);
  return true;
}

function entriesBelow(request: Request, index: number): boolean {
  return childrenOf(request, index).length > 0;
}

/** The caller's visit ends soon after the answer. */
function stopCaller(request: Request, entry: number, world: TracedWorld, random: Random, warns: boolean): void {
  const caller = callerVisit(request, entry);
  if (caller < 0) return;
  const call = request.spans[entry]!.parent;
  if (call === caller) cutShort(request, caller, request.spans[entry]!.end);
  else stopAfter(request, caller, call, random.between(0.3, 1.5));
  if (warns && world.logs) write(request, caller, world, random, 13, 'result is empty, nothing to do');
}

const exceptions = [
  'java.lang.NullPointerException: null',
  'java.lang.IllegalStateException: unexpected state',
  'java.lang.IndexOutOfBoundsException: Index 0 out of bounds for length 0',
  'org.springframework.dao.DataIntegrityViolationException: could not execute statement',
  'java.lang.IllegalArgumentException: argument must not be null',
];

function thrown(service: string, world: TracedWorld, random: Random, hit: () => boolean): Made {
  const operation = operationOf(service, world, random);
  if (operation === null) return null;
  const exception = random.pick(exceptions);
  const ownLine = random.chance(0.6);
  const callersLog = random.chance(0.7);
  const caughtAfter = random.whole(1, 4);
  const share = random.between(0.15, 0.7);
  const apply = (request: Request): boolean => {
    let touched = false;
    for (const entry of visits(request, service, operation)) {
      const span = request.spans[entry]!;
      if (span.gone || !hit()) continue;
      cutShort(request, entry, ownMoment(request, entry, share));
      fail(request, entry, world, exception);
      if (ownLine && world.logs) write(request, entry, world, random, 17, exception);
      raise(request, entry, world, random, { callersLog, caughtAfter });
      touched = true;
    }
    return touched;
  };
  return { apply };
}

function leftOf(request: Request): number {
  return request.spans.filter(({ gone }) => !gone).length + request.logs.filter(({ gone }) => !gone).length;
}

/** Caught where it happened: the rest of the method is skipped, the answer looks well. */
function swallowed(service: string, world: TracedWorld, random: Random, hit: () => boolean): Made {
  const operation = operationOf(service, world, random);
  if (operation === null) return null;
  const exception = random.pick(exceptions);
  const severity = random.pick([0, 13, 17]);
  const share = random.between(0.2, 0.6);
  const apply = (request: Request): boolean => {
    let touched = false;
    for (const entry of visits(request, service, operation)) {
      const span = request.spans[entry]!;
      if (span.gone || !hit()) continue;
      const before = leftOf(request);
      cutShort(request, entry, ownMoment(request, entry, share));
      if (severity > 0 && world.logs) write(request, entry, world, random, severity, `ignored: ${exception}`);
      // Thrown after all was done it changes nothing that anybody could see.
      touched = leftOf(request) !== before || touched;
    }
    return touched;
  };
  return { apply };
}

function down(service: string, world: TracedWorld, random: Random): Made {
  if (!world.later.some((request) => entriesOf(request, service).some((entry) => request.spans[entry]!.parent >= 0))) return null;
  const waits = random.chance(0.3) ? random.pick([1000, 3000]) : 0;
  const names = random.chance(0.5);
  const callersLog = random.chance(0.8);
  const caughtAfter = random.whole(1, 4);
  const refused = names
    ? `I/O error on GET request: Connect to ${world.endpoint(service)} failed: Connection refused`
    : 'Connection refused';
  const reason = waits > 0 ? refused.replace('Connection refused', 'connect timed out') : refused;
  const apply = (request: Request): boolean => {
    let touched = false;
    for (const entry of entriesOf(request, service)) {
      const call = request.spans[entry]!.parent;
      if (call < 0) return takeAway(request);
      if (request.spans[entry]!.gone) continue;
      const caller = callerVisit(request, entry);
      const { start, end } = request.spans[call]!;
      remove(request, entry);
      insertTime(request, end, Math.max(0.2, waits + random.between(0.5, 3)) - (end - start), call);
      fail(request, call, world, reason);
      if (callersLog && world.logs) write(request, caller, world, random, 17, reason);
      raise(request, entry, world, random, { callersLog, caughtAfter });
      touched = true;
    }
    return touched;
  };
  return { apply, silent: true };
}

/** A request whose first service is down leaves no trace at all. */
function takeAway(request: Request): boolean {
  for (const span of request.spans) span.gone = true;
  for (const log of request.logs) log.gone = true;
  return true;
}

/** The store behind the service does not answer: its calls hang, then the service fails. */
function dependencyDown(service: string, world: TracedWorld, random: Random, hit: () => boolean): Made {
  const isStoreCall = (request: Request, index: number) => {
    const span = request.spans[index]!;
    const isStore =
      span.attributes.some(({ key }) => key.startsWith('db.system')) || /^(SELECT|INSERT|UPDATE|DELETE|find) /i.test(span.name);
    return span.service === service && isStore && childrenOf(request, index).length === 0;
  };
  if (!world.later.some((request) => request.spans.some((_, index) => isStoreCall(request, index)))) return null;
  const waits = random.pick([0, 500, 2000, 5000]);
  const message = random.pick([
    'Unable to acquire JDBC Connection; nested exception is java.sql.SQLTransientConnectionException: request timed out',
    'Timed out while waiting for a server that matches ReadPreferenceServerSelector',
    'Communications link failure. The last packet sent successfully to the server was 0 milliseconds ago',
  ]);
  const caughtAfter = random.whole(1, 4);
  const ownLine = random.chance(0.8);
  const apply = (request: Request): boolean => {
    let touched = false;
    for (const entry of entriesOf(request, service)) {
      const first = request.spans.findIndex((span, index) => !span.gone && isStoreCall(request, index) && isWithin(request, index, entry));
      if (request.spans[entry]!.gone || first < 0 || !hit()) continue;
      const call = request.spans[first]!;
      if (waits > 0) insertTime(request, call.end, waits * random.between(0.9, 1.1), first);
      fail(request, first, world, message);
      stopAfter(request, entry, first, random.between(0.2, 1));
      fail(request, entry, world, message);
      if (ownLine && world.logs) write(request, entry, world, random, 17, message);
      raise(request, entry, world, random, { callersLog: true, caughtAfter });
      touched = true;
    }
    return touched;
  };
  return { apply };
}
