/** What can go wrong in the shop. A fault is switched on the way it happens: by a release, by a dependency, by an omission. */
import { bugs, exceptionOf } from '../history/bugs.ts';
import type { RunningService } from './service.ts';
import type { Switches } from './services.ts';

export interface Fault {
  readonly name: string;
  /** One of these is broken, by chance. */
  readonly candidates: readonly string[];
  apply(service: RunningService, switches: Switches): Promise<void>;
}

/** What is to be broken, decided before anything runs: the shop's history must hold the release that does it. */
export interface Breakage {
  readonly fault: string;
  readonly service: string;
}

export const faults: readonly Fault[] = [
  {
    name: 'exception',
    candidates: bugs.map(({ service }) => service),
    async apply(service, switches) {
      const bug = bugs.find((candidate) => candidate.service === service.name);
      if (bug === undefined) throw new Error(`no release of ${service.name} has a bug`);
      await service.release(bug.version);
      switches.throwing.set(service.name, () => exceptionOf(bug));
    },
  },
  {
    name: 'slow',
    candidates: ['pricing', 'inventory', 'payment', 'shipping'],
    async apply(service, switches) {
      switches.slow.add(service.name);
    },
  },
  {
    name: 'vanished-call',
    candidates: ['inventory', 'catalog'],
    async apply(service, switches) {
      switches.silent.add(service.name);
    },
  },
];

/** Null when there is no fault of that name; without a name chance decides. `random` answers a number from 0 to below 1. */
export function chooseBreakage(name: string | null, random: () => number): Breakage | null {
  const pick = <T>(list: readonly T[]): T | undefined => list[Math.floor(random() * list.length)];
  const fault = name === null ? pick(faults) : faults.find((candidate) => candidate.name === name);
  const service = fault === undefined ? undefined : pick(fault.candidates);
  return fault === undefined || service === undefined ? null : { fault: fault.name, service };
}
