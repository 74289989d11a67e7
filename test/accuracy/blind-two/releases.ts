/** Which release did it? Twelve plots on each of the five fleets, and hours in which releases did no harm. */
import type { Case, FolderChange, IncidentFolder, Truth } from '../folder.ts';
import { type Random, seeded } from '../random.ts';
import { writeScrapes } from './fleet-metrics.ts';
import { FleetHour, type Harm, type Peak, type Rollout } from './fleet-run.ts';
import { type Fleet, fleets, type Member } from './fleets.ts';
import { Book } from './otlp.ts';

interface Plot {
  readonly name: string;
  /** Whether a service can be the one. */
  fits(member: Member, fleet: Fleet): boolean;
  harm(member: Member, fleet: Fleet, random: Random): Harm;
  /** Minutes between the release and the alert. */
  readonly minutes: readonly [number, number];
  /** On one pod alone. */
  readonly canary?: true;
  /** At least one release after it. */
  readonly notLast?: true;
}

const calleesOf = ({ calls }: Member, fleet: Fleet, store: boolean) =>
  calls.filter(({ to }) => fleet.members.find(({ name }) => name === to)!.store === store);
const firstCallee = (member: Member, fleet: Fleet, random: Random) => {
  const stores = calleesOf(member, fleet, true);
  return random.pick(stores.length > 0 ? stores : member.calls).to;
};
const own = ({ store }: Member) => !store;
const calls = (member: Member) => member.calls.length > 0;
const hardPeers = (member: Member, fleet: Fleet) => calleesOf(member, fleet, false).filter(({ soft, times }) => !soft && times >= 0.4);
const isCentral = (member: Member, fleet: Fleet) =>
  own(member) && !fleet.members.every(({ calls: all }) => all.every(({ to, soft, times }) => to !== member.name || soft || times < 0.4));

const plots: readonly Plot[] = [
  {
    name: 'slow-code',
    fits: isCentral,
    harm: (_m, _f, random) => ({ slowMs: random.between(60, 400), cpu: random.between(1, 1.3) }),
    minutes: [4, 9],
  },
  { name: 'errors', fits: isCentral, harm: (_m, _f, random) => ({ fails: random.between(0.05, 0.35) }), minutes: [4, 9] },
  {
    name: 'hammers-a-store',
    fits: (member, fleet) => calleesOf(member, fleet, true).length > 0 || (fleet.name === 'clinic' && calls(member)),
    harm: (member, fleet, random) => ({ calls: { [firstCallee(member, fleet, random)]: random.between(4, 9) } }),
    minutes: [5, 10],
  },
  {
    name: 'wrong-parameter',
    fits: (member, fleet) => hardPeers(member, fleet).length > 0,
    harm: (member, fleet, random) => ({ wrongCalls: { [random.pick(hardPeers(member, fleet)).to]: random.between(0.2, 0.6) } }),
    minutes: [4, 9],
  },
  {
    name: 'cache-dropped',
    fits: (member, fleet) => hardPeers(member, fleet).length > 0,
    harm: (member, fleet, random) => ({
      calls: Object.fromEntries(hardPeers(member, fleet).map(({ to }) => [to, random.between(2.4, 3.4)])),
    }),
    minutes: [5, 12],
  },
  { name: 'leak', fits: isCentral, harm: (_m, _f, random) => ({ leakMinutes: random.between(21, 34) }), minutes: [30, 44], notLast: true },
  {
    name: 'canary',
    fits: (member, fleet) => isCentral(member, fleet) && member.pods > 1,
    harm: (_m, _f, random) => ({ fails: random.between(0.3, 0.7) }),
    minutes: [5, 12],
    canary: true,
  },
  {
    name: 'errors-not-last',
    fits: isCentral,
    harm: (_m, _f, random) => ({ fails: random.between(0.08, 0.3) }),
    minutes: [8, 14],
    notLast: true,
  },
  {
    name: 'burns-cpu',
    fits: isCentral,
    harm: (_m, _f, random) => ({ cpu: random.between(2.2, 3), slowMs: random.between(40, 200) }),
    minutes: [4, 10],
  },
  { name: 'load-peak', fits: own, harm: () => ({}), minutes: [6, 12] },
  {
    name: 'calls-vanish',
    fits: (member, fleet) => isCentral(member, fleet) && hardPeers(member, fleet).length > 0,
    harm: (member, fleet, random) => ({ calls: { [random.pick(hardPeers(member, fleet)).to]: random.between(0, 0.15) }, business: 0.3 }),
    minutes: [5, 12],
  },
  {
    name: 'gives-up-early',
    fits: (member, fleet) => hardPeers(member, fleet).length > 0,
    harm: (member, fleet, random) => ({ givesUp: { [random.pick(hardPeers(member, fleet)).to]: random.between(9, 16) } }),
    minutes: [4, 9],
  },
];

