/** What can go wrong in the shop. A fault is switched on the way it happens: by a release, by a dependency, by an omission. */
import { bugs, exceptionOf } from '../history/bugs.ts';
import type { RunningService } from './service.ts';
import type { Switches } from './services.ts';

export interface Fault {
  readonly name: string;
  /** One of these is broken, by chance. */
  readonly candidates: readonly string[];
  /** The service itself says what happens to it; otherwise the shop's watch raises an alarm. */
  readonly isTold?: true;
  apply(service: RunningService, switches: Switches): Promise<void>;
}

/** What is to be broken, decided before anything runs: the shop's history must hold the release that does it. */
export interface Breakage {
  readonly fault: string;
  readonly service: string;
}

/** Nobody who runs the demo for the first time should have to ask for it: a service says that something went wrong, and that is all. */
const usual = 'session-drop';

export const faults: readonly Fault[] = [
  {
    name: 'session-drop',
    candidates: ['session'],
    isTold: true,
    apply: releaseWithBug,
  },
  {
    name: 'exception',
    candidates: bugs.flatMap(({ service }) => (service === 'session' ? [] : [service])),
    apply: releaseWithBug,
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

async function releaseWithBug(service: RunningService, switches: Switches): Promise<void> {
  const bug = bugs.find((candidate) => candidate.service === service.name);
  if (bug === undefined) throw new Error(`no release of ${service.name} has a bug`);
  await service.release(bug.version);
  switches.throwing.set(service.name, () => exceptionOf(bug));
}

/** Null when there is no fault of that name; of `any` chance decides. `random` answers a number from 0 to below 1. */
export function chooseBreakage(name: string | null, random: () => number): Breakage | null {
  const pick = <T>(list: readonly T[]): T | undefined => list[Math.floor(random() * list.length)];
  const fault = name === 'any' ? pick(faults) : faults.find((candidate) => candidate.name === (name ?? usual));
  const service = fault === undefined ? undefined : pick(fault.candidates);
  return fault === undefined || service === undefined ? null : { fault: fault.name, service };
}
