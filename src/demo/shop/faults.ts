/** What can go wrong in the shop. A fault is switched on the way it happens: by a release, by a dependency, by an omission. */
import type { RunningService } from './service.ts';
import type { Switches } from './services.ts';

export interface Fault {
  readonly name: string;
  /** One of these is broken, by chance. */
  readonly candidates: readonly string[];
  apply(service: RunningService, switches: Switches): Promise<void>;
}

export const faults: readonly Fault[] = [
  {
    name: 'exception',
    candidates: ['payment', 'pricing', 'inventory'],
    async apply(service, switches) {
      await service.release('9.0.0');
      switches.throwing.add(service.name);
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