const minute = 60_000;

function rollout(member: Member, at: number, version: string, harm: Harm | null, random: Random, canary = false): Rollout {
  const pods = canary ? 1 : member.pods;
  return { service: member.name, version, harm, steps: Array.from({ length: pods }, (_, slot) => at + slot * random.whole(20, 45) * 1000) };
}

const changeOf = ({ service, steps, version }: Rollout): FolderChange => ({
  kind: 'release',
  service,
  version,
  startedAt: new Date(steps[0]!).toISOString(),
  steps: steps.map((at) => new Date(at).toISOString()),
});

interface Drawn {
  readonly truth: Truth;
  read(): IncidentFolder;
}

function draw(fleet: Fleet, plot: Plot | null, seed: string): Drawn {
  const random = seeded(seed);
  const alertAt = Date.UTC(2031, random.whole(0, 11), random.whole(1, 28), random.whole(0, 23), random.whole(0, 59), random.whole(0, 59));
  const candidates = plot === null ? [] : fleet.members.filter((member) => !member.store && plot.fits(member, fleet));
  const member = plot === null ? null : random.pick(candidates);
  const isPeak = plot?.name === 'load-peak';
  const onset = plot === null ? 0 : alertAt - random.between(...plot.minutes) * minute;
  const rollouts: Rollout[] = [];
  if (plot !== null && member !== null && !isPeak)
    rollouts.push(rollout(member, onset, '2', plot.harm(member, fleet, random), random, plot.canary));
  const others = random
    .shuffled(fleet.members.filter((one) => !one.store && one !== member))
    .slice(0, random.whole(plot?.notLast || isPeak || plot === null ? 1 : 0, Math.min(5, fleet.members.length - 4)));
  others.forEach((one, index) => {
    const soon =
      isPeak && index === 0
        ? onset - random.between(1, 3) * minute
        : plot?.notLast && index === 0
          ? onset + random.between(2, 5) * minute
          : alertAt - random.between(2, 50) * minute;
    rollouts.push(rollout(one, soon, '2', null, random));
  });
  const narrow = isPeak
    ? random.pick(
        fleet.members.filter((one) => !others.includes(one) && one.name !== fleet.members[0]!.name && (one.store || isCentral(one, fleet))),
      ).name
    : '';
  const peak: Peak | null = isPeak ? { at: onset, factor: random.between(1.55, 1.8), narrow } : null;
  const culprit = isPeak ? narrow : (member?.name ?? null);
  const fault = plot?.name ?? 'none';
  return {
    truth: { services: culprit === null ? [] : [culprit], fault, changeService: isPeak ? null : culprit },
    read() {
      const book = new Book();
      const chance = seeded(`${seed}/hour`);
      const hour = new FleetHour(fleet, chance, rollouts, peak);
      const scrapes = [];
      for (let at = alertAt - 70 * minute; at <= alertAt - 5000; at += fleet.stepMs)
        scrapes.push({ at, samples: hour.samples(at, alertAt - 70 * minute) });
      writeScrapes(book, fleet, chance, scrapes);
      return book.folder({ name: seed, alertAt, changes: chance.shuffled(rollouts).map(changeOf) });
    },
  };
}

export function releaseCases(): Case[] {
  return fleets.flatMap((fleet) =>
    [...plots, null].map((plot): Case => {
      const seed = `${fleet.name}/${plot?.name ?? 'calm'}`;
      const { truth, read } = draw(fleet, plot, seed);
      return { set: `two ${plot === null ? 'calm releases' : 'releases'}`, half: fleet.half, truth, affected: null, read };
    }),
  );
}
