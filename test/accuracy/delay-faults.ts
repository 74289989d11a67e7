/** Faults that only cost time: on the way to a service, on the way from it, and inside it. */
import type { Random } from './random.ts';
import { childrenOf, entriesOf, insertTime, type Request } from './requests.ts';
import type { TracedWorld } from './traced-world.ts';

type Made = { apply(request: Request): boolean; readonly cpu?: number } | null;

const delaysMs = [150, 300, 1000, 2000];

/** Packets to the service are held: every caller waits before the service even begins. */
export function inboundDelay(service: string, world: TracedWorld, random: Random, hit: () => boolean): Made {
  const isCalled = (request: Request) => entriesOf(request, service).some((entry) => request.spans[entry]!.parent >= 0);
  if (!world.later.some(isCalled)) return null;
  const delay = random.pick(delaysMs);
  const apply = (request: Request): boolean => {
    let touched = false;
    for (const entry of entriesOf(request, service)) {
      const { parent, start } = request.spans[entry]!;
      if (parent < 0 || !hit()) continue;
      insertTime(request, start, delay * random.between(0.85, 1.15), parent);
      touched = true;
    }
    return touched;
  };
  return { apply };
}

/** Packets from the service to those it calls are held. */
export function outboundDelay(service: string, world: TracedWorld, random: Random, hit: () => boolean): Made {
  const callsOf = (request: Request) =>
    request.spans.flatMap((span, index) => {
      if (span.gone || span.parent < 0 || span.service === service) return [];
      return request.spans[span.parent]!.service === service ? [index] : [];
    });
  const callees = new Set(world.later.flatMap((request) => callsOf(request).map((index) => request.spans[index]!.service)));
  // With one callee nothing tells its inbound side from our outbound side.
  if (callees.size < 2) return null;
  const delay = random.pick(delaysMs);
  const apply = (request: Request): boolean => {
    let touched = false;
    for (const call of callsOf(request)) {
      if (!hit()) continue;
      const { parent, start } = request.spans[call]!;
      insertTime(request, start, delay * random.between(0.85, 1.15), parent);
      touched = true;
    }
    return touched;
  };
  return { apply };
}

/** Too little CPU: own work takes several times as long, the scheduler holds threads back, and answering starts late. */
export function cpuFault(service: string, random: Random): Made {
  const factor = random.between(2, 6);
  const quantum = random.between(20, 100);
  const stalls = random.between(0.15, 0.5);
  const apply = (request: Request): boolean => {
    let touched = false;
    request.spans.forEach((span, index) => {
      if (span.gone || span.service !== service) return;
      touched = true;
      const inner = childrenOf(request, index).reduce((sum, child) => sum + request.spans[child]!.end - request.spans[child]!.start, 0);
      const own = Math.max(0, span.end - span.start - inner);
      const extra =
        Math.min(own, 400) * (factor - 1) * random.between(0.5, 1.5) + (random.chance(stalls) ? quantum * random.between(0.3, 1) : 0);
      insertTime(request, span.start + Math.min(own * 0.3, 1), extra, index);
      const isEntry = span.parent >= 0 && request.spans[span.parent]!.service !== service;
      if (isEntry) insertTime(request, span.start, random.between(1, quantum), span.parent);
    });
    return touched;
  };
  return { apply, cpu: random.between(0.85, 1) };
}
