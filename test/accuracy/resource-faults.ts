/** Faults of machines rather than of code: memory that runs out, a pool that is used up, packets that are lost. */
import type { Random } from './random.ts';
import { childrenOf, entriesOf, insertTime, type Request } from './requests.ts';
import type { TracedWorld } from './traced-world.ts';

export const resourceFaultNames = ['memory leak', 'pool exhausted', 'packet loss'] as const;
export type ResourceFaultName = (typeof resourceFaultNames)[number];

/** What a fault does to the gauges of its service's instances. */
export interface GaugeEffect {
  /** Share of the memory limit it climbs to. */
  readonly memoryTo?: number;
  /** All connections are taken and so many requests wait for one. */
  readonly waiting?: number;
}

type Made = { apply(request: Request): boolean; readonly gauges?: GaugeEffect } | null;

export function makeResourceFault(name: ResourceFaultName, service: string, world: TracedWorld, random: Random): Made {
  if (name === 'memory leak') return memoryLeak(service, random);
  if (name === 'pool exhausted') return poolExhausted(service, world, random);
  return packetLoss(service, world, random);
}

/** The collector runs all the time: pauses wherever the service works. */
function memoryLeak(service: string, random: Random): Made {
  const share = random.between(0.2, 0.6);
  const pause = random.between(60, 500);
  const apply = (request: Request): boolean => {
    let touched = false;
    request.spans.forEach((span, index) => {
      if (span.gone || span.service !== service || !random.chance(share)) return;
      insertTime(request, span.start, pause * random.between(0.4, 1.6), index);
      touched = true;
    });
    return touched;
  };
  return { apply, gauges: { memoryTo: random.between(0.9, 0.99) } };
}

const isStore = ({ spans }: Request, index: number): boolean => spans[index]!.attributes.some(({ key }) => key.startsWith('db.system'));

/** Requests wait for a connection before each call of the store; the store itself is as quick as ever. */
function poolExhausted(service: string, world: TracedWorld, random: Random): Made {
  const storeCalls = (request: Request) =>
    request.spans.flatMap((span, index) =>
      span.service === service && !span.gone && isStore(request, index) && childrenOf(request, index).length === 0 ? [index] : [],
    );
  if (!world.later.some((request) => storeCalls(request).length > 0)) return null;
  const wait = random.between(200, 3000);
  const apply = (request: Request): boolean => {
    let touched = false;
    for (const call of storeCalls(request)) {
      if (!random.chance(0.8)) continue;
      const { parent, start } = request.spans[call]!;
      insertTime(request, start, wait * random.between(0.3, 1.4), parent);
      touched = true;
    }
    return touched;
  };
  return { apply, gauges: { waiting: random.whole(8, 60) } };
}

/** A share of the packets to and from the service is lost: those calls wait for a retransmission, or for several. */
function packetLoss(service: string, world: TracedWorld, random: Random): Made {
  if (!world.later.some((request) => entriesOf(request, service).some((entry) => request.spans[entry]!.parent >= 0))) return null;
  const share = random.between(0.15, 0.5);
  const again = random.pick([200, 400, 1000]);
  const apply = (request: Request): boolean => {
    let touched = false;
    request.spans.forEach((span) => {
      if (span.gone || span.parent < 0) return;
      const caller = request.spans[span.parent]!.service;
      if (caller === span.service || (caller !== service && span.service !== service) || !random.chance(share)) return;
      insertTime(request, span.start, again * random.pick([1, 1, 1, 3]) * random.between(0.95, 1.1), span.parent);
      touched = true;
    });
    return touched;
  };
  return { apply };
}
