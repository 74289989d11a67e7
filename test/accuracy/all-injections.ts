/** The whole list: traced worlds, systems broken since start-up, releases, and as many quiet windows as there is patience for. */
import type { Case } from './folder.ts';
import { quietWindows, singleFaults, tracedWorlds, twoAtOnce } from './injections.ts';
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
