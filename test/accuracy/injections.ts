/** Every injected incident: each fault at each service in turn, two at once, none; each follows from its name alone. */
import { type Fault, type FaultName, faultNames, makeFault } from './faults.ts';
import type { Case } from './folder.ts';
import { madeTopology, type TopologyStyle } from './made-topology.ts';
import { type Random, seeded } from './random.ts';
import { type Laid, layOut, planOf } from './timeline.ts';
import { resourceFaultNames } from './resource-faults.ts';
import type { TracedWorld } from './traced-world.ts';
import { demoShopSessions, trainTicketSessions } from './recorded-traffic.ts';

/** Services whose recorded cases everybody has seen; of the others every second one is closed. */
const seenServices = [
  'basic',
  'contacts',
  'route',
  'travel',
  'verification-code',
  'price',
  'station',
  'travel2',
  'config',
  'inside-payment',
  'order',
];

const madeStyles: readonly TopologyStyle[] = [
  { seed: 'made-1', services: 14, statuses: true, logs: 'json', closed: false },
  { seed: 'made-2', services: 12, statuses: true, logs: 'none', closed: false },
  { seed: 'made-3', services: 16, statuses: false, logs: 'plain', closed: true },
  { seed: 'made-4', services: 13, statuses: true, logs: 'none', closed: true },
  { seed: 'measured-1', services: 11, statuses: true, logs: 'none', closed: false, gauges: true },
  { seed: 'measured-2', services: 12, statuses: true, logs: 'none', closed: true, gauges: true },
];

/** Without log lines there is little to see of what code does wrong: there machines fail. */
const measuredFaults: readonly FaultName[] = ['cpu', 'inbound delay', 'down', 'thrown', ...resourceFaultNames];

const isMade = ({ name }: TracedWorld): boolean => /^(made|measured)-/.test(name);

function trainTicketWorld(): TracedWorld | null {
  const sessions = trainTicketSessions();
  if (sessions === null) return null;
  const [normal, later] = sessions;
  const services = [...new Set(sessions.flat().flatMap((request) => request.spans.map((span) => span.service)))].sort();
  const unseen = services.filter((service) => !seenServices.includes(service.replace(/^ts-|-service$/g, '')));
  const closed = new Set(unseen.filter((_, index) => index % 3 !== 0));
  const loggers = new Map<string, string>();
  for (const request of later)
    for (const log of request.logs) {
      const logger = log.text.split(/\s+/)[2];
      if (logger?.includes('#')) loggers.set(log.service, logger.split('#')[0]!);
    }
  return {
    name: 'train-ticket',
    isClosed: (service) => closed.has(service),
    services,
    normal,
    later,
    statuses: false,
    logs: true,
    errorLine: (service, message, random) =>
      `12:00:00.000 ERROR ${loggers.get(service) ?? 'o.a.c.c.C.[.[dispatcherServlet]'}#${random.whole(20, 90)} ${message}`,
    endpoint: (service) => `${service}:8080`,
    directory: [],
  };
}

function demoShopWorld(): TracedWorld {
  const [normal, later] = demoShopSessions();
  const services = [...new Set(later.flatMap((request) => request.spans.map((span) => span.service)))].sort();
  const closed = new Set(services.filter((_, index) => index % 2 === 1));
  return {
    name: 'demo-shop',
    isClosed: (service) => closed.has(service),
    services,
    normal,
    later,
    statuses: true,
    logs: true,
    errorLine: (_, message) => `request failed: ${message}`,
    endpoint: (service) => `${service}:8080`,
    directory: [],
  };
}

export function tracedWorlds(): TracedWorld[] {
  const recorded = trainTicketWorld();
  return [...(recorded === null ? [] : [recorded]), demoShopWorld(), ...madeStyles.map(madeTopology)];
}

/** A case that is laid out only when it is read or its affected requests are asked for, and let go once it is read: a whole list fits no memory. */
function lazily(set: string, half: Case['half'], truth: Case['truth'], lay: () => Laid): Case {
  let unread: Laid | null = null;
  let touched: Pick<Laid, 'affected' | 'leastAffected'> | null = null;
  const laid = () => {
    unread ??= lay();
    touched = { affected: unread.affected, leastAffected: unread.leastAffected };
    return unread;
  };
  return {
    set,
    half,
    truth,
    get affected() {
      return (touched ?? laid()).affected;
    },
    get leastAffected() {
      return (touched ?? laid()).leastAffected;
    },
    read: () => {
      const { folder } = laid();
      unread = null;
      return folder;
    },
  };
}

function traced(world: TracedWorld, name: string, random: Random, faults: readonly Fault[], fault: string): Case {
  const turned = random.chance(0.5) ? world : { ...world, normal: world.later, later: world.normal };
  const services = faults.map(({ service }) => service);
  const closed =
    services.length > 0 ? services.some((service) => world.isClosed(service)) : !isMade(world) ? random.chance(0.5) : world.isClosed('');
  const rewind = random.mark();
  return lazily(world.name, closed ? 'closed' : 'open', { services, fault, changeService: null }, () => {
    rewind();
    return layOut(name, turned, planOf(random), faults, random);
  });
}

export function singleFaults(world: TracedWorld, round: number): Case[] {
  return world.services.flatMap((service) =>
    (world.gauges ? measuredFaults : faultNames).flatMap((fault) => {
      const name = `${world.name} ${service} ${fault} ${round}`;
      const random = seeded(name);
      const made = makeFault(fault, service, world, random);
      return made === null ? [] : [traced(world, name, random, [made], fault)];
    }),
  );
}

export function twoAtOnce(world: TracedWorld, count: number): Case[] {
  const mild: readonly FaultName[] = ['return', 'swallowed', 'inbound delay', 'cpu', 'thrown'];
  return Array.from({ length: count }, (_, index) => {
    const name = `${world.name} two ${index}`;
    const random = seeded(name);
    const services = random.shuffled(world.services.filter((service) => world.isClosed(service) === (index % 2 === 1) || isMade(world)));
    const faults = services.flatMap((service) => makeFault(random.pick(mild), service, world, random) ?? []).slice(0, 2);
    return traced(world, name, random, faults, 'two at once');
  });
}

export function quietWindows(world: TracedWorld, count: number): Case[] {
  return Array.from({ length: count }, (_, index) => {
    const name = `${world.name} quiet ${index}`;
    return traced(world, name, seeded(name), [], 'none');
  });
}
