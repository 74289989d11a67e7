/** The whole list: traced worlds, systems broken since start-up, releases, and as many quiet windows as there is patience for. */
import type { Case } from './folder.ts';
import { quietWindows, singleFaults, tracedWorlds, twoAtOnce } from './injections.ts';
import { madeTopology, type TopologyStyle } from './made-topology.ts';
import { releaseCase, releaseFaults } from './release-world.ts';
import { startupCase, startupFaults } from './startup-world.ts';

const times = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, index) => make(index));

export function allInjections(rounds: number): Case[] {
  const traced = tracedWorlds().flatMap((world) => [
    ...times(rounds, (round) => singleFaults(world, round)).flat(),
    ...twoAtOnce(world, 8 * rounds),
    ...quietWindows(world, (world.name === 'train-ticket' ? 50 : 25) * rounds),
  ]);
  const startup = startupFaults.flatMap((fault) => times(12 * rounds, (round) => startupCase(fault, round)));
  const releases = releaseFaults.flatMap((fault) => times(12 * rounds, (round) => releaseCase(fault, round)));
  const quiet = times(30 * rounds, (round) => [startupCase('none', round), releaseCase('none', round)]).flat();
  return [...traced, ...startup, ...releases, ...quiet];
}

const choosingStyles: readonly TopologyStyle[] = [
  { seed: 'choosing-1', services: 13, statuses: true, logs: 'json', closed: false },
  { seed: 'choosing-2', services: 14, statuses: false, logs: 'none', closed: false },
  { seed: 'choosing-3', services: 12, statuses: true, logs: 'none', closed: false, gauges: true },
];
/** The list above ends before this round, in whatever length it is asked for. */
const choosingRound = 1_000;

/** Where constants are chosen: systems and incidents of their own, none of which is in the list above. */
export function choosingInjections(): Case[] {
  const own = (count: number, make: (round: number) => Case) => times(count, (index) => make(choosingRound + index));
  const traced = choosingStyles
    .map(madeTopology)
    .flatMap((world) => [...singleFaults(world, 0), ...twoAtOnce(world, 4), ...quietWindows(world, 20)]);
  const startup = startupFaults.flatMap((fault) => own(6, (round) => startupCase(fault, round)));
  const releases = releaseFaults.flatMap((fault) => own(6, (round) => releaseCase(fault, round)));
  const quiet = own(12, (round) => startupCase('none', round)).concat(own(12, (round) => releaseCase('none', round)));
  return [...traced, ...startup, ...releases, ...quiet];
}
